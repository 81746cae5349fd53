"""Marks on the functions of a suite: how much a check counts, and what it hints at."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any, TypeVar

__all__ = ["hint", "marks", "stochastic", "supporting", "weight"]

# What chance may cost: the most that a check may declare.
MOST_FALSE_FAILS = 1e-6

F = TypeVar("F", bound=Callable[..., Any])


def weight(number: int | float | str | Fraction) -> Callable[[F], F]:
    """Set how much a check counts beside the others of its question; without it, 1.

    Parameters
    ----------
    number : int, float, str or Fraction
        More than 0. Kept as an exact fraction of what is written: ``0.1`` is one tenth.

    Raises
    ------
    ValueError
        If it is not more than 0.

    Examples
    --------
    >>> @weight(2)
    ... def test_mean(student):
    ...     ...
    >>> marks(test_mean)["weight"]
    Fraction(2, 1)
    """
    value = Fraction(str(number))
    if value <= 0:
        raise ValueError(f"weight: expected more than 0, got {number}")
    return _mark("weight", value)


def hint(text: str) -> Callable[[F], F]:
    """Set what a student reads besides the docstring when the check fails.

    Parameters
    ----------
    text : str
        A sentence or a question that leads on and gives nothing away.

    Raises
    ------
    ValueError
        If it is empty.
    """
    if not text.strip():
        raise ValueError("hint: expected a sentence, got an empty text")
    return _mark("hint", " ".join(text.split()))


def supporting(function: F) -> F:
    """Mark a check that says little alone: inputs left alone, bad input refused, little work.

    An answer that computes nothing passes such checks too, so they count only once half of the other
    points of the question are earned.

    Parameters
    ----------
    function : callable
        A test function of a hidden suite.
    """
    return _mark("supporting", True)(function)


def stochastic(bound: float = MOST_FALSE_FAILS) -> Callable[[F], F]:
    """Mark a check whose verdict depends on chance, and say how often it may fail a right answer.

    Parameters
    ----------
    bound : float
        At most one in a million. It covers the ``false_fail`` of all claims (`assert_rate`, `assert_mean`)
        that the check makes, in all of its parametrised items; `certify` adds them up, and ``certify
        --deep`` counts the failures at a level where there are enough to be counted.

    Raises
    ------
    ValueError
        If it is not above 0, or is larger.
    """
    if not 0 < bound <= MOST_FALSE_FAILS:
        raise ValueError(f"bound: expected more than 0 and at most {MOST_FALSE_FAILS:g}, got {bound!r}")
    return _mark("stochastic", bound)


def marks(function: Callable[..., Any]) -> dict[str, Any]:
    """Return ``{"weight": Fraction, "hint": str, "supporting": bool}`` of a check, and what else it has.

    Parameters
    ----------
    function : callable
        A test function, decorated or not.
    """
    return {"weight": Fraction(1), "hint": "", "supporting": False, **getattr(function, "__gradecheck__", {})}


def _mark(name: str, value: object) -> Callable[[F], F]:
    def decorate(function: F) -> F:
        function.__gradecheck__ = {**marks(function), name: value}  # type: ignore[attr-defined]
        return function

    return decorate
