"""Gradient boosting with scikit-learn's interface. Numpy only."""

import numpy as np

from mlref.base import Estimator
from mlref.ensemble.boosting import binary_log_loss, boost, multiclass_log_loss, squared_error
from mlref.errors import (
    check_count,
    check_labels,
    check_matrix,
    check_positive,
    check_same_length,
    check_vector,
)
from mlref.losses import softmax
from mlref.tree.bins import bin_features
from mlref.tree.estimators import limits

__all__ = [
    "GradientBoostingClassifier",
    "GradientBoostingRegressor",
    "HistGradientBoostingClassifier",
    "HistGradientBoostingRegressor",
]


class _Boosting(Estimator):
    """What the four estimators share: how they are fitted, and the sum of their trees."""

    second_order = False
    max_bins = None

    def _boost(self, X, y, loss, start):
        name = "max_iter" if self.second_order else "n_estimators"
        self.n_iter_ = getattr(self, name)
        check_count(self.n_iter_, name)
        check_positive(self.learning_rate, "learning_rate")
        if self.max_bins is not None:
            check_count(self.max_bins, "max_bins")
        self.start_ = np.atleast_1d(start)
        self.rounds_, self.train_score_ = boost(
            bin_features(X, self.max_bins),
            y,
            loss,
            self.start_,
            n_rounds=self.n_iter_,
            learning_rate=self.learning_rate,
            limit=limits(self, X.shape[1]),
            second_order=self.second_order,
        )
        self.n_features_in_ = X.shape[1]
        return self

    @property
    def feature_importances_(self):
        """Mean over the trees of each feature's share in the decrease of impurity, shape (n_features,)."""
        self._check_fitted()
        trees = [tree for trees in self.rounds_ for tree in trees]
        return np.mean([tree.importances(self.n_features_in_) for tree in trees], axis=0)

    def _staged_scores(self, X):
        self._check_fitted()
        X = check_matrix(X, "X")
        self._check_features(X)
        scores = np.repeat(self.start_[None, :], X.shape[0], axis=0)
        for trees in self.rounds_:
            scores = scores + np.stack([tree.value[tree.apply(X), 0] for tree in trees], axis=1)
            yield scores

    def _scores(self, X):
        *_, scores = self._staged_scores(X)
        return scores


class _BoostingRegressor(_Boosting):
    estimator_type = "regressor"

    def fit(self, X, y):
        """Fit the trees, one after another, to what is left of y.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
        y : array of shape (n_samples,)

        Returns
        -------
        self : Estimator

        Raises
        ------
        ShapeError
            If X is not 2-D, y is not 1-D, or their lengths differ.
        NotFiniteError
            If X or y holds NaN or infinity.
        ValueError
            If a parameter is not allowed.
        """
        X, y = check_matrix(X, "X"), check_vector(y, "y").astype(np.float64)
        check_same_length(X=X, y=y)
        return self._boost(X, y, squared_error, np.mean(y))

    def predict(self, X):
        """Mean of the training targets plus what every tree adds.

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
        return self._scores(X)[:, 0]

    def staged_predict(self, X):
        """Predictions after every round.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)

        Yields
        ------
        predictions : array of shape (n_samples,)
        """
        return (scores[:, 0] for scores in self._staged_scores(X))


class _BoostingClassifier(_Boosting):
    estimator_type = "classifier"

    def fit(self, X, y):
        """Fit the trees, one after another, to labels minus predicted probabilities.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
        y : array of shape (n_samples,)
            Label of each sample: integers, booleans or strings; at least two different ones.

        Returns
        -------
        self : Estimator

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
        self.classes_, codes = np.unique(y, return_inverse=True)
        if self.classes_.size < 2:
            raise ValueError(
                f"y holds 1 class, {self.classes_[0]!r}; a classifier needs samples of at least two classes"
            )
        shares = np.log(np.bincount(codes) / codes.size)
        if self.classes_.size == 2:
            return self._boost(X, codes.astype(np.float64), binary_log_loss, shares[1] - shares[0])
        return self._boost(X, codes, self._multiclass_loss(), shares)

    def _multiclass_loss(self):
        return multiclass_log_loss

    def decision_function(self, X):
        """Scores: logits of the second class, or of every class if there are more than two.

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
        scores = self._scores(X)
        return scores[:, 0] if scores.shape[1] == 1 else scores

    def predict_proba(self, X):
        """Probability of each class.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)

        Returns
        -------
        probabilities : array of shape (n_samples, n_classes)

        Raises
        ------
        NotFittedError
            If ``fit`` was not called.
        ShapeError
            If X is not 2-D or has another number of features than in ``fit``.
        NotFiniteError
            If X holds NaN or infinity.
        """
        return _probabilities(self._scores(X))

    def predict(self, X):
        """Most probable class, the smallest label where several are.

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
        probabilities = self.predict_proba(X)
        return self.classes_[np.argmax(probabilities, axis=1)]

    def staged_predict_proba(self, X):
        """Probabilities after every round.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)

        Yields
        ------
        probabilities : array of shape (n_samples, n_classes)
        """
        return (_probabilities(scores) for scores in self._staged_scores(X))


def _probabilities(scores):
    if scores.shape[1] == 1:
        scores = np.concatenate([np.zeros_like(scores), scores], axis=1)
    return softmax(scores)


class _Exact:
    """Parameters of boosting with exact trees, as in scikit-learn's GradientBoosting classes."""

    def __init__(
        self, *, learning_rate=0.1, n_estimators=100, min_samples_split=2, min_samples_leaf=1, max_depth=3
    ):
        self.learning_rate = learning_rate
        self.n_estimators = n_estimators
        self.min_samples_split = min_samples_split
        self.min_samples_leaf = min_samples_leaf
        self.max_depth = max_depth


