"""Writes the files of one assignment from the gradebook: results, grades.csv, pages, report."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from autograder.errors import GradecheckError
from autograder.feedback.pages import render_feedback, render_report
from autograder.files import write_atomically
from autograder.gradebook import (
    EXCUSED,
    TIME_UNKNOWN,
    Attempt,
    Grade,
    Gradebook,
    open_gradebook,
    read_grades,
    write_grades_csv,
)
from autograder.models import Course, Result, load_assignment, slug

__all__ = ["views_folder", "write_views"]


def views_folder(course: Course, assignment: str, term: str, gradebook: str | None = None) -> Path:
    """Where the views of an assignment are if nobody says otherwise.

    Parameters
    ----------
    course, assignment, term
        What was graded.
    gradebook : str, optional
        SQLAlchemy URL of the gradebook to show; default the course's own.

    Returns
    -------
    Path
        ``grades/<term>/<assignment>`` of the course.

    Raises
    ------
    GradecheckError
        If the folder shows the course's own gradebook, and this is another one.
    """
    if not is_own(course, gradebook):
        # One that cannot be used at all says so itself.
        open_gradebook(course, gradebook).close()
        raise GradecheckError(
            f"--gradebook names another gradebook than {course.root / 'gradebook.db'}, which "
            f"grades/{term}/{assignment} shows: say with --out which folder is for its pages"
        )
    return course.root / "grades" / term / assignment


def is_own(course: Course, gradebook: str | None) -> bool:
    """Whether the course's pages show this gradebook: its gradebook.db, or any where it has none."""
    own = course.root / "gradebook.db"
    if gradebook is None or not own.is_file():
        return True
    path = gradebook.partition(":///")[2].partition("?")[0]
    return gradebook.startswith("sqlite") and Path(path).resolve() == own.resolve()


def hidden_checks(course: Course, assignment: str) -> dict[str, int]:
    """Question -> how many hidden checks its suite has."""
    counts = {}
    for question in load_assignment(course, assignment).questions:
        path = course.assignments / assignment / question / "test_hidden.py"
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        counts[question] = len(re.findall(r"^def test_", text, re.MULTILINE))
    return counts


def write_views(course: Course, assignment: str, term: str, book: Gradebook, out: Path) -> None:
    """Write every view of an assignment; a file that is right already is left alone.

    Parameters
    ----------
    course, assignment, term
        What to write.
    book : Gradebook
        Where the truth is.
    out : Path
        Folder to write to: ``results/``, ``feedback/``, ``grades.csv``, ``report.html``.

    Raises
    ------
    GradecheckError
        If the folder cannot be written.
    """
    title = load_assignment(course, assignment).title
    hidden = hidden_checks(course, assignment)
    attempts = book.attempts(term, assignment)
    grades = read_grades(course, assignment, term, book)
    roster = book.roster(term)
    for attempt in attempts:
        if attempt.result is not None:
            name = f"{slug(attempt.submission.student)}.{attempt.submission.sha256[:8]}"
            _write(out / "results" / "attempts" / f"{name}.json", attempt.result.to_json())
            detail = json.dumps(attempt.detail, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
            _write(out / "results" / "attempts" / f"{name}.detail.json", detail, mode=0o600)
    results = {student: grade.result for student, grade in grades.items() if grade.result}
    _remove_others(out, {slug(student) for student in results}, term, assignment)
    for student, result in results.items():
        _write(out / "results" / f"{slug(student)}.json", result.to_json())
        page = render_feedback(grades[student], title, roster.get(student), hidden)
        _write(out / "feedback" / f"{slug(student)}.html", page)
    write_grades_csv(out / "grades.csv", grades.values(), roster)
    counting = [counted for grade in grades.values() if (counted := _as_counted(grade)) is not None]
    expected = {student: entry for student, entry in roster.items() if grades[student].status != EXCUSED}
    _write(out / "report.html", render_report(course.name, title, term, counting, expected))


def _as_counted(grade: Grade) -> Attempt | None:
    """The attempt with the score that counts, after policy and overrides; None for who is excused."""
    if grade.attempt is None or grade.status == EXCUSED:
        return None
    if grade.attempt.result is None:
        return grade.attempt
    result = grade.attempt.result
    # Where no time is known it is unknown of all: that would bury what is worth a look.
    flags = (*result.flags, *(flag for flag in grade.flags if flag != TIME_UNKNOWN))
    counted = {"score": grade.final, "status": grade.status, "flags": flags}
    return replace(grade.attempt, result=result.model_copy(update=counted))


def _write(path: Path, content: str, *, mode: int = 0o644) -> None:
    if not path.is_file() or path.read_bytes() != content.encode("utf-8"):
        write_atomically(path, content, mode=mode)


def _remove_others(out: Path, wanted: Collection[str], term: str, assignment: str) -> None:
    """Remove pages and results that count no more: each would be a second truth.

    Only a file that says itself to be a result of this assignment is removed, with its page, and only
    where `grade` has worked: the folder is chosen by hand and may hold anything else.
    """
    if not (out / ".lock").is_file():
        return
    for path in (out / "results").glob("*.json"):
        if path.stem not in wanted and _is_result(path, term, assignment):
            (out / "feedback" / f"{path.stem}.html").unlink(missing_ok=True)
            path.unlink()


def _is_result(path: Path, term: str, assignment: str) -> bool:
    try:
        result = Result.model_validate_json(path.read_bytes())
    except (OSError, ValueError):
        return False
    return (slug(result.student), result.term, result.assignment) == (path.stem, term, assignment)
