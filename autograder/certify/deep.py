"""The suites on hundreds of other draws: no check may fail a right answer by chance."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.author import draw_variants, freeze, notebook
from autograder.certify.answers import CandidateAnswer, read_answers
from autograder.certify.certificate import Trial
from autograder.certify.disturb import DISTURBANCES, disturbed
from autograder.certify.draws import Values, frozen_variants
from autograder.certify.margins import Closest, closest_trials
from autograder.certify.trials import (
    Task,
    finished,
    is_asked,
    run_tasks,
    solution_of,
    submitted,
    with_answer,
)
from autograder.grade import Session
from autograder.grade.measured import INFLATED
from autograder.models import BuiltAssignment, BuiltQuestion, Course
from autograder.progress import progress

__all__ = ["Endurance", "certify_deep"]

SEEDS = 200
# Draws on which each mistake is tried: a mistake that only luck catches gets away with one of them.
MISTAKE_SEEDS = 10
SHOWN = 9


@dataclass
class Endurance:
    """What came of one assignment's suites on many draws.

    Attributes
    ----------
    seeds : int
        Draws; half of them with the frozen variants, half with new ones.
    checks : dict
        Question -> number of checks.
    tried : dict
        Question -> answer, as tables call it -> draws on which it ran.
    problems : list of str
        One line for everything that a draw showed to be wrong, with its name.
    flaky : dict
        Question -> check -> names of the draws on which it failed the solution or a right answer.
    closest : dict
        Question -> check -> the right answer with the largest error in units of the limit.
    inflated : dict
        Check that depends on chance -> whether it failed the solution on each draw where its claims were
        allowed one false fail in a hundred.
    """

    assignment: str
    term: str
    seeds: int
    checks: dict[str, int] = field(default_factory=dict)
    tried: dict[str, Counter[str]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    flaky: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    closest: dict[str, dict[str, Closest]] = field(default_factory=dict)
    inflated: dict[str, list[bool]] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether no draw showed anything wrong."""
        return not self.problems

    def add(self, trial: Trial, how: str = "") -> None:
        """Count one answer on one draw; `how` it was disturbed."""
        question = trial.answer.question
        label = f"{trial.answer.label}{how}"
        self.checks[question] = len(trial.checks)
        self.tried.setdefault(question, Counter())[label] += 1
        for check, chance in trial.chances.items():
            if chance.inflated is not None and not how and trial.answer.name == "(solution)":
                tries = self.inflated.setdefault(f"{question}: {check}", [])
                tries.append(chance.inflated)
        problems = trial.problems()
        self.problems += [f"{question}: {label} on {trial.variant}: {problem}" for problem in problems]
        if problems and trial.answer.kind == "right":
            for check in trial.failed:
                draws = self.flaky.setdefault(question, {}).setdefault(check, [])
                if trial.variant not in draws:
                    draws.append(trial.variant)
        closest = self.closest.setdefault(question, {})
        for check, (right, _) in closest_trials([trial]).items():
            if right is not None and (check not in closest or right.ratio > closest[check].ratio):
                closest[check] = right

    def table(self) -> str:
        """What was tried and what failed, as text."""
        lines = [f"{self.assignment}, term {self.term}: {self.seeds} draws of inputs and variants"]
        for question, tried in self.tried.items():
            lines.append(f"  {question}: {self.checks[question]} checks")
            answers = dict.fromkeys(label.split(", ")[0] for label in tried if not label.startswith("wrong/"))
            for answer in answers:
                ways = [f"{tried[label]} {label.split(', ')[1]}" for label in tried if f"{answer}, " in label]
                lines.append(f"    {answer}: {', '.join([f'{tried[answer]} draws', *ways])}")
            wrong = [count for label, count in tried.items() if label.startswith("wrong/")]
            if wrong:
                lines.append(f"    {len(wrong)} mistakes: {min(wrong)} to {max(wrong)} draws each")
            for check, draws in self.flaky.get(question, {}).items():
                shown = ", ".join(draws[:SHOWN]) + ", ..." * (len(draws) > SHOWN)
                lines.append(f"    FLAKY {check}: fails on {len(draws)} of {self.seeds}: {shown}")
            closest = self.closest.get(question, {})
            if closest:
                check = max(closest, key=lambda name: closest[name].ratio)
                lines.append(f"    closest to a limit: {check}, {closest[check]}")
        for check, fails in self.inflated.items():
            lines.append(f"  {check}: {sum(fails)} of {len(fails)} draws fail where {INFLATED:g} is allowed")
        lines += [f"PROBLEM {line}" for line in self.problems]
        lines.append(f"{len(self.problems)} problems" if self.problems else "ok: chance decided nothing")
        return "\n".join(lines)


