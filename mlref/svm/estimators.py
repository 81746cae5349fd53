"""Kernel classifier and kernel regression with scikit-learn's interface. Numpy only."""

from functools import lru_cache
from itertools import combinations

import numpy as np

from mlref.base import Estimator
from mlref.errors import (
    check_choice,
    check_count,
    check_labels,
    check_matrix,
    check_positive,
    check_same_length,
    check_vector,
)
from mlref.svm.kernels import KERNELS, from_products, kernel_matrix
from mlref.svm.smo import smo

__all__ = [
    "SVC",
    "SVR",
]

# Bytes of kernel rows that are kept while fitting.
CACHE = 200 * 2**20


class _KernelMachine(Estimator):
    """What the two share: the kernel, its rows while fitting, and the sum over the support vectors."""

    def _check_parameters(self, X):
        check_choice(self.kernel, KERNELS, "kernel")
        check_count(self.degree, "degree")
        check_positive(self.C, "C")
        check_positive(self.tol, "tol")
        check_count(self.max_iter, "max_iter")
        if self.gamma == "scale":
            variance = np.var(X)
            self.gamma_ = 1 / (X.shape[1] * variance) if variance > 0 else 1.0
        elif self.gamma == "auto":
            self.gamma_ = 1 / X.shape[1]
        else:
            check_positive(self.gamma, "gamma")
            self.gamma_ = self.gamma

    @property
    def _kernel(self):
        return {"kernel": self.kernel, "gamma": self.gamma_, "degree": self.degree, "coef0": self.coef0}

    def _rows(self, X, copies=1):
        """A function that computes row i of the kernel matrix, and the diagonal; samples taken so often."""
        if self.kernel == "rbf":
            X = X - np.mean(X, axis=0)
        squares = np.einsum("nd,nd->n", X, X)

        @lru_cache(maxsize=max(2, CACHE // (8 * copies * squares.size)))
        def row(i):
            return np.tile(from_products(X @ X[i], squares, squares[i], **self._kernel), copies)

        diagonal = np.tile(from_products(squares, squares, squares, **self._kernel), copies)
        return row if copies == 1 else lambda i: row(i % squares.size), diagonal

    def _keep(self, X, coefficients, intercepts):
        """Remember the samples that have a coefficient in any of the expansions."""
        coefficients = np.stack(coefficients)
        self.support_ = np.flatnonzero(np.any(coefficients != 0, axis=0))
        self.support_vectors_ = X[self.support_]
        self.dual_coef_ = coefficients[:, self.support_]
        self.intercept_ = np.array(intercepts)
        self.n_features_in_ = X.shape[1]

    def _expansions(self, X):
        """Every expansion ``sum_i coef_i K(x_i, x) + intercept`` at every sample, in blocks of 1 MB."""
        self._check_fitted()
        X = check_matrix(X, "X").astype(np.float64, copy=False)
        self._check_features(X)
        values = np.tile(self.intercept_, (X.shape[0], 1))
        if self.support_.size == 0:
            return values
        rows = max(1, 2**17 // self.support_.size)
        for start in range(0, X.shape[0], rows):
            block = slice(start, start + rows)
            values[block] += (
                kernel_matrix(X[block], self.support_vectors_, **self._kernel) @ self.dual_coef_.T
            )
        return values


class SVC(_KernelMachine):
    """Classifier with the widest margin in the space of a kernel; one against one for several classes.

    Parameters
    ----------
    C : float
        Weight of the violated margins against the width of the margin; positive.
    kernel : {"rbf", "linear", "poly", "sigmoid"}
    degree : int
        Of "poly".
    gamma : {"scale", "auto"} or float
        Scale of the kernel, see `kernel_matrix`. "scale": one over n_features times the variance of X;
        "auto": one over n_features.
    coef0 : float
        Constant of "poly" and "sigmoid".
    tol : float
        Stop when no pair of coefficients gains at a rate above this.
    max_iter : int
        Most steps of `smo` for a pair of classes.

    Attributes
    ----------
    support_ : array of shape (n_support,)
        Row numbers of the support vectors, ascending.
    support_vectors_ : array of shape (n_support, n_features)
    dual_coef_ : array of shape (n_pairs, n_support)
        Coefficient of each support vector for each pair of classes, (0, 1), (0, 2), ..., (1, 2), ...; zero
        where it is not one of the pair's. Positive for the second class of the pair.
    intercept_ : array of shape (n_pairs,)
    classes_ : array of shape (n_classes,)
    n_iter_ : array of shape (n_pairs,)
    n_features_in_ : int

    Notes
    -----
    While fitting at most 200 MB of kernel rows are kept; predicting works in blocks of 1 MB. Predictions are
    those of scikit-learn with ``break_ties=True``.

    References
    ----------
    Cortes and Vapnik (1995), Support-vector networks, *Machine Learning* 20.

    Examples
    --------
    >>> X, y = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array(["out", "in", "in", "out"])
    >>> SVC(C=10.0, gamma=1.0).fit(X, y).predict(np.array([[1.5], [4.0]]))
    array(['in', 'out'], dtype='<U3')
    """

    estimator_type = "classifier"

    def __init__(
        self, *, C=1.0, kernel="rbf", degree=3, gamma="scale", coef0=0.0, tol=1e-3, max_iter=1_000_000
    ):
        self.C = C
        self.kernel = kernel
        self.degree = degree
        self.gamma = gamma
        self.coef0 = coef0
        self.tol = tol
        self.max_iter = max_iter

    def fit(self, X, y):
        """Find the support vectors of every pair of classes.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
        y : array of shape (n_samples,)
            Label of each sample: integers, booleans or strings; at least two different ones.

        Returns
        -------
        self : SVC

        Raises
        ------
        ShapeError
            If X is not 2-D, y is not 1-D, or their lengths differ.
        NotFiniteError
            If X holds NaN or infinity.
        ValueError
            If a parameter is not allowed, y holds numbers that are not whole, or only one label.
        """
        X, y = check_matrix(X, "X").astype(np.float64, copy=False), check_labels(y, "y")
        check_same_length(X=X, y=y)
        self._check_parameters(X)
        self.classes_, codes = np.unique(y, return_inverse=True)
        if self.classes_.size < 2:
            raise ValueError(
                f"y holds 1 class, {self.classes_[0]!r}; a classifier needs at least two classes"
            )
        coefficients, intercepts, steps = [], [], []
        for first, second in combinations(range(self.classes_.size), 2):
            pair = np.flatnonzero((codes == first) | (codes == second))
            sign = np.where(codes[pair] == second, 1.0, -1.0)
            bound = self.C * sign
            solution, intercept, n_iter = smo(
                *self._rows(X[pair]),
                sign,
                np.minimum(bound, 0),
                np.maximum(bound, 0),
                tol=self.tol,
                max_iter=self.max_iter,
            )
            coefficients.append(np.zeros(y.size))
            coefficients[-1][pair] = solution
            intercepts.append(intercept)
            steps.append(n_iter)
        self._keep(X, coefficients, intercepts)
        self.n_iter_ = np.array(steps)
        return self

    def decision_function(self, X):
        """Score of the second class, or of every class if there are more than two.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)

        Returns
        -------
        scores : array of shape (n_samples,) or (n_samples, n_classes)
            For more than two classes the number of pairs that a class wins, plus less than 1/3 up or down by
            the sum of its scores in them, which breaks ties.

        Raises
        ------
        NotFittedError
            If ``fit`` was not called.
        ShapeError
            If X is not 2-D or has another number of features than in ``fit``.
        NotFiniteError
            If X holds NaN or infinity.
        """
        scores = self._expansions(X)
        if self.classes_.size == 2:
            return scores[:, 0]
        # +1 for the second class of each pair, -1 for the first.
        pairs = np.array(list(combinations(range(self.classes_.size), 2)))
        sides = np.eye(self.classes_.size)[pairs[:, 1]] - np.eye(self.classes_.size)[pairs[:, 0]]
        wins = np.where(scores > 0, 1.0, 0.0) @ (sides > 0) + np.where(scores > 0, 0.0, 1.0) @ (sides < 0)
        confidence = scores @ sides
        return wins + confidence / (3 * (np.abs(confidence) + 1))

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
        winner = np.argmax(scores, axis=1) if scores.ndim == 2 else (scores > 0).astype(np.int64)
        return self.classes_[winner]


class SVR(_KernelMachine):
    """The flattest function in the space of a kernel that stays within epsilon of the targets.

    Parameters
    ----------
    kernel : {"rbf", "linear", "poly", "sigmoid"}
    degree : int
        Of "poly".
    gamma : {"scale", "auto"} or float
        Scale of the kernel, see `kernel_matrix`. "scale": one over n_features times the variance of X;
        "auto": one over n_features.
    coef0 : float
        Constant of "poly" and "sigmoid".
    tol : float
        Stop when no pair of coefficients gains at a rate above this, in units of y.
    C : float
        Weight of the errors beyond epsilon against the flatness; positive.
    epsilon : float
        Half the width of the tube in which errors are free, in units of y; not negative.
    max_iter : int
        Most steps of `smo`.

    Attributes
    ----------
    support_ : array of shape (n_support,)
        Row numbers of the samples at the edge of the tube or outside, ascending.
    support_vectors_ : array of shape (n_support, n_features)
    dual_coef_ : array of shape (1, n_support)
    intercept_ : array of shape (1,)
    n_iter_ : int
    n_features_in_ : int

    Notes
    -----
    The dual has two coefficients for each sample, ``0 <= b <= C`` for the upper edge of the tube, with target
    ``y - epsilon``, and ``-C <= b <= 0`` for the lower, with target ``y + epsilon``: `smo` solves it as it
    is, on the kernel matrix taken twice in both directions.

    References
    ----------
    Smola and Schölkopf (2004), A tutorial on support vector regression, *Statistics and Computing* 14.

    Examples
    --------
    >>> X = np.arange(5.0)[:, None]
    >>> SVR(kernel="linear", C=100.0).fit(X, 2 * X[:, 0] + 1).predict(np.array([[2.0], [10.0]])).round(1)
    array([ 5. , 20.6])
    """

    estimator_type = "regressor"

    def __init__(
        self,
        *,
        kernel="rbf",
        degree=3,
        gamma="scale",
        coef0=0.0,
        tol=1e-3,
        C=1.0,
        epsilon=0.1,
        max_iter=1_000_000,
    ):
        self.kernel = kernel
        self.degree = degree
        self.gamma = gamma
        self.coef0 = coef0
        self.tol = tol
        self.C = C
        self.epsilon = epsilon
        self.max_iter = max_iter

    def fit(self, X, y):
        """Find the support vectors.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
        y : array of shape (n_samples,)

        Returns
        -------
        self : SVR

        Raises
        ------
        ShapeError
            If X is not 2-D, y is not 1-D, or their lengths differ.
        NotFiniteError
            If X or y holds NaN or infinity.
        ValueError
            If a parameter is not allowed.
        """
        X, y = (check_matrix(X, "X").astype(np.float64, copy=False), check_vector(y, "y").astype(np.float64))
        check_same_length(X=X, y=y)
        self._check_parameters(X)
        if not self.epsilon >= 0:
            raise ValueError(f"epsilon is {self.epsilon!r}; it must not be negative")
        n, bound = y.size, np.full(y.size, float(self.C))
        solution, intercept, self.n_iter_ = smo(
            *self._rows(X, copies=2),
            np.concatenate([y - self.epsilon, y + self.epsilon]),
            np.concatenate([0 * bound, -bound]),
            np.concatenate([bound, 0 * bound]),
            tol=self.tol,
            max_iter=self.max_iter,
        )
        self._keep(X, [solution[:n] + solution[n:]], [intercept])
        return self

    def predict(self, X):
        """Value of the fitted function.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)

        Returns
        -------
        predictions : array of shape (n_samples,)

        Raises
        ------
        NotFittedError
            If ``fit`` was not called.
        ShapeError
            If X is not 2-D or has another number of features than in ``fit``.
        NotFiniteError
            If X holds NaN or infinity.
        """
        return self._expansions(X)[:, 0]
