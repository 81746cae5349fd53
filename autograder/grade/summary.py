"""What `grade` prints when it is done."""

from __future__ import annotations

import sys
from collections import Counter

from rich.console import Console
from rich.table import Table

from autograder.grade.run import Summary

__all__ = ["print_summary"]

MAX_ROWS = 60
MAX_FLAGS = 60


def print_summary(summary: Summary) -> None:
    """Print a table of the attempts that count, what went wrong, and where the pages are."""
    console = Console(width=None if sys.stdout.isatty() else 120)
    results = [attempt.result for attempt in summary.attempts if attempt.result is not None]
    if len(results) <= MAX_ROWS:
        table = Table("student", "score", "of", "status", "questions", "flags")
        for result in results:
            status = Counter(question.status for question in result.questions)
            table.add_row(
                result.student,
                "-" if result.score is None else f"{result.score:.2f}",
                f"{result.max_score:g}",
                result.status,
                ", ".join(f"{count} {word}" for word, count in sorted(status.items())),
                _short("; ".join(result.flags)),
            )
        console.print(table)
    for line in summary.skipped:
        console.print(f"skipped {line}", markup=False)
    for student, fault in summary.faults.items():
        console.print(
            f"no result for {student}: the grader failed, not the submission: {fault}", markup=False
        )
    if summary.faults:
        console.print("Run the same command again: it grades only what has no result.")
    console.print(
        f"{len(results)} students, {summary.graded} graded now, {len(results) - summary.graded} known before",
        markup=False,
    )
    for name, what in (("report.html", "report"), ("grades.csv", "grades"), ("feedback", "feedback pages")):
        console.print(f"{what}: {summary.out / name}", markup=False, soft_wrap=True)


def _short(text: str) -> str:
    """Flags in a table; the report has them whole."""
    return text if len(text) <= MAX_FLAGS else f"{text[:MAX_FLAGS]} ..."
