"""Gradient checks of a suite: the reference checker's verdict as a claim."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograder.testing.assertions import CheckFailed

__all__ = ["Inconclusive", "check_gradient"]

REDRAWS = 5


class Inconclusive(Exception):
    """Numbers could not decide, for instance at a kink.

    Never a failed check: the grader reports ``grader_error`` for it and flags it for staff. A suite
    avoids it by handing `redraw` to :func:`check_gradient`.
    """


def check_gradient(
    f: Callable[[Any], Any],
    params: Any,
    grads: Any,
    *,
    seed: int = 0,
    rtol: float = 1e-6,
    redraw: Callable[[], tuple[Callable[[Any], Any], Any, Any]] | None = None,
) -> None:
    """Claim that `grads` is the gradient of `f` at `params`, by differences along random directions.

    Parameters
    ----------
    f : callable
        Takes `params`, returns the loss as one float.
    params : dict of str to float64 array
        The point.
    grads : dict of str to float64 array
        What the student's code returned for that point.
    seed : int
        Chooses the directions.
    rtol : float
        Allowed relative difference.
    redraw : callable, optional
        Returns a new ``(f, params, grads)``; called at most five times where the point is inconclusive.

    Raises
    ------
    CheckFailed
        Category gradient with a cause, or the category of the guard that failed: type, shape, dtype,
        not_finite, nondeterministic or side_effect.
    Inconclusive
        If no point could be decided; that is nobody's fault and costs no points.
    """
    from mlref.autodiff.gradcheck import check_gradient as gradient_report

    for attempt in range(REDRAWS + 1):
        report = gradient_report(f, params, grads, rtol=rtol, seed=seed + attempt)
        if report.verdict != "inconclusive":
            break
        if redraw is not None:
            f, params, grads = redraw()
    if report.verdict == "inconclusive":
        raise Inconclusive(report.message)
    if report.verdict == "wrong":
        guard = report.category in ("type", "shape", "dtype", "not_finite", "nondeterministic", "side_effect")
        category = report.category if guard else "gradient"
        raise CheckFailed(report.message, category, None if guard else report.cause)
