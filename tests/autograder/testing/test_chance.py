"""Limits of what was drawn follow from the chance of failing a right answer, and keep it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from autograder.testing import CheckFailed, assert_mean, assert_rate
from autograder.testing.chance import spent_chance


def fails(claim, *args, **kwargs):
    try:
        claim(*args, **kwargs)
    except CheckFailed:
        return True
    return False


@pytest.mark.parametrize(("trials", "rate"), [(1, 0.5), (40, 0.3), (1000, 0.02), (1000, 0.98), (300, 0.5)])
@pytest.mark.parametrize("false_fail", [1e-7, 1e-2])
def test_a_rate_fails_a_right_answer_as_often_as_declared(trials, rate, false_fail):
    # The exact probability of all counts that are refused.
    refused = [
        hits for hits in range(trials + 1) if fails(assert_rate, hits, trials, rate, false_fail=false_fail)
    ]
    chance = float(np.sum(binom.pmf(refused, trials, rate)))
    assert chance <= false_fail
    if trials == 1000:
        assert chance > false_fail / 20


def test_a_rate_far_off_is_refused_and_named():
    with pytest.raises(CheckFailed, match=r"kept entries: expected about 0\.8, got 700 of 1000") as caught:
        assert_rate(700, 1000, 0.8, what="kept entries")
    assert caught.value.category == "value"


@pytest.mark.parametrize(("hits", "rate", "is_refused"), [(0, 0.0, False), (1, 0.0, True), (5, 1.0, False)])
def test_rates_of_zero_and_one_leave_nothing_to_chance(hits, rate, is_refused):
    assert fails(assert_rate, hits, 5, rate) == is_refused


def test_a_mean_fails_right_draws_no_more_often_than_declared():
    rng = np.random.default_rng(11)
    runs = 4000
    count = sum(
        fails(assert_mean, rng.integers(0, 2, size=60) * 1.0, 0.5, low=0.0, high=1.0, false_fail=1e-2)
        for _ in range(runs)
    )
    assert 0 < count <= binom.isf(1e-6, runs, 1e-2)


def test_a_mean_that_is_off_and_a_draw_outside_are_refused():
    draws = np.random.default_rng(3).uniform(size=2000)
    assert_mean(draws, 0.5, low=0.0, high=1.0)
    with pytest.raises(CheckFailed, match=r"expected about 0\.6"):
        assert_mean(draws, 0.6, low=0.0, high=1.0)
    with pytest.raises(CheckFailed, match="expected values from 0 to 1"):
        assert_mean(np.append(draws, 1.5), 0.5, low=0.0, high=1.0)
    with pytest.raises(CheckFailed, match="nan"):
        assert_mean(np.append(draws, np.nan), 0.5, low=0.0, high=1.0)


@pytest.mark.parametrize("false_fail", [0.0, 1.0, -0.1])
def test_a_chance_is_a_probability(false_fail):
    with pytest.raises(ValueError, match="false_fail: expected a probability"):
        assert_rate(5, 10, 0.5, false_fail=false_fail)


def test_what_claims_spend_adds_up_and_can_be_raised():
    with spent_chance() as spent:
        assert_rate(5, 10, 0.5)
        assert_mean(np.full(9, 0.5), 0.5, low=0.0, high=1.0, false_fail=3e-7)
    assert spent.false_fail == pytest.approx(4e-7)
    assert not fails(assert_rate, 60, 100, 0.5)
    with spent_chance(1e6):
        assert fails(assert_rate, 62, 100, 0.5)
    assert not fails(assert_rate, 62, 100, 0.5)
