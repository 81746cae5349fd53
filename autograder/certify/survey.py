"""Runs the mutants of each question through the real grader, until a check notices them."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from autograder.author import freeze, notebook
from autograder.certify.answers import CandidateAnswer
from autograder.certify.certificate import TOLERANCE, Trial
from autograder.certify.mutants import Mutant, Survey, arguments_of, make_mutants
from autograder.certify.prove import _extra, _filters, _frozen, _run, _Task, _with_answer
from autograder.grade import Session
from autograder.models import BuiltAssignment, BuiltQuestion, Course, canonical_json

__all__ = ["survey_mutants"]


def survey_mutants(
    course: Course, assignment: str, term: str, *, jobs: int = 2, questions: Collection[str] | None = None
) -> Iterator[Survey]:
    """Make wrong answers from the reference by rule, and see which of them the suites let live.

    Parameters
    ----------
    course : Course
    assignment, term : str
    jobs : int
        Trials at a time.
    questions : collection of str, optional
        Only these; default all.

    Yields
    ------
    Survey
        One for each question that is graded by checks, as soon as it is done; a mutant is killed if a check
        fails on it on any variant.
    """
    freeze(course, assignment, term)
    frozen = _frozen(course, assignment, term)
    filters = _filters(course, assignment, term, frozen["term"])
    variants = {"term": frozen["term"]} | _extra(course, assignment, term, filters)
    with Session(
        course, assignment, term, jobs=jobs, variants=variants, only=questions, confirm_timeouts=False
    ) as session:
        for item in session.built.questions:
            own = item.question.id
            if item.question.kind != "manual" and (questions is None or own in questions):
                yield _survey(session, own, arguments_of(course, assignment, own))


def _survey(session: Session, question: str, equivalent: Mapping[str, str]) -> Survey:
    began = time.monotonic()
    alive: dict[str, Mutant] = {}
    killed: dict[str, str] = {}
    trials = 0
    for name, built, item in _different(session.extra, question):
        # Under the same id a fault is the same one, as functions do not depend on the variant: what one
        # variant shows to be wrong need not be tried on the next.
        todo = {mutant.id: mutant for mutant in make_mutants(item) if mutant.id not in killed}
        alive |= todo
        whole = notebook(built, "solution")
        tasks = [_task(mutant, question, name, whole) for mutant in todo.values()]
        trials += len(tasks)
        with tempfile.TemporaryDirectory() as folder:
            for trial in _run(session, tasks, Path(folder), what=f"{question}, mutants on {name}"):
                if trial.share is None or trial.share < 1.0 - TOLERANCE:
                    killed[trial.answer.name] = trial.platform or ", ".join(trial.failed)
                    alive.pop(trial.answer.name)
    return Survey(
        question, killed, tuple(alive.values()), equivalent, trials=trials, seconds=time.monotonic() - began
    )


def _different(
    builds: Mapping[str, BuiltAssignment], question: str
) -> Iterator[tuple[str, BuiltAssignment, BuiltQuestion]]:
    """The builds in which a question, or one that it needs, has values that no earlier build has."""
    known = set()
    for name, built in builds.items():
        items = {item.question.id: item for item in built.questions}
        asked = (question, *items[question].question.needs)
        values = canonical_json([dict(items[needed].variant) for needed in asked])
        if values not in known:
            known.add(values)
            yield name, built, items[question]


def _task(mutant: Mutant, question: str, variant: str, whole: Mapping[str, Any]) -> _Task:
    answer = CandidateAnswer(question, "wrong", mutant.id, mutant.id, mutant.source)
    return _Task(Trial(answer, variant), _with_answer(whole, question, mutant.source))
