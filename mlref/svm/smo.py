"""Sequential minimal optimisation: the dual of a kernel machine, two variables at a time. Numpy only."""

import warnings

import numpy as np

from mlref.errors import ConvergenceWarning, check_matrix, check_same_length, check_vector

__all__ = [
    "smo",
    "smo_simplified",
]


def smo(kernel_row, diagonal, targets, lower, upper, *, tol=1e-3, max_iter=1_000_000):
    """Coefficients of the kernel expansion that maximise the dual of a support vector machine.

    Maximise ``targets . b - b^T K b / 2`` over b between lower and upper that sum to zero. With labels
    y = -1, +1 as targets and b between 0 and C y this is the classifier; b is y times the usual alpha.

    Parameters
    ----------
    kernel_row : callable
        ``kernel_row(i)`` is row i of K, an array of shape (n,). A matrix gives it as ``K.__getitem__``.
    diagonal : array of shape (n,)
        Of K.
    targets : array of shape (n,)
    lower : array of shape (n,)
        Not positive.
    upper : array of shape (n,)
        Not negative.
    tol : float
        Stop when no pair of coefficients gains at a rate above this.
    max_iter : int
        Stop after this many steps, with a warning.

    Returns
    -------
    coefficients : array of shape (n,)
    intercept : float
        What to add to ``K b``, so that free coefficients have a residual of zero.
    n_iter : int

    Warns
    -----
    ConvergenceWarning
        If max_iter steps were not enough.

    Notes
    -----
    Every gain rate is ``g = targets - K b``. As the sum of b stays zero, one coefficient i rises by what
    another, j, falls; to first order that gains ``g_i - g_j``. Take for i the largest g among those that may
    rise. With j the best possible step gains ``(g_i - g_j)^2 / (2 curvature)``, curvature ``K_ii + K_jj -
    2 K_ij``: take the j that gains most. The step ends at a bound, or where the two rates are equal. Then
    only g changes, by two rows of K. The memory is some ten vectors, besides what kernel_row keeps.

    References
    ----------
    Platt (1998), Sequential minimal optimization. Fan, Chen and Lin (2005), Working set selection using
    second order information, *JMLR* 6. Bottou and Lin (2007), Support vector machine solvers (these signs).

    Examples
    --------
    >>> x, y = np.array([-2.0, -1.0, 1.0, 3.0]), np.array([-1.0, -1.0, 1.0, 1.0])
    >>> K = np.outer(x, x)
    >>> coefficients, _, _ = smo(K.__getitem__, x**2, y, np.minimum(9 * y, 0), np.maximum(9 * y, 0))
    >>> coefficients
    array([ 0. , -0.5,  0.5,  0. ])
    """
    b, g = np.zeros(targets.size), targets.astype(np.float64)
    # Added to g, these take out what is at its bound.
    cannot_rise = np.where(upper > 0, 0.0, -np.inf)
    cannot_fall = np.where(lower < 0, 0.0, np.inf)
    n_iter = 0
    while True:
        i = (g + cannot_rise).argmax()
        row = kernel_row(i)
        rate = g[i] - (g + cannot_fall)
        if rate.max() <= tol:
            break
        if n_iter == max_iter:
            warnings.warn(
                f"smo stopped after max_iter = {max_iter} steps, {rate.max():.1e} above tol = {tol}; raise "
                "max_iter, or scale the features",
                ConvergenceWarning,
                stacklevel=2,
            )
            break
        n_iter += 1
        # A kernel that is not positive definite can have no curvature.
        curvature = np.maximum(diagonal[i] + diagonal - 2 * row, 1e-12)
        gain = np.maximum(rate, 0.0) ** 2 / curvature
        j = gain.argmax()
        step = min(rate[j] / curvature[j], upper[i] - b[i], b[j] - lower[j])
        g -= step * (row - kernel_row(j))
        # At a bound exactly, not up to rounding.
        b[i] = upper[i] if step == upper[i] - b[i] else b[i] + step
        b[j] = lower[j] if step == b[j] - lower[j] else b[j] - step
        for k in (i, j):
            cannot_rise[k] = 0.0 if b[k] < upper[k] else -np.inf
            cannot_fall[k] = 0.0 if b[k] > lower[k] else np.inf
    free = (b > lower) & (b < upper)
    intercept = np.mean(g[free]) if np.any(free) else (np.max(g + cannot_rise) + np.min(g + cannot_fall)) / 2
    return b, float(intercept), n_iter


def smo_simplified(K, y, C, rng, tol=1e-3, max_passes=10):
    """The classifier's dual with the second variable of each pair drawn at random.

    Parameters
    ----------
    K : array of shape (n_samples, n_samples)
    y : array of shape (n_samples,)
        Labels -1 and +1.
    C : float
    rng : numpy.random.Generator
    tol : float
        By how much a margin may be violated.
    max_passes : int
        Stop after this many passes over the samples without a change.

    Returns
    -------
    alpha : array of shape (n_samples,)
        From 0 to C.
    intercept : float

    Notes
    -----
    Slower than `smo` and less exact, but every line is one of the formulas.

    References
    ----------
    Platt (1998), Sequential minimal optimization, without the heuristics for the second variable.

    Examples
    --------
    >>> x, y = np.array([-2.0, -1.0, 1.0, 3.0]), np.array([-1.0, -1.0, 1.0, 1.0])
    >>> alpha, intercept = smo_simplified(np.outer(x, x), y, 9.0, np.random.default_rng(0))
    >>> alpha.round(3) + 0.0
    array([0. , 0.5, 0.5, 0. ])
    """
    K, y = check_matrix(K, "K"), check_vector(y, "y")
    check_same_length(K=K, y=y)
    check_same_length(y=y, **{"K.T": K.T})
    n, alpha, b, passes = y.size, np.zeros(y.size), 0.0, 0
    while passes < max_passes:
        changed = False
        for i in range(n):
            error_i = K[i] @ (alpha * y) + b - y[i]
            if not ((y[i] * error_i < -tol and alpha[i] < C) or (y[i] * error_i > tol and alpha[i] > 0)):
                continue
            j = (i + rng.integers(1, n)) % n
            error_j = K[j] @ (alpha * y) + b - y[j]
            # Along the line on which sum(alpha y) stays the same, within the box.
            shift = alpha[j] - alpha[i] if y[i] != y[j] else alpha[i] + alpha[j] - C
            low, high = max(0.0, shift), min(C, C + shift)
            curvature = K[i, i] + K[j, j] - 2 * K[i, j]
            if low == high or curvature <= 0:
                continue
            new_j = np.clip(alpha[j] + y[j] * (error_i - error_j) / curvature, low, high)
            if abs(new_j - alpha[j]) < 1e-5:
                continue
            new_i = np.clip(alpha[i] + y[i] * y[j] * (alpha[j] - new_j), 0.0, C)
            moved = y[i] * (new_i - alpha[i]) * K[i] + y[j] * (new_j - alpha[j]) * K[j]
            b_i, b_j = b - error_i - moved[i], b - error_j - moved[j]
            b = b_i if 0 < new_i < C else b_j if 0 < new_j < C else (b_i + b_j) / 2
            alpha[i], alpha[j], changed = new_i, new_j, True
        passes = 0 if changed else passes + 1
    return alpha, float(b)
