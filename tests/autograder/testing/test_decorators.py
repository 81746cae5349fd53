"""Marks are exact, combine in any order, and refuse nonsense."""

from __future__ import annotations

from fractions import Fraction

import pytest

from autograder.testing import hint, marks, stochastic, supporting, weight


def test_defaults():
    assert marks(lambda student: None) == {"weight": Fraction(1), "hint": "", "supporting": False}


def test_marks_combine_in_any_order():
    for decorators in ((weight(2), hint("Look at k.")), (hint("Look at k."), weight(2))):

        def check(student):
            pass

        for decorate in decorators:
            assert decorate(check) is check
        assert check.__gradecheck__ == {"weight": Fraction(2), "hint": "Look at k.", "supporting": False}


@pytest.mark.parametrize(
    ("number", "expected"),
    [(0.1, Fraction(1, 10)), ("1/3", Fraction(1, 3)), (Fraction(2, 7), Fraction(2, 7))],
)
def test_weights_are_what_is_written(number, expected):
    assert marks(weight(number)(lambda: None))["weight"] == expected


@pytest.mark.parametrize("number", [0, -1, "0/5"])
def test_a_weight_is_more_than_nothing(number):
    with pytest.raises(ValueError, match="weight: expected more than 0"):
        weight(number)


def test_a_hint_is_one_line_and_not_empty():
    assert marks(hint("two\n    lines")(lambda: None))["hint"] == "two lines"
    with pytest.raises(ValueError, match="hint"):
        hint("  ")


def test_a_supporting_check_is_marked_as_one():
    assert marks(supporting(lambda student: None))["supporting"] is True


def test_a_stochastic_check_declares_its_bound():
    assert marks(stochastic()(lambda student: None))["stochastic"] == 1e-6
    assert marks(stochastic(1e-9)(lambda student: None))["stochastic"] == 1e-9


@pytest.mark.parametrize("bound", [0, -1e-6, 1.1e-6, 1])
def test_a_bound_is_at_most_one_in_a_million(bound):
    with pytest.raises(ValueError, match="bound: expected more than 0 and at most 1e-06"):
        stochastic(bound)
