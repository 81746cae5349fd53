"""Linear support vector machine with squared hinge loss, by Newton's method."""

import warnings

from mlref.arrays import device, namespace
from mlref.base import Estimator
from mlref.errors import (
    ConvergenceWarning,
    check_array,
    check_count,
    check_labels,
    check_matrix,
    check_positive,
    check_same_length,
)

__all__ = [
    "LinearSVC",
    "fit_squared_hinge",
]


def fit_squared_hinge(X, y, C=1.0, *, tol=1e-4, max_iter=100):
    """Weights that minimise ``|w|^2 / 2 + C sum(max(0, 1 - y X w)^2)``.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
    y : array of shape (n_samples,)
        -1 and +1, of the dtype of X.
    C : float
        Weight of the losses against the size of w.
    tol : float
        Stop when the gradient has shrunk to this share of what it was at w = 0.
    max_iter : int
        Stop after this many steps, with a warning.

    Returns
    -------
    w : array of shape (n_features,)
    n_iter : int

    Warns
    -----
    ConvergenceWarning
        If max_iter steps were not enough.

    Notes
    -----
    The objective is a quadratic on either side of where a sample's margin reaches 1. Newton's step takes it
    for the quadratic of the samples inside their margin now: gradient ``w - 2 C X^T (y shortfall)``, Hessian
    ``I + 2 C X_a^T X_a`` of the active rows. When the set of active samples no longer changes, a step is
    exact: few are needed. Halving the step until the objective falls makes it safe. The peak memory is one
    copy of X.

    References
    ----------
    Keerthi and DeCoste (2005), A modified finite Newton method for fast solution of large scale linear SVMs,
    *JMLR* 6.

    Examples
    --------
    >>> import numpy as np
    >>> w, n_iter = fit_squared_hinge(np.array([[1.0], [-1.0]]), np.array([1.0, -1.0]))
    >>> w
    array([0.8])
    """
    X, y = check_array(X, "X", ndim=2), check_array(y, "y", ndim=1)
    check_same_length(X=X, y=y)
    xp = namespace(X, y)
    identity = xp.eye(X.shape[1], dtype=X.dtype, device=device(X))
    w, shortfall = xp.zeros_like(X[0, :]), xp.ones_like(y)
    objective, first = C * X.shape[0], None
    for n_iter in range(max_iter + 1):
        gradient = w - 2 * C * (X.T @ (y * shortfall))
        size = float(xp.linalg.vector_norm(gradient))
        first = size if first is None else first
        if size <= tol * first:
            return w, n_iter
        if n_iter == max_iter:
            break
        active = xp.astype(shortfall > 0, X.dtype)
        hessian = identity + 2 * C * (X.T @ (X * active[:, None]))
        direction = -xp.linalg.solve(hessian, gradient[:, None])[:, 0]
        margin, slope = y * (X @ direction), float(gradient @ direction)
        base, step = 1 - y * (X @ w), 1.0
        while True:
            candidate = w + step * direction
            shortfall = base - step * margin
            shortfall = xp.maximum(shortfall, xp.zeros_like(shortfall))
            value = float(candidate @ candidate / 2 + C * (shortfall @ shortfall))
            if value <= objective + 1e-4 * step * slope or step < 1e-10:
                break
            step /= 2
        w, objective = candidate, value
    warnings.warn(
        f"Newton's method stopped after max_iter = {max_iter} steps with a gradient of {size / first:.1e} of "
        f"what it was at first, above tol = {tol}; raise max_iter, or scale the features",
        ConvergenceWarning,
        stacklevel=2,
    )
    return w, max_iter


