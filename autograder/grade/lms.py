"""Recognises bulk downloads: whose each file is, when it came in, who else belongs to the group.

The names are those that Gradescope, Canvas, Moodle and nbgrader give; they are data and name a student.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from autograder.errors import GradecheckError
from autograder.models import RosterEntry

__all__ = ["CANVAS", "MOODLE", "Delivery", "deliveries", "nbgrader_time"]

Read = Callable[[PurePosixPath], bytes]
Roster = Mapping[str, RosterEntry]

GRADESCOPE = "submission_metadata.yml"
CANVAS = re.compile(r"(?P<name>[^_]+)(?P<late>_LATE)?_(?P<user>\d+)_(?P<attachment>\d+)_(?P<file>.+)")
# Not greedy: what comes after the first match is the file's name, and that is the student's to choose.
MOODLE = re.compile(r"(?P<name>.+?)_(?P<user>\d+)_assignsubmission_file_?(?P<file>.*)")
LATE = "late, says Canvas, which does not say when it came in"


@dataclass(frozen=True)
class Delivery:
    """What one student, or a group, handed in at one time.

    Attributes
    ----------
    student : str
        Id on the roster, else what the download says.
    paths : tuple of PurePosixPath
        Their files in the download.
    members : tuple of str
        The others of the group.
    received : datetime or None
    flags : tuple of str
        For staff.
    """

    student: str
    paths: tuple[PurePosixPath, ...]
    members: tuple[str, ...] = ()
    received: datetime | None = None
    flags: tuple[str, ...] = ()


def deliveries(paths: Iterable[PurePosixPath], read: Read, roster: Roster) -> list[Delivery] | None:
    """Sort a download by who handed in, if it is one that is known here.

    Parameters
    ----------
    paths : iterable of PurePosixPath
        Every file of the folder or zip.
    read : callable
        Gives a file's bytes.
    roster : mapping
        Known students by id.

    Returns
    -------
    list of Delivery or None
        None for any other folder.

    Raises
    ------
    GradecheckError
        If Gradescope's table of submissions cannot be read.
    """
    paths = list(paths)
    table = _table(paths, roster)
    if table is not None:
        return list(_gradescope(table, paths, read(table), roster))
    for pattern in (MOODLE, CANVAS):
        if paths and all(pattern.fullmatch(path.parts[0]) for path in paths):
            return list(_by_name(pattern, paths, roster))
    return None


def _table(paths: list[PurePosixPath], roster: Roster) -> PurePosixPath | None:
    """Gradescope's table, at the top or in the one folder around everything; elsewhere a student made it."""
    tops = {path.parts[0] for path in paths}
    table = PurePosixPath(GRADESCOPE)
    if len(tops) == 1 and table not in paths:
        (top,) = tops
        table = top / table
        if top in roster:
            return None
    return table if table in paths else None


def _gradescope(
    table: PurePosixPath, paths: list[PurePosixPath], content: bytes, roster: Roster
) -> Iterator[Delivery]:
    import yaml  # type: ignore[import-untyped]

    try:
        entries = yaml.safe_load(content)
        for folder, values in entries.items():
            people = [_person(who, roster) for who in values[":submitters"]]
            own = [path for path in paths if path.is_relative_to(table.parent / str(folder))]
            if people and own:
                received = _moment(values.get(":created_at"))
                yield Delivery(people[0], tuple(own), tuple(people[1:]), received)
    except Exception as error:  # damaged text makes the parser raise nearly anything
        raise GradecheckError(
            f"{table}: not Gradescope's table of submissions ({type(error).__name__}); export it again"
        ) from None


def _person(values: Mapping[str, Any], roster: Roster) -> str:
    sid, email, name = (_word(values.get(key)) for key in (":sid", ":email", ":name"))
    if sid in roster:
        return sid
    known = [entry.id for entry in roster.values() if email and entry.email.lower() == email.lower()]
    if not (sid or email or name):
        raise KeyError(":name")
    return known[0] if len(known) == 1 else sid or email or name


def _word(value: object) -> str:
    """A cell of the table; aliases make lists whose text would never end."""
    if isinstance(value, list | dict):
        raise TypeError("a list where a word is due")
    return "" if value is None else str(value)


def _moment(value: object) -> datetime | None:
    if not isinstance(value, datetime):
        return None
    return value if value.tzinfo is not None else value.replace(tzinfo=UTC)


def _by_name(pattern: re.Pattern[str], paths: list[PurePosixPath], roster: Roster) -> Iterator[Delivery]:
    found: dict[str, list[PurePosixPath]] = {}
    late: set[str] = set()
    for path in paths:
        match = pattern.fullmatch(path.parts[0])
        assert match is not None
        student = _named(match["name"], match["user"], roster)
        found.setdefault(student, []).append(path)
        if match.groupdict().get("late"):
            late.add(student)
    for student, own in found.items():
        yield Delivery(student, tuple(own), flags=(LATE,) if student in late else ())


def _named(name: str, number: str, roster: Roster) -> str:
    """By the number, which is the LMS's own; else by a name that only one student has."""
    by_number = [entry.id for entry in roster.values() if entry.canvas_id == number]
    by_name = [entry.id for entry in roster.values() if entry.name.strip() == name.strip()]
    for known in (by_number, by_name):
        if len(known) == 1:
            return known[0]
    return number if number and not name else f"{name} {number}" if len(by_name) > 1 else name


def nbgrader_time(text: bytes) -> datetime | None:
    """Read the ``timestamp.txt`` of nbgrader's ``submitted/`` folders.

    Parameters
    ----------
    text : bytes
        A date, a time and the name of a zone, such as ``2015-02-02 14:58:23.948203 America/Los_Angeles``.

    Returns
    -------
    datetime or None
        None if it is anything else.
    """
    words = text.decode("utf-8", "replace").split()
    if not 2 <= len(words) <= 3:
        return None
    try:
        moment = datetime.fromisoformat(" ".join(words[:2]))
        zone = ZoneInfo(words[2]) if len(words) > 2 else UTC
    except (ValueError, ZoneInfoNotFoundError, OSError):
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)
