"""Points: exact, rounded once, and the same sum from every side."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from autograder.grade.score import allocate, apportion, question_result, status_of, total
from autograder.models import STATUSES, CheckResult

weights = st.lists(
    st.fractions(min_value=Fraction(1, 20), max_value=20, max_denominator=50), min_size=1, max_size=30
)


@given(weights, st.integers(1, 10_000))
def test_shares_sum_to_the_whole_and_are_within_one_unit_of_exact(shares, whole):
    given_out = apportion(shares, whole)
    assert sum(given_out) == whole
    for units, share in zip(given_out, shares, strict=True):
        assert abs(units - whole * share / sum(shares)) < 1


@given(weights)
def test_equal_weights_differ_by_at_most_one_unit(shares):
    given_out = apportion([Fraction(3)] * len(shares), 10_000)
    assert max(given_out) - min(given_out) <= 1


def check(name, score, most, outcome):
    return CheckResult(id=name, title=name, visibility="hidden", score=score, max_score=most, outcome=outcome)


@given(st.lists(weights, min_size=1, max_size=6), st.data())
def test_checks_sum_to_questions_and_questions_to_the_total(questions, data):
    points = {str(index): data.draw(st.integers(1, 40)) for index in range(len(questions))}
    allocation = allocate(
        points, {str(index): {str(c): w for c, w in enumerate(own)} for index, own in enumerate(questions)}
    )
    results = []
    for question, checks in allocation.checks.items():
        found = []
        for name, hundredths in checks.items():
            passed = data.draw(st.booleans())
            found.append(
                check(
                    name,
                    hundredths / 100 if passed else 0.0,
                    hundredths / 100,
                    "passed" if passed else "failed",
                )
            )
        result = question_result(question, question, "code", allocation.questions[question], found)
        assert round(sum(item.max_score for item in found), 6) == result.max_score
        assert round(sum(item.score for item in found), 6) == result.score
        results.append(result)
    score, so_far = total(results)
    assert score == so_far == round(sum(result.score for result in results), 6)
    assert round(sum(result.max_score for result in results), 6) == 100.0


def test_full_marks_are_exactly_one_hundred():
    allocation = allocate(
        {"a": 15, "b": 20, "c": 7}, {"a": {"x": Fraction(1)}, "b": {"y": Fraction(1)}, "c": {}}
    )
    assert sum(allocation.questions.values()) == 10_000


def test_the_first_status_that_applies():
    assert status_of("code", ["passed", "grader_error", "blocked"]) == "grader_error"
    assert status_of("manual", []) == "pending"
    assert status_of("code", ["blocked", "timeout"]) == "blocked"
    assert status_of("code", ["timeout", "error"]) == "timeout"
    assert status_of("code", ["error", "failed"]) == "error"
    assert status_of("code", ["failed", "failed"]) == "failed"
    assert status_of("code", ["failed", "passed"]) == "partial"
    assert status_of("code", ["passed"]) == "passed"
    assert {"partial", "pending"} < set(STATUSES)


def test_a_broken_check_leaves_the_total_open_and_costs_nobody_points():
    good = question_result("a", "a", "code", 6000, [check("x", 60.0, 60.0, "passed")])
    broken = question_result("b", "b", "code", 4000, [check("y", None, 40.0, "grader_error")])
    assert broken.score is None
    assert total([good, broken]) == (None, 60.0)
