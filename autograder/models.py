"""Frozen records for the project's words, and the one place that reads TOML.

A file of the course becomes a record or a :class:`GradecheckError` that names the file, the key
and, for a misspelt key, the nearest right one.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from autograder.errors import GradecheckError, did_you_mean

__all__ = [
    "Assignment",
    "BuiltAssignment",
    "BuiltQuestion",
    "CheckResult",
    "Course",
    "LatePolicy",
    "Question",
    "QuestionResult",
    "Result",
    "RosterEntry",
    "Submission",
    "Term",
    "TermEntry",
    "canonical_json",
    "find_course",
    "load_assignment",
    "load_course",
    "load_question",
    "load_term",
    "need_suites",
    "need_used",
    "read_date",
    "sha256_of",
    "slug",
]

QUESTION_ID = re.compile(r"[a-z0-9_]{1,40}")
OBJECT_REFERENCE = re.compile(r"[\w.]+:[\w.]+(:setter)?")

OUTCOMES = ("passed", "failed", "timeout", "error", "blocked", "grader_error")
CATEGORIES = (
    "missing", "not_written", "signature", "type", "shape", "dtype", "not_finite", "value", "gradient",
    "raises", "side_effect", "nondeterministic", "efficiency", "banned", "timeout", "memory", "crash",
)  # fmt: skip
# What each late policy reads.
LATE_KEYS: dict[str, tuple[str, ...]] = {
    "none": (),
    "grace-then-zero": ("grace_days",),
    "percent-per-day": ("grace_days", "percent", "at_most"),
}
# A question's status is the first of these that applies.
STATUSES = ("grader_error", "pending", "blocked", "timeout", "error", "failed", "partial", "passed")


class Record(BaseModel):
    """A frozen record that refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


# --- the course -----------------------------------------------------------------------------------


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


# --- submissions and results ----------------------------------------------------------------------


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
    outcome: Literal["passed", "failed", "timeout", "error", "blocked", "grader_error"]
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
    timings: dict[str, float] = {}

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    def to_json(self) -> str:
        """The bytes of the result file: fixed key order, one trailing newline."""
        return json.dumps(self.model_dump(mode="json", by_alias=True), indent=1, ensure_ascii=False) + "\n"


# --- ids and hashes -------------------------------------------------------------------------------


def slug(student_id: str) -> str:
    """Name of a student's files: safe on every file system, different for different ids.

    Parameters
    ----------
    student_id : str
        Any text; it is data and never used as a path.

    Returns
    -------
    str
        At most 40 characters of ``[a-z0-9._-]``, plus ``-`` and eight hexadecimal digits of the
        id's sha256 whenever that changed anything, or the id ends like that itself.

    Examples
    --------
    >>> slug("ada")
    'ada'
    >>> slug("Ada Lovelace")
    'ada-lovelace-76740216'
    """
    folded = unicodedata.normalize("NFKC", student_id).lower()
    safe = re.sub(r"[^a-z0-9._-]", "-", folded)[:40]
    # A leading dot or dash would hide the file or read as an option.
    safe = re.sub(r"^[.-]+", "", safe)
    # An id that looks like another one's slug gets digits of its own.
    if safe and safe == student_id and not re.search(r"-[0-9a-f]{8}$", safe):
        return safe
    return f"{safe}-{hashlib.sha256(student_id.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def canonical_json(value: object) -> str:
    """One text for one value: sorted keys, no spaces; used wherever something is hashed."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def sha256_of(*parts: str | bytes) -> str:
    """Hexadecimal sha256 of the parts, each preceded by its length so that no two lists collide."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return digest.hexdigest()


# --- reading TOML ---------------------------------------------------------------------------------

R = TypeVar("R", bound=Record)


def read_toml(path: Path, text: str | None = None) -> dict[str, Any]:
    """Read a TOML file; `text` replaces its content where it was rendered first."""
    try:
        content = path.read_text(encoding="utf-8") if text is None else text
        return tomllib.loads(content)
    except FileNotFoundError:
        raise GradecheckError(f"{path}: there is no such file") from None
    except UnicodeDecodeError as error:
        raise GradecheckError(f"{path}: not UTF-8 text ({error.reason} at byte {error.start})") from None
    except tomllib.TOMLDecodeError as error:
        raise GradecheckError(f"{path}: not TOML: {error}") from None
    except OSError as error:
        raise GradecheckError(f"{path}: cannot be read: {error.strerror}") from None


def make_record(kind: type[R], path: Path | str, values: Mapping[str, Any], **known: Any) -> R:
    """Make a record of what a file says, or raise an error that names the file and the key."""
    for key in values:
        if key in known:
            raise GradecheckError(f"{path}: key {key!r} is set by the folder, not by the file; remove it")
    try:
        return kind(**values, **known)
    except ValidationError as error:
        mistakes = error.errors()
        # A misspelt key is unknown and missing at once: the first says it all.
        unknown = [item for item in mistakes if item["type"] == "extra_forbidden"]
        raise GradecheckError("\n".join(_explain(kind, path, item) for item in unknown or mistakes)) from None


