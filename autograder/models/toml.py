"""The one place that reads TOML.

A file of the course becomes a record or a :class:`GradecheckError` that names the file, the key
and, for a misspelt key, the nearest right one.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from autograder.errors import GradecheckError, did_you_mean
from autograder.models.course import Assignment, Course, Question, Record, Term, TermEntry

__all__ = [
    "find_course",
    "load_assignment",
    "load_course",
    "load_question",
    "load_term",
    "make_record",
    "need_suites",
    "need_used",
    "read_date",
    "read_toml",
]

R = TypeVar("R", bound=Record)


def read_toml(path: Path, text: str | None = None) -> dict[str, Any]:
    """Read the TOML file at `path`; `text` replaces its content where it was rendered first."""
    try:
        content = path.read_text(encoding="utf-8") if text is None else text
        return tomllib.loads(content)
    except FileNotFoundError:
        raise GradecheckError(f"{path}: there is no such file") from None
    except UnicodeDecodeError as error:
        raise GradecheckError(f"{path}: not UTF-8 text ({error.reason} at byte {error.start})") from None
    except tomllib.TOMLDecodeError as error:
        raise GradecheckError(f"{path}: not TOML: {error}{_hint(str(error), content)}") from None
    except OSError as error:
        raise GradecheckError(f"{path}: cannot be read: {error.strerror}") from None


def _hint(error: str, content: str) -> str:
    """What to do about a date that lacks seconds, the usual mistake."""
    place = re.search(r"at line (\d+)", error)
    line = content.splitlines()[int(place[1]) - 1] if place else ""
    return "; a date reads 2027-02-05T20:00:00+01:00" if re.search(r"=\s*\d+-\d+-\d+", line) else ""


def make_record(kind: type[R], path: Path | str, values: Mapping[str, Any], **known: Any) -> R:
    """Make a record of what a file says, or raise an error that names the file and the key.

    Parameters
    ----------
    kind : type
        Of the record.
    path : Path or str
        What errors begin with.
    values : mapping
        What the file says.
    **known
        What its place says, and the file must not.
    """
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
    """Read a `value` as a date with its zone; the error after `what` shows it with that of the `course`."""
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
    """Read one term's dates; the error for a `term` that the `course` does not know lists the known ones."""
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
        for question in entries[name].drop:
            asked = load_assignment(course, name).questions
            if question not in asked:
                raise GradecheckError(
                    f"{where} drop: no question {question!r}{did_you_mean(question, asked)}"
                )
    return Term(id=term, assignments=entries)


def load_assignment(course: Course, assignment: str) -> Assignment:
    """Read the ``assignment.toml`` of an `assignment` of a `course`; its questions must have folders."""
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
    """Return the table of an `assignment` in a `term` of a `course`; an error if one of them is not there."""
    load_assignment(course, assignment)
    entries = load_term(course, term).assignments
    if assignment not in entries:
        raise GradecheckError(
            f"{course.assignments / 'terms' / f'{term}.toml'}: term {term!r} does not use {assignment!r}: "
            f"[{assignment}] is missing; add the table, with its dates, to use it"
        )
    return entries[assignment]


def load_question(folder: Path, rendered: str | None = None) -> Question:
    """Read the ``question.toml`` of a `folder`; `rendered` is its text with the variant filled in."""
    path = folder / "question.toml"
    return make_record(Question, path, read_toml(path, rendered), id=folder.name, folder=folder)
