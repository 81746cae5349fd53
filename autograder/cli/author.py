"""Commands that make an assignment: build, certify."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autograder.cli.options import Assignments, Jobs, Roster, Term, app, chosen, course_at_hand

if TYPE_CHECKING:
    from autograder.models import Course

__all__ = ["build", "certify"]


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
    """Make the handouts of a term: notebooks, public checks, data, solutions; and a zip for Gradescope."""
    from autograder.author import build as build_assignments
    from autograder.grade.roster import read_roster

    course = course_at_hand()
    names = chosen(course, assignments, term)
    students = read_roster(roster, course.roster).values() if roster else None
    before = _locks(course, names, term)
    try:
        for path in build_assignments(
            course, names, term, roster=students, out=out, release=release, reissue=reissue
        ):
            print(path)
    finally:
        _say_frozen(course, term, before, _locks(course, names, term))


def _locks(course: Course, names: Sequence[str], term: str) -> dict[Path, bytes]:
    """The files of frozen variants that are there."""
    from autograder.author.lock import lock_path

    paths = [lock_path(course, name, term) for name in names]
    return {path: path.read_bytes() for path in paths if path.is_file()}


def _say_frozen(course: Course, term: str, before: Mapping[Path, bytes], after: Mapping[Path, bytes]) -> None:
    """Say what was drawn now, where it is, and that it stays: whoever commits nothing would draw again."""
    drawn = [path for path in after if path not in before]
    grown = [path for path in before if after.get(path) != before[path]]
    if drawn:
        names = ", ".join(path.stem for path in drawn)
        print(f"drew the variants of {names} for {term}: from now on they are fixed", file=sys.stderr)
    if drawn or grown:
        folder = (drawn or grown)[0].parent
        secret = course.root / ".secrets" / term
        keep = f", and keep {secret} safe, out of git" if secret.is_file() else ""
        what = "they are" if drawn else "new draws were added"
        print(f"{what} in {folder}: commit this folder{keep}", file=sys.stderr)


@app.command()
def certify(
    assignments: Assignments = None,
    *,
    term: Term,
    jobs: Jobs = 2,
    question: Annotated[
        list[str] | None, typer.Option(help="Only this question (may be given again); writes no certificate.")
    ] = None,
    mutants: Annotated[
        bool, typer.Option("--mutants", help="Also try wrong answers made from the reference by rule.")
    ] = False,
    deep: Annotated[
        bool, typer.Option("--deep", help="Instead, look for luck: right answers on many draws of inputs.")
    ] = False,
    seeds: Annotated[int, typer.Option(min=1, help="Draws with --deep.")] = 200,
) -> None:
    """Prove that the suites accept right answers and catch mistakes."""
    from autograder.certify import certify as certify_assignments
    from autograder.certify import certify_assignment, survey_mutants, write_survey

    course = course_at_hand()
    names = chosen(course, assignments, term)
    if deep:
        raise typer.Exit(_deep(course, names, term, jobs=jobs, questions=question, seeds=seeds))
    if question:
        certificates = [
            certify_assignment(course, name, term, jobs=jobs, questions=question) for name in names
        ]
    else:
        certificates = certify_assignments(course, names, term, jobs=jobs)
    for certificate in certificates:
        print(certificate.table())
    problems = []
    for name in names if mutants else ():
        surveys = []
        for survey in survey_mutants(course, name, term, jobs=jobs, questions=question):
            print("", survey.table(), sep="\n", flush=True)
            surveys.append(survey)
        problems += [line for survey in surveys for line in survey.problems()]
        if not question:
            write_survey(course, name, term, surveys)
    print(*(f"PROBLEM {line}" for line in problems), sep="\n", end="\n" if problems else "")
    if problems or not all(certificate.ok for certificate in certificates):
        raise typer.Exit(1)


def _deep(
    course: Course, names: Sequence[str], term: str, *, jobs: int, questions: list[str] | None, seeds: int
) -> int:
    from autograder.certify import certify_deep

    is_ok = True
    for name in names:
        endurance = certify_deep(course, name, term, jobs=jobs, questions=questions, seeds=seeds)
        print(endurance.table(), flush=True)
        is_ok &= endurance.ok
    return 0 if is_ok else 1
