"""Gradient descent on a whole function, with stopping rules."""

import warnings
from dataclasses import dataclass
from typing import Any

from mlref.arrays import namespace
from mlref.errors import ConvergenceWarning, NotFiniteError, check_array, check_count, check_positive

__all__ = ["DescentResult", "gradient_descent"]


@dataclass(frozen=True)
class DescentResult:
    """Where a descent ended, and the way there.

    Attributes
    ----------
    x : array of any shape, or float
        The last point.
    n_iter : int
        How many steps were made.
    stopped_by : "gradient", "step" or "max_iter"
        Which rule ended it.
    path : list
        Every point, from the first to the last.
    """

    x: Any
    n_iter: int
    stopped_by: str
    path: list


def gradient_descent(grad, x0, learning_rate, *, max_iter=1000, gradient_tol=0.0, step_tol=0.0):
    """Walk downhill: subtract a multiple of the gradient, again and again.

    Parameters
    ----------
    grad : callable
        Takes a point and returns the gradient there, of the same shape.
    x0 : array of any shape, or float
        The first point; not changed.
    learning_rate : float or callable
        What the gradient is multiplied with; or a schedule, which takes the number of the step, from 0 on.
    max_iter : int
    gradient_tol : float
        Stop where the gradient is no longer than this; 0 switches the rule off.
    step_tol : float
        Stop after a step no longer than this; 0 switches the rule off.

    Returns
    -------
    result : DescentResult

    Raises
    ------
    NotFiniteError
        If the path leaves the finite numbers: the learning rate is too large.

    Warns
    -----
    ConvergenceWarning
        If a tolerance is set and `max_iter` ends the descent all the same.

    Notes
    -----
    ``x_{t+1} = x_t - learning_rate grad(x_t)``. It finds a local minimum that depends on the first point;
    near one with second derivative c it converges for learning rates below 2 / c, oscillating from 1 / c on.

    References
    ----------
    S. Boyd, L. Vandenberghe (2004), *Convex Optimization*, section 9.3.

    Examples
    --------
    >>> result = gradient_descent(lambda x: 2 * (x - 3), 0.0, 0.25, step_tol=1e-6)
    >>> round(result.x, 5), result.stopped_by
    (3.0, 'step')
    """
    check_count(max_iter, "max_iter")
    if not isinstance(x0, float | int):
        x0 = check_array(x0, "x0")
    rate = learning_rate
    if not callable(rate):
        check_positive(learning_rate, "learning_rate")
        rate = lambda t: learning_rate  # noqa: E731
    x, path = x0, [x0]
    for t in range(max_iter):
        gradient = grad(x)
        if gradient_tol and _length(gradient) <= gradient_tol:
            return DescentResult(x, t, "gradient", path)
        step = rate(t) * gradient
        x = x - step
        length = _length(step)
        if not length < float("inf"):
            raise NotFiniteError(f"step {t} is not finite; choose a smaller learning_rate than {rate(t)}")
        path.append(x)
        if step_tol and length <= step_tol:
            return DescentResult(x, t + 1, "step", path)
    if gradient_tol or step_tol:
        warnings.warn(
            f"gradient descent made max_iter = {max_iter} steps, the last of length {length:.3g}, and did "
            "not converge; raise max_iter or learning_rate",
            ConvergenceWarning,
            stacklevel=2,
        )
    return DescentResult(x, max_iter, "max_iter", path)


def _length(vector):
    """The Euclidean length of an array or number, as a float."""
    if isinstance(vector, float | int):
        return abs(vector)
    return float(namespace(vector).sum(vector * vector)) ** 0.5