def certify_deep(
    course: Course,
    assignment: str,
    term: str,
    *,
    jobs: int = 2,
    questions: Collection[str] | None = None,
    seeds: int = SEEDS,
    mistake_seeds: int = MISTAKE_SEEDS,
) -> Endurance:
    """Run the suites on many draws of inputs and variants: right answers on all, mistakes on some.

    Parameters
    ----------
    course : Course
    assignment, term : str
    jobs : int
        Submissions at a time.
    questions : collection of str, optional
        Only these; default all.
    seeds : int
        Draws; the same numbers give the same draws.
    mistake_seeds : int
        Draws, the first ones, on which every mistake is tried too.

    Returns
    -------
    Endurance
        `Endurance.ok` tells whether any check failed a right answer, or any mistake got away.
    """
    freeze(course, assignment, term)
    variants = _draws(course, assignment, term, seeds)
    found = Endurance(assignment, term, seeds)
    with Session(
        course, assignment, term, jobs=jobs, variants=variants, only=questions, measure=True, reseed=True
    ) as session:
        with progress("right answers, draw by draw", seeds) as step:
            for number, (name, built) in enumerate(session.extra.items()):
                for trial, how in _right_answers(session, name, built, number, questions):
                    found.add(trial, how)
                step(name)
        found.problems += _derived_wrongly(found.inflated)
        for name, built in list(session.extra.items())[:mistake_seeds]:
            tasks = list(_mistakes(course, name, built, questions))
            for trial in run_tasks(session, tasks, what=f"mistakes, {name}"):
                found.add(trial)
    return found


def _draws(course: Course, assignment: str, term: str, seeds: int) -> dict[str, Values]:
    """Frozen variants and new ones in turn: what students have counts most."""
    frozen = list(frozen_variants(course, assignment, term).values())
    return {
        f"seed {number}": frozen[number // 2 % len(frozen)]
        if number % 2
        else draw_variants(course, assignment, term, f"seed {number}")
        for number in range(1, seeds + 1)
    }


def _derived_wrongly(inflated: Mapping[str, Sequence[bool]]) -> Iterator[str]:
    """Checks that fail right answers more often than their declared chance explains."""
    from scipy.stats import binom  # type: ignore[import-untyped]

    for check, fails in inflated.items():
        most = int(binom.isf(1e-6, len(fails), INFLATED))
        if sum(fails) > most:
            yield (
                f"{check} fails the solution on {sum(fails)} of {len(fails)} draws where its claims are "
                f"allowed {INFLATED:g} in all; {most} are the most that chance explains: are its draws "
                "independent, and is what it expects right?"
            )


# --- right answers -------------------------------------------------------------------------------------


def _right_answers(
    session: Session, name: str, built: BuiltAssignment, number: int, questions: Collection[str] | None
) -> Iterator[tuple[Trial, str]]:
    """Every right answer on one draw: one for each question in a notebook, as questions are independent."""
    items = [item for item in built.questions if item.question.kind == "code" and is_asked(item, questions)]
    answers = {item.question.id: _solution_and_right(session.course, built, item) for item in items}
    how = DISTURBANCES[number % len(DISTURBANCES)]
    columns = [(row, "") for row in range(max(map(len, answers.values())))]
    # One more notebook on each draw with disturbed answers: these take turns, and so do the ways.
    columns.append((number // len(DISTURBANCES), how))
    todo: dict[str, tuple[str, dict[str, CandidateAnswer], Mapping[str, Any]]] = {}
    for row, way in columns:
        chosen = {question: own[row % len(own)] for question, own in answers.items() if way or row < len(own)}
        whole: Mapping[str, Any] = notebook(built, "solution")
        for item in items:
            answer = chosen.get(item.question.id)
            if answer is not None:
                source = answer.source
                if way:
                    source = disturbed(source, item.answer, item.question.names, way)
                whole = with_answer(whole, item.question.id, source)
        todo[f"{row}{way}"] = f", {way}" if way else "", chosen, whole
    with tempfile.TemporaryDirectory() as folder:
        tasks = [
            (submitted(whole, student, Path(folder)), name, tuple(chosen))
            for student, (_, chosen, whole) in todo.items()
        ]
        # In order, whichever is done first.
        done = {graded.submission.student: graded for graded in session.grade_tasks(tasks)}
    for student, (way, chosen, _) in todo.items():
        for answer in chosen.values():
            yield finished(Trial(answer, name), done[student]), way


def _solution_and_right(course: Course, built: BuiltAssignment, item: BuiltQuestion) -> list[CandidateAnswer]:
    right = read_answers(course, built, item, kinds=("right",))
    return [solution_of(item), *(answer for answer in right if answer.applies)]


def _mistakes(
    course: Course, name: str, built: BuiltAssignment, questions: Collection[str] | None
) -> Iterator[Task]:
    whole = notebook(built, "solution")
    for item in built.questions:
        if item.question.kind == "code" and is_asked(item, questions):
            for answer in read_answers(course, built, item, kinds=("wrong",)):
                if answer.applies:
                    yield Task(Trial(answer, name), with_answer(whole, item.question.id, answer.source))
