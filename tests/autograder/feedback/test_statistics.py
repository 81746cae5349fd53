"""Rates and histograms are counted right."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.feedback.statistics import BINS, histogram, summarise
from autograder.models import CheckResult, QuestionResult, Result


def result(outcomes, score=5.0, status="graded") -> Result:
    checks = tuple(
        CheckResult(
            id=f"test_{i}",
            title="",
            visibility="hidden",
            score=0,
            max_score=1,
            outcome=outcome,
            category=None if outcome == "passed" else "value",
        )
        for i, outcome in enumerate(outcomes)
    )
    question = QuestionResult(
        id="q", title="Q", kind="code", score=score, max_score=10, status="partial", checks=checks
    )
    return Result(
        course="c",
        term="t",
        assignment="a",
        student="s",
        attempt=1,
        status=status,
        score=score,
        score_so_far=score,
        max_score=10,
        submission={},
        questions=(question,) if status == "graded" else (),
        provenance={},
    )


@given(st.lists(st.floats(0, 100), max_size=50))
def test_histogram_counts_like_numpy_and_loses_nobody(scores):
    counts = [count for _, _, count in histogram(scores, 100)]
    assert sum(counts) == len(scores)
    edges_apart = [s for s in scores if abs(s / 10 - round(s / 10)) > 1e-9]
    expected, _ = np.histogram(edges_apart, bins=BINS, range=(0, 100))
    assert [c for *_, c in histogram(edges_apart, 100)] == list(expected)


def test_the_highest_score_is_in_the_last_bin():
    assert histogram([100.0], 100)[-1] == (90.0, 100.0, 1)


def test_rates_by_check_with_the_kinds_of_failure():
    (question,) = summarise([result(["passed", "failed"]), result(["passed", "timeout"])]).questions
    assert [check.rate for check in question.checks] == [0.0, 1.0]
    assert question.checks[1].categories == (("value", 2),)


def test_what_could_not_be_graded_counts_in_no_rate():
    summary = summarise([result(["failed"]), result([], score=0.0, status="not_gradable")])
    assert summary.questions[0].total == 1
    assert summary.scores == (5.0, 0.0)


def test_an_empty_class_has_no_questions():
    assert summarise([]).questions == ()
    assert summarise([]).mean == pytest.approx(0)
