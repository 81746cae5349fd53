"""The line in closed form, least squares in many dimensions, and the estimator made of it."""

from mlref.arrays import namespace
from mlref.base import Estimator
from mlref.errors import ShapeError, check_array, check_choice, check_matrix, check_same_length, check_vector
from mlref.linear_model.solvers import solve_least_squares
from mlref.losses import mse

__all__ = [
    "LinearRegression",
    "check_regression",
    "fit_line",
    "lstsq",
    "mean_squared_error_gradient",
    "normal_equations",
]


def fit_line(x, y):
    """Intercept and slope of the line with the smallest sum of squared residuals, in closed form.

    Parameters
    ----------
    x : array of shape (n_samples,)
        At least two different values.
    y : array of shape (n_samples,)

    Returns
    -------
    intercept : float
        In the units of y.
    slope : float
        In the units of y per unit of x.

    Raises
    ------
    ShapeError
        If x or y is not 1-D, or their lengths differ.
    NotFiniteError
        If x or y holds NaN or infinity.
    ValueError
        If all x are the same: then every slope fits equally well.

    Notes
    -----
    The slope is the covariance of x and y over the variance of x, ``sum (x - mx)(y - my) / sum (x - mx)^2``;
    the line goes through the point of the means.

    References
    ----------
    Bishop (2006), *Pattern Recognition and Machine Learning*, section 3.1.1.

    Examples
    --------
    >>> fit_line(np.array([0.0, 1.0, 2.0]), np.array([1.0, 3.0, 5.0]))
    (1.0, 2.0)
    """
    x, y = check_vector(x, "x"), check_vector(y, "y")
    check_same_length(x=x, y=y)
    xp = namespace(x, y)
    if bool(xp.all(x == x[0])):
        raise ValueError("x is constant, so no slope is better than another; x needs two different values")
    x_mean, y_mean = xp.mean(x), xp.mean(y)
    deviation = x - x_mean
    slope = float(xp.sum(deviation * (y - y_mean)) / xp.sum(deviation**2))
    return float(y_mean - slope * x_mean), slope


def lstsq(X, y):
    """Coefficients with the smallest sum of squared residuals, by QR or a singular value decomposition.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        As it is: a column of ones makes an intercept.
    y : array of shape (n_samples,) or (n_samples, n_outputs)

    Returns
    -------
    coef : array of shape (n_features,) or (n_features, n_outputs)
        Where several are best, as with columns that repeat each other, the shortest.

    Raises
    ------
    ShapeError
        If X is not 2-D, y neither 1-D nor 2-D, or their lengths differ.
    NotFiniteError
        If X or y holds NaN or infinity.

    Notes
    -----
    With ``X = QR`` the residual ``|X w - y|`` is smallest where ``R w = Q^T y``; the error of w is about the
    condition number of X times the precision of the numbers. A singular R (seen by its condition number) goes
    through ``R = U S V^T``: directions that the data say nothing about get no weight. One pass over blocks of
    rows, which needs half a megabyte and an array of shape (n_features, n_features) beside X.

    References
    ----------
    Golub and Van Loan (2013), *Matrix Computations*, sections 5.3 and 5.5.

    Examples
    --------
    >>> X = np.array([[1.0, 0.0, 0.0], [1.0, 1.0, 1.0], [1.0, 2.0, 2.0]])
    >>> lstsq(X, np.array([1.0, 3.0, 5.0])).round(12)
    array([1., 1., 1.])
    """
    return _coefficients(X, y, "qr")


def normal_equations(X, y):
    """Coefficients with the smallest sum of squared residuals, from ``X^T X w = X^T y`` where that is safe.

    Three to eight times as fast as `lstsq` and less accurate; where X is ill-conditioned it calls QR instead.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        As it is: a column of ones makes an intercept.
    y : array of shape (n_samples,) or (n_samples, n_outputs)

    Returns
    -------
    coef : array of shape (n_features,) or (n_features, n_outputs)

    Raises
    ------
    ShapeError
        If X is not 2-D, y neither 1-D nor 2-D, or their lengths differ.
    NotFiniteError
        If X or y holds NaN or infinity.

    Notes
    -----
    ``X^T X = R^T R`` by Cholesky, then two triangular systems. The condition number of ``X^T X`` is the
    square of that of X: where X has 1e8, all digits are gone. R gives an estimate of it, and beyond
    ``1 / sqrt(eps)`` (7e7 in float64, half of the digits) the answer is that of `lstsq`.

    References
    ----------
    Higham (2002), *Accuracy and Stability of Numerical Algorithms*, section 20.4.

    Examples
    --------
    >>> X = np.array([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]])
    >>> normal_equations(X, np.array([1.0, 3.0, 5.0])).round(12)
    array([1., 2.])
    """
    return _coefficients(X, y, "cholesky")


