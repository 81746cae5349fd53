"""What the commands share: the program itself, its options, the course at hand."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from autograder.errors import GradecheckError

if TYPE_CHECKING:
    from autograder.models import Course

__all__ = ["Assignment", "Assignments", "By", "GradebookUrl", "Jobs", "Reason", "Roster", "Student", "Term"]
__all__ += ["Unsafe", "WithPoints", "adopted", "app", "check_known", "chosen", "course_at_hand"]

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Build, certify and grade machine-learning assignments.",
)

Term = Annotated[str, typer.Option("--term", help="The term, such as 2027-spring.")]
Jobs = Annotated[int, typer.Option("--jobs", min=1, help="How many submissions at a time.")]
Assignments = Annotated[list[str] | None, typer.Argument(help="Assignments; default: all of the term.")]
Assignment = Annotated[str, typer.Argument(help="Which assignment, such as a02_neighbors.")]
Student = Annotated[str, typer.Argument(help="Id of the student, as in grades.csv.")]
Roster = Annotated[Path | None, typer.Option("--roster", help="CSV of the students, or an LMS's export.")]
GradebookUrl = Annotated[
    str | None,
    typer.Option("--gradebook", help="SQLAlchemy URL of the gradebook; default: gradebook.db of the course."),
]
By = Annotated[str, typer.Option("--by", help="Who decides this.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; staff reads it, the student does not.")]
Unsafe = Annotated[
    bool,
    typer.Option("--unsafe", help="Use hidden suites where submissions could read them (isolation tier C)."),
]


class WithPoints(TyperCommand):
    """A command that takes points: ``-1`` is no option, and no points either."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        for text in args:
            if re.fullmatch(r"-[\d.,]+", text):
                raise GradecheckError(
                    f"{text} is below zero: give the points that remain, 0 at least; "
                    "--back takes back an entry"
                )
        return super().parse_args(ctx, args)


_course_option: list[Path | None] = [None]


@app.callback()
def options(
    course: Annotated[
        Path | None, typer.Option("--course", help="Folder of the course; default: the nearest one above.")
    ] = None,
) -> None:
    """Build, certify and grade machine-learning assignments."""
    _course_option[0] = course


def course_at_hand() -> Course:
    """Return the course that ``--course`` names, or the nearest one above."""
    from autograder.models import find_course, load_course

    chosen = _course_option[0]
    return load_course(chosen if chosen is not None else find_course(Path.cwd()))


def adopted(
    otter: Path, paths: list[Path], assignment: str | None, term: str | None
) -> tuple[Course, str, str]:
    """Take an otter archive into the course at hand, made if there is none; return what to grade."""
    from autograder.grade.otter import adopt, course_for
    from autograder.grade.otter_archive import read_archive

    # A mistake leaves nothing behind.
    read_archive(otter)
    for path in paths:
        if not path.exists():
            raise GradecheckError(f"{path}: there is no such file or folder")
        if path.is_dir() and otter.resolve().is_relative_to(path.resolve()):
            raise GradecheckError(
                f"{path}: holds {otter.name} too; put the submissions into a folder of their own"
            )
    course = course_for(_course_option[0], Path.cwd(), print)
    return course, *adopt(course, otter, assignment=assignment, term=term, say=print)


def check_known(course: Course, assignment: str, term: str) -> None:
    """Raise an error if the course has no such assignment or term, or the term does not use it."""
    from autograder.models import need_used

    need_used(course, assignment, term)


def used_in(course: Course, term: str) -> list[str]:
    """Return the assignments of a term that have suites of their own, not otter's tests."""
    from autograder.models import load_assignment, load_term

    names = load_term(course, term).assignments
    return [name for name in names if not load_assignment(course, name).otter]


def chosen(course: Course, assignments: list[str] | None, term: str) -> list[str]:
    """Return the assignments that a command names, once all are known to be used; else the term's."""
    for name in assignments or ():
        check_known(course, name, term)
    return assignments or used_in(course, term)
