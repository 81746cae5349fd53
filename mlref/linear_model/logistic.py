"""Logistic and softmax regression: linear scores read as logarithms of odds."""

from mlref.arrays import from_numpy, namespace
from mlref.base import Estimator
from mlref.errors import (
    check_choice,
    check_count,
    check_labels,
    check_matrix,
    check_positive,
    check_same_length,
)
from mlref.linear_model.glm import BERNOULLI, irls
from mlref.linear_model.logistic_solvers import minimize_cross_entropy
from mlref.losses import softmax

__all__ = [
    "LogisticRegression",
]

SOLVERS = ("lbfgs", "newton-cholesky", "gradient-descent")


class LogisticRegression(Estimator):
    """Linear classifier that predicts probabilities: logistic for two classes, softmax for more.

    Parameters
    ----------
    C : float
        Inverse of the price of large coefficients; positive, infinite for none.
    fit_intercept : bool
        Whether scores need not be zero at the origin.
    solver : {"lbfgs", "newton-cholesky", "gradient-descent"}
        Quasi-Newton steps from gradients alone (scipy); `irls`, for two classes only; or gradient descent
        with momentum, which needs ten times as many steps and is here to be read.
    max_iter : int
        The most steps.
    tol : float
        Stop where no entry of the gradient of the mean loss is larger; "lbfgs": of that by the coefficients
        of features without correlation and with variance one, so that units do not matter.

    Attributes
    ----------
    classes_ : array of shape (n_classes,)
        The labels seen in ``fit``, ascending.
    coef_ : array of shape (1, n_features) or (n_classes, n_features)
        One row, the scores of the second class against the first, for two classes.
    intercept_ : array of shape (1,) or (n_classes,)
    n_iter_ : int
        Steps that it took.
    n_features_in_ : int
        Number of features seen in ``fit``.

    Notes
    -----
    Minimises ``mean cross-entropy + |W|^2 / (2 C n)``. The loss is convex, so that there is one minimum;
    without a penalty and with classes that a line separates it lies at infinity. Beside X it holds the
    target, of shape (n_samples, n_classes), and the scores of a block of rows, about a megabyte.

    Examples
    --------
    >>> X, y = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array(["no", "no", "yes", "yes"])
    >>> model = LogisticRegression().fit(X, y)
    >>> model.predict(np.array([[0.4], [2.6]]))
    array(['no', 'yes'], dtype='<U3')
    >>> model.predict_proba(np.array([[1.5]])).round(3)
    array([[0.5, 0.5]])
    """

    estimator_type = "classifier"

    def __init__(self, C=1.0, *, fit_intercept=True, solver="lbfgs", max_iter=100, tol=1e-4):
        self.C = C
        self.fit_intercept = fit_intercept
        self.solver = solver
        self.max_iter = max_iter
        self.tol = tol

    def fit(self, X, y):
        """Find the coefficients.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
        y : array of shape (n_samples,)
            Label of each sample: integers, booleans or strings.

        Returns
        -------
        self : LogisticRegression

        Raises
        ------
        ShapeError
            If X is not 2-D, y is not 1-D, or their lengths differ.
        NotFiniteError
            If X holds NaN or infinity.
        ValueError
            If a parameter is not allowed, or y holds one class only.

        Warns
        -----
        ConvergenceWarning
            If max_iter steps were not enough.
        """
        X, y = check_matrix(X, "X"), check_labels(y, "y")
        check_same_length(X=X, y=y)
        check_choice(self.solver, SOLVERS, "solver")
        check_positive(self.tol, "tol")
        check_count(self.max_iter, "max_iter")
        if not self.C > 0:
            raise ValueError(f"C is {self.C!r}; it must be a positive number")
        xp = namespace(X, y)
        self.classes_, codes = xp.unique_inverse(y)
        n_classes = self.classes_.shape[0]
        if n_classes < 2:
            raise ValueError("y holds 1 class; a classifier needs samples of two classes at least")
        if n_classes == 2:
            target = xp.astype(codes, X.dtype)
        else:
            # Classes as rows in memory: sums and maxima over the few classes are then fast.
            target = xp.astype(xp.arange(n_classes, device=X.device)[:, None] == codes[None, :], X.dtype).T
        if self.solver != "newton-cholesky":
            W, b, self.n_iter_ = minimize_cross_entropy(
                X,
                target,
                self.solver,
                l2=1 / (self.C * X.shape[0]),
                fit_intercept=self.fit_intercept,
                max_iter=self.max_iter,
                tol=self.tol,
            )
        elif n_classes == 2:
            W, b, self.n_iter_ = irls(
                X,
                target,
                BERNOULLI,
                alpha=1 / self.C,
                fit_intercept=self.fit_intercept,
                max_iter=self.max_iter,
                tol=self.tol,
            )
        else:
            raise ValueError("solver='newton-cholesky' is for two classes; use 'lbfgs' for more")
        self.coef_ = W[None, :] if n_classes == 2 else W.T
        self.intercept_ = xp.reshape(b, (-1,))
        self.n_features_in_ = X.shape[1]
        return self

    def decision_function(self, X):
        """Scores: the log of the odds of the second of two classes, or one score a class.

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
        scores = X @ self.coef_.T + self.intercept_
        return scores[:, 0] if scores.shape[1] == 1 else scores

    def predict_proba(self, X):
        """Probability of each class.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)

        Returns
        -------
        probabilities : array of shape (n_samples, n_classes)
            Each row sums to one.
        """
        scores = self.decision_function(X)
        if scores.ndim == 1:
            xp = namespace(scores)
            scores = xp.stack([xp.zeros_like(scores), scores], axis=1)
        return softmax(scores)

    def predict(self, X):
        """The most probable class of each sample.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)

        Returns
        -------
        labels : array of shape (n_samples,)
        """
        probabilities = self.predict_proba(X)
        return self.classes_[namespace(probabilities).argmax(probabilities, axis=1)]

    def sample(self, X, rng):
        """A class for each sample, drawn with the predicted probabilities.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
        rng : numpy.random.Generator

        Returns
        -------
        labels : array of shape (n_samples,)

        Notes
        -----
        `predict` gives the same answer to the same question; this gives each answer as often as it is right.
        """
        probabilities = self.predict_proba(X)
        xp = namespace(probabilities)
        draws = from_numpy(rng.uniform(size=(probabilities.shape[0], 1)), like=probabilities)
        # The last bound is 1 up to rounding, and is left out.
        bounds = xp.cumulative_sum(probabilities, axis=1)[:, :-1]
        return self.classes_[xp.sum(xp.astype(draws >= bounds, xp.int64), axis=1)]
