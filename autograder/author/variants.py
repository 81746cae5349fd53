"""Seeds, what is drawn from them, and the lock that freezes it.

Everything random comes from the term's secret through SHA-256, never from a submission. What was drawn
once is read from the lock ever after.
"""

from __future__ import annotations

import hashlib
import hmac
import importlib
import json
import os
import re
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from pydantic import Field

from autograder.author.data import encode_table, fingerprint
from autograder.errors import GradecheckError
from autograder.files import write_atomically
from autograder.models import (
    Assignment,
    Course,
    Record,
    canonical_json,
    load_assignment,
    load_term,
    make_record,
    sha256_of,
)

__all__ = [
    "Drawn",
    "FrozenQuestion",
    "Lock",
    "check_seed",
    "draw_variants",
    "freeze",
    "load_secret",
    "question_files",
    "read_lock",
    "student_key",
]

DEMO = "demo"


class Drawn(Record):
    """What one draw gave."""

    values: dict[str, Any] = {}
    files: dict[str, str] = {}
    """Name of a data file -> sha256 of its arrays."""


class FrozenQuestion(Record):
    """The draws of one question."""

    version: int = Field(1, ge=1)
    term: Drawn
    students: dict[str, Drawn] = {}
    """HMAC of the student's id -> that student's draw."""
    previous: tuple[dict[str, Any], ...] = ()
    """Draws that a reissue replaced, oldest first."""


