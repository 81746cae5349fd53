"""Random forests. Numpy only."""

import warnings

import numpy as np

from mlref.base import Estimator
from mlref.errors import (
    ConvergenceWarning,
    check_choice,
    check_count,
    check_labels,
    check_matrix,
    check_same_length,
    check_vector,
)
from mlref.metrics.classification import accuracy_score
from mlref.metrics.regression import r2_score
from mlref.tree.bins import bin_features
from mlref.tree.estimators import limits
from mlref.tree.growing import grow_tree
from mlref.tree.splitting import target_rows

__all__ = [
    "RandomForestClassifier",
    "RandomForestRegressor",
    "bootstrap_rows",
]


def bootstrap_rows(n_samples, rng):
    """Rows of a bootstrap sample: as many as there are, drawn with replacement.

    Parameters
    ----------
    n_samples : int
    rng : numpy.random.Generator

    Returns
    -------
    rows : array of shape (n_samples,)
    out_of_bag : array of shape (n_left_out,)
        The rows that were not drawn, ascending: a share of ``(1 - 1/n)^n``, about ``1/e = 0.368``.

    Examples
    --------
    >>> rows, out_of_bag = bootstrap_rows(1000, np.random.default_rng(0))
    >>> rows.size, round(out_of_bag.size / 1000, 2)
    (1000, 0.38)
    """
    rows = rng.integers(n_samples, size=n_samples)
    return rows, np.flatnonzero(np.bincount(rows, minlength=n_samples) == 0)


class _RandomForest(Estimator):
    """What the two forests share: trees of bootstrap samples, and the mean of what they say."""

    def __init__(
        self,
        n_estimators=100,
        *,
        criterion,
        max_depth=None,
        min_samples_split=2,
        min_samples_leaf=1,
        max_features,
        bootstrap=True,
        oob_score=False,
        random_state=None,
    ):
        self.n_estimators = n_estimators
        self.criterion = criterion
        self.max_depth = max_depth
        self.min_samples_split = min_samples_split
        self.min_samples_leaf = min_samples_leaf
        self.max_features = max_features
        self.bootstrap = bootstrap
        self.oob_score = oob_score
        self.random_state = random_state

    def _grow(self, X, y, offset=0.0):
        """Grow the trees; if asked for, the mean prediction for each row by those that have not seen it."""
        check_same_length(X=X, y=y)
        check_count(self.n_estimators, "n_estimators")
        if self.oob_score and not self.bootstrap:
            raise ValueError("oob_score needs samples that a tree has not seen; set bootstrap=True")
        rng = np.random.default_rng(self.random_state)
        limit = limits(self, X.shape[1])
        bins, targets = bin_features(X), target_rows(y, self.criterion)
        self.n_features_in_ = X.shape[1]
        self.offset_, self.estimators_ = offset, []
        total, judges = np.zeros((y.size, targets.shape[0])), np.zeros((y.size, 1))
        for _ in range(self.n_estimators):
            rows, unseen = bootstrap_rows(y.size, rng) if self.bootstrap else (np.arange(y.size), [])
            sample = bins._replace(codes=bins.codes[:, rows])
            tree, _ = grow_tree(sample, targets[:, rows], criterion=self.criterion, rng=rng, **limit)
            self.estimators_.append(tree)
            if self.oob_score:
                total[unseen] += tree.value[tree.apply(X[unseen])]
                judges[unseen] += 1
        if not self.oob_score:
            return None
        if np.any(judges == 0):
            warnings.warn(
                f"{np.sum(judges == 0)} samples are in the bootstrap sample of every tree and do not count "
                f"in oob_score_; raise n_estimators from {self.n_estimators}",
                ConvergenceWarning,
                stacklevel=3,
            )
        with np.errstate(invalid="ignore"):
            return offset + total / judges

    def _mean_value(self, X):
        self._check_fitted()
        X = check_matrix(X, "X")
        self._check_features(X)
        return self.offset_ + sum(tree.value[tree.apply(X)] for tree in self.estimators_) / len(
            self.estimators_
        )

    @property
    def feature_importances_(self):
        """Mean over the trees of each feature's share in the decrease of impurity, shape (n_features,)."""
        self._check_fitted()
        return np.mean([tree.importances(self.n_features_in_) for tree in self.estimators_], axis=0)


