"""Commands that make an assignment: build, certify."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from autograder.cli.options import Assignments, Jobs, Roster, Term, app, course_at_hand, used_in

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
    """Make the handouts of a term: notebooks, public checks, data, solutions."""
    from autograder.author import build as build_assignments
    from autograder.grade.roster import read_roster

    course = course_at_hand()
    students = read_roster(roster, course.roster).values() if roster else None
    for path in build_assignments(
        course, assignments or used_in(term), term, roster=students, out=out, release=release, reissue=reissue
    ):
        print(path)


@app.command()
def certify(
    assignments: Assignments = None,
    *,
    term: Term,
    jobs: Jobs = 2,
    mutants: Annotated[
        bool, typer.Option("--mutants", help="Also try wrong answers made from the reference by rule.")
    ] = False,
) -> None:
    """Prove that the suites accept right answers and catch mistakes."""
    from autograder.certify import certify as certify_assignments
    from autograder.certify import survey_mutants

    certificates = certify_assignments(course_at_hand(), assignments or used_in(term), term, jobs=jobs)
    for certificate in certificates:
        print(certificate.table())
    problems = []
    if mutants:
        for name in assignments or used_in(term):
            for survey in survey_mutants(course_at_hand(), name, term, jobs=jobs):
                print("", survey.table(), sep="\n")
                problems += survey.problems()
        print(*(f"PROBLEM {line}" for line in problems), sep="\n")
    if problems or not all(certificate.ok for certificate in certificates):
        raise typer.Exit(1)
