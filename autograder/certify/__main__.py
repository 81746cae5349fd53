"""``python -m autograder.certify A --term T [--question Q]``: prove some questions while they are written."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from autograder.certify.prove import certify_assignment
from autograder.certify.survey import survey_mutants
from autograder.errors import GradecheckError
from autograder.models import Course, find_course, load_course


def main() -> int:
    """Print the table; 0 if nothing escaped."""
    parser = argparse.ArgumentParser(prog="python -m autograder.certify", description=__doc__)
    parser.add_argument("assignment")
    parser.add_argument("--term", default="demo")
    parser.add_argument("--question", action="append")
    parser.add_argument("--course", type=Path)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--mutants", action="store_true", help="wrong answers made from the reference")
    arguments = parser.parse_args()
    try:
        course = load_course(arguments.course or find_course(Path.cwd()))
        if arguments.mutants:
            return _mutants(course, arguments)
        certificate = certify_assignment(
            course, arguments.assignment, arguments.term, jobs=arguments.jobs, questions=arguments.question
        )
    except GradecheckError as error:
        print(error, file=sys.stderr)
        return 2
    print(certificate.table())
    return 0 if certificate.ok else 1


def _mutants(course: Course, arguments: argparse.Namespace) -> int:
    problems = []
    for survey in survey_mutants(
        course, arguments.assignment, arguments.term, jobs=arguments.jobs, questions=arguments.question
    ):
        print(survey.table(), flush=True)
        problems += survey.problems()
    print(*problems, sep="\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
