"""The frozen variants of a term: what was drawn once is read from here ever after."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import Field

from autograder.errors import GradecheckError
from autograder.models import Course, Record, make_record

__all__ = ["Drawn", "FrozenQuestion", "Lock", "lock_folder", "lock_path", "read_lock", "read_lock_file"]


class Drawn(Record):
    """What one draw gave."""

    values: dict[str, Any]
    files: dict[str, str] = Field(default_factory=dict)
    """Name of a data file -> sha256 of its arrays."""


class FrozenQuestion(Record):
    """The draws of one question."""

    version: int = Field(1, ge=1)
    term: Drawn
    students: dict[str, Drawn] = Field(default_factory=dict)
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


def lock_folder(course: Course, term: str) -> Path:
    """Where the locks of a term are."""
    return course.assignments / "terms" / f"{term}.lock"


def lock_path(course: Course, assignment: str, term: str) -> Path:
    """Where the frozen variants of an assignment are."""
    return lock_folder(course, term) / f"{assignment}.json"


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

    Parameters
    ----------
    course : Course
    assignment, term : str

    Returns
    -------
    Lock

    Raises
    ------
    GradecheckError
        If the assignment was not built for this term yet, or its lock is damaged.
    """
    path = lock_path(course, assignment, term)
    if not path.is_file():
        raise GradecheckError(
            f"{path}: {assignment!r} has no frozen variants in term {term!r}; run 'autograder build "
            f"{assignment} "
            f"--term {term}' first"
        )
    return read_lock_file(path)
