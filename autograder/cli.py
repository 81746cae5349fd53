"""The commands: each parses its arguments and calls one function."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autograder.errors import GradecheckError, GraderFault

if TYPE_CHECKING:
    from autograder.models import Course

__all__ = ["app", "main"]

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Build, certify and grade machine-learning assignments.",
)

Term = Annotated[str, typer.Option("--term", help="The term, such as 2027-spring.")]
Jobs = Annotated[int, typer.Option("--jobs", min=1, help="How many submissions at a time.")]
Assignments = Annotated[list[str] | None, typer.Argument(help="Assignments; default: all of the term.")]
Roster = Annotated[Path | None, typer.Option("--roster", help="CSV of the students, or an LMS's export.")]
GradebookUrl = Annotated[str | None, typer.Option("--gradebook", help="SQLAlchemy URL of the gradebook.")]
Unsafe = Annotated[
    bool,
    typer.Option("--unsafe", help="Use hidden suites where submissions could read them (isolation tier C)."),
]

INTERRUPTED = 130

_course_option: list[Path | None] = [None]


@app.callback()
def options(
    course: Annotated[
        Path | None, typer.Option("--course", help="Folder of the course; default: the nearest one above.")
    ] = None,
) -> None:
    """Build, certify and grade machine-learning assignments."""
    _course_option[0] = course


@app.command()
def build(
    assignments: Assignments = None,
    *,
    term: Term,
    roster: Roster = None,
    out: Annotated[Path | None, typer.Option(help="Folder for what is built; default: build.")] = None,
    release: Annotated[
        bool, typer.Option("--release", help="Also write released.json; needs a certificate.")
    ] = False,
    reissue: Annotated[
        str | None, typer.Option(help="Draw a new variant of this question; keeps the old.")
    ] = None,
) -> None:
    """Make the handouts of a term: notebooks, public checks, data, solutions."""
    from autograder.author import build as build_assignments
    from autograder.grade.roster import read_roster

    course = _course()
    students = read_roster(roster, course.roster).values() if roster else None
    for path in build_assignments(
        course, assignments or _used(term), term, roster=students, out=out, release=release, reissue=reissue
    ):
        print(path)


@app.command()
def certify(assignments: Assignments = None, *, term: Term, jobs: Jobs = 2) -> None:
    """Prove that the suites accept right answers and catch mistakes."""
    from autograder.certify import certify as certify_assignments

    certificates = certify_assignments(_course(), assignments or _used(term), term, jobs=jobs)
    for certificate in certificates:
        print(certificate.table())
    if not all(certificate.ok for certificate in certificates):
        raise typer.Exit(1)


@app.command()
def grade(
    paths: Annotated[list[Path], typer.Argument(help="Notebooks, folders, zips.")],
    *,
    assignment: Annotated[
        str, typer.Option("--assignment", help="What was handed in, such as a02_neighbors.")
    ],
    term: Term,
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

    summary = grade_submissions(
        _course(),
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
def feedback(
    assignment: Annotated[str, typer.Option("--assignment", help="Which assignment.")],
    term: Term,
    out: Annotated[Path | None, typer.Option(help="Folder; default: grades/TERM/ASSIGNMENT.")] = None,
    gradebook: GradebookUrl = None,
) -> None:
    """Write the feedback pages and the report again from the gradebook."""
    from autograder.feedback import views_folder, write_views
    from autograder.gradebook import open_gradebook

    course = _course()
    _check_known(course, assignment, term)
    out = out or views_folder(course, assignment, term)
    with open_gradebook(course, gradebook) as book:
        write_views(course, assignment, term, book, out)
    print(out / "report.html")


@app.command()
def export(
    assignment: Annotated[str, typer.Option("--assignment", help="Which assignment.")],
    term: Term,
    format: Annotated[str, typer.Option("--format", help="csv.")] = "csv",
    out: Annotated[Path | None, typer.Option(help="File; default: standard output.")] = None,
    gradebook: GradebookUrl = None,
) -> None:
    """Write the grades as a table."""
    from autograder.files import write_atomically
    from autograder.gradebook import open_gradebook
    from autograder.gradebook.export import grades_csv

    if format != "csv":
        raise GradecheckError(f"--format {format!r} is not known; there is: csv")
    course = _course()
    _check_known(course, assignment, term)
    with open_gradebook(course, gradebook) as book:
        table = grades_csv(book.counting(term, assignment), book.roster(term))
    if out is None:
        sys.stdout.write(table)
    else:
        write_atomically(out, table)


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

    summaries = run_demo(_course(), jobs=jobs, out=out)
    for summary in summaries:
        print_summary(summary)
    if not all(summary.ok for summary in summaries):
        raise typer.Exit(1)


def _course() -> Course:
    from autograder.models import find_course, load_course

    chosen = _course_option[0]
    return load_course(chosen if chosen is not None else find_course(Path.cwd()))


def _check_known(course: Course, assignment: str, term: str) -> None:
    from autograder.models import load_assignment, load_term

    load_assignment(course, assignment)
    load_term(course, term)


def _used(term: str) -> list[str]:
    from autograder.models import load_term

    return list(load_term(_course(), term).assignments)


def main() -> None:
    """Run a command; a user's mistake is one line, never a traceback."""
    try:
        app()
    except GradecheckError as error:
        print(f"error: {error}", file=sys.stderr)
        raise SystemExit(2) from None
    except GraderFault as error:
        print(f"error: the grader failed, no submission did: {error}", file=sys.stderr)
        raise SystemExit(3) from None
    except SystemExit as end:
        # Typer makes this of an interrupt, without a word.
        if end.code == INTERRUPTED:
            print("interrupted; what was done is kept: run the same command again to go on", file=sys.stderr)
        raise