class RandomForestClassifier(_RandomForest):
    """Average the class shares of many trees, each grown on a bootstrap sample with few features a node.

    One deep tree follows the noise of its sample. Trees of different samples that may look at different
    features follow it in different ways, and their mean less.

    Parameters
    ----------
    n_estimators : int
        Number of trees.
    criterion : {"gini", "entropy"}
    max_depth : int, optional
    min_samples_split : int
    min_samples_leaf : int
    max_features : {"sqrt"}, int, float or None
        How many features, drawn anew for each node, a node may use: their number, their share of all, the
        root of their number, or all.
    bootstrap : bool
        Whether each tree has its own bootstrap sample; else all grow on the same samples.
    oob_score : bool
        Whether to judge each sample by the trees that have not seen it.
    random_state : int, numpy.random.Generator or None

    Attributes
    ----------
    estimators_ : list of Tree
    classes_ : array of shape (n_classes,)
    oob_score_ : float
        Accuracy of the trees on the samples that they have not seen; with ``oob_score`` only.
    oob_decision_function_ : array of shape (n_samples, n_classes)
        Mean class shares by those trees; NaN where every tree has seen the sample.
    n_features_in_ : int

    Notes
    -----
    Unlike scikit-learn's, a node whose drawn features are all constant becomes a leaf.

    References
    ----------
    Breiman (2001), Random forests, *Machine Learning* 45.

    Examples
    --------
    >>> X, y = np.array([[0.0], [1.0], [8.0], [9.0]]), np.array([0, 0, 1, 1])
    >>> RandomForestClassifier(20, random_state=0).fit(X, y).predict(np.array([[0.5], [8.5]]))
    array([0, 1])
    """

    estimator_type = "classifier"

    def __init__(
        self,
        n_estimators=100,
        *,
        criterion="gini",
        max_depth=None,
        min_samples_split=2,
        min_samples_leaf=1,
        max_features="sqrt",
        bootstrap=True,
        oob_score=False,
        random_state=None,
    ):
        super().__init__(
            n_estimators,
            criterion=criterion,
            max_depth=max_depth,
            min_samples_split=min_samples_split,
            min_samples_leaf=min_samples_leaf,
            max_features=max_features,
            bootstrap=bootstrap,
            oob_score=oob_score,
            random_state=random_state,
        )

    def fit(self, X, y):
        """Grow the trees.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
        y : array of shape (n_samples,)
            Label of each sample: integers, booleans or strings.

        Returns
        -------
        self : RandomForestClassifier

        Raises
        ------
        ShapeError
            If X is not 2-D, y is not 1-D, or their lengths differ.
        NotFiniteError
            If X holds NaN or infinity.
        ValueError
            If a parameter is not allowed, or y holds numbers that are not whole.
        """
        X, y = check_matrix(X, "X"), check_labels(y, "y")
        check_choice(self.criterion, ("gini", "entropy"), "criterion")
        self.classes_ = np.unique(y)
        shares = self._grow(X, y)
        if shares is not None:
            self.oob_decision_function_ = shares
            judged = ~np.isnan(shares[:, 0])
            self.oob_score_ = accuracy_score(y[judged], self.classes_[np.argmax(shares[judged], axis=1)])
        return self

    def predict_proba(self, X):
        """Mean over the trees of the class shares in each sample's leaf.

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
        return self._mean_value(X)

    def predict(self, X):
        """Class of the largest mean share, the smallest label where several are.

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
        shares = self.predict_proba(X)
        return self.classes_[np.argmax(shares, axis=1)]


class RandomForestRegressor(_RandomForest):
    """Average the predictions of many regression trees, each grown on a bootstrap sample.

    Parameters
    ----------
    n_estimators : int
        Number of trees.
    criterion : {"squared_error"}
    max_depth : int, optional
    min_samples_split : int
    min_samples_leaf : int
    max_features : {"sqrt"}, int, float or None
        How many features, drawn anew for each node, a node may use: their number, their share of all, the
        root of their number, or all.
    bootstrap : bool
        Whether each tree has its own bootstrap sample; else all grow on the same samples.
    oob_score : bool
        Whether to judge each sample by the trees that have not seen it.
    random_state : int, numpy.random.Generator or None

    Attributes
    ----------
    estimators_ : list of Tree
        Their values are differences from ``offset_``, the mean of y.
    oob_score_ : float
        R squared of the trees on the samples that they have not seen; with ``oob_score`` only.
    oob_prediction_ : array of shape (n_samples,)
        Mean prediction by those trees; NaN where every tree has seen the sample.
    n_features_in_ : int

    References
    ----------
    Breiman (2001), Random forests, *Machine Learning* 45.

    Examples
    --------
    >>> X, y = np.array([[0.0], [1.0], [8.0], [9.0]]), np.array([1.0, 1.0, 5.0, 5.0])
    >>> RandomForestRegressor(bootstrap=False, random_state=0).fit(X, y).predict(np.array([[0.5], [8.5]]))
    array([1., 5.])
    """

    estimator_type = "regressor"

    def __init__(
        self,
        n_estimators=100,
        *,
        criterion="squared_error",
        max_depth=None,
        min_samples_split=2,
        min_samples_leaf=1,
        max_features=1.0,
        bootstrap=True,
        oob_score=False,
        random_state=None,
    ):
        super().__init__(
            n_estimators,
            criterion=criterion,
            max_depth=max_depth,
            min_samples_split=min_samples_split,
            min_samples_leaf=min_samples_leaf,
            max_features=max_features,
            bootstrap=bootstrap,
            oob_score=oob_score,
            random_state=random_state,
        )

    def fit(self, X, y):
        """Grow the trees.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
        y : array of shape (n_samples,)

        Returns
        -------
        self : RandomForestRegressor

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
        check_choice(self.criterion, ("squared_error",), "criterion")
        predictions = self._grow(X, y, offset=np.mean(y))
        if predictions is not None:
            self.oob_prediction_ = predictions[:, 0]
            judged = ~np.isnan(self.oob_prediction_)
            self.oob_score_ = r2_score(y[judged], self.oob_prediction_[judged])
        return self

    def predict(self, X):
        """Mean prediction of the trees.

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
        return self._mean_value(X)[:, 0]
