"""Everything random comes from the term's secret through SHA-256, and never from a submission."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autograder.author.lock import lock_folder, read_lock_file
from autograder.errors import GradecheckError
from autograder.files import write_atomically
from autograder.models import Course, canonical_json, sha256_of

__all__ = ["check_seed", "load_secret", "seed_words", "student_key"]

DEMO = "demo"


def load_secret(course: Course, term: str, *, create: bool = False) -> bytes:
    """Return the secret of a term.

    Parameters
    ----------
    course : Course
    term : str
        ``demo`` has a fixed, public secret: its notebooks are for everybody.
    create : bool
        Whether a term without locks gets a new one.

    Returns
    -------
    bytes
        32 bytes, from ``AUTOGRADER_SECRET`` or ``.secrets/<term>``.

    Raises
    ------
    GradecheckError
        If there is none, or it is not the one that the term's locks were made with.
    """
    path = course.root / ".secrets" / term
    locks = sorted(lock_folder(course, term).glob("*.json"))
    text = os.environ.get("AUTOGRADER_SECRET", "")
    if term == DEMO:
        secret = hashlib.sha256(DEMO.encode()).digest()
    elif text.strip():
        secret = hashlib.sha256(text.strip().encode()).digest()
    elif path.is_file():
        secret = hashlib.sha256(_read(path).strip().encode()).digest()
    elif locks or not create:
        raise GradecheckError(
            f"{path}: the secret of term {term!r} is missing; copy this file from whoever built the term "
            "first, or set "
            "AUTOGRADER_SECRET to its content"
            + ("" if locks else "; for a new term run 'autograder build' first")
        )
    else:
        text = secrets.token_hex(32)
        write_atomically(path, text + "\n", mode=0o600)
        secret = hashlib.sha256(text.encode()).digest()
    for lock in locks:
        if read_lock_file(lock).secret_sha256 != hashlib.sha256(secret).hexdigest():
            source = "AUTOGRADER_SECRET" if os.environ.get("AUTOGRADER_SECRET", "").strip() else str(path)
            raise GradecheckError(
                f"{source} is not the secret that {lock} was made with; copy .secrets/{term} from whoever "
                "built the "
                f"term first (or set AUTOGRADER_SECRET to its content). Nothing was drawn anew"
            )
    return secret


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise GradecheckError(f"{path}: the secret cannot be read: {error}") from None


def seed_words(*parts: str | bytes) -> list[int]:
    """Return eight 32-bit words for `numpy.random.SeedSequence`, different for different parts."""
    digest = bytes.fromhex(sha256_of(*parts))
    return [int.from_bytes(digest[start : start + 4], "big") for start in range(0, 32, 4)]


def check_seed(
    secret: bytes, assignment: str, question: str, visibility: str, values: Mapping[str, Any]
) -> int:
    """Seed of a question's checks, for `autograder.testing.seeds.check_rng`.

    Parameters
    ----------
    secret : bytes
        From `load_secret`.
    assignment, question : str
    visibility : {"public", "hidden"}
        The seed of public checks is shipped, so hidden ones have another.
    values : mapping
        The question's variant.

    Returns
    -------
    int
        Below 2**63. It tells nothing about the secret or about any other seed.
    """
    return (
        int(sha256_of(secret, "check", assignment, question, visibility, canonical_json(values))[:16], 16)
        >> 1
    )


def student_key(secret: bytes, student: str) -> str:
    """Name of a student in a lock: the same for the same id, and no way back to it."""
    return hmac.new(secret, student.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
