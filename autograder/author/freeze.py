"""Draws what is missing and writes it into the lock."""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Iterable
from typing import Any

from autograder.author.lock import FrozenQuestion, Lock, lock_path, read_lock_file
from autograder.author.seeds import load_secret, student_key
from autograder.author.variants import VariantSource, listed_needs, variant_source
from autograder.errors import GradecheckError
from autograder.files import write_atomically
from autograder.models import Assignment, Course, load_assignment, need_suites, need_used

__all__ = ["freeze"]


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
    need_used(course, assignment_id, term)
    need_suites(load_assignment(course, assignment_id))
    source = variant_source(course, assignment_id, load_secret(course, term, create=True))
    assignment, secret = source.assignment, source.secret
    path = lock_path(course, assignment_id, term)
    old = read_lock_file(path).questions if path.is_file() else {}
    again = _with_dependents(assignment, reissue)
    ids = sorted(set(students)) if assignment.variants == "student" else []
    questions = {question: _start(old.get(question), question in again) for question in assignment.questions}
    for student in [None, *ids]:
        _freeze_one(source, questions, student)
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


def _freeze_one(source: VariantSource, questions: dict[str, dict[str, Any]], student: str | None) -> None:
    """Draw what one student, or the term, has not got yet."""
    key = None if student is None else student_key(source.secret, student)
    earlier: dict[str, Any] = {}
    for question, frozen in questions.items():
        known = frozen.get("term") if key is None else frozen["students"].get(key)
        if known is None:
            owner = "the term" if student is None else f"student {student}"
            values = source.draw(question, earlier, f"version {frozen['version']}", owner)
            known = {"values": values, "files": source.files(question, values, student)[1]}
            if key is None:
                frozen["term"] = known
            else:
                frozen["students"][key] = known
        earlier[question] = known["values"]


def _with_dependents(assignment: Assignment, questions: Iterable[str]) -> set[str]:
    again = set(questions)
    for question in again - set(assignment.questions):
        raise GradecheckError(
            f"--reissue {question}: {assignment.id!r} has no such question; it has "
            f"{', '.join(assignment.questions)}"
        )
    for question in assignment.questions:
        if again & listed_needs(assignment.folder / question):
            again.add(question)
    return again


def _mlref_version() -> str:
    # Written down for people who read a lock; nothing depends on it.
    return str(getattr(importlib.import_module("mlref"), "__version__", "unknown"))
