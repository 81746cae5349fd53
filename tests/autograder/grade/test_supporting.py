"""Checks that say little alone earn nothing for an answer that gets little else right."""

from __future__ import annotations

from fractions import Fraction

import pytest

from autograder.grade.found import PASSED, Found
from autograder.grade.suite import Check
from autograder.grade.supporting import hold_back

FAILED = Found("failed", "value")


def check(name: str, weight: int, *, supporting: bool = False) -> Check:
    return Check(name, "q", name, "hidden", Fraction(weight), "", (), supporting)


CHECKS = [check("a", 2), check("b", 2), check("untouched", 1, supporting=True)]


@pytest.mark.parametrize(
    ("a", "b", "outcome"),
    [(FAILED, FAILED, "failed"), (PASSED, FAILED, "passed"), (PASSED, PASSED, "passed")],
)
def test_they_count_once_half_of_the_other_points_are_earned(a, b, outcome):
    found = hold_back({"a": a, "b": b, "untouched": PASSED}, CHECKS)
    assert found["untouched"].outcome == outcome


def test_what_is_held_back_says_why_and_that_it_passed():
    message = hold_back({"a": FAILED, "b": FAILED, "untouched": PASSED}, CHECKS)["untouched"].message
    assert "passed" in message
    assert "half of the other points" in message


def test_the_other_checks_and_a_failed_supporting_one_stay_as_they_are():
    found = {"a": FAILED, "b": FAILED, "untouched": FAILED}
    assert hold_back(found, CHECKS) == found


def test_a_question_without_supporting_checks_is_untouched():
    found = {"a": FAILED, "b": PASSED}
    assert hold_back(found, CHECKS[:2]) == found
