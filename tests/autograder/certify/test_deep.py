"""Many draws find what one draw leaves to luck: checks that fail right answers, mistakes that get away."""

from __future__ import annotations

import sys

import mini_course
import numpy as np
import pytest
from typer.testing import CliRunner

from autograder.certify import Trial, certify_deep
from autograder.certify.answers import CandidateAnswer
from autograder.certify.certificate import Chance
from autograder.certify.disturb import DISTURBANCES, disturbed
from autograder.cli import app

FLAKY = """

@hint("Luck.")
def test_luck(student, rng):
    \"""a sum that is small on most draws\"""
    assert_close(student.mean(np.ones(2)), 1.0)
    assert rng.random() < 0.7
"""
COIN = """

@stochastic()
@hint("Draw.")
def test_{name}(student, rng):
    \"""half of many draws are heads\"""
    assert_close(student.mean(np.ones(2)), 1.0)
    assert_rate(int(np.sum(rng.random(400) < {rate})), 400, 0.5)
"""


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def suite_of(course):
    return course.assignments / "a01" / "averages" / "test_hidden.py"


def add_check(course, text):
    edit(suite_of(course), "import assert_close", "import assert_rate, stochastic, assert_close")
    suite_of(course).write_text(suite_of(course).read_text() + text)


def test_a_good_suite_decides_nothing_by_chance(course):
    endurance = certify_deep(course, "a01", "demo", seeds=4, mistake_seeds=2)
    assert endurance.ok, endurance.table()
    tried = endurance.tried["averages"]
    assert tried["(solution)"] == tried["right/loops"] == tried["right/another"] == 4
    assert tried["wrong/starts_at_zero"] == 2
    assert {label.split(", ")[1] for label in tried if ", " in label} == set(DISTURBANCES)
    assert "    right/loops: 4 draws" in endurance.table()
    assert "    1 mistakes: 2 to 2 draws each" in endurance.table()
    assert "ok: chance decided nothing" in endurance.table()
    assert certify_deep(course, "a01", "demo", seeds=4, mistake_seeds=2).table() == endurance.table()


@pytest.fixture(scope="module")
def unlucky(tmp_path_factory):
    """What comes of a suite with each kind of luck, on 12 draws."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("unlucky")
        patch.syspath_prepend(str(folder))
        patch.delitem(sys.modules, "minilib", raising=False)
        course = mini_course.write_course(folder)
        right = course.solutions / "a01" / "averages" / "right" / "loops.py"
        edit(right, "/ len(values)", "/ len(values) + (1e-3 if values[0] > 60.0 else 0.0)")
        # The mistake shows only where this number is negative.
        edit(suite_of(course), "-rng.uniform(1.0, 777.25, size=11)", "rng.uniform(-1.0, 1.0) * np.ones(11)")
        # At the level of one in ten million nobody would notice for years that the second coin is not fair.
        coins = COIN.format(name="fair", rate=0.5) + COIN.format(name="bent", rate=0.42)
        add_check(course, FLAKY + coins)
        yield certify_deep(course, "a01", "demo", questions=["averages"], seeds=12, mistake_seeds=12)


def test_a_check_that_fails_the_solution_now_and_then_is_named_with_its_draws(unlucky):
    draws = unlucky.flaky["averages"]["test_luck"]
    assert 0 < len(draws) < 12
    assert f"FLAKY test_luck: fails on {len(draws)} of 12: {draws[0]}" in unlucky.table()
    assert any(f"on {draws[0]}: test_luck" in line for line in unlucky.problems)
    assert not unlucky.ok


def test_a_right_answer_that_some_draws_refuse_is_named(unlucky):
    refused = [line for line in unlucky.problems if "right/loops on seed" in line and "gets " in line]
    assert 0 < len(refused) < 12
    assert "instead of 100.0%; test_mean_of_many: CheckFailed" in refused[0]


def test_a_mistake_that_only_luck_catches_gets_away(unlucky):
    away = [line for line in unlucky.problems if "wrong/starts_at_zero on seed" in line]
    assert any("more than its MAX_SHARE of 80%" in line for line in away), unlucky.table()
    assert 0 < sum("more than its MAX_SHARE of 80%" in line for line in away) < 12


def test_a_chance_that_is_derived_wrongly_is_found_and_a_right_one_is_not(unlucky):
    assert any("averages: test_bent fails the solution on " in line for line in unlucky.problems)
    assert not any("averages: test_fair fails the solution on " in line for line in unlucky.problems)
    assert len(unlucky.inflated["averages: test_fair"]) >= 6
    assert "averages: test_fair: " in unlucky.table()


@pytest.mark.parametrize(
    ("declared", "spent", "said"),
    [
        (1e-6, 2e-7, ""),
        (1e-6, sum([1e-7] * 10), ""),
        (1e-9, 2e-7, "may fail a right answer with a chance of 2e-07, but @stochastic declares 1e-09"),
        (0.0, 1e-7, "may fail a right answer with a chance of 1e-07, but @stochastic is missing"),
    ],
)
def test_claims_may_spend_what_the_check_declares(declared, spent, said):
    answer = CandidateAnswer("averages", "right", "loops", "A loop.", "")
    trial = Trial(answer, "term", share=1.0, chances={"test_coin": Chance(declared, spent)})
    assert [line[: len(said) + 10] for line in trial.problems()] == ([f"test_coin {said}"] if said else [])


# --- other clothes ------------------------------------------------------------------------------------

ANSWER = """\
import numpy as np