def _explain(kind: type[Record], path: Path | str, item: Any) -> str:
    key = ".".join(str(part) for part in item["loc"])
    if item["type"] == "extra_forbidden":
        fields = [name for name in kind.model_fields if name not in {"id", "folder", "root"}]
        return f"{path}: unknown key {key!r}{did_you_mean(key, fields)}; known keys: {', '.join(fields)}"
    if item["type"] == "missing":
        return f"{path}: key {key!r} is missing"
    message = item["msg"].removeprefix("Value error, ")
    got = item["input"]
    shown = got.isoformat() if isinstance(got, datetime) else repr(got)
    return f"{path}: key {key!r}: {message[:1].lower()}{message[1:]} (got {shown})"


def find_course(start: Path) -> Path:
    """Return the nearest parent of `start` that holds ``assignments/course.toml``."""
    for folder in (start.resolve(), *start.resolve().parents):
        if (folder / "assignments" / "course.toml").is_file():
            return folder
    raise GradecheckError(
        f"{start.resolve()}: neither this folder nor one above holds assignments/course.toml; "
        "go to your course or give --course DIR"
    )


def load_course(root: Path) -> Course:
    """Read ``assignments/course.toml`` of the course in `root`."""
    path = root / "assignments" / "course.toml"
    return make_record(Course, path, read_toml(path), root=root.resolve())


def read_date(value: object, course: Course, what: str) -> datetime:
    """Read a date with its zone; the error after `what` shows the same time with the course's own zone."""
    problem = "has no zone"
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        moment, problem = datetime(2027, 2, 5, 20), "is no date"
    if moment.tzinfo is not None:
        return moment
    if len(str(value)) == len("2027-02-05"):
        moment = moment.replace(hour=23, minute=59)
    example = moment.replace(tzinfo=ZoneInfo(course.timezone)).isoformat()
    raise GradecheckError(
        f"{what} {str(value)!r} {problem}; write {example} "
        f"(in {course.timezone}, the timezone of course.toml)"
    )


def load_term(course: Course, term: str) -> Term:
    """Read one term's dates; the error for an unknown term lists the known ones."""
    path = course.assignments / "terms" / f"{term}.toml"
    known = course.term_ids()
    if term not in known:
        raise GradecheckError(
            f"term {term!r} is not known{did_you_mean(term, known)}; "
            f"there are: {', '.join(known) or 'none'}. Write {path} to add it"
        )
    tables = read_toml(path)
    entries = {}
    for name, values in tables.items():
        if not isinstance(values, dict):
            raise GradecheckError(f"{path}: key {name!r}: expected a table [assignment], got {values!r}")
        if name not in course.assignment_ids():
            hint = did_you_mean(name, course.assignment_ids())
            raise GradecheckError(f"{path}: [{name}] is no assignment of this course{hint}")
        where = f"{path}, [{name}]"
        for key in ("released", "due", "closes"):
            if key in values:
                read_date(values[key], course, f"{where}: key {key!r}:")
        entries[name] = make_record(TermEntry, where, values)
    return Term(id=term, assignments=entries)


def load_assignment(course: Course, assignment: str) -> Assignment:
    """Read one ``assignment.toml`` and check that its questions have folders."""
    known = course.assignment_ids()
    if assignment not in known:
        raise GradecheckError(
            f"assignment {assignment!r} is not known{did_you_mean(assignment, known)}; "
            f"there are: {', '.join(known) or 'none'}"
        )
    folder = course.assignments / assignment
    path = folder / "assignment.toml"
    record = make_record(Assignment, path, read_toml(path), id=assignment, folder=folder)
    if record.otter:
        return record
    folders = sorted(item.parent.name for item in folder.glob("*/question.toml"))
    for question in record.questions:
        if question not in folders:
            hint = did_you_mean(question, folders)
            raise GradecheckError(
                f"{path}: key 'questions': {question!r} has no folder with a question.toml{hint}"
            )
    return record


def need_suites(assignment: Assignment) -> Assignment:
    """Return an assignment that has suites of its own; an error for one that otter's tests grade."""
    if assignment.otter:
        raise GradecheckError(
            f"{assignment.folder / 'assignment.toml'}: otter's tests ({assignment.otter}) grade this "
            "assignment: there is nothing to build or to prove; 'otter assign' makes its handout"
        )
    return assignment


def need_used(course: Course, assignment: str, term: str) -> TermEntry:
    """Return a term's table of an assignment; an error if there is none, or no such assignment or term."""
    load_assignment(course, assignment)
    entries = load_term(course, term).assignments
    if assignment not in entries:
        raise GradecheckError(
            f"{course.assignments / 'terms' / f'{term}.toml'}: term {term!r} does not use {assignment!r}: "
            f"[{assignment}] is missing; add the table, with its dates, to use it"
        )
    return entries[assignment]


def load_question(folder: Path, rendered: str | None = None) -> Question:
    """Read one ``question.toml``; `rendered` is its text with the variant filled in."""
    path = folder / "question.toml"
    return make_record(Question, path, read_toml(path, rendered), id=folder.name, folder=folder)


def split_points(weights: list[Fraction], total: Fraction) -> list[Fraction]:
    """Share `total` points among weights exactly."""
    whole = sum(weights, Fraction(0))
    return [total * weight / whole for weight in weights]
