"""Tables for people and for other systems, made from the gradebook."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path

from autograder.files import write_atomically
from autograder.gradebook.store import Attempt
from autograder.models import RosterEntry

__all__ = ["grades_csv", "write_grades_csv"]

COLUMNS = ("student", "name", "email", "section", "attempt", "received", "status", "score", "max_score")
# A spreadsheet runs a cell that starts with one of these as a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def grades_csv(attempts: Iterable[Attempt], roster: Mapping[str, RosterEntry]) -> str:
    """The table of an assignment: one row a student, one column a question.

    Parameters
    ----------
    attempts : iterable of Attempt
        The attempt that counts of each student.
    roster : mapping
        The students of the term, by id; one without an attempt gets a row with the status
        ``no_submission`` and no score. Where the grader failed the status is ``no_result``.

    Returns
    -------
    str
        CSV text; a cell that a spreadsheet would run as a formula starts with ``'``.
    """
    by_student = {attempt.submission.student: attempt for attempt in attempts}
    titles: dict[str, None] = {}
    for attempt in by_student.values():
        questions = attempt.result.questions if attempt.result else ()
        titles.update(dict.fromkeys(question.id for question in questions))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*COLUMNS, *titles, "flags"])
    for student in sorted({*by_student, *roster}):
        entry = roster.get(student, RosterEntry(id=student))
        writer.writerow([_safe(cell) for cell in _row(entry, by_student.get(student), list(titles))])
    return text.getvalue()


def write_grades_csv(path: Path, attempts: Iterable[Attempt], roster: Mapping[str, RosterEntry]) -> None:
    """Write :func:`grades_csv` to a file.

    Parameters
    ----------
    path : Path
        The file.
    attempts, roster
        As in :func:`grades_csv`.
    """
    write_atomically(path, grades_csv(attempts, roster))


def _row(entry: RosterEntry, attempt: Attempt | None, questions: list[str]) -> list[str]:
    person = [entry.id, entry.name, entry.email, entry.section]
    no_points = ["" for _ in ("score", "max_score", *questions)]
    if attempt is None:
        return [*person, "", "", "no_submission", *no_points, ""]
    submission, result = attempt.submission, attempt.result
    if result is None:
        received = submission.received.isoformat() if submission.received else ""
        flags = "; ".join(submission.flags)
        return [*person, str(submission.attempt), received, "no_result", *no_points, flags]
    scores = {question.id: _number(question.score) for question in result.questions}
    return [
        *person,
        str(result.attempt),
        result.submission["received"] or "",
        result.status,
        _number(result.score),
        _number(result.max_score),
        *(scores.get(question, "") for question in questions),
        "; ".join(result.flags),
    ]


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}".rstrip("0").rstrip(".")


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell
