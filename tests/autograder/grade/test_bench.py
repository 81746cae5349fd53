"""How long the workers of one submission may go on."""

from __future__ import annotations

import types

import pytest

from autograder.grade import bench as module
from autograder.grade.bench import LIMITS, Bench
from autograder.grade.notebook import Notebook, find_answers
from autograder.sandbox import StudentTimeout


class DeadJail:
    """Its cells took ten seconds and every worker is dead at once."""

    dead = None
    cpu_left = LIMITS.cpu_seconds - 10.0

    def __init__(self, forks):
        self.forks = forks

    def question(self, definitions, seconds, seed):
        return types.SimpleNamespace(alive=False, cpu_used=0.0, output=lambda: "", close=lambda: None)


def opened(built, jail):
    zygote = types.SimpleNamespace(open=lambda cells, limits, seed: jail)
    return Bench(built, find_answers(Notebook(()), built), zygote, reference=None, seed=lambda *what: 0)


def test_cells_that_run_again_for_a_dead_worker_are_charged(built):
    bench = opened(built, DeadJail(forks=False))
    bench.open_question("averages")
    bench.open_question("models")
    assert bench.seconds_left == LIMITS.cpu_seconds
    for _ in range(int(LIMITS.cpu_seconds / 10.0)):
        bench.worker()
    with pytest.raises(StudentTimeout, match="used up"):
        bench.worker()


def test_a_fork_costs_nothing(built):
    bench = opened(built, DeadJail(forks=True))
    bench.open_question("averages")
    for _ in range(100):
        bench.worker()
    assert bench.seconds_left == LIMITS.cpu_seconds


def test_who_kills_its_workers_pays_for_waiting_while_the_next_is_made(built, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    jail = DeadJail(forks=True)
    make = jail.question

    def slowly(*args):
        now[0] += 16.0
        return make(*args)

    jail.question = slowly
    bench = opened(built, jail)
    bench.open_question("averages")
    assert bench.seconds_left == LIMITS.cpu_seconds
    bench.worker()
    assert bench.seconds_left == LIMITS.cpu_seconds - 15.0 / LIMITS.wall_factor


def test_the_clock_ends_a_submission_with_a_timeout(built, monkeypatch):
    monkeypatch.setattr(module, "WALL_SECONDS", -1.0)
    with pytest.raises(StudentTimeout, match="by the clock"):
        opened(built, DeadJail(forks=True)).open_question("averages")