class _Histogram:
    """Parameters of boosting with binned features, as in scikit-learn's HistGradientBoosting classes."""

    second_order = True

    def __init__(self, *, learning_rate=0.1, max_iter=100, max_depth=5, min_samples_leaf=20, max_bins=255):
        self.learning_rate = learning_rate
        self.max_iter = max_iter
        self.max_depth = max_depth
        self.min_samples_leaf = min_samples_leaf
        self.max_bins = max_bins


class GradientBoostingRegressor(_Exact, _BoostingRegressor):
    """Sum of small regression trees, each fitted to the residuals of the sum before it.

    Parameters
    ----------
    learning_rate : float
        How much of each tree's step is taken.
    n_estimators : int
        Number of trees.
    min_samples_split : int
        A node with fewer samples is a leaf.
    min_samples_leaf : int
        No split leaves fewer samples than this on a side.
    max_depth : int or None
        Most questions from the root to a leaf of a tree.

    Attributes
    ----------
    rounds_ : list of lists of Tree
        One tree a round.
    train_score_ : array of shape (n_estimators,)
        Mean squared error on the training samples after each round; it never rises.
    n_features_in_ : int

    References
    ----------
    Friedman (2001), Greedy function approximation: a gradient boosting machine, *Annals of Statistics* 29.

    Examples
    --------
    >>> X, y = np.array([[0.0], [1.0], [2.0]]), np.array([1.0, 3.0, 8.0])
    >>> model = GradientBoostingRegressor(learning_rate=0.5, n_estimators=20).fit(X, y)
    >>> model.predict(X).round(3)
    array([1., 3., 8.])
    """


class GradientBoostingClassifier(_Exact, _BoostingClassifier):
    """Logits as sums of small regression trees, each fitted to labels minus predicted probabilities.

    Parameters
    ----------
    learning_rate : float
        How much of each tree's step is taken.
    n_estimators : int
        Number of rounds: of one tree for two classes, else of one tree for each class.
    min_samples_split : int
        A node with fewer samples is a leaf.
    min_samples_leaf : int
        No split leaves fewer samples than this on a side.
    max_depth : int or None
        Most questions from the root to a leaf of a tree.

    Attributes
    ----------
    rounds_ : list of lists of Tree
    train_score_ : array of shape (n_estimators,)
        Mean cross-entropy on the training samples after each round.
    classes_ : array of shape (n_classes,)
    n_features_in_ : int

    References
    ----------
    Friedman (2001), Greedy function approximation: a gradient boosting machine, *Annals of Statistics* 29.

    Examples
    --------
    >>> X, y = np.array([[0.0], [1.0], [8.0], [9.0]]), np.array(["low", "low", "high", "high"])
    >>> GradientBoostingClassifier(n_estimators=5).fit(X, y).predict(np.array([[0.5], [8.5]]))
    array(['low', 'high'], dtype='<U4')
    """

    def _multiclass_loss(self):
        # Friedman's step for K classes that share one degree of freedom is (K - 1) / K of Newton's.
        share = (self.classes_.size - 1) / self.classes_.size

        def loss(scores, y):
            mean_loss, residual, curvature = multiclass_log_loss(scores, y)
            return mean_loss, residual, curvature / share

        return loss


class HistGradientBoostingRegressor(_Histogram, _BoostingRegressor):
    """Gradient boosting on features cut into at most 255 bins: sums over bins in place of sorting.

    Parameters
    ----------
    learning_rate : float
        How much of each tree's step is taken.
    max_iter : int
        Number of trees.
    max_depth : int or None
        Most questions from the root to a leaf of a tree. Trees grow level by level, where scikit-learn's
        split the most rewarding leaf first.
    min_samples_leaf : int
        No split leaves fewer samples than this on a side.
    max_bins : int
        Most bins of a feature, cut at its quantiles.

    Attributes
    ----------
    rounds_ : list of lists of Tree
        One tree a round.
    train_score_ : array of shape (max_iter,)
        Mean squared error on the training samples after each round; it never rises.
    n_features_in_ : int

    References
    ----------
    Ke et al. (2017), LightGBM: a highly efficient gradient boosting decision tree.

    Examples
    --------
    >>> X = np.arange(100.0)[:, None]
    >>> HistGradientBoostingRegressor().fit(X, X[:, 0] > 49.5).predict(np.array([[0.0], [90.0]])).round(2)
    array([0., 1.])
    """


class HistGradientBoostingClassifier(_Histogram, _BoostingClassifier):
    """Gradient boosting of second order on features cut into at most 255 bins.

    Parameters
    ----------
    learning_rate : float
        How much of each tree's step is taken.
    max_iter : int
        Number of rounds: of one tree for two classes, else of one tree for each class.
    max_depth : int or None
        Most questions from the root to a leaf of a tree. Trees grow level by level, where scikit-learn's
        split the most rewarding leaf first.
    min_samples_leaf : int
        No split leaves fewer samples than this on a side.
    max_bins : int
        Most bins of a feature, cut at its quantiles.

    Attributes
    ----------
    rounds_ : list of lists of Tree
    train_score_ : array of shape (max_iter,)
        Mean cross-entropy on the training samples after each round.
    classes_ : array of shape (n_classes,)
    n_features_in_ : int

    References
    ----------
    Ke et al. (2017), LightGBM: a highly efficient gradient boosting decision tree.

    Examples
    --------
    >>> X = np.arange(100.0)[:, None]
    >>> HistGradientBoostingClassifier().fit(X, X[:, 0] > 49.5).predict(np.array([[0.0], [90.0]]))
    array([False,  True])
    """