class LinearSVC(Estimator):
    """Linear classifier with the widest margin, squared hinge loss; one against the rest for several classes.

    Parameters
    ----------
    C : float
        Weight of the losses against the size of the weights; positive.
    fit_intercept : bool
        Whether to add a feature that is always 1. Its weight is penalised like the others, as in liblinear:
        center the features, if the classes lie far from the origin.
    tol : float
        Stop when the gradient has shrunk to this share of what it was at first.
    max_iter : int

    Attributes
    ----------
    coef_ : array of shape (1, n_features) or (n_classes, n_features)
        One row for two classes.
    intercept_ : array of shape (1,) or (n_classes,)
    classes_ : array of shape (n_classes,)
    n_iter_ : int
        The most steps that a class took.
    n_features_in_ : int

    Notes
    -----
    Minimises what scikit-learn's LinearSVC does, see `fit_squared_hinge`.

    Examples
    --------
    >>> import numpy as np
    >>> X, y = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array(["low", "low", "high", "high"])
    >>> LinearSVC().fit(X, y).predict(np.array([[0.5], [2.5]]))
    array(['low', 'high'], dtype='<U4')
    """

    estimator_type = "classifier"

    def __init__(self, *, C=1.0, fit_intercept=True, tol=1e-4, max_iter=100):
        self.C = C
        self.fit_intercept = fit_intercept
        self.tol = tol
        self.max_iter = max_iter

    def fit(self, X, y):
        """Find the weights of each class against the rest.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
        y : array of shape (n_samples,)
            Label of each sample: integers, booleans or strings; at least two different ones.

        Returns
        -------
        self : LinearSVC

        Raises
        ------
        ShapeError
            If X is not 2-D, y is not 1-D, or their lengths differ.
        NotFiniteError
            If X holds NaN or infinity.
        ValueError
            If a parameter is not allowed, y holds numbers that are not whole, or only one label.
        """
        X, y = check_matrix(X, "X"), check_labels(y, "y")
        check_same_length(X=X, y=y)
        check_positive(self.C, "C")
        check_positive(self.tol, "tol")
        check_count(self.max_iter, "max_iter")
        xp = namespace(X)
        self.classes_, codes = namespace(y).unique_inverse(y)
        n_classes = self.classes_.shape[0]
        if n_classes < 2:
            raise ValueError(
                f"y holds 1 class, {self.classes_[0]!r}; a classifier needs at least two classes"
            )
        columns = xp.concat([X, xp.ones_like(X[:, :1])], axis=1) if self.fit_intercept else X
        weights, steps = [], []
        for code in range(n_classes) if n_classes > 2 else [1]:
            own = xp.astype(xp.asarray(codes == code, device=device(X)), X.dtype)
            w, n_iter = fit_squared_hinge(columns, 2 * own - 1, self.C, tol=self.tol, max_iter=self.max_iter)
            weights.append(w)
            steps.append(n_iter)
        weights = xp.stack(weights)
        self.coef_ = weights[:, : X.shape[1]]
        self.intercept_ = weights[:, -1] if self.fit_intercept else xp.zeros_like(weights[:, 0])
        self.n_iter_ = max(steps)
        self.n_features_in_ = X.shape[1]
        return self

    def decision_function(self, X):
        """Score of the second class, or of every class if there are more than two.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)

        Returns
        -------
        scores : array of shape (n_samples,) or (n_samples, n_classes)

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
        scores = X @ namespace(X).astype(self.coef_, X.dtype).T + self.intercept_
        return scores[:, 0] if scores.shape[1] == 1 else scores

    def predict(self, X):
        """Class of the largest score, the smallest label where several are.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)

        Returns
        -------
        labels : array of shape (n_samples,)

        Raises
        ------
        NotFittedError
            If ``fit`` was not called.
        ShapeError
            If X is not 2-D or has another number of features than in ``fit``.
        NotFiniteError
            If X holds NaN or infinity.
        """
        scores = self.decision_function(X)
        xp = namespace(scores)
        if scores.ndim == 1:
            return self.classes_[xp.astype(scores > 0, xp.int64)]
        return self.classes_[xp.argmax(scores, axis=1)]
