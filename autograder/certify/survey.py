"""Runs the mutants of each question through the real grader, until a check notices them."""

from __future__ import annotations

import ast
import json
import time
import tomllib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from autograder.author import freeze, notebook
from autograder.certify.answers import CandidateAnswer, read_answers
from autograder.certify.certificate import TOLERANCE, Trial
from autograder.certify.draws import frozen_variants, further_variants, named_variants
from autograder.certify.mutants import (
    Mutant,
    kept_methods,
    leaves_work_to,
    make_mutants,
    mutants_of,
)
from autograder.certify.trials import Task, is_asked, run_tasks, with_answer
from autograder.errors import GradecheckError
from autograder.files import write_atomically
from autograder.grade import Session
from autograder.models import BuiltAssignment, BuiltQuestion, Course, canonical_json

__all__ = ["Survey", "arguments_of", "survey_mutants", "write_survey"]

# Of all mutants, those that may be argued to be equivalent; of the others, those that must be killed.
MOST_EQUIVALENT = 0.05
GOAL = 0.97


@dataclass(frozen=True)
class Survey:
    """What became of the mutants of one question.

    Attributes
    ----------
    question : str
    killed : dict
        Mutant -> the checks that failed, or what stopped it.
    survivors : tuple of Mutant
    equivalent : dict
        Survivor -> the argument that it gives the same results wherever the question is defined.
    trials : int
        How many submissions were graded for it.
    seconds : float
        How long that took.
    """

    question: str
    killed: Mapping[str, str]
    survivors: tuple[Mutant, ...]
    equivalent: Mapping[str, str]
    trials: int = 0
    seconds: float = 0.0

    @property
    def count(self) -> int:
        """All mutants."""
        return len(self.killed) + len(self.survivors)

    @property
    def raw(self) -> float:
        """Share of all mutants that were killed."""
        return len(self.killed) / self.count if self.count else 1.0

    @property
    def rate(self) -> float:
        """Share of those that are not equivalent."""
        living = [mutant for mutant in self.survivors if mutant.id not in self.equivalent]
        alive = len(living)
        return len(self.killed) / (len(self.killed) + alive) if self.count else 1.0

    def record(self) -> dict[str, Any]:
        """What the certificate keeps."""
        living = sorted(mutant.id for mutant in self.survivors)
        return {
            "mutants": self.count,
            "killed": len(self.killed),
            "raw": round(self.raw, 4),
            "equivalent": [name for name in living if name in self.equivalent],
            "rate": round(self.rate, 4),
            "survivors": [name for name in living if name not in self.equivalent],
        }

    def problems(self) -> list[str]:
        """One line for everything that falls short."""
        lines = []
        known = {mutant.id for mutant in self.survivors}
        stale = [name for name in self.equivalent if name not in known]
        if stale:
            lines.append(f"{self.question}: marked equivalent, but killed or gone: {', '.join(stale)}")
        marked = len(self.equivalent) - len(stale)
        if marked > MOST_EQUIVALENT * self.count:
            lines.append(
                f"{self.question}: {marked} of {self.count} mutants are marked equivalent; at most "
                f"{MOST_EQUIVALENT:.0%} may be"
            )
        if self.rate < GOAL:
            lines.append(
                f"{self.question}: {self.rate:.1%} of the mutants are killed; the goal is {GOAL:.0%}"
            )
        return lines

    def table(self) -> str:
        """Rates, survivors with their diff, and which operators they come from."""
        lines = [
            f"{self.question}: {len(self.killed)} of {self.count} mutants killed, {self.raw:.1%}; "
            f"without {len(self.equivalent)} equivalent ones {self.rate:.1%}; "
            f"{self.trials} trials in {self.seconds:.0f} s"
        ]
        for mutant in self.survivors:
            lines += [f"  survives: {mutant.id}", *(f"    {line}" for line in mutant.diff.splitlines())]
            if mutant.id in self.equivalent:
                lines.append(f"    equivalent: {self.equivalent[mutant.id]}")
        counts = Counter(mutant.id.split(":")[0] for mutant in self.survivors)
        lines += [f"  {count} of {name}" for name, count in counts.most_common()]
        return "\n".join(lines)


