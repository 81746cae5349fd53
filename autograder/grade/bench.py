"""One notebook opened in the jail, with what its checks are handed and how long they may take."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from autograder.grade.notebook import Answers, Cell, Notebook, find_answers
from autograder.grade.reference import Reference
from autograder.models import BuiltAssignment, sha256_of
from autograder.sandbox import Jail, Limits, Student, StudentDied, StudentTimeout, Worker, Zygote
from autograder.testing.bans import ban_probe_source

__all__ = ["BENCH", "LIMITS", "WALL_SECONDS", "Bench", "Seed", "answers_of_solution"]

LIMITS = Limits()
# A check gets this share of what is left, so that one endless function leaves time for the others.
SHARE_OF_REST = 0.5
# Seconds that a worker may take to be made, however busy the machine is.
FREE_WAIT = 1.0
# By the clock, for all that one submission does.
WALL_SECONDS = 3 * LIMITS.cpu_seconds * LIMITS.wall_factor

Seed = Callable[[str, str], int]
"""(question, visibility) -> the seed that `check_rng` mixes with a check's name."""


class Bench:
    """The notebook of one submission, open in the jail.

    Parameters
    ----------
    built : BuiltAssignment
        The assignment as this student got it.
    answers : Answers
        What the notebook holds.
    zygote : Zygote
    reference : Reference
    seed : callable
        Seeds of the checks.
    wall_seconds : float, optional
        By the clock, for all that the submission does; default `WALL_SECONDS`.

    Notes
    -----
    A question has a worker of its own, and a fresh one whenever that died. CPU seconds are counted
    down per question and per submission. Where the cells have to run again for a worker, once per
    question is free: what kills its workers pays for more.
    """

    def __init__(
        self,
        built: BuiltAssignment,
        answers: Answers,
        zygote: Zygote,
        *,
        reference: Reference,
        seed: Seed,
        wall_seconds: float | None = None,
    ) -> None:
        self.built, self.answers, self.reference, self.seed = built, answers, reference, seed
        self.active = self
        """Whose names checks get: this one's, or those of a second one."""
        self.knows_hidden = False
        """Whether a hidden check has run in the jail that answers, so that its inputs may be known there."""
        self.observer: Callable[[str, tuple[Any, ...], dict[str, Any], object], None] | None = None
        self.seconds_left = LIMITS.cpu_seconds
        self.budgets: dict[str, float] = {}
        """Question -> CPU seconds, where it gets less than its own."""
        self._question, self._printed, self.is_as_left = "", "", False
        self._question_left = 0.0
        self._worker: Worker | None = None
        self.flags: list[str] = []
        self._served: set[str] = set()
        self._deadline = time.monotonic() + (WALL_SECONDS if wall_seconds is None else wall_seconds)
        self._zygote = zygote
        self._second: Bench | None = None
        self.jail: Jail = self._opened(zygote)
        self._cells_seconds = LIMITS.cpu_seconds - self.jail.cpu_left

    def _opened(self, zygote: Zygote) -> Jail:
        """Run the cells in a jail. That their process ended stands only if it happens twice."""
        cells, seed = list(self.answers.cells), state_seed(self.built, "cells")
        jail = zygote.open(cells, limits=LIMITS, seed=seed)
        if isinstance(jail.dead, StudentDied):
            jail.close()
            jail = zygote.open(cells, limits=LIMITS, seed=seed)
        return jail

    def open_question(self, question: str, *, as_left: bool = False) -> Worker:
        """Turn to a question: a fresh worker and its full time.

        Where `as_left`, the state is the one in which the notebook's cells left it: the chosen definitions
        are not executed again.
        """
        self._close_worker()
        self._question, self._printed, self.is_as_left = question, "", as_left
        self._question_left = self._budget()
        return self.worker()

    @contextmanager
    def without_hidden(self, question: str, *, as_left: bool = False) -> Iterator[Bench]:
        """Lend a question's names, inside the block, from a second jail in which no hidden check runs.

        It has what is left of the submission's time. The first jail ends: two that run at a time can talk, by
        locks on files that both may read for one.

        Raises
        ------
        StudentError
            If the question cannot be opened there.
        """
        if self._second is None:
            self._close_worker()
            self.jail.close()
            self._second = Bench(
                self.built,
                self.answers,
                self._zygote,
                reference=self.reference,
                seed=self.seed,
                wall_seconds=self._deadline - time.monotonic(),
            )
            self._second.seconds_left = self.seconds_left
            self._second.budgets = self.budgets
        other = self._second
        if (other._question, other.is_as_left) != (question, as_left):
            other.open_question(question, as_left=as_left)
        self.active = other
        try:
            yield other
        finally:
            self.active = self

    def _budget(self) -> float:
        seconds = self.built.question(self._question).question.seconds
        return min(seconds, self.budgets.get(self._question, seconds))

    @property
    def question_used(self) -> float:
        """CPU seconds that the open question has used."""
        return self._budget() - self._question_left

    def worker(self) -> Worker:
        """The question's worker, a fresh one if the last died.

        Raises
        ------
        StudentTimeout
            If the question, or the submission, has used up its time.
        """
        if time.monotonic() > self._deadline:
            # why: this ends as a result; a child that the server has to end would be the grader's fault.
            raise StudentTimeout("the submission has used up its time by the clock")
        if self._worker is not None and not self._worker.alive:
            self._close_worker()
        if self._worker is None:
            seconds = min(self._question_left, self.seconds_left)
            if seconds <= 0:
                raise StudentTimeout("the question's time is used up")
            question = self.built.question(self._question).question
            answer = self.answers.questions[self._question]
            definitions = [] if self.is_as_left else [*answer.definitions]
            if question.ban:
                definitions.append(ban_probe_source(question.ban))
            seed = state_seed(self.built, self._question)
            started = time.monotonic()
            self._worker = self.jail.question(definitions, seconds, seed)
            # Forks of one process have ways to talk; what ran the cells again is alone in a new jail.
            self.knows_hidden = self.knows_hidden and self.jail.forks
            waited = max(time.monotonic() - started - FREE_WAIT, 0.0) / LIMITS.wall_factor
            # Who kills its workers pays for waiting too while the next one is made.
            self._spend(max(self._worker.cpu_used, waited if self._question in self._served else 0.0))
            if not self.jail.forks and self._question in self._served:
                self.seconds_left -= self._cells_seconds
            self._served.add(self._question)
        return self._worker

    @contextmanager
    def check(self) -> Iterator[Student]:
        """Lend the submission's names to one check, for its share of the time."""
        worker = self.worker()
        worker.observer = self.observer
        seconds = min(self._question_left, self.seconds_left) * SHARE_OF_REST
        # Who only waits is ended by the clock.
        seconds = min(seconds, (self._deadline - time.monotonic()) / LIMITS.wall_factor)
        worker.start_check(max(seconds, 0.0))
        try:
            yield worker.student
        finally:
            usage = worker.end_check()
            # Who only waits would never use up a budget of computing time.
            self._spend(max(usage.cpu_seconds, usage.wall_seconds / LIMITS.wall_factor))

    def _spend(self, seconds: float) -> None:
        self._question_left -= seconds
        self.seconds_left -= seconds

    def flag(self, text: str) -> None:
        """Keep a line for staff, once."""
        if text not in self.flags:
            self.flags.append(text)

    def output(self) -> str:
        """What the question's workers printed; for staff."""
        return self._printed + (self._worker.output() if self._worker is not None else "")

    def _close_worker(self) -> None:
        if self._worker is not None:
            self._printed = (self._printed + self._worker.output())[: LIMITS.output_bytes]
            self._worker.close()
            self._worker = None

    def close(self) -> None:
        """End everything that the notebook started."""
        self._close_worker()
        self.jail.close()
        if self._second is not None:
            self._second.close()


BENCH = pytest.StashKey[Callable[[pytest.Item], Bench]]()
"""Where pytest's configuration holds what finds the bench of an item."""


def state_seed(built: BuiltAssignment, what: str) -> int:
    """Seed of `random` and `numpy.random` in the jail: the same for everyone with these variants."""
    return int(sha256_of("state", built.variant_key, what)[:8], 16)


def answers_of_solution(built: BuiltAssignment) -> Answers:
    """The solution as if somebody had handed it in."""
    code = [item for item in built.questions if item.question.kind == "code"]
    return find_answers(Notebook(tuple(Cell(item.answer, "code", item.question.id) for item in code)), built)
