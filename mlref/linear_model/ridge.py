"""Least squares with a price on the squares of the coefficients."""

from mlref.arrays import device, namespace
from mlref.errors import check_choice, check_not_negative
from mlref.linear_model.least_squares import LinearModel, check_regression
from mlref.linear_model.solvers import solve_least_squares

__all__ = [
    "Ridge",
    "ridge_regression",
]


def ridge_regression(X, y, alpha, *, penalize_intercept=False):
    """Intercept and coefficients with the smallest penalised sum of squared residuals.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        Without a column of ones.
    y : array of shape (n_samples,) or (n_samples, n_outputs)
    alpha : float
        Price of the squares of the coefficients, not negative; 0 is least squares.
    penalize_intercept : bool
        Whether the square of the intercept costs as much.

    Returns
    -------
    intercept : float or array of shape (n_outputs,)
    coef : array of shape (n_features,) or (n_features, n_outputs)

    Raises
    ------
    ShapeError
        If X is not 2-D, y neither 1-D nor 2-D, or their lengths differ.
    NotFiniteError
        If X or y holds NaN or infinity.
    ValueError
        If alpha is negative or not finite.

    Notes
    -----
    Minimises ``|y - b - X w|^2 + alpha |w|^2`` through ``(X^T X + alpha I) w = X^T y`` on centred data, by
    Cholesky; where that matrix is ill-conditioned, by QR of X with the rows ``sqrt(alpha) I`` added. With
    fewer samples than features ``w = X^T (X X^T + alpha I)^-1 y`` is the same and the smaller system. Half of
    both terms gives the same coefficients, a mean instead of the sum does not.

    References
    ----------
    Hoerl and Kennard (1970), Ridge regression, *Technometrics* 12(1).

    Examples
    --------
    >>> X, y = np.array([[-1.0], [0.0], [1.0]]), np.array([1.0, 3.0, 5.0])
    >>> ridge_regression(X, y, 2.0)
    (3.0, array([1.]))
    """
    coef, intercept = _ridge(X, y, alpha, penalize_intercept=penalize_intercept)
    return (float(intercept) if coef.ndim == 1 else intercept), coef


class Ridge(LinearModel):
    """Linear function with the smallest penalised sum of squared residuals.

    Parameters
    ----------
    alpha : float
        Price of the squares of the coefficients, not negative; 0 is least squares.
    fit_intercept : bool
        Whether the function need not go through the origin.
    penalize_intercept : bool
        Whether the square of the intercept costs as much.
    solver : {"cholesky", "qr"}
        "cholesky" gives way to QR where it would lose more than half of the digits.

    Attributes
    ----------
    coef_ : array of shape (n_features,) or (n_outputs, n_features)
    intercept_ : float or array of shape (n_outputs,)
    n_features_in_ : int
        Number of features seen in ``fit``.

    Examples
    --------
    >>> X, y = np.array([[-1.0], [0.0], [1.0]]), np.array([1.0, 3.0, 5.0])
    >>> Ridge(alpha=2.0).fit(X, y).coef_
    array([1.])
    """

    def __init__(self, alpha=1.0, *, fit_intercept=True, penalize_intercept=False, solver="cholesky"):
        self.alpha = alpha
        self.fit_intercept = fit_intercept
        self.penalize_intercept = penalize_intercept
        self.solver = solver

    def fit(self, X, y, sample_weight=None):
        """Find the coefficients.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
        y : array of shape (n_samples,) or (n_samples, n_outputs)
        sample_weight : array of shape (n_samples,), optional
            How much each squared residual counts.

        Returns
        -------
        self : Ridge

        Raises
        ------
        ShapeError
            If X is not 2-D, y neither 1-D nor 2-D, or the lengths differ.
        NotFiniteError
            If one of them holds NaN or infinity.
        ValueError
            If alpha is negative, the solver is unknown, or the weights are no weights.
        """
        check_choice(self.solver, ("cholesky", "qr"), "solver")
        coef, intercept = _ridge(
            X,
            y,
            self.alpha,
            sample_weight=sample_weight,
            fit_intercept=self.fit_intercept,
            penalize_intercept=self.penalize_intercept,
            solver=self.solver,
        )
        return self._learn(coef, intercept)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags


def _ridge(
    X, y, alpha, *, sample_weight=None, fit_intercept=True, penalize_intercept=False, solver="cholesky"
):
    """Coefficients and intercept."""
    check_not_negative(alpha, "alpha")
    X, y, sample_weight = check_regression(X, y, sample_weight)
    if not (fit_intercept and penalize_intercept):
        return solve_least_squares(
            X, y, alpha=alpha, sample_weight=sample_weight, fit_intercept=fit_intercept, solver=solver
        )
    # A price like that of the others makes it the coefficient of a column of ones.
    xp = namespace(X)
    ones = xp.ones((X.shape[0], 1), dtype=X.dtype, device=device(X))
    coef, _ = solve_least_squares(
        xp.concat([ones, X], axis=1),
        y,
        alpha=alpha,
        sample_weight=sample_weight,
        fit_intercept=False,
        solver=solver,
    )
    return coef[1:, ...], coef[0, ...]
