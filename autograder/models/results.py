"""What comes back: students, their submissions, and what was found in them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Literal, get_args

from pydantic import ConfigDict, Field, field_validator

from autograder.models.course import Record

__all__ = [
    "CATEGORIES",
    "OUTCOMES",
    "STATUSES",
    "CheckResult",
    "Outcome",
    "QuestionResult",
    "Result",
    "RosterEntry",
    "Submission",
    "split_points",
]

Outcome = Literal["passed", "failed", "timeout", "error", "blocked", "grader_error"]
OUTCOMES: tuple[str, ...] = get_args(Outcome)
CATEGORIES = (
    "missing", "not_written", "signature", "type", "shape", "dtype", "not_finite", "value", "gradient",
    "raises", "side_effect", "nondeterministic", "efficiency", "banned", "timeout", "memory", "crash",
)  # fmt: skip
# A question's status is the first of these that applies.
STATUSES = ("grader_error", "pending", "blocked", "timeout", "error", "failed", "partial", "passed")


class RosterEntry(Record):
    """One row of the roster."""

    id: str
    name: str = ""
    email: str = ""
    canvas_id: str = ""
    sis_login: str = ""
    section: str = ""


@dataclass(frozen=True)
class Submission:
    """One student's file as received."""

    student: str
    file: str
    """Name of the file as received; data, never a path to open."""
    path: Path
    """Where the grader keeps its own copy of the bytes."""
    sha256: str
    received: datetime | None = None
    members: tuple[str, ...] = ()
    attempt: int = 1
    problem: str | None = None
    """Why nothing can be graded, in words for the student, if so."""
    flags: tuple[str, ...] = ()


class CheckResult(Record):
    """What one check found."""

    id: str
    title: str
    visibility: Literal["public", "hidden"]
    score: float | None
    max_score: float
    outcome: Outcome
    category: str | None = None
    message: str = ""

    @field_validator("category")
    @classmethod
    def _known_category(cls, value: str | None) -> str | None:
        if value is not None and value not in CATEGORIES:
            raise ValueError(f"{value!r} is no category")
        return value


class QuestionResult(Record):
    """All checks of one question of one attempt."""

    id: str
    title: str
    kind: Literal["code", "manual"]
    score: float | None
    max_score: float
    status: str
    checks: tuple[CheckResult, ...]


class Result(Record):
    """All outcomes of one attempt with provenance: the JSON file in ``results/``."""

    schema_: int = Field(1, alias="schema")
    course: str
    term: str
    assignment: str
    student: str
    attempt: int
    members: tuple[str, ...] = ()
    status: Literal["graded", "not_gradable", "grader_error"]
    score: float | None
    score_so_far: float
    max_score: float
    submission: dict[str, str | None]
    questions: tuple[QuestionResult, ...]
    provenance: dict[str, str]
    flags: tuple[str, ...] = ()
    timings: dict[str, float] = Field(default_factory=dict)

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    def to_json(self) -> str:
        """The bytes of the result file: fixed key order, one trailing newline."""
        return json.dumps(self.model_dump(mode="json", by_alias=True), indent=1, ensure_ascii=False) + "\n"


def split_points(weights: list[Fraction], total: Fraction) -> list[Fraction]:
    """Share `total` points among weights exactly."""
    whole = sum(weights, Fraction(0))
    return [total * weight / whole for weight in weights]
