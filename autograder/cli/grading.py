"""Commands that grade, and show what was graded: grade, regrade, feedback, export, demo, doctor."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autograder.cli.options import (
    Assignment,
    GradebookUrl,
    Jobs,
    Roster,
    Term,
    Unsafe,
    adopted,
    app,
    check_known,
    course_at_hand,
)
from autograder.errors import GradecheckError
from autograder.words import visible

if TYPE_CHECKING:
    from autograder.gradebook import Gradebook

__all__ = ["demo", "doctor", "export", "feedback", "grade", "regrade"]


# `feedback` and `export` once took it as an option; that still works.
Positional = Annotated[
    str | None, typer.Argument(metavar="ASSIGNMENT", help="Which assignment, such as a02_neighbors.")
]
Named = Annotated[str | None, typer.Option("--assignment", hidden=True)]


@app.command()
def grade(
    paths: Annotated[list[Path], typer.Argument(help="Notebooks, folders, zips.")],
    *,
    assignment: Annotated[
        str | None, typer.Option("--assignment", help="Which assignment, such as a02_neighbors.")
    ] = None,
    term: Annotated[str | None, typer.Option("--term", help="The term, such as 2027-spring.")] = None,
    otter: Annotated[
        Path | None,
        typer.Option("--otter", help="Grade with the tests of otter-grader's autograder.zip."),
    ] = None,
    roster: Roster = None,
    jobs: Jobs = 2,
    out: Annotated[
        Path | None, typer.Option(help="Folder of results; default: grades/TERM/ASSIGNMENT.")
    ] = None,
    gradebook: GradebookUrl = None,
    unsafe: Unsafe = False,
) -> None:
    """Grade notebooks in the jail; an interrupted run goes on where it stopped."""
    from autograder.grade.run import grade as grade_submissions
    from autograder.grade.summary import print_summary

    if otter is not None:
        course, assignment, term = adopted(otter, paths, assignment, term)
    elif assignment is None or term is None:
        missing, such = ("assignment", "a02_neighbors") if assignment is None else ("term", "2027-spring")
        raise GradecheckError(
            f"say which {missing}, such as --{missing} {such}; only --otter has a default for it"
        )
    else:
        course = course_at_hand()
    summary = grade_submissions(
        course,
        assignment,
        term,
        paths,
        roster=roster,
        jobs=jobs,
        out=out,
        gradebook=gradebook,
        unsafe=unsafe,
    )
    print_summary(summary)
    if not summary.ok:
        raise typer.Exit(1)


@app.command()
def regrade(
    assignment: Assignment,
    *,
    term: Term,
    diff: Annotated[bool, typer.Option("--diff", help="Only say what would change.")] = False,
    never_lower: Annotated[
        bool, typer.Option("--never-lower", help="Keep a question's score where the new one is lower.")
    ] = False,
    jobs: Jobs = 2,
    gradebook: GradebookUrl = None,
    unsafe: Unsafe = False,
) -> None:
    """Grade again what the gradebook holds, after a suite or a package has changed."""
    from autograder.grade.regrade import regrade as grade_again

    course = course_at_hand()
    check_known(course, assignment, term)
    found = grade_again(
        course,
        assignment,
        term,
        jobs=jobs,
        gradebook=gradebook,
        diff=diff,
        never_lower=never_lower,
        unsafe=unsafe,
    )
    print(visible(found.table()))
    if diff:
        print("nothing was written")
    if found.faults:
        raise typer.Exit(1)


@app.command()
def feedback(
    assignment: Positional = None,
    *,
    term: Term,
    named: Named = None,
    out: Annotated[Path | None, typer.Option(help="Folder; default: grades/TERM/ASSIGNMENT.")] = None,
    gradebook: GradebookUrl = None,
) -> None:
    """Write the feedback pages and the report again from the gradebook."""
    from autograder.feedback import views_folder, write_views
    from autograder.gradebook import open_gradebook

    assignment = _one(assignment, named)
    course = course_at_hand()
    check_known(course, assignment, term)
    out = out or views_folder(course, assignment, term, gradebook)
    with open_gradebook(course, gradebook) as book:
        write_views(course, assignment, term, book, out)
        _say_if_nothing(book, assignment, term)
    print(out / "report.html")


@app.command()
def export(
    assignment: Positional = None,
    *,
    term: Term,
    named: Named = None,
    format: Annotated[
        str, typer.Option("--format", help="csv, canvas, moodle, gradescope, nbgrader or feedback (a zip).")
    ] = "csv",
    into: Annotated[
        Path | None,
        typer.Option("--into", help="The LMS's own CSV, which comes back with one column filled."),
    ] = None,
    column: Annotated[
        str | None, typer.Option("--column", help="The column to fill; default: found by the title.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="File; default: standard output.")] = None,
    gradebook: GradebookUrl = None,
) -> None:
    """Write the grades as a table for people, an LMS or another grader, or the pages as a zip."""
    from autograder.feedback import export_as
    from autograder.files import write_atomically
    from autograder.gradebook import open_gradebook

    assignment = _one(assignment, named)
    if out is not None and into is not None and out.resolve() == into.resolve():
        raise GradecheckError(f"--out {out} is the --into table itself; give the new table another name")
    course = course_at_hand()
    check_known(course, assignment, term)
    with open_gradebook(course, gradebook) as book:
        content = export_as(format, course, assignment, term, book, into=into, column=column)
        if out is not None:
            write_atomically(out, content, mode=0o600)
            print(out.resolve())
        elif isinstance(content, bytes):
            raise GradecheckError("--format feedback writes a zip; say where with --out feedback.zip")
        else:
            sys.stdout.write(content)
        _say_if_nothing(book, assignment, term)


@app.command()
def doctor() -> None:
    """Say what this machine has: versions, isolation, what is missing."""
    from autograder.doctor import report

    print(report())


@app.command()
def demo(
    jobs: Jobs = 2,
    out: Annotated[
        Path | None, typer.Option(help="Folder for cohort and grades; default: grades/demo.")
    ] = None,
) -> None:
    """Build the demo term, make a cohort of notebooks, grade it and say where the pages are."""
    from autograder.demo import run_demo
    from autograder.grade.summary import print_summary

    summaries = run_demo(course_at_hand(), jobs=jobs, out=out)
    for summary in summaries:
        print_summary(summary)
    if not all(summary.ok for summary in summaries):
        raise typer.Exit(1)


def _say_if_nothing(book: Gradebook, assignment: str, term: str) -> None:
    if not book.attempts(term, assignment):
        print(f"note: {book.url} holds nothing of {assignment} in {term} yet", file=sys.stderr)


def _one(assignment: str | None, named: str | None) -> str:
    if (assignment is None) == (named is None):
        raise GradecheckError("say which assignment, once, such as a02_neighbors")
    return str(assignment or named)
