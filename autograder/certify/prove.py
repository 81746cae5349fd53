"""Runs right answers, mistakes, stubs and the solution through the real grader."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.author import certificate_key, draw_variants, freeze, notebook
from autograder.author.assemble import stale_lock
from autograder.author.lock import lock_path, read_lock
from autograder.certify.answers import CandidateAnswer, matches, opened_stub, read_answers, variant_filters
from autograder.certify.certificate import Certificate, Chance, Trial
from autograder.errors import GradecheckError, GraderFault
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

# Frozen variants and extra draws together are at least this many.
LEAST_VARIANTS = 3
# Draws that are tried so that every file of solutions/ meets a variant that it is about.
DRAWS = 40

Values = Mapping[str, Mapping[str, Any]]
Filters = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""Question -> file -> its ``VARIANTS``."""


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
    frozen = _frozen(course, assignment, term)
    filters = _filters(course, assignment, term, frozen["term"])
    variants = frozen | _extra(course, assignment, term, filters)
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
        untried=tuple(_untried(filters, variants, names)),
        lint={question: tuple(lines) for question, lines in lint.items() if lines},
        provenance=session.provenance_of(session.built),
    )


def _filters(course: Course, assignment: str, term: str, values: Values) -> Filters:
    try:
        return variant_filters(course, assignment, values)
    except GradecheckError as error:
        stale = stale_lock(course, assignment, term)
        raise GradecheckError(f"{error}\n{stale}" if stale else str(error)) from None


def _is_asked(item: BuiltQuestion, questions: Collection[str] | None) -> bool:
    return questions is None or item.question.id in questions


def _frozen(course: Course, assignment: str, term: str) -> dict[str, Values]:
    """Every frozen variant: the term's, and each student's."""
    lock = read_lock(course, assignment, term)
    built: dict[str, Values] = {"term": {name: frozen.term.values for name, frozen in lock.questions.items()}}
    students = sorted({key for frozen in lock.questions.values() for key in frozen.students})
    for key in students:
        own = {name: frozen.students.get(key, frozen.term) for name, frozen in lock.questions.items()}
        built[f"student {key[:12]}"] = {name: drawn.values for name, drawn in own.items()}
    return built


def _extra(course: Course, assignment: str, term: str, filters: Filters) -> dict[str, Values]:
    """More draws: different ones, as many as show every file of ``solutions/`` its variant."""
    frozen = _frozen(course, assignment, term)
    chosen: dict[str, Values] = {}
    known = {canonical_json(values) for values in frozen.values()}
    seen = set(_covered(filters, frozen["term"]))
    for number in range(1, DRAWS + 1):
        values = draw_variants(course, assignment, term, f"certify {number}")
        covered = set(_covered(filters, values))
        if canonical_json(values) not in known and (len(known) < LEAST_VARIANTS or covered - seen):
            chosen[f"draw {number}"] = values
            known.add(canonical_json(values))
            seen |= covered
    return chosen


def _covered(filters: Filters, values: Values) -> Iterator[tuple[str, str, str]]:
    """What a draw shows: (question, file, value that the file's ``VARIANTS`` names)."""
    for question, own in filters.items():
        variant = values.get(question, {})
        for name, wanted in own.items():
            if matches(wanted, variant):
                yield question, name, canonical_json({key: variant[key] for key in wanted})


def _untried(filters: Filters, variants: Mapping[str, Values], asked: Collection[str]) -> Iterator[str]:
    """One line for each file, and each value of a file's ``VARIANTS``, that met no variant."""
    for question in asked:
        drawn = [values.get(question, {}) for values in variants.values()]
        for name, wanted in filters[question].items():
            where = f"{question}: {name}"
            if not any(matches(wanted, variant) for variant in drawn):
                yield f"{where} was never tried: {dict(wanted)} is in none of {DRAWS} draws"
                continue
            for key, values in wanted.items():
                met = [variant[key] for variant in drawn if matches(wanted, variant)]
                for value in values if isinstance(values, list | tuple) else [values]:
                    if value not in met:
                        yield f"{where}: VARIANTS names {key} = {value!r}, which is in none of {DRAWS} draws"


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
