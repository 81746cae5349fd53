"""Least squares in one pass over blocks of rows: by QR, which is accurate, or by Cholesky, which is fast.

Both end with a triangle R for which ``R^T R = X^T X``. QR takes it from X itself; Cholesky takes it from the
normal equations, whose condition number is the square of that of X. What is held beside the data is one block
of rows (about half a megabyte) and a matrix of shape (n_features, n_features).
"""

import math

import numpy as np
from scipy.linalg import get_lapack_funcs, solve_triangular

from mlref.arrays import device, namespace

__all__ = [
    "centered_blocks",
    "column_means",
    "normal_matrix",
    "qr_triangle",
    "reciprocal_condition",
    "solve_least_squares",
]


def solve_least_squares(X, y, *, alpha=0.0, sample_weight=None, fit_intercept=True, solver="qr"):
    """Coefficients and intercept with the smallest weighted and penalised sum of squared residuals.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
    y : array of shape (n_samples,) or (n_samples, n_outputs)
        Of the dtype of X.
    alpha : float
        How much the squares of the coefficients cost, not negative. The intercept costs nothing.
    sample_weight : array of shape (n_samples,), optional
        How much each squared residual counts, not negative.
    fit_intercept : bool
        Whether there is an intercept; if not it is zero.
    solver : {"qr", "cholesky"}
        "cholesky" gives way to QR where it would lose more than half of the digits.

    Returns
    -------
    coef : array of shape (n_features,) or (n_features, n_outputs)
        The shortest one, where several are best.
    intercept : array of shape () or (n_outputs,)

    Notes
    -----
    Minimises ``sum_i v_i |y_i - b - W^T x_i|^2 + alpha |W|^2``. The best intercept makes the weighted means
    agree, so it is left out by moving X and y to their means. A weight scales a row by its root. A penalty is
    n_features more rows, ``sqrt(alpha) I`` with targets 0.

    References
    ----------
    Golub and Van Loan (2013), *Matrix Computations*, chapter 5.

    Examples
    --------
    >>> X, y = np.array([[0.0], [1.0], [2.0]]), np.array([1.0, 3.0, 5.0])
    >>> coef, intercept = solve_least_squares(X, y)
    >>> coef.round(12), intercept.round(12)
    (array([2.]), np.float64(1.0))
    """
    x_mean, y_mean = column_means(X, y, sample_weight, fit_intercept=fit_intercept)
    coef = None
    if solver == "cholesky":
        blocks = centered_blocks(X, y, x_mean, y_mean, sample_weight)
        if alpha > 0 and X.shape[0] < X.shape[1]:
            # So few rows are one block.
            coef = _by_duality(*next(blocks), alpha)
        else:
            coef = _by_cholesky(*normal_matrix(blocks, alpha))
    if coef is None:
        R, rotated = qr_triangle(centered_blocks(X, y, x_mean, y_mean, sample_weight), alpha)
        coef = _minimum_norm(R, rotated, cutoff=max(X.shape) * namespace(X).finfo(X.dtype).eps)
    coef = coef if y.ndim > 1 else coef[:, 0]
    return coef, y_mean - x_mean @ coef


def column_means(X, y, sample_weight=None, *, fit_intercept=True):
    """Weighted means of the columns, which an intercept takes up; zeros where there is none.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
    y : array of shape (n_samples,) or (n_samples, n_outputs)
    sample_weight : array of shape (n_samples,), optional
    fit_intercept : bool

    Returns
    -------
    x_mean : array of shape (n_features,)
    y_mean : array of shape () or (n_outputs,)

    Examples
    --------
    >>> column_means(np.array([[1.0], [3.0]]), np.array([[0.0], [4.0]]))
    (array([2.]), array([2.]))
    """
    xp = namespace(X, y)
    if not fit_intercept:
        return xp.zeros_like(X[0, ...]), xp.zeros_like(y[0, ...])
    if sample_weight is None:
        return xp.mean(X, axis=0), xp.mean(y, axis=0)
    share = sample_weight / xp.sum(sample_weight)
    return share @ X, share @ y


