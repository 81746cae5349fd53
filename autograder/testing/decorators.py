"""Marks on the functions of a suite: how much a check counts, and what it hints at."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any, TypeVar

__all__ = ["hint", "marks", "supporting", "weight"]

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


def marks(function: Callable[..., Any]) -> dict[str, Any]:
    """Return ``{"weight": Fraction, "hint": str, "supporting": bool}`` of a check.

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
