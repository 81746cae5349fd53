"""What an author writes down: the course, its terms, assignments and questions; and these once built."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

__all__ = [
    "Assignment",
    "BuiltAssignment",
    "BuiltQuestion",
    "Course",
    "LatePolicy",
    "Question",
    "Record",
    "Term",
    "TermEntry",
]

QUESTION_ID = re.compile(r"[a-z0-9_]{1,40}")
OBJECT_REFERENCE = re.compile(r"[\w.]+:[\w.]+(:setter)?")
# What each late policy reads.
LATE_KEYS: dict[str, tuple[str, ...]] = {
    "none": (),
    "grace-then-zero": ("grace_days",),
    "percent-per-day": ("grace_days", "percent", "at_most"),
}


class Record(BaseModel):
    """A frozen record that refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class LatePolicy(Record):
    """What happens to a submission after its due date; derived when read, never stored in a score."""

    policy: Literal["none", "grace-then-zero", "percent-per-day"] = "none"
    grace_days: int = Field(0, ge=0)
    """Days late, begun ones included, that cost nothing."""
    percent: float = Field(0, ge=0, le=100)
    """With percent-per-day: what each further day takes of the points earned."""
    at_most: float = Field(100, ge=0, le=100)
    """With percent-per-day: percent that all days together take at most."""

    @model_validator(mode="before")
    @classmethod
    def _is_table(cls, value: object) -> object:
        if value == "none":
            return {"policy": "none"}
        if isinstance(value, (Mapping, LatePolicy)):
            return value
        raise ValueError(
            'write a table, such as { policy = "none" } or { policy = "grace-then-zero", grace_days = 2 }'
        )

    @field_validator("percent", "at_most")
    @classmethod
    def _no_fraction(cls, value: float) -> float:
        if 0 < value < 1:
            raise ValueError(f"write {100 * value:g} for {100 * value:g} %")
        return value

    @model_validator(mode="after")
    def _fits_its_policy(self) -> LatePolicy:
        used = {"policy", *LATE_KEYS[self.policy]}
        unused = sorted(self.model_fields_set - used)
        if unused:
            raise ValueError(f"policy {self.policy!r} does not use {', '.join(map(repr, unused))}; remove it")
        if self.policy == "percent-per-day" and "percent" not in self.model_fields_set:
            raise ValueError("policy 'percent-per-day' needs 'percent'; write 10 for 10 % a day")
        return self


class Course(Record):
    """A folder with ``assignments/`` and ``solutions/``."""

    root: Path
    name: str
    timezone: str = "UTC"
    late: LatePolicy = Field(default_factory=lambda: LatePolicy.model_validate({}))
    counts: Literal["last", "best"] = "last"
    """Which attempt of a student counts."""
    roster: dict[str, str] = {}
    """Our roster column -> the column's name in this course's files."""

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"{value!r} is no time zone; write one such as 'Europe/Berlin'") from error
        return value

    @property
    def assignments(self) -> Path:
        """Folder of the assignments."""
        return self.root / "assignments"

    @property
    def solutions(self) -> Path:
        """Folder of what students must never see."""
        return self.root / "solutions"

    def assignment_ids(self) -> list[str]:
        """Names of the folders that hold an ``assignment.toml``, sorted."""
        return sorted(path.parent.name for path in self.assignments.glob("*/assignment.toml"))

    def term_ids(self) -> list[str]:
        """Names of the terms, sorted."""
        return sorted(path.stem for path in (self.assignments / "terms").glob("*.toml"))


class TermEntry(Record):
    """One assignment in one term: its dates and the questions left out."""

    released: datetime | None = None
    due: datetime | None = None
    closes: datetime | None = None
    drop: tuple[str, ...] = ()
    attempts: int | None = Field(default=None, ge=1)
    """How many attempts of a student count, the first ones; default all."""

    @field_validator("due", "closes")
    @classmethod
    def _in_order(cls, value: datetime | None, info: ValidationInfo) -> datetime | None:
        for earlier in ("released", "due"):
            other = info.data.get(earlier)
            if value is not None and other is not None and value < other:
                raise ValueError(f"is before key {earlier!r}, {other.isoformat()}; exchange or correct them")
        return value


class Term(Record):
    """One run of the course."""

    id: str
    assignments: dict[str, TermEntry]


class Assignment(Record):
    """A homework or an exam, as its ``assignment.toml`` says."""

    id: str
    folder: Path
    title: str
    kind: Literal["homework", "exam"] = "homework"
    variants: Literal["term", "student"] = "term"
    packages: tuple[str, ...] = ("numpy",)
    otter: str = ""
    """The autograder.zip of otter-grader, beside this file, whose tests grade it; else it has suites."""
    questions: tuple[str, ...]

    @field_validator("questions")
    @classmethod
    def _good_ids(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        for name in value:
            # Names of otter's questions are shown and never become a path.
            if not info.data.get("otter") and not QUESTION_ID.fullmatch(name):
                raise ValueError(f"{name!r} is no question id: use a-z, 0-9 and _, at most 40 characters")
        if len(set(value)) != len(value):
            raise ValueError("a question is listed twice")
        if not value:
            raise ValueError("list at least one question")
        return value


class Question(Record):
    """One folder of an assignment, as its ``question.toml`` says once rendered with the variant."""

    id: str
    folder: Path
    title: str
    points: int = Field(gt=0)
    kind: Literal["code", "manual"] = "code"
    solution: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    omit: tuple[str, ...] = ()
    """Methods that neither the stub nor the solution has this term."""
    keep: tuple[str, ...] = ()
    """Docstring sections that stay in the stub besides summary, Parameters, Returns and Raises."""
    needs: tuple[str, ...] = ()
    ban: tuple[str, ...] = ()
    """Dotted names that an answer must not use, such as ``numpy.polyfit``."""
    seconds: float = Field(10.0, gt=0)
    """CPU seconds for all checks of the question together."""

    @field_validator("solution", "given", "omit")
    @classmethod
    def _good_references(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for reference in value:
            if not OBJECT_REFERENCE.fullmatch(reference):
                raise ValueError(f"{reference!r} should read 'module:name' or 'module:Class.method'")
        return value

    @property
    def names(self) -> tuple[str, ...]:
        """Top-level names that an answer must define, in order."""
        return tuple(dict.fromkeys(entry.split(":")[1].split(".")[0] for entry in self.solution))


@dataclass(frozen=True)
class BuiltQuestion:
    """A question with its variant applied: everything that is cut, rendered or sent."""

    question: Question
    variant: Mapping[str, Any]
    prompt: str
    """Markdown, without the heading."""
    given: str
    """Source of the given cell; empty if there is none."""
    stub: str
    answer: str
    """Source of the answer cell in the solution notebook."""
    files: Mapping[str, bytes] = field(default_factory=dict)
    """Data files that are shipped beside the notebook."""


@dataclass(frozen=True)
class BuiltAssignment:
    """An assignment for one term, or for one student where variants are per student."""

    course: Course
    assignment: Assignment
    term: str
    student: str | None
    intro: str
    questions: tuple[BuiltQuestion, ...]
    variant_key: str
    """sha256 of the frozen variants that this build used."""
    attempts: int | None = None
    """How many attempts of a student count this term, if not all."""

    def question(self, question_id: str) -> BuiltQuestion:
        """Return one question; ``KeyError`` if the build has none of that id."""
        for built in self.questions:
            if built.question.id == question_id:
                return built
        raise KeyError(question_id)
