"""Weights to points, exactly; rounding happens once.

A check is passed or it is not, so rounding the *maxima* once settles every view: checks sum to their
question, and questions to the total, to the last hundredth.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from autograder.models import CheckResult, QuestionResult, split_points

__all__ = ["TOTAL", "Allocation", "allocate", "apportion", "question_result", "total"]

TOTAL = 100
HUNDREDTHS = 100


@dataclass(frozen=True)
class Allocation:
    """Hundredths of a point for every question and check."""

    questions: Mapping[str, int]
    checks: Mapping[str, Mapping[str, int]]


def apportion(weights: Sequence[Fraction], whole: int) -> list[int]:
    """Share a whole number of units in proportion to weights, by largest remainder.

    Parameters
    ----------
    weights : sequence of Fraction
        At least one, all positive.
    whole : int
        Units to share.

    Returns
    -------
    list of int
        Sums to `whole`; each differs from its exact share by less than one unit. Equal remainders
        go to the earlier weight.

    Examples
    --------
    >>> apportion([Fraction(1)] * 3, 100)
    [34, 33, 33]
    """
    exact = split_points(list(weights), Fraction(whole))
    floors = [share.numerator // share.denominator for share in exact]
    order = sorted(range(len(exact)), key=lambda index: (floors[index] - exact[index], index))
    for index in order[: whole - sum(floors)]:
        floors[index] += 1
    return floors


def allocate(points: Mapping[str, int], weights: Mapping[str, Mapping[str, Fraction]]) -> Allocation:
    """Scale the questions used in a term to 100 points and share each among its checks.

    Parameters
    ----------
    points : mapping
        Question id -> points as its file says.
    weights : mapping
        Question id -> check id -> weight; a manual question has no checks.

    Returns
    -------
    Allocation
    """
    questions = dict(
        zip(
            points, apportion([Fraction(value) for value in points.values()], TOTAL * HUNDREDTHS), strict=True
        )
    )
    checks = {
        question: dict(zip(own, apportion(list(own.values()), questions[question]), strict=True))
        if own
        else {}
        for question, own in weights.items()
    }
    return Allocation(questions, checks)


def in_points(hundredths: int) -> float:
    """Hundredths as points; the nearest float, so that it prints with two digits at most."""
    return hundredths / HUNDREDTHS


def status_of(kind: str, outcomes: Sequence[str]) -> str:
    """The first word that applies, of `autograder.models.STATUSES`."""
    for outcome, status in (
        ("grader_error", "grader_error"),
        ("blocked", "blocked"),
        ("timeout", "timeout"),
        ("error", "error"),
    ):
        if status == "blocked" and kind == "manual":
            return "pending"
        if outcome in outcomes:
            return status
    passed = sum(outcome == "passed" for outcome in outcomes)
    return "passed" if passed == len(outcomes) else "partial" if passed else "failed"


def question_result(
    question_id: str, title: str, kind: str, hundredths: int, checks: Sequence[CheckResult]
) -> QuestionResult:
    """Sum checks that hold their own scores.

    Returns
    -------
    QuestionResult
        Its score is None while a person has to look: a manual question, or a check that also fails
        on the solution.
    """
    status = status_of(kind, [check.outcome for check in checks])
    known = status not in ("pending", "grader_error")
    score = in_points(sum(round((check.score or 0.0) * HUNDREDTHS) for check in checks)) if known else None
    return QuestionResult(
        id=question_id,
        title=title,
        kind="manual" if kind == "manual" else "code",
        score=score,
        max_score=in_points(hundredths),
        status=status,
        checks=tuple(checks),
    )


def total(questions: Sequence[QuestionResult]) -> tuple[float | None, float]:
    """Return the total, None while any question has none, and what is sure so far."""
    sure = sum(round(question.score * HUNDREDTHS) for question in questions if question.score is not None)
    is_final = all(question.score is not None for question in questions)
    return (in_points(sure) if is_final else None), in_points(sure)
