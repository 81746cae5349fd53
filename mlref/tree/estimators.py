"""Decision trees with scikit-learn's interface. Numpy only."""

from dataclasses import replace

import numpy as np

from mlref.base import Estimator
from mlref.errors import (
    check_choice,
    check_count,
    check_labels,
    check_matrix,
    check_same_length,
    check_vector,
)
from mlref.tree.bins import bin_features
from mlref.tree.growing import grow_tree
from mlref.tree.splitting import target_rows

__all__ = [
    "DecisionTreeClassifier",
    "DecisionTreeRegressor",
    "export_text",
    "limits",
]


def limits(estimator, n_features):
    """The parameters that limit a tree, checked, as `grow_tree` takes them.

    Parameters
    ----------
    estimator : Estimator
    n_features : int

    Returns
    -------
    limits : dict

    Raises
    ------
    ValueError
        If a parameter is not allowed.
    """
    if estimator.max_depth is not None:
        check_count(estimator.max_depth, "max_depth")
    check_count(estimator.min_samples_leaf, "min_samples_leaf")
    check_count(getattr(estimator, "min_samples_split", 2), "min_samples_split")
    max_features = getattr(estimator, "max_features", None)
    if max_features == "sqrt":
        max_features = max(1, int(np.sqrt(n_features)))
    elif isinstance(max_features, float) and 0 < max_features <= 1:
        max_features = max(1, int(max_features * n_features))
    elif max_features is not None:
        check_count(max_features, "max_features")
        max_features = min(max_features, n_features)
    return {
        "max_depth": estimator.max_depth,
        "min_samples_split": getattr(estimator, "min_samples_split", 2),
        "min_samples_leaf": estimator.min_samples_leaf,
        "max_features": max_features,
    }


class _DecisionTree(Estimator):
    """What the two trees share: how they grow, and the way of a sample to its leaf."""

    def __init__(
        self,
        *,
        criterion,
        max_depth=None,
        min_samples_split=2,
        min_samples_leaf=1,
        max_features=None,
        max_bins=None,
        random_state=None,
    ):
        self.criterion = criterion
        self.max_depth = max_depth
        self.min_samples_split = min_samples_split
        self.min_samples_leaf = min_samples_leaf
        self.max_features = max_features
        self.max_bins = max_bins
        self.random_state = random_state

    def _grow(self, X, y, offset=0.0):
        check_same_length(X=X, y=y)
        if self.max_bins is not None:
            check_count(self.max_bins, "max_bins")
        tree, _ = grow_tree(
            bin_features(X, self.max_bins),
            target_rows(y, self.criterion),
            criterion=self.criterion,
            rng=np.random.default_rng(self.random_state),
            **limits(self, X.shape[1]),
        )
        self.tree_ = replace(tree, value=tree.value + offset)
        self.n_features_in_ = X.shape[1]
        return self

    @property
    def feature_importances_(self):
        """Share of each feature in the decrease of impurity, an array of shape (n_features,)."""
        self._check_fitted()
        return self.tree_.importances(self.n_features_in_)

    def apply(self, X):
        """Leaf of every sample.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)

        Returns
        -------
        leaf : array of shape (n_samples,)
            Node numbers of ``tree_``.

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
        return self.tree_.apply(X)

    def get_depth(self):
        """Number of questions on the longest way from the root to a leaf.

        Returns
        -------
        depth : int
        """
        self._check_fitted()
        return self.tree_.depth

    def get_n_leaves(self):
        """Number of leaves.

        Returns
        -------
        n_leaves : int
        """
        self._check_fitted()
        return self.tree_.n_leaves


class DecisionTreeClassifier(_DecisionTree):
    """Ask one question about one feature at a time, until the samples at hand are of one class.

    Of equally good splits the one with the lowest feature, then the lowest threshold is taken. A split that
    gains nothing is made all the same: the next one may (as in XOR).

    Parameters
    ----------
    criterion : {"gini", "entropy"}
    max_depth : int, optional
        Most questions from the root to a leaf; by default as many as it takes.
    min_samples_split : int
        A node with fewer samples is a leaf.
    min_samples_leaf : int
        No split leaves fewer samples than this on a side.
    max_features : {"sqrt"}, int or float, optional
        How many features, drawn anew for each node, a node may use: their number, or their share of all. By
        default all.
    max_bins : int, optional
        Look for thresholds only between this many quantiles of each feature; by default between all values.
    random_state : int, numpy.random.Generator or None
        Draws the features; nothing else is left to chance.

    Attributes
    ----------
    tree_ : Tree
    classes_ : array of shape (n_classes,)
        The labels seen in ``fit``, ascending.
    n_features_in_ : int

    References
    ----------
    Breiman, Friedman, Olshen and Stone (1984), *Classification and Regression Trees*.

    Examples
    --------
    >>> X, y = np.array([[0.0], [1.0], [2.0]]), np.array(["low", "low", "high"])
    >>> DecisionTreeClassifier().fit(X, y).predict(np.array([[0.7], [1.6]]))
    array(['low', 'high'], dtype='<U4')
    """

    estimator_type = "classifier"

    def __init__(
        self,
        *,
        criterion="gini",
        max_depth=None,
        min_samples_split=2,
        min_samples_leaf=1,
        max_features=None,
        max_bins=None,
        random_state=None,
    ):
        super().__init__(
            criterion=criterion,
            max_depth=max_depth,
            min_samples_split=min_samples_split,
            min_samples_leaf=min_samples_leaf,
            max_features=max_features,
            max_bins=max_bins,
            random_state=random_state,
        )

    def fit(self, X, y):
        """Grow the tree.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
        y : array of shape (n_samples,)
            Label of each sample: integers, booleans or strings.

        Returns
        -------
        self : DecisionTreeClassifier

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
        return self._grow(X, y)

    def predict_proba(self, X):
        """Share of each class among the training samples in each sample's leaf.

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
        leaf = self.apply(X)
        return self.tree_.value[leaf]

    def predict(self, X):
        """Most frequent class in each sample's leaf, the smallest label where several are.

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
        return self.classes_[np.argmax(self.predict_proba(X), axis=1)]