def centered_blocks(X, y, x_mean, y_mean, sample_weight=None):
    """Rows of X and y less their means, times the root of their weight, a block at a time.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
    y : array of shape (n_samples,) or (n_samples, n_outputs)
    x_mean : array of shape (n_features,)
    y_mean : array of shape () or (n_outputs,)
    sample_weight : array of shape (n_samples,), optional

    Yields
    ------
    rows_of_X : array of shape (n_rows, n_features)
    rows_of_y : array of shape (n_rows, n_outputs)
        A column, where y is a vector.
    """
    xp = namespace(X, y)
    # Half a megabyte stays in the processor's cache; far more rows than columns keep R's share small.
    rows = max(2**16 // (X.shape[1] + math.prod(y.shape[1:])), 4 * X.shape[1])
    for start in range(0, X.shape[0], rows):
        block = slice(start, min(start + rows, X.shape[0]))
        A, B = X[block, :] - x_mean, y[block, ...] - y_mean
        B = B if y.ndim > 1 else B[:, None]
        if sample_weight is not None:
            root = xp.sqrt(sample_weight[block])[:, None]
            A, B = root * A, root * B
        yield A, B


def qr_triangle(blocks, alpha=0.0):
    """Triangle R and rotated targets ``Q^T y`` of ``X = QR``, one block of rows after the other.

    Parameters
    ----------
    blocks : iterable of pairs
        Rows of X and of y, of shapes (n_rows, n_features) and (n_rows, n_outputs).
    alpha : float
        Penalty: the decomposition begins with the rows ``sqrt(alpha) I``.

    Returns
    -------
    R : array of shape (min(n_samples, n_features), n_features)
        Upper triangular, up to the signs of its rows.
    rotated : array of shape (min(n_samples, n_features), n_outputs)

    Notes
    -----
    The triangle of [X y] holds both. Rows that were seen can be replaced by their triangle, because
    ``|X w - y|`` stays what it was: so the next block is stacked below it and decomposed again.

    References
    ----------
    Demmel, Grigori, Hoemmen and Langou (2012), Communication-optimal parallel and sequential QR and LU
    factorizations, *SIAM Journal on Scientific Computing* 34(1).

    Examples
    --------
    >>> R, rotated = qr_triangle([(np.array([[3.0], [4.0]]), np.array([[6.0], [8.0]]))])
    >>> (rotated / R).round(12)
    array([[2.]])
    """
    triangle = None
    for A, B in blocks:
        xp, n_features = namespace(A, B), A.shape[1]
        rows = xp.concat([A, B], axis=1)
        if triangle is None and alpha > 0:
            triangle = math.sqrt(alpha) * xp.eye(n_features, rows.shape[1], dtype=A.dtype, device=device(A))
        stacked = rows if triangle is None else xp.concat([triangle, rows])
        # Only numpy can leave Q out.
        triangle = np.linalg.qr(stacked, mode="r") if xp is np else xp.linalg.qr(stacked)[1]
    n_rows = min(n_features, triangle.shape[0])
    return triangle[:n_rows, :n_features], triangle[:n_rows, n_features:]


def normal_matrix(blocks, alpha=0.0):
    """Matrix ``X^T X + alpha I`` and right side ``X^T y`` of the normal equations.

    Parameters
    ----------
    blocks : iterable of pairs
        Rows of X and of y, of shapes (n_rows, n_features) and (n_rows, n_outputs).
    alpha : float
        Penalty.

    Returns
    -------
    gram : array of shape (n_features, n_features)
    cross : array of shape (n_features, n_outputs)

    Examples
    --------
    >>> normal_matrix([(np.array([[3.0], [4.0]]), np.array([[6.0], [8.0]]))])
    (array([[25.]]), array([[50.]]))
    """
    gram, cross = 0.0, 0.0
    for A, B in blocks:
        gram, cross = gram + A.T @ A, cross + A.T @ B
    return _plus_diagonal(gram, alpha), cross


def reciprocal_condition(R):
    """One over the condition number of a triangle, estimated: 0 is singular, 1 the best.

    Parameters
    ----------
    R : array of shape (n, n)
        Upper triangular.

    Returns
    -------
    reciprocal : float
        For numpy LAPACK's estimate in the 1-norm, in n^2 steps; elsewhere the exact one in the 2-norm.

    References
    ----------
    Higham (2002), *Accuracy and Stability of Numerical Algorithms*, chapter 15.

    Examples
    --------
    >>> reciprocal_condition(np.diag([4.0, 1.0]))
    0.25
    """
    xp = namespace(R)
    if xp is np:
        (trcon,) = get_lapack_funcs(("trcon",), (R,))
        return float(trcon(R)[0])
    values = xp.linalg.svdvals(R)
    return float(values[-1] / values[0]) if values[0] > 0 else 0.0


def _by_cholesky(matrix, right):
    """W with ``matrix W = right``, or None where more than half of the digits would be lost."""
    xp = namespace(matrix)
    try:
        R = xp.linalg.cholesky(matrix, upper=True)
    except (np.linalg.LinAlgError, RuntimeError):  # torch's own is a RuntimeError
        return None
    # As many digits are lost as the condition number of the matrix has, which is the square of that of R.
    if not reciprocal_condition(R) ** 2 > math.sqrt(xp.finfo(matrix.dtype).eps):
        return None
    return _solve_triangle(R, _solve_triangle(R, right, transposed=True))


def _by_duality(A, B, alpha):
    """The same for ``(A^T A + alpha I) W = A^T B``, where A has fewer rows than columns."""
    # (A^T A + alpha I) A^T = A^T (A A^T + alpha I), and the matrix on the right is the smaller one.
    dual = _by_cholesky(_plus_diagonal(A @ A.T, alpha), B)
    return None if dual is None else A.T @ dual


def _plus_diagonal(matrix, alpha):
    eye = namespace(matrix).eye(matrix.shape[0], dtype=matrix.dtype, device=device(matrix))
    return matrix + alpha * eye


def _minimum_norm(R, rotated, cutoff):
    """Shortest w with the smallest ``|R w - rotated|``; singular values below the cutoff count as zero."""
    xp = namespace(R)
    if R.shape[0] == R.shape[1] and reciprocal_condition(R) > cutoff:
        return _solve_triangle(R, rotated)
    U, values, Vt = xp.linalg.svd(R, full_matrices=False)
    keep = values > cutoff * values[0]
    inverse = xp.where(keep, 1 / xp.where(keep, values, xp.ones_like(values)), xp.zeros_like(values))
    return Vt.T @ (inverse[:, None] * (U.T @ rotated))


def _solve_triangle(R, B, transposed=False):
    """W with ``R W = B``, or ``R^T W = B``."""
    xp = namespace(R)
    if xp is np:
        return solve_triangular(R, B, trans="T" if transposed else "N", check_finite=False)
    return xp.linalg.solve(R.T if transposed else R, B)