def mean_squared_error_gradient(w, X, y):
    """Gradient of the mean squared error of a linear model by its coefficients.

    Parameters
    ----------
    w : array of shape (n_features,)
    X : array of shape (n_samples, n_features)
    y : array of shape (n_samples,)

    Returns
    -------
    gradient : array of shape (n_features,)

    Raises
    ------
    ShapeError
        If the shapes do not fit.
    NotFiniteError
        If X or y holds NaN or infinity.

    Notes
    -----
    ``d/dw (1/n) |X w - y|^2 = (2/n) X^T (X w - y)``: by the chain rule, ``X^T`` times the gradient by the
    predictions.

    Examples
    --------
    >>> mean_squared_error_gradient(np.array([0.0]), np.array([[1.0], [2.0]]), np.array([1.0, 2.0]))
    array([-5.])
    """
    X, y = check_matrix(X, "X"), check_vector(y, "y")
    check_same_length(X=X, y=y)
    w = check_array(w, "w")
    if tuple(w.shape) != (X.shape[1],):
        raise ShapeError(
            f"w has shape {tuple(w.shape)}; it must be ({X.shape[1]},), one coefficient for each column of X"
        )
    _, by_prediction = mse(X @ w, y)
    return X.T @ by_prediction


def check_regression(X, y, sample_weight=None):
    """Data of a regression with one or several outputs, in one dtype.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
    sample_weight : array-like of shape (n_samples,), optional
        Not negative.

    Returns
    -------
    X : array of shape (n_samples, n_features)
        Floating point.
    y : array of shape (n_samples,) or (n_samples, n_outputs)
        In the dtype of X.
    sample_weight : array of shape (n_samples,) or None
        In the dtype of X.

    Raises
    ------
    ShapeError
        If X is not 2-D, y neither 1-D nor 2-D, or their lengths differ.
    NotFiniteError
        If one of them holds NaN or infinity.
    ValueError
        If a weight is negative, or all are zero.

    Examples
    --------
    >>> check_regression([[1], [2]], [3, 4])
    (array([[1.],
           [2.]]), array([3., 4.]), None)
    """
    X = check_matrix(X, "X")
    xp = namespace(X)
    if y is not None:
        y = namespace(y).asarray(y)
    y = check_vector(y, "y") if y is None or y.ndim < 2 else check_matrix(y, "y")
    check_same_length(X=X, y=y)
    y = xp.astype(y, X.dtype, copy=False)
    if sample_weight is not None:
        sample_weight = xp.astype(check_vector(sample_weight, "sample_weight"), X.dtype, copy=False)
        check_same_length(X=X, sample_weight=sample_weight)
        if bool(xp.any(sample_weight < 0)):
            raise ValueError("sample_weight holds negative numbers; a weight is how often a row counts")
        if not bool(xp.any(sample_weight > 0)):
            raise ValueError("sample_weight is zero everywhere; give one row at least a positive weight")
    return X, y, sample_weight


class LinearModel(Estimator):
    """What models share that predict ``X @ coef_ + intercept_``."""

    estimator_type = "regressor"

    def predict(self, X):
        """Value of the linear function at each sample.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)

        Returns
        -------
        predictions : array of shape (n_samples,) or (n_samples, n_outputs)

        Raises
        ------
        NotFittedError
            If ``fit`` was not called.
        ShapeError
            If X is not 2-D or has another number of features than in ``fit``.
        NotFiniteError
            If X holds NaN or infinity.
        """
        self._check_fitted()
        X = check_matrix(X, "X")
        self._check_features(X)
        coef = self.coef_ if self.coef_.ndim == 1 else self.coef_.T
        return X @ coef + self.intercept_

    def _learn(self, coef, intercept):
        """Keep coefficients of shape (n_features,) or (n_features, n_outputs) as scikit-learn does."""
        self.n_features_in_ = coef.shape[0]
        self.coef_ = coef if coef.ndim == 1 else coef.T
        self.intercept_ = float(intercept) if coef.ndim == 1 else intercept
        return self


class LinearRegression(LinearModel):
    """Linear function with the smallest sum of squared residuals.

    Parameters
    ----------
    fit_intercept : bool
        Whether the function need not go through the origin.
    solver : {"qr", "cholesky"}
        "qr" as `lstsq`; "cholesky" as `normal_equations`, which gives way to QR where it is not safe.

    Attributes
    ----------
    coef_ : array of shape (n_features,) or (n_outputs, n_features)
        The shortest, where several are best.
    intercept_ : float or array of shape (n_outputs,)
    n_features_in_ : int
        Number of features seen in ``fit``.

    Examples
    --------
    >>> model = LinearRegression().fit(np.array([[0.0], [1.0], [2.0]]), np.array([1.0, 3.0, 5.0]))
    >>> model.predict(np.array([[3.0]])).round(12)
    array([7.])
    """

    def __init__(self, *, fit_intercept=True, solver="qr"):
        self.fit_intercept = fit_intercept
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
        self : LinearRegression

        Raises
        ------
        ShapeError
            If X is not 2-D, y neither 1-D nor 2-D, or the lengths differ.
        NotFiniteError
            If one of them holds NaN or infinity.
        ValueError
            If the solver is unknown, or the weights are no weights.
        """
        check_choice(self.solver, ("qr", "cholesky"), "solver")
        X, y, sample_weight = check_regression(X, y, sample_weight)
        return self._learn(
            *solve_least_squares(
                X, y, sample_weight=sample_weight, fit_intercept=self.fit_intercept, solver=self.solver
            )
        )

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags


def _coefficients(X, y, solver):
    X, y, _ = check_regression(X, y)
    return solve_least_squares(X, y, fit_intercept=False, solver=solver)[0]
