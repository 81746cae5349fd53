"""What an exception means, and whom a failure is blamed on."""

from __future__ import annotations

import pytest

from autograder.grade.found import Found, block_dependents, classify
from autograder.sandbox import (
    OpaqueValue,
    ProtocolViolation,
    Student,
    StudentDied,
    StudentMemory,
    StudentTimeout,
)
from autograder.sandbox.errors import student_error
from autograder.testing import CheckFailed


@pytest.mark.parametrize(
    ("raised", "outcome", "category"),
    [
        (CheckFailed("x", "shape"), "failed", "shape"),
        (CheckFailed("x", "no such category"), "failed", "value"),
        (AssertionError(), "failed", "value"),
        (OpaqueValue("x"), "failed", "type"),
        (StudentTimeout("x"), "timeout", "timeout"),
        (StudentMemory("x"), "error", "memory"),
        (StudentDied("x"), "error", "crash"),
        (ProtocolViolation("x"), "error", "crash"),
        (student_error(["KeyError", "Exception"], "x"), "failed", "raises"),
        (student_error(["AttributeError", "Exception"], "x"), "failed", "raises"),
        (student_error(["AssertionError", "Exception"], "x"), "failed", "raises"),
        (student_error(["NotImplementedError", "RuntimeError"], "x"), "failed", "not_written"),
        (student_error(["BannedCall", "RuntimeError"], "numpy.mean"), "failed", "banned"),
        (AttributeError("no largest", obj=object.__new__(Student), name="largest"), "failed", "missing"),
        (AttributeError("'tuple' object has no attribute 'shape'", obj=(), name="shape"), "failed", "type"),
        (NameError("a slip of the suite"), "failed", "type"),
        (TypeError("None + 1"), "failed", "type"),
        (IndexError(), "failed", "type"),
    ],
)
def test_every_way_to_fail_has_an_outcome_and_a_category(raised, outcome, category):
    assert classify(raised)[:2] == (outcome, category)


PASSED, FAILED = Found("passed"), Found("failed", "value", "said", "why")
NEEDS = {"a": (), "b": ("a",), "c": ("b",)}


def blocked(**found):
    return block_dependents({name: {"check": item} for name, item in found.items()}, NEEDS)


def test_a_failure_is_blocked_while_a_needed_question_is_not_fully_passed():
    found, flags = blocked(a=FAILED, b=FAILED, c=PASSED)
    assert found["a"]["check"] == FAILED
    assert found["b"]["check"].outcome == "blocked"
    assert "a" in found["b"]["check"].message
    assert found["c"]["check"] == PASSED
    assert len(flags) == 1


def test_a_needed_answer_that_only_works_too_much_blocks_nothing():
    slow = Found("failed", "efficiency", "said", "why")
    assert blocked(a=slow, b=FAILED)[0]["b"]["check"] == FAILED


def test_nothing_is_blocked_when_the_needed_question_is_fully_passed():
    assert blocked(a=PASSED, b=FAILED)[0]["b"]["check"] == FAILED


def test_a_question_that_was_not_run_counts_as_passed():
    assert blocked(b=FAILED)[0]["b"]["check"] == FAILED


def test_a_broken_check_of_a_needed_question_blocks_too_and_stays_broken():
    broken = Found("grader_error")
    found, _ = blocked(a=broken, b=FAILED)
    assert (found["a"]["check"].outcome, found["b"]["check"].outcome) == ("grader_error", "blocked")


def test_what_cannot_come_from_another_answer_is_not_excused():
    own = Found("failed", "not_written", "said", "", is_own=True)
    assert blocked(a=FAILED, b=own)[0]["b"]["check"] == own
