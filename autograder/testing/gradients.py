"""Gradient checks of a suite: the reference checker's verdict as a claim."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.testing.assertions import assert_finite, assert_shape
from autograder.testing.comparison import CheckFailed, _describe, _identical, _is_number

__all__ = ["Inconclusive", "check_gradient"]

REDRAWS = 5
SECOND_LOOKS = 8

# A function of the parameters, the point, and the gradient there.
Point = tuple[Callable[[Any], Any], Any, Any]


class Inconclusive(Exception):
    """Numbers could not decide, for instance at a kink.

    On the solution that breaks the check; on a submission, whose doing it then is, it earns no points until
    staff, who get a flag, have looked. A suite avoids it by handing `redraw` to :func:`check_gradient`.
    """


def check_gradient(
    f: Callable[[Any], Any],
    params: Any,
    grads: Any,
    *,
    seed: int = 0,
    rtol: float = 1e-6,
    redraw: Callable[[], Point] | None = None,
) -> None:
    """Claim that `grads` is the gradient of `f` at `params`, by differences along random directions.

    Parameters
    ----------
    f : callable
        Takes `params`, returns the loss as one float. It may call student code.
    params : float64 array or dict of str to float64 array
        The point.
    grads : array or dict of str to array
        What the student's code returned for that point, in the same form as `params`.
    seed : int
        Chooses the directions.
    rtol : float
        Allowed relative difference.
    redraw : callable, optional
        Returns a new ``(f, params, grads)``; called at most five times where a point is inconclusive.

    Raises
    ------
    CheckFailed
        Category gradient with a cause; or type, shape, dtype, not_finite, nondeterministic or
        side_effect where it does not come to a comparison of values: also for a loss that shows only
        now and then that it draws or changes its point, and for one in single precision.
    Inconclusive
        If no point could be decided: nobody's fault, and it costs no points.

    Examples
    --------
    >>> w = np.array([1.0, 2.0, 3.0])
    >>> check_gradient(lambda w: float(np.sum(w**2)), w, 2 * w)
    >>> check_gradient(lambda w: float(np.sum(w**2)), w, -2 * w)
    Traceback (most recent call last):
    ...
    autograder.testing.comparison.CheckFailed: x: your gradient and the numerical one disagree. ...
    """
    for attempt in range(REDRAWS + 1):
        if attempt and redraw is not None:
            f, params, grads = redraw()
        loss, point, gradient = _as_blocks(f, params, grads)
        loss = _refuse_unusable(loss, point, gradient)
        report = _report(loss, point, gradient, rtol=rtol, seed=seed + attempt)
        if report.verdict == "ok":
            return
        if report.verdict == "wrong":
            _refuse_what_cannot_settle(loss, point)
            # Of the checker's own refusals only this one is left: a gradient that is the parameter itself.
            category = "side_effect" if report.category is None else "gradient"
            raise CheckFailed(
                report.message, category, None if report.category == "unknown" else report.category
            )
    _refuse_what_cannot_settle(loss, point)
    raise Inconclusive(report.message)


def _report(f: Callable[[Any], Any], params: Any, grads: Any, *, rtol: float, seed: int) -> Any:
    """The reference checker's report; imported where it is used, as few suites need it."""
    from mlref.autodiff.gradcheck import check_gradient as gradient_report

    return gradient_report(f, params, grads, rtol=rtol, seed=seed)  # type: ignore[no-untyped-call]


def _as_blocks(f: Callable[[Any], Any], params: Any, grads: Any) -> Point:
    """One array becomes a dict of one block."""
    if isinstance(params, np.ndarray):
        return lambda point: f(point["x"]), {"x": params}, {"x": grads}
    return f, params, grads


def _refuse_unusable(
    f: Callable[[Any], Any], params: dict[str, np.ndarray], grads: Any
) -> Callable[[Any], float]:
    """Fail, with its own category, whatever cannot be compared by values; return a loss that goes on so."""
    if type(grads) is not dict:
        raise CheckFailed(f"gradients: expected dict, got {_describe(grads)}", "type")
    for name, param in params.items():
        if name not in grads:
            raise CheckFailed(f"gradients: there is none for {name!r}", "type")
        assert_shape(grads[name], param.shape, what=f"gradient of {name}")
        if grads[name].dtype != np.float64:
            raise CheckFailed(f"gradient of {name}: expected dtype float64, got {grads[name].dtype}", "dtype")
        assert_finite(grads[name], what=f"gradient of {name}")
    values: list[float] = []

    def loss(point: Any) -> float:
        copies = {name: param.copy() for name, param in point.items()}
        value = f(copies)
        if not _is_number(value) or not isinstance(value, float):
            category = "dtype" if _is_number(value) else "type"
            raise CheckFailed(f"the loss: expected a float of 64 bits, got {_describe(value)}", category)
        assert_finite(value, what="the loss")
        if not _identical(copies, dict(point)):
            raise CheckFailed("computing the loss changed the parameters; work on a copy", "side_effect")
        values.append(float(value))
        # What cannot repeat itself may do so twice; the checker comes back to the point now and then.
        if values[0] != value and _identical(dict(point), dict(params)):
            raise CheckFailed(
                f"the loss is {values[0]!r}, then {float(value)!r} for the same parameters",
                "nondeterministic",
            )
        return float(value)

    loss(params), loss(params)
    return loss


def _refuse_what_cannot_settle(loss: Callable[[Any], float], params: dict[str, np.ndarray]) -> None:
    """Fail a loss with which no derivative would settle, at no point: chance, or single precision, in it."""
    for _ in range(SECOND_LOOKS):
        loss(params)
    rng = np.random.default_rng(0)
    nearby = {
        loss({name: param + 1e-3 * rng.normal(size=param.shape) for name, param in params.items()})
        for _ in range(SECOND_LOOKS)
    }
    with np.errstate(all="ignore"):
        # In double precision a value is one of single precision once in half a billion times.
        is_single = all(float(np.float32(value)) == value for value in nearby)
    if is_single and len(nearby) == SECOND_LOOKS:
        raise CheckFailed(
            "the loss is computed in single precision; use float64 all the way through", "dtype"
        )
