"""What `grade` prints when it is done."""

from __future__ import annotations

import sys
from collections import Counter

from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.grade.run import Summary
from autograder.gradebook import TIME_UNKNOWN

__all__ = ["print_summary"]

MAX_ROWS = 60
MAX_FLAGS = 60


def print_summary(summary: Summary) -> None:
    """Print a table of the attempts that count, what went wrong, and where the pages are."""
    console = Console(width=None if sys.stdout.isatty() else 120)
    graded = [(grade, grade.result) for grade in summary.grades if grade.result is not None]
    if len(graded) <= MAX_ROWS:
        table = Table("student", "score", "of", "status", "questions", "flags")
        for grade, result in graded:
            status = Counter(question.status for question in result.questions)
            cells = (
                result.student,
                "-" if grade.final is None else f"{grade.final:.2f}",
                f"{result.max_score:g}",
                grade.status,
                ", ".join(f"{count} {word}" for word, count in sorted(status.items())),
                _short("; ".join((*result.flags, *(set(grade.flags) - {TIME_UNKNOWN})))),
            )
            table.add_row(*map(_plain, cells))
        console.print(table)
    lines = [f"skipped {line}" for line in summary.skipped]
    lines += [
        f"no result for {student}: the grader failed, not the submission: {fault}"
        for student, fault in summary.faults.items()
    ]
    timeless = sum(TIME_UNKNOWN in grade.flags for grade in summary.grades)
    if timeless:
        lines.append(f"{_count(timeless, 'submission')} without a time: no late policy is applied to them")
    if summary.faults:
        lines.append("Run the same command again: it grades only what has no result.")
    lines.append(
        f"{_count(len(summary.grades), 'student')}: {_count(summary.graded, 'attempt')} graded now, "
        f"{summary.known} known before"
    )
    for name, what in (("report.html", "report"), ("grades.csv", "grades"), ("feedback", "feedback pages")):
        lines.append(f"{what}: {summary.out / name}")
    for line in lines:
        console.print(_plain(line), soft_wrap=True)


def _plain(text: str) -> Text:
    """Text of a student's: no markup, and nothing that a terminal obeys."""
    return Text("".join(sign if sign.isprintable() or sign == "\n" else "\ufffd" for sign in text))


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _short(text: str) -> str:
    """Flags in a table; the report has them whole."""
    return text if len(text) <= MAX_FLAGS else f"{text[:MAX_FLAGS]} ..."
