"""Writes the files of one assignment from the gradebook: results, grades.csv, pages, report."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from autograder.feedback.pages import render_feedback, render_report
from autograder.files import write_atomically
from autograder.gradebook import Gradebook, write_grades_csv
from autograder.models import Course, load_assignment, slug

__all__ = ["write_views"]


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
    attempts = book.attempts(term, assignment)
    counting = {attempt.submission.student: attempt for attempt in attempts}
    roster = book.roster()
    for attempt in attempts:
        if attempt.result is not None:
            name = f"{slug(attempt.submission.student)}.{attempt.submission.sha256[:8]}"
            _write(out / "results" / "attempts" / f"{name}.json", attempt.result.to_json())
            detail = json.dumps(attempt.detail, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
            _write(out / "results" / "attempts" / f"{name}.detail.json", detail, mode=0o600)
    for student, attempt in counting.items():
        if attempt.result is not None:
            _write(out / "results" / f"{slug(student)}.json", attempt.result.to_json())
            page = render_feedback(attempt.result, title, roster.get(student))
            _write(out / "feedback" / f"{slug(student)}.html", page)
    _remove_others(out / "results", (f"{slug(student)}.json" for student in counting))
    _remove_others(out / "feedback", (f"{slug(student)}.html" for student in counting))
    known = roster if any(student in roster for student in counting) else {}
    write_grades_csv(out / "grades.csv", counting.values(), known)
    _write(out / "report.html", render_report(course.name, title, term, list(counting.values()), known))


def _write(path: Path, content: str, *, mode: int = 0o644) -> None:
    if not path.is_file() or path.read_bytes() != content.encode("utf-8"):
        write_atomically(path, content, mode=mode)


def _remove_others(folder: Path, wanted: Iterable[str]) -> None:
    """A view of what is no longer in the gradebook would be a second truth."""
    keep = set(wanted)
    for path in folder.glob("*.*"):
        if path.is_file() and path.name not in keep:
            path.unlink()
