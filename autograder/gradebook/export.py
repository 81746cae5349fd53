"""Tables for people and for other systems, made from the gradebook."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path

from autograder.files import write_atomically
from autograder.gradebook.policy import Grade
from autograder.models import RosterEntry

__all__ = ["grades_csv", "safe_cell", "write_grades_csv"]

COLUMNS = ("student", "name", "email", "section", "attempt", "received", "status", "score", "max_score")
DERIVED = ("raw", "days_late", "penalty")
# A spreadsheet runs a cell that starts with one of these as a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def grades_csv(grades: Iterable[Grade], roster: Mapping[str, RosterEntry]) -> str:
    """The table of an assignment: one row a student, one column a question.

    Parameters
    ----------
    grades : iterable of Grade
        One for each student.
    roster : mapping
        The students of the term, by id, for their names.

    Returns
    -------
    str
        CSV text; ``score`` is what counts, with the late policy; ``raw``, ``days_late`` and ``penalty``
        say how it came about. A cell that a spreadsheet would run as a formula starts with ``'``.
    """
    grades = list(grades)
    titles: dict[str, None] = {}
    for grade in grades:
        questions = grade.result.questions if grade.result else ()
        titles.update(dict.fromkeys(question.id for question in questions))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*COLUMNS, *titles, *DERIVED, "flags"])
    for grade in grades:
        entry = roster.get(grade.student, RosterEntry(id=grade.student))
        writer.writerow([safe_cell(cell) for cell in _row(entry, grade, list(titles))])
    return text.getvalue()


def write_grades_csv(path: Path, grades: Iterable[Grade], roster: Mapping[str, RosterEntry]) -> None:
    """Write :func:`grades_csv` to a file.

    Parameters
    ----------
    path : Path
        The file.
    grades, roster
        As in :func:`grades_csv`.
    """
    write_atomically(path, grades_csv(grades, roster))


def _row(entry: RosterEntry, grade: Grade, questions: list[str]) -> list[str]:
    submission = grade.attempt.submission if grade.attempt is not None else None
    result = grade.result
    flags = (*(result.flags if result else submission.flags if submission else ()), *grade.flags)
    scores = {question.id: _number(question.score) for question in (result.questions if result else ())}
    return [
        *(entry.id, entry.name, entry.email, entry.section),
        str(submission.attempt) if submission else "",
        submission.received.isoformat() if submission and submission.received else "",
        grade.status,
        _number(grade.final),
        _number(result.max_score) if result else "",
        *(scores.get(question, "") for question in questions),
        _number(grade.raw),
        "" if grade.days_late is None else str(grade.days_late),
        _number(grade.penalty) if grade.days_late is not None else "",
        "; ".join(flags),
    ]


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}".rstrip("0").rstrip(".")


def safe_cell(cell: str) -> str:
    """A cell that no spreadsheet runs as a formula."""
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell
