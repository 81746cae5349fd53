"""Runs right answers, mistakes, stubs and the solution through the real grader."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.author import certificate_key, freeze, notebook
from autograder.author.lock import lock_path
from autograder.certify.answers import CandidateAnswer, opened_stub, read_answers
from autograder.certify.certificate import Certificate, Chance, Trial
from autograder.certify.draws import frozen_variants, further_variants, named_variants, untried
from autograder.errors import GraderFault
from autograder.files import write_atomically
from autograder.grade import Graded, Session
from autograder.models import (
    BuiltAssignment,
    BuiltQuestion,
    Course,
    Submission,
    canonical_json,
)
from autograder.progress import progress
from autograder.testing.lint import lint_suite

__all__ = ["certify", "certify_assignment"]


def certify(
    course: Course, assignments: Sequence[str], term: str, *, jobs: int = 2, out: Path | None = None
) -> list[Certificate]:
    """Prove the suites of some assignments and write their certificates.

    Parameters
    ----------
    course : Course
    assignments : sequence of str
    term : str
    jobs : int
        Answers that run at a time.
    out : Path, optional
        Folder of builds; default ``build`` of the course.

    Returns
    -------
    list of Certificate
        `Certificate.ok` tells whether anything escaped; only then is there no ``certificate.json``.
    """
    certificates = []
    for assignment in assignments:
        certificate = certify_assignment(course, assignment, term, jobs=jobs)
        path = (out or course.root / "build") / term / assignment / "certificate.json"
        if certificate.ok:
            write_atomically(path, certificate.to_json())
        else:
            # A certificate of before must not speak for a suite that has just failed.
            path.unlink(missing_ok=True)
        certificates.append(certificate)
    return certificates


def certify_assignment(
    course: Course, assignment: str, term: str, *, jobs: int = 2, questions: Collection[str] | None = None
) -> Certificate:
    """Prove one assignment, or some of its questions, without writing anything but the frozen variants.

    Parameters
    ----------
    course : Course
    assignment, term : str
    jobs : int
        Trials at a time.
    questions : collection of str, optional
        Only these; default all.

    Returns
    -------
    Certificate
    """
    path = lock_path(course, assignment, term)
    if not path.is_file():
        print(f"{path}: there were no frozen variants yet; they are drawn and frozen now")
    freeze(course, assignment, term)
    frozen = frozen_variants(course, assignment, term)
    filters = named_variants(course, assignment, term, frozen["term"])
    variants = frozen | further_variants(course, assignment, term, filters)
    with (
        Session(
            course,
            assignment,
            term,
            jobs=jobs,
            variants=variants,
            only=questions,
            confirm_timeouts=False,
            measure=True,
        ) as session,
        tempfile.TemporaryDirectory() as folder,
    ):
        builds = session.extra
        trials = list(_trials(course, builds, set(frozen), questions))
        done = _run(session, trials, Path(folder))
        names = [item.question.id for item in session.built.questions if _is_asked(item, questions)]
        lint = {
            item.question.id: lint_suite(item.question.folder, item)
            for item in session.built.questions
            if item.question.id in names and item.question.kind == "code"
        }
    return Certificate(
        assignment=assignment,
        term=term,
        key=certificate_key(course, assignment, term),
        variants={
            name: {q: dict(v) for q, v in values.items() if q in names} for name, values in variants.items()
        },
        trials=tuple(done),
        untried=tuple(untried(filters, variants, names)),
        lint={question: tuple(lines) for question, lines in lint.items() if lines},
        provenance=session.provenance_of(session.built),
    )


def _is_asked(item: BuiltQuestion, questions: Collection[str] | None) -> bool:
    return questions is None or item.question.id in questions


# --- what is tried --------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Task:
    trial: Trial
    notebook: dict[str, Any]


def _trials(
    course: Course,
    builds: Mapping[str, BuiltAssignment],
    frozen: Collection[str],
    questions: Collection[str] | None,
) -> Iterator[_Task]:
    """One submission per answer, question and variant; none where the question sees the same values again."""
    known: set[str] = set()
    for name, built in builds.items():
        whole = notebook(built, "solution")
        for item in built.questions:
            if item.question.kind == "manual" or not _is_asked(item, questions):
                continue
            values = {other.question.id: dict(other.variant) for other in built.questions}
            seen = canonical_json(
                [item.question.id, {q: values[q] for q in (item.question.id, *item.question.needs)}]
            )
            if seen in known and name not in frozen:
                continue
            known.add(seen)
            for answer in (*_always(item), *read_answers(course, built, item)):
                if answer.applies:
                    yield _Task(Trial(answer, name), _with_answer(whole, item.question.id, answer.source))


def _always(item: BuiltQuestion) -> tuple[CandidateAnswer, ...]:
    question = item.question.id
    return (
        CandidateAnswer(question, "right", "(solution)", "the reference's own code", item.answer),
        CandidateAnswer(question, "wrong", "(stub)", "nothing written", item.stub, max_share=0.0),
        CandidateAnswer(
            question,
            "wrong",
            "(opened stub)",
            "checks of an unwritten answer",
            opened_stub(item.stub),
            max_share=0.0,
        ),
    )


def _with_answer(whole: Mapping[str, Any], question: str, source: str) -> dict[str, Any]:
    cells = []
    for cell in whole["cells"]:
        ours = cell.get("metadata", {}).get("autograder", {})
        is_answer = ours.get("question") == question and ours.get("role") == "answer"
        cells.append({**cell, "source": source} if is_answer else cell)
    return {**whole, "cells": cells}


def _run(session: Session, tasks: Sequence[_Task], folder: Path, *, what: str = "certify") -> list[Trial]:
    submissions = {}
    for number, task in enumerate(tasks):
        path = folder / f"{number}.ipynb"
        path.write_text(json.dumps(task.notebook), encoding="utf-8")
        submissions[str(number)] = Submission(
            student=str(number), file=path.name, path=path, sha256=str(number)
        )
    done: dict[int, Trial] = {}
    todo = (
        (submission, tasks[int(number)].trial.variant, (tasks[int(number)].trial.answer.question,))
        for number, submission in submissions.items()
    )
    # A mistake that never ends would cost the whole time of its question, on every variant.
    brief = {number for number in submissions if tasks[int(number)].trial.answer.kind == "wrong"}
    with progress(what, len(tasks)) as step:
        for graded in session.grade_tasks(todo, brief=brief):
            number = int(graded.submission.student)
            done[number] = _finished(tasks[number].trial, graded)
            step(done[number].answer.name)
    return [done[number] for number in sorted(done)]


def _finished(trial: Trial, graded: Graded) -> Trial:
    if graded.result is None:
        raise GraderFault(
            f"{trial.answer.question}/{trial.answer.name}, variant {trial.variant}: {graded.fault}"
        )
    question = next(item for item in graded.result.questions if item.id == trial.answer.question)
    details = graded.detail.get("questions", {}).get(question.id, {}).get("checks", {})
    failed = {check.id: check.outcome for check in question.checks if check.outcome != "passed"}
    measured = graded.detail.get("measured", {}).get(question.id, {})
    said = (check["detail"] for check in details.values())
    blocked = next((text for text in said if text.startswith("platform: ")), "")
    # All other cells are the solution's own.
    stopped = next((f"its cell stopped: {text}" for text in graded.detail.get("cells", {}).values()), "")
    return Trial(
        answer=trial.answer,
        variant=trial.variant,
        share=None if question.score is None else question.score / question.max_score,
        failed=failed,
        checks=tuple(check.id for check in question.checks),
        hidden=frozenset(check.id for check in question.checks if check.visibility == "hidden"),
        platform=blocked.removeprefix("platform: ") or stopped,
        details={name: values["detail"] for name, values in details.items()},
        margins={name: kept["largest"] for name, kept in measured.items() if kept["largest"] is not None},
        chances={
            name: Chance(kept["declared"], kept["spent"], kept["inflated"])
            for name, kept in measured.items()
            if kept["declared"] or kept["spent"]
        },
    )
