"""The threshold unit and the sigmoid unit, and how each learns from one sample at a time."""

import warnings

import numpy as np

from mlref.arrays import namespace
from mlref.base import Estimator
from mlref.errors import (
    ConvergenceWarning,
    ShapeError,
    check_array,
    check_count,
    check_labels,
    check_matrix,
    check_positive,
    check_same_length,
)
from mlref.linear_model.classifier import append_ones
from mlref.nn.activations import activation, activation_grad

__all__ = [
    "Perceptron",
    "perceptron_rule",
    "sigmoid_unit_step",
]


def perceptron_rule(w, x, y, learning_rate=1.0):
    """Weights of a threshold unit after it has seen one sample.

    Parameters
    ----------
    w : array of shape (n_features,)
    x : array of shape (n_features,)
        With a 1 at the end for the bias.
    y : float
        0 or 1.
    learning_rate : float

    Returns
    -------
    w : array of shape (n_features,)
        A new array; the same values where the unit was right.

    Notes
    -----
    ``w + rate (y - a) x`` with the output ``a = 1 if w.x >= 0 else 0``.

    References
    ----------
    Rosenblatt (1958), The perceptron, *Psychological Review* 65(6).

    Examples
    --------
    >>> perceptron_rule(np.array([1.0, 0.0]), np.array([2.0, 1.0]), 0.0)
    array([-1., -1.])
    """
    _check_unit(w, x)
    return _corrected(w, x, y, learning_rate)


def sigmoid_unit_step(w, x, y, learning_rate=1.0):
    """Weights of a sigmoid unit after one step down its squared error on one sample.

    Parameters
    ----------
    w : array of shape (n_features,)
    x : array of shape (n_features,)
        With a 1 at the end for the bias.
    y : float
        From 0 to 1.
    learning_rate : float

    Returns
    -------
    w : array of shape (n_features,)
        A new array.

    Notes
    -----
    The error is ``E = (y - a)^2 / 2`` with ``a = sigmoid(z)``, ``z = w.x``; the step is
    ``w + rate (y - a) a (1 - a) x``. Where the unit is certain, a (1 - a) is near zero and it learns next to
    nothing, also when it is wrong; cross-entropy has not this factor.

    References
    ----------
    Mitchell (1997), *Machine Learning*, section 4.5.

    Examples
    --------
    >>> sigmoid_unit_step(np.array([0.0, 0.0]), np.array([2.0, 1.0]), 1.0)
    array([0.25 , 0.125])
    """
    _check_unit(w, x)
    net = namespace(w, x).vecdot(w, x)
    surplus = activation(net, "logistic") - y
    return w - learning_rate * surplus * activation_grad(net, "logistic") * x


class Perceptron(Estimator):
    """Threshold unit for two classes, trained by `perceptron_rule` on one sample after the other; numpy only.

    Parameters
    ----------
    max_iter : int
        The most passes over the samples.
    eta0 : float
        Learning rate; positive. It scales the weights and changes no prediction, because they begin at zero.
    random_state : int, Generator or None
        For the order of the samples, which is new in every pass.

    Attributes
    ----------
    classes_ : array of shape (2,)
        The labels seen in ``fit``, ascending; the second is the unit's 1.
    coef_ : array of shape (1, n_features)
    intercept_ : array of shape (1,)
    n_iter_ : int
        Passes that it took.
    n_features_in_ : int
        Number of features seen in ``fit``.

    Notes
    -----
    If a hyperplane separates the classes, the rule makes at most ``(R / margin)^2`` mistakes, R being the
    length of the longest sample, and ends with none. If none does it never rests; the weights kept are those
    with the fewest mistakes at the end of a pass (the pocket rule).

    References
    ----------
    Novikoff (1962), On convergence proofs on perceptrons; Gallant (1990), Perceptron-based learning
    algorithms, *IEEE Transactions on Neural Networks* 1(2).

    Examples
    --------
    >>> X, y = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.array([0, 0, 0, 1])
    >>> Perceptron(random_state=0).fit(X, y).predict(X)
    array([0, 0, 0, 1])
    """

    estimator_type = "classifier"

    def __init__(self, *, max_iter=100, eta0=1.0, random_state=None):
        self.max_iter = max_iter
        self.eta0 = eta0
        self.random_state = random_state

    def fit(self, X, y):
        """Learn from the samples, pass after pass, until none is wrong.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
        y : array of shape (n_samples,)
            Labels of two classes.

        Returns
        -------
        self : Perceptron

        Raises
        ------
        ShapeError
            If X is not 2-D, y is not 1-D, or their lengths differ.
        NotFiniteError
            If X holds NaN or infinity.
        ValueError
            If a parameter is not allowed, or y does not hold two classes.

        Warns
        -----
        ConvergenceWarning
            If mistakes were left after max_iter passes.
        """
        X, y = check_matrix(X, "X"), check_labels(y, "y")
        check_same_length(X=X, y=y)
        check_count(self.max_iter, "max_iter")
        check_positive(self.eta0, "eta0")
        self.classes_, target = np.unique(y, return_inverse=True)
        if self.classes_.size != 2:
            raise ValueError(
                "Only binary classification is supported. "
                f"y holds {self.classes_.size} class(es); a threshold unit tells two apart"
            )
        rng = np.random.default_rng(self.random_state)
        X1 = append_ones(X)
        w = best = np.zeros(X1.shape[1])
        fewest, n_iter = len(y) + 1, 0
        while fewest > 0 and n_iter < self.max_iter:
            n_iter += 1
            for i in rng.permutation(len(y)):
                w = _corrected(w, X1[i], target[i], self.eta0)
            mistakes = np.count_nonzero((X1 @ w >= 0) != target)
            if mistakes < fewest:
                best, fewest = w, mistakes
        if fewest > 0:
            warnings.warn(
                f"perceptron: {fewest} of {len(y)} samples are still wrong after {n_iter} passes; increase "
                "max_iter, or see with is_linearly_separable whether it can do better",
                ConvergenceWarning,
                stacklevel=2,
            )
        self.coef_, self.intercept_, self.n_iter_ = best[None, :-1], best[-1:], n_iter
        self.n_features_in_ = X.shape[1]
        return self

    def decision_function(self, X):
        """Net input of the unit; it says 1 where that is not negative.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)

        Returns
        -------
        scores : array of shape (n_samples,)

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
        return X @ self.coef_[0] + self.intercept_

    def predict(self, X):
        """Label of each sample.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)

        Returns
        -------
        labels : array of shape (n_samples,)
        """
        return self.classes_[(self.decision_function(X) >= 0).astype(int)]

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags


def _corrected(w, x, y, learning_rate):
    """`perceptron_rule` in the loop over the samples."""
    output = activation(namespace(w, x).vecdot(w, x), "step")
    return w + learning_rate * (y - output) * x


def _check_unit(w, x):
    w, x = check_array(w, "w", ndim=1), check_array(x, "x", ndim=1)
    if w.shape != x.shape:
        raise ShapeError(f"w has {w.shape[0]} weights but x {x.shape[0]} inputs; each input needs one")