def arguments_of(course: Course, assignment: str, question: str) -> dict[str, str]:
    """Read which survivors are argued to be equivalent: ``solutions/A/Q/equivalent.toml``.

    Parameters
    ----------
    course : Course
    assignment, question : str

    Returns
    -------
    dict
        Mutant's id -> argument.

    Raises
    ------
    GradecheckError
        If the file is no table of texts, or an argument is empty.
    """
    path = course.solutions / assignment / question / "equivalent.toml"
    if not path.is_file():
        return {}
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise GradecheckError(f"{path}: not TOML: {error}") from None
    for name, argument in values.items():
        if not isinstance(argument, str) or not argument.strip():
            raise GradecheckError(
                f'{path}: {name!r} needs an argument: "id" = "why no input tells them apart"'
            )
    return values


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
    filters = named_variants(course, assignment, term)
    variants = {"term": frozen_variants(course, assignment, term)["term"]}
    variants |= further_variants(course, assignment, term, filters)
    with Session(
        course, assignment, term, jobs=jobs, variants=variants, only=questions, confirm_timeouts=False
    ) as session:
        for item in session.built.questions:
            own = item.question.id
            if item.question.kind != "manual" and is_asked(item, questions):
                yield _survey(session, own, arguments_of(course, assignment, own))


def write_survey(
    course: Course, assignment: str, term: str, surveys: Sequence[Survey], *, out: Path | None = None
) -> None:
    """Put the rates and survivors of a whole assignment into its certificate, where there is one.

    Parameters
    ----------
    course : Course
    assignment, term : str
    surveys : sequence of Survey
    out : Path, optional
        Folder of builds; default ``build`` of the course.
    """
    path = (out or course.root / "build") / term / assignment / "certificate.json"
    if path.is_file():
        content = json.loads(path.read_text(encoding="utf-8"))
        content["mutants"] = {survey.question: survey.record() for survey in surveys}
        write_atomically(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def _survey(session: Session, question: str, equivalent: Mapping[str, str]) -> Survey:
    began = time.monotonic()
    alive: dict[str, Mutant] = {}
    killed: dict[str, str] = {}
    names: dict[tuple[str, str], str] = {}
    trials = 0
    builds = list(_different(session.extra, question))
    given = {name for _, _, item in builds for name in _defined(item.given)}
    for name, built, item in builds:
        tasks = []
        whole = _without_others(notebook(built, "solution"), (question, *item.question.needs))
        for fault in _mutants(session.course, built, item, given):
            # What one variant shows to be wrong need not be tried on the next: the same change of the same
            # function is the same mutant there, whatever its number is.
            mutant = replace(fault, id=_name(names, fault))
            if mutant.id not in killed:
                alive[mutant.id] = mutant
                tasks.append(_task(mutant, question, name, whole))
        trials += len(tasks)
        for trial in run_tasks(session, tasks, what=f"{question}, mutants on {name}"):
            if trial.share is None or trial.share < 1.0 - TOLERANCE:
                killed[trial.answer.name] = trial.platform or ", ".join(trial.failed)
                alive.pop(trial.answer.name)
    return Survey(
        question, killed, tuple(alive.values()), equivalent, trials=trials, seconds=time.monotonic() - began
    )


def _name(names: dict[tuple[str, str], str], fault: Mutant) -> str:
    """Id of a fault on the first variant that shows it; with a stroke where that is taken by another one."""
    change = fault.id.rsplit(":", 1)[0], fault.diff
    if change not in names:
        name = fault.id
        while name in names.values():
            name += "'"
        names[change] = name
    return names[change]


def _mutants(
    course: Course, built: BuiltAssignment, item: BuiltQuestion, given: Collection[str]
) -> Iterator[Mutant]:
    """Of the reference; and of the right answers, where the reference leaves part of the work to others."""
    yield from make_mutants(item, given=given)
    if leaves_work_to(item):
        for answer in read_answers(course, built, item):
            if answer.kind == "right" and answer.applies and answer.share == 1.0:
                kept = kept_methods(item.stub)
                yield from mutants_of(answer.source, _defined(answer.source), f"{answer.name}/", given=kept)


def _defined(source: str) -> set[str]:
    return {
        str(node.name) for node in ast.parse(source).body if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }


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


def _without_others(whole: Mapping[str, Any], questions: Collection[str]) -> dict[str, Any]:
    """The notebook without the cells of other questions, which would run for every mutant."""
    owners = [cell.get("metadata", {}).get("autograder", {}).get("question", "") for cell in whole["cells"]]
    cells = [
        cell for cell, owner in zip(whole["cells"], owners, strict=True) if not owner or owner in questions
    ]
    return {**whole, "cells": cells}


def _task(mutant: Mutant, question: str, variant: str, whole: Mapping[str, Any]) -> Task:
    answer = CandidateAnswer(question, "wrong", mutant.id, mutant.id, mutant.source)
    return Task(Trial(answer, variant), with_answer(whole, question, mutant.source))