class Lock(Record):
    """The frozen variants of one assignment in one term."""

    schema_: int = Field(1, alias="schema")
    secret_sha256: str
    mlref: str
    questions: dict[str, FrozenQuestion]

    def to_json(self) -> str:
        """The bytes of the lock file."""
        values = self.model_dump(mode="json", by_alias=True)
        return json.dumps(values, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


# --- the secret and what is derived from it -------------------------------------------------------


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
    locks = sorted(_lock_folder(course, term).glob("*.json"))
    text = os.environ.get("AUTOGRADER_SECRET", "")
    if term == DEMO:
        secret = hashlib.sha256(DEMO.encode()).digest()
    elif text.strip():
        secret = hashlib.sha256(text.strip().encode()).digest()
    elif path.is_file():
        secret = hashlib.sha256(_read(path).strip().encode()).digest()
    elif locks or not create:
        raise GradecheckError(
            f"{path}: the secret of term {term!r} is missing; copy this file from whoever built the term first, or set "
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
                f"{source} is not the secret that {lock} was made with; copy .secrets/{term} from whoever built the "
                f"term first (or set AUTOGRADER_SECRET to its content). Nothing was drawn anew"
            )
    return secret


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise GradecheckError(f"{path}: the secret cannot be read: {error}") from None


def _words(*parts: str | bytes) -> list[int]:
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


# --- drawing --------------------------------------------------------------------------------------


class Needed(dict[str, Any]):
    """Variants of the earlier questions; remembers which of them were read."""

    def __init__(self, variants: Mapping[str, Any]) -> None:
        super().__init__(variants)
        self.read: set[str] = set()

    def __getitem__(self, question: str) -> Any:
        self.read.add(question)
        return super().__getitem__(question)


def draw_variants(course: Course, assignment_id: str, term: str, label: str) -> dict[str, dict[str, Any]]:
    """Draw values for every question without freezing them, to try an assignment on more variants.

    Parameters
    ----------
    course : Course
    assignment_id, term : str
    label : str
        Names the draw; the same label gives the same values.

    Returns
    -------
    dict
        Question -> values.
    """
    assignment = load_assignment(course, assignment_id)
    secret = load_secret(course, term)
    drawn: dict[str, dict[str, Any]] = {}
    for question in assignment.questions:
        drawn[question] = _draw(course, assignment, secret, question, drawn, ("label", label))
    return drawn


def _draw(
    course: Course,
    assignment: Assignment,
    secret: bytes,
    question: str,
    earlier: Mapping[str, Any],
    stream: tuple[str, ...],
) -> dict[str, Any]:
    folder = assignment.folder / question
    module = _load(folder / "variant.py")
    if module is None:
        return {}
    draw = getattr(module, "draw", None)
    where = folder / "variant.py"
    if not callable(draw):
        raise GradecheckError(f"{where}: define draw(rng, needed) -> dict")
    rng = np.random.default_rng(_words(secret, "draw", course.name, assignment.id, question, *stream))
    needed = Needed(earlier)
    try:
        values = draw(rng, needed)
    except KeyError as error:
        raise GradecheckError(
            f"{where}: draw() raised KeyError: {error}; 'needed' holds the questions that come earlier in "
            f"assignment.toml: {', '.join(earlier) or 'none'}"
        ) from None
    except Exception as error:
        raise GradecheckError(f"{where}: draw() raised {type(error).__name__}: {error}") from error
    _check_needs(folder, needed.read)
    return _checked(where, values)


def _check_needs(folder: Path, read: set[str]) -> None:
    """Refuse a draw that reads a variant which ``needs`` does not mention."""
    for question in sorted(read - listed_needs(folder)):
        raise GradecheckError(
            f"{folder / 'question.toml'}: variant.py reads needed[{question!r}]; add {question!r} to 'needs'"
        )


def listed_needs(folder: Path) -> set[str]:
    """Questions in ``needs``, read before the file can be rendered: variants come first."""
    path = folder / "question.toml"
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    found = re.search(r"^needs\s*=\s*\[(.*?)\]", text, re.M | re.S)
    return set(re.findall(r"[\"']([^\"']+)[\"']", found.group(1))) if found else set()


def _checked(where: Path, values: Any) -> dict[str, Any]:
    if not isinstance(values, dict):
        raise GradecheckError(f"{where}: draw() returned {type(values).__name__}; a dict is needed")
    for key, value in values.items():
        try:
            same = json.loads(json.dumps(value, allow_nan=False)) == value
        except (TypeError, ValueError):
            same = False
        if not isinstance(key, str) or not key.isidentifier() or not same:
            raise GradecheckError(
                f"{where}: draw() returned {key!r}: {value!r} ({type(value).__name__}); keys are names and values are "
                "what JSON holds: str, int, float, bool, None, lists and dicts of these (write int(...) or float(...))"
            )
    return values


def _load(path: Path) -> ModuleType | None:
    """Run a variant.py, which is our own code; it leaves no byte code beside the question."""
    if not path.is_file():
        return None
    module = ModuleType(f"variant_{path.parent.name}")
    module.__file__ = str(path)
    try:
        exec(compile(path.read_text(encoding="utf-8"), str(path), "exec", dont_inherit=True), module.__dict__)
    except Exception as error:
        raise GradecheckError(f"{path}: {type(error).__name__}: {error}") from error
    return module


def question_files(
    course: Course,
    assignment: Assignment,
    secret: bytes,
    question: str,
    values: Mapping[str, Any],
    student: str | None,
) -> tuple[dict[str, bytes], dict[str, str]]:
    """Make the data files of a question.

    Returns
    -------
    (dict, dict)
        Name -> bytes to ship, and name -> sha256 of the arrays.
    """
    where = assignment.folder / question / "variant.py"
    module = _load(where)
    make = getattr(module, "files", None)
    if make is None:
        return {}, {}
    words = _words(
        secret, "files", course.name, assignment.id, question, canonical_json(values), student or "the term"
    )
    try:
        tables = make(np.random.default_rng(words), dict(values))
    except Exception as error:
        raise GradecheckError(f"{where}: files() raised {type(error).__name__}: {error}") from error
    contents: dict[str, bytes] = {}
    prints: dict[str, str] = {}
    for name in sorted(tables):
        contents[name] = encode_table(where, name, tables[name])
        prints[name] = fingerprint(tables[name])
    return contents, prints


# --- the lock -------------------------------------------------------------------------------------


def _lock_folder(course: Course, term: str) -> Path:
    return course.assignments / "terms" / f"{term}.lock"


def lock_path(course: Course, assignment: str, term: str) -> Path:
    """Where the frozen variants of an assignment are."""
    return _lock_folder(course, term) / f"{assignment}.json"


def read_lock_file(path: Path) -> Lock:
    """Read one lock, or raise an error that names file and key."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise GradecheckError(
            f"{path}: the frozen variants cannot be read: {error}; restore it from git"
        ) from None
    if not isinstance(values, dict):
        raise GradecheckError(f"{path}: expected an object at the top; restore it from git")
    return make_record(Lock, path, values)


def read_lock(course: Course, assignment: str, term: str) -> Lock:
    """Read the frozen variants of an assignment.

    Raises
    ------
    GradecheckError
        If the assignment was not built for this term yet, or its lock is damaged.
    """
    path = lock_path(course, assignment, term)
    if not path.is_file():
        raise GradecheckError(
            f"{path}: {assignment!r} has no frozen variants in term {term!r}; run 'autograder build {assignment} "
            f"--term {term}' first"
        )
    return read_lock_file(path)


def freeze(
    course: Course,
    assignment_id: str,
    term: str,
    *,
    students: Iterable[str] = (),
    reissue: Iterable[str] = (),
) -> Lock:
    """Draw what is missing and write the lock.

    Parameters
    ----------
    course : Course
    assignment_id, term : str
    students : iterable of str
        Ids; used where the assignment's variants are per student.
    reissue : iterable of str
        Questions to draw anew, for everybody; so are the questions that read their variants.

    Returns
    -------
    Lock
        As it stands in ``assignments/terms/<term>.lock/<assignment>.json``. What was drawn before
        is unchanged, apart from `reissue`.
    """
    assignment = load_assignment(course, assignment_id)
    load_term(course, term)
    secret = load_secret(course, term, create=True)
    path = lock_path(course, assignment_id, term)
    old = read_lock_file(path).questions if path.is_file() else {}
    again = _with_dependents(assignment, reissue)
    ids = sorted(set(students)) if assignment.variants == "student" else []
    questions = {question: _start(old.get(question), question in again) for question in assignment.questions}
    for student in [None, *ids]:
        _freeze_one(course, assignment, secret, questions, student)
    kept = {question: frozen for question, frozen in old.items() if question not in questions}
    made = {question: FrozenQuestion(**values) for question, values in questions.items()}
    lock = Lock(
        schema=1,
        secret_sha256=hashlib.sha256(secret).hexdigest(),
        mlref=read_lock_file(path).mlref if path.is_file() and not again else _mlref_version(),
        questions=kept | made,
    )
    if not path.is_file() or path.read_text(encoding="utf-8") != lock.to_json():
        write_atomically(path, lock.to_json())
    return lock


def _start(frozen: FrozenQuestion | None, again: bool) -> dict[str, Any]:
    """The draws of a question so far; emptied, with the old ones kept aside, where it is reissued."""
    if frozen is None:
        return {"version": 1, "students": {}, "previous": ()}
    values = frozen.model_dump(mode="json")
    if not again:
        return values
    previous = values.pop("previous")
    return {"version": frozen.version + 1, "students": {}, "previous": (*previous, values)}


def _freeze_one(
    course: Course,
    assignment: Assignment,
    secret: bytes,
    questions: dict[str, dict[str, Any]],
    student: str | None,
) -> None:
    """Draw what one student, or the term, has not got yet."""
    key = student_key(secret, student) if student is not None else None
    earlier: dict[str, Any] = {}
    for question, frozen in questions.items():
        known = frozen.get("term") if key is None else frozen["students"].get(key)
        if known is None:
            stream = (f"version {frozen['version']}", "the term" if student is None else f"student {student}")
            values = _draw(course, assignment, secret, question, earlier, stream)
            _, prints = question_files(course, assignment, secret, question, values, student)
            known = {"values": values, "files": prints}
            if key is None:
                frozen["term"] = known
            else:
                frozen["students"][key] = known
        earlier[question] = known["values"]


def _with_dependents(assignment: Assignment, questions: Iterable[str]) -> set[str]:
    again = set(questions)
    for question in again - set(assignment.questions):
        raise GradecheckError(
            f"--reissue {question}: {assignment.id!r} has no such question; it has {', '.join(assignment.questions)}"
        )
    for question in assignment.questions:
        if again & listed_needs(assignment.folder / question):
            again.add(question)
    return again


def _mlref_version() -> str:
    # Written down for people who read a lock; nothing depends on it.
    return str(getattr(importlib.import_module("mlref"), "__version__", "unknown"))
