"""What a class did: histograms and failure rates, as plain numbers."""

from __future__ import annotations

import statistics as numbers
from collections.abc import Sequence
from dataclasses import dataclass

from autograder.models import Result

__all__ = ["CheckRate", "ClassSummary", "QuestionRate", "histogram", "summarise"]

BINS = 10


@dataclass(frozen=True)
class CheckRate:
    """How one check went over a class; `rate` is the share that did not pass."""

    id: str
    title: str
    visibility: str
    failed: int
    total: int
    categories: tuple[tuple[str, int], ...]

    @property
    def rate(self) -> float:
        """Share of submissions that did not pass, from 0 to 1."""
        return self.failed / self.total if self.total else 0.0


@dataclass(frozen=True)
class QuestionRate:
    """How one question went over a class."""

    id: str
    title: str
    mean: float
    max_score: float
    full: int
    zero: int
    total: int
    checks: tuple[CheckRate, ...]


@dataclass(frozen=True)
class ClassSummary:
    """How an assignment went."""

    scores: tuple[float, ...]
    max_score: float
    questions: tuple[QuestionRate, ...]

    @property
    def mean(self) -> float:
        """Mean score; 0 for an empty class."""
        return numbers.fmean(self.scores) if self.scores else 0.0

    @property
    def median(self) -> float:
        """Median score; 0 for an empty class."""
        return numbers.median(self.scores) if self.scores else 0.0


def histogram(scores: Sequence[float], max_score: float) -> list[tuple[float, float, int]]:
    """Count scores in ten bins.

    Parameters
    ----------
    scores : sequence of float
        Scores from 0 to `max_score`.
    max_score : float
        The highest possible score; it falls in the last bin.

    Returns
    -------
    list of (low, high, count)
        Each bin holds ``low <= score < high``, the last one its end too.

    Examples
    --------
    >>> histogram([0, 55, 100], 100)[-1]
    (90.0, 100.0, 1)
    """
    width = max_score / BINS if max_score else 1.0
    counts = [0] * BINS
    for score in scores:
        counts[min(int(score / width), BINS - 1)] += 1
    return [(i * width, (i + 1) * width, count) for i, count in enumerate(counts)]


def summarise(results: Sequence[Result]) -> ClassSummary:
    """Collect scores and failure rates of a class.

    Parameters
    ----------
    results : sequence of Result
        The attempt that counts of each student.

    Returns
    -------
    ClassSummary
        Submissions that could not be graded count in no rate.
    """
    graded = [result for result in results if result.status == "graded"]
    order: dict[str, None] = {}
    for result in graded:
        order.update(dict.fromkeys(question.id for question in result.questions))
    scores = tuple(result.score for result in results if result.score is not None)
    return ClassSummary(
        scores=scores,
        max_score=max((result.max_score for result in results), default=0.0),
        questions=tuple(_question(question, graded) for question in order),
    )


def _question(question: str, results: Sequence[Result]) -> QuestionRate:
    own = [item for result in results for item in result.questions if item.id == question]
    scores = [item.score or 0.0 for item in own]
    order: dict[str, None] = {}
    for item in own:
        order.update(dict.fromkeys(check.id for check in item.checks))
    checks = []
    for name in order:
        found = [check for item in own for check in item.checks if check.id == name]
        failed = [check for check in found if check.outcome != "passed"]
        kinds: dict[str, int] = {}
        for check in failed:
            kind = check.category or check.outcome
            kinds[kind] = kinds.get(kind, 0) + 1
        ranked = tuple(sorted(kinds.items(), key=lambda pair: (-pair[1], pair[0])))
        checks.append(CheckRate(name, found[0].title, found[0].visibility, len(failed), len(found), ranked))
    return QuestionRate(
        id=question,
        title=own[0].title,
        mean=numbers.fmean(scores),
        max_score=own[0].max_score,
        full=sum(item.score == item.max_score for item in own),
        zero=sum(score == 0 for score in scores),
        total=len(own),
        checks=tuple(checks),
    )
