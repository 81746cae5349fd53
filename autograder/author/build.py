"""The ``build`` command: freezes variants and writes the folders of a term."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from autograder.author.artefacts import handout_files, solution_files, zip_bytes
from autograder.author.assemble import assemble, removed_texts
from autograder.author.freeze import freeze
from autograder.author.gradescope import gradescope_zip
from autograder.author.key import certificate_key
from autograder.author.leak import refuse_leaks, secrets_of
from autograder.author.lock import lock_path
from autograder.author.prove import prove_stubs
from autograder.author.seeds import load_secret
from autograder.errors import GradecheckError, did_you_mean
from autograder.files import write_atomically
from autograder.models import (
    BuiltAssignment,
    Course,
    RosterEntry,
    load_assignment,
    load_term,
    need_suites,
    sha256_of,
    slug,
)

__all__ = ["build"]


def build(
    course: Course,
    assignments: Sequence[str],
    term: str,
    *,
    roster: Iterable[RosterEntry] | None = None,
    out: Path | None = None,
    release: bool = False,
    reissue: str | None = None,
) -> list[Path]:
    """Build assignments for a term.

    Parameters
    ----------
    course : Course
    assignments : sequence of str
        Ids; all that the term uses if empty.
    term : str
    roster : iterable of RosterEntry, optional
        Students, for assignments whose variants are per student.
    out : Path, optional
        Folders are made under ``out/<term>/<assignment>/``; default ``build`` in the course.
    release : bool
        Whether to record the build as the released one; needs a certificate for these very files.
    reissue : str, optional
        Question whose variants are drawn anew.

    Returns
    -------
    list of Path
        The folders ``out/<term>/<assignment>``.

    Raises
    ------
    GradecheckError
        Whatever is wrong, before anything of the assignment in question is written.
    """
    entries = list(roster or ())
    ids = list(assignments) or list(load_term(course, term).assignments)
    again = _holding(course, ids, reissue) if reissue else {}
    out = out or course.root / "build"
    return [
        _build_one(course, assignment, term, entries, out, release, again.get(assignment, []))
        for assignment in ids
    ]


def _holding(course: Course, ids: Sequence[str], question: str) -> dict[str, list[str]]:
    """Assignment -> the question to draw anew, for those that hold it."""
    pools = {assignment: load_assignment(course, assignment).questions for assignment in ids}
    found = {assignment: [question] for assignment, pool in pools.items() if question in pool}
    if not found:
        known = [name for pool in pools.values() for name in pool]
        raise GradecheckError(
            f"--reissue {question}: none of {', '.join(ids)} has this question{did_you_mean(question, known)}"
        )
    return found


def _build_one(
    course: Course,
    assignment_id: str,
    term: str,
    roster: list[RosterEntry],
    out: Path,
    release: bool,
    again: list[str],
) -> Path:
    need_suites(load_assignment(course, assignment_id))
    folder = out / term / assignment_id
    path = lock_path(course, assignment_id, term)
    before = path.read_bytes() if path.is_file() else None
    try:
        freeze(course, assignment_id, term, students=[entry.id for entry in roster], reissue=again)
        trees = _trees(course, assignment_id, term, roster)
        key = _certified(course, assignment_id, term, folder) if release else None
    except GradecheckError:
        # Nobody has seen what was drawn for a build that is refused: the question may still change.
        if before is not None:
            write_atomically(path, before)
        else:
            path.unlink(missing_ok=True)
        raise
    for name, files in trees.items():
        _write_tree(folder / name, files)
        if name not in ("solution", "gradescope"):
            write_atomically(folder / f"{name}.zip", zip_bytes(files))
    if key:
        write_atomically(folder / "released.json", _released(assignment_id, term, key, trees))
    return folder


def _trees(
    course: Course, assignment_id: str, term: str, roster: list[RosterEntry]
) -> dict[str, dict[str, bytes]]:
    """Folder of the build -> its files, of the variants as they are frozen."""
    secret = load_secret(course, term)
    built = assemble(course, assignment_id, term)
    trees = {"handout": _student_files(built, secret), "solution": solution_files(built, secret)}
    own = {
        f"handouts/{slug(entry.id)}": assemble(course, assignment_id, term, entry.id)
        for entry in roster
        if built.assignment.variants == "student"
    }
    trees |= {name: _student_files(item, secret) for name, item in own.items()}
    trees["gradescope"] = {"autograder.zip": gradescope_zip([built, *own.values()], secret, roster)}
    return trees


def _student_files(built: BuiltAssignment, secret: bytes) -> dict[str, bytes]:
    """The files of a handout, proved: the stubs are stubs, and nothing gives an answer away."""
    prove_stubs(built)
    files = handout_files(built, secret)
    # The zip holds these very bytes, so it is not looked at again.
    refuse_leaks(files, secrets_of(built, removed_texts(built)))
    return files


def _write_tree(folder: Path, files: Mapping[str, bytes]) -> None:
    """Replace a folder by a complete new one; for a moment between the two a reader finds none."""
    partial = folder.with_name(f".{folder.name}.part")
    try:
        shutil.rmtree(partial, ignore_errors=True)
        for name, content in files.items():
            write_atomically(partial / name, content)
        if folder.exists():
            shutil.rmtree(folder)
        partial.rename(folder)
    except OSError as error:
        raise GradecheckError(
            f"{folder}: cannot be written: {error.strerror}; free some space or choose another folder with "
            "--out"
        ) from None
    finally:
        shutil.rmtree(partial, ignore_errors=True)


# --- release --------------------------------------------------------------------------------------


def _certified(course: Course, assignment: str, term: str, folder: Path) -> str:
    """Key of the certificate for what is about to be released."""
    path = folder / "certificate.json"
    certify = f"run 'autograder certify {assignment} --term {term}'"
    try:
        found = json.loads(path.read_text(encoding="utf-8"))["key"]
    except FileNotFoundError:
        raise GradecheckError(f"{path}: there is no certificate; {certify}, then --release") from None
    except (OSError, ValueError, KeyError, TypeError):
        raise GradecheckError(f"{path}: the certificate cannot be read; {certify} again") from None
    key = certificate_key(course, assignment, term)
    if found != key:
        raise GradecheckError(
            f"{path}: the certificate is for other files, variants or package versions; {certify} again"
        )
    return key


def _released(assignment: str, term: str, key: str, trees: Mapping[str, Mapping[str, bytes]]) -> str:
    hashes = {
        f"{tree}/{name}": sha256_of(content)
        for tree, files in trees.items()
        for name, content in files.items()
    }
    content = {"schema": 1, "assignment": assignment, "term": term, "certificate": key, "files": hashes}
    return json.dumps(content, indent=1, sort_keys=True) + "\n"