def orders(table, *, extra=None):
    return table.flags.c_contiguous, table.flags.f_contiguous, table.strides


class Model:
    def fit(self, X):
        self.seen = orders(X)
        return self

    def _own(self, X):
        return orders(X)

    def own_helper(self, X):
        return orders(X)


def double(values):
    return 2.0 * values


def same(values):
    return values


def helper(table):
    return table.flags.c_contiguous
"""


SOLUTION = ANSWER.replace("own_helper", "score")


def run(kind):
    namespace = {}
    exec(
        compile(disturbed(ANSWER, SOLUTION, ["orders", "Model", "double", "same"], kind), "<answer>", "exec"),
        namespace,
    )
    return namespace


def test_inputs_come_in_another_order_with_the_same_numbers():
    table = np.arange(12.0).reshape(3, 4)
    assert run("fortran")["orders"](table) == (False, True, (8, 24))
    assert run("strided")["orders"](table) == (False, False, (64, 16))
    assert run("backwards")["orders"](table) == (False, False, (-32, 8))
    for kind in DISTURBANCES:
        answer = run(kind)
        np.testing.assert_allclose(answer["double"](table), 2 * table, rtol=1e-15)
        assert answer["orders"].__name__ == "orders"
        assert answer["helper"](table) is True
        # Results of the caller's own arrays do not reach back.
        assert not np.shares_memory(answer["double"](table), table)


def test_methods_are_wrapped_and_private_ones_are_not():
    model = run("fortran")["Model"]()
    table = np.arange(12.0).reshape(3, 4)
    assert model.fit(table) is model
    assert model.seen[1] is True
    assert hasattr(type(model).fit, "__wrapped__")
    # Neither is a helper that the solution does not have.
    assert not hasattr(type(model)._own, "__wrapped__")
    assert not hasattr(type(model).own_helper, "__wrapped__")


def test_results_are_rounded_otherwise_and_equal_ones_stay_equal():
    double = run("rounding")["double"]
    values = np.array([0.1, 0.7, 0.1, 0.0, 3.3, 5.1, 9.9, np.inf])
    once = double(values)
    assert np.any(once != 2 * values)
    assert np.all(np.abs(once[:-1] - 2 * values[:-1]) <= 8 * np.spacing(2 * values[:-1]))
    assert once[0] == once[2]
    assert once[3] == 0.0
    assert once[7] == np.inf
    given = np.array(0.7)
    assert type(run("rounding")["same"](given)) is np.ndarray
    assert run("rounding")["same"](given).shape == ()
    assert given == 0.7
    assert type(double(0.7)) is float


def test_nothing_comes_before_an_import_from_the_future():
    text = disturbed("from __future__ import annotations\n" + ANSWER, SOLUTION, ["double"], "fortran")
    exec(compile(text, "<answer>", "exec"), {})


# --- the command ----------------------------------------------------------------------------------------


def test_the_command_prints_the_table_and_fails_for_luck(course, monkeypatch):
    monkeypatch.chdir(course.root)
    arguments = ["certify", "a01", "--term", "demo", "--deep", "--seeds", "1", "--question", "averages"]
    good = CliRunner().invoke(app, arguments)
    assert good.exit_code == 0, good.output
    assert "a01, term demo: 1 draws of inputs and variants" in good.output
    add_check(course, FLAKY.replace("0.7", "0.0"))
    bad = CliRunner().invoke(app, arguments)
    assert bad.exit_code == 1
    assert "PROBLEM averages: (solution) on seed 1: test_luck fails on the solution" in bad.output