class DecisionTreeRegressor(_DecisionTree):
    """Ask one question about one feature at a time, and predict the mean of the samples that are left.

    Of equally good splits the one with the lowest feature, then the lowest threshold is taken.

    Parameters
    ----------
    criterion : {"squared_error"}
    max_depth : int, optional
        Most questions from the root to a leaf; by default as many as it takes.
    min_samples_split : int
        A node with fewer samples is a leaf.
    min_samples_leaf : int
        No split leaves fewer samples than this on a side.
    max_features : {"sqrt"}, int or float, optional
        How many features, drawn anew for each node, a node may use: their number, or their share of all. By
        default all.
    max_bins : int, optional
        Look for thresholds only between this many quantiles of each feature; by default between all values.
    random_state : int, numpy.random.Generator or None
        Draws the features; nothing else is left to chance.

    Attributes
    ----------
    tree_ : Tree
    n_features_in_ : int

    References
    ----------
    Breiman, Friedman, Olshen and Stone (1984), *Classification and Regression Trees*.

    Examples
    --------
    >>> X, y = np.array([[0.0], [1.0], [2.0]]), np.array([1.0, 3.0, 8.0])
    >>> DecisionTreeRegressor(max_depth=1).fit(X, y).predict(np.array([[0.7], [1.6]]))
    array([2., 8.])
    """

    estimator_type = "regressor"

    def __init__(
        self,
        *,
        criterion="squared_error",
        max_depth=None,
        min_samples_split=2,
        min_samples_leaf=1,
        max_features=None,
        max_bins=None,
        random_state=None,
    ):
        super().__init__(
            criterion=criterion,
            max_depth=max_depth,
            min_samples_split=min_samples_split,
            min_samples_leaf=min_samples_leaf,
            max_features=max_features,
            max_bins=max_bins,
            random_state=random_state,
        )

    def fit(self, X, y):
        """Grow the tree.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
        y : array of shape (n_samples,)

        Returns
        -------
        self : DecisionTreeRegressor

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
        # Targets are measured from their mean, for the sake of the sums of squares.
        return self._grow(X, y, offset=np.mean(y))

    def predict(self, X):
        """Mean of the training targets in each sample's leaf.

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
        leaf = self.apply(X)
        return self.tree_.value[leaf, 0]


def export_text(tree, feature_names=None):
    """The questions of a fitted tree as indented lines.

    Parameters
    ----------
    tree : DecisionTreeClassifier or DecisionTreeRegressor
    feature_names : list of str, optional

    Returns
    -------
    text : str

    Examples
    --------
    >>> X, y = np.array([[0.0], [1.0], [2.0]]), np.array(["low", "low", "high"])
    >>> print(export_text(DecisionTreeClassifier().fit(X, y), ["height"]))
    height <= 1.5
        low
    height > 1.5
        high
    """
    nodes = tree.tree_

    def lines(node, indent):
        if nodes.feature[node] < 0:
            value = nodes.value[node]
            return [indent + (str(tree.classes_[np.argmax(value)]) if value.size > 1 else f"{value[0]:.4g}")]
        feature = nodes.feature[node]
        name = f"x[{feature}]" if feature_names is None else feature_names[feature]
        text = []
        for sign, child in (("<=", nodes.children_left[node]), (">", nodes.children_right[node])):
            text += [f"{indent}{name} {sign} {nodes.threshold[node]:.4g}", *lines(child, indent + "    ")]
        return text

    return "\n".join(lines(0, ""))
