"""AdaBoost: samples that were got wrong weigh more for the next tree. Numpy only."""

import numpy as np

from mlref.base import Estimator
from mlref.errors import check_count, check_labels, check_matrix, check_positive, check_same_length
from mlref.tree.bins import bin_features
from mlref.tree.growing import grow_tree
from mlref.tree.splitting import target_rows

__all__ = [
    "AdaBoostClassifier",
]


class AdaBoostClassifier(Estimator):
    """Weighted vote of small trees, each grown on the samples weighted by how the ones before failed on them.

    Parameters
    ----------
    n_estimators : int
        Most trees; fewer if one makes no mistake, or is no better than guessing.
    learning_rate : float
        Factor of every vote; positive.
    max_depth : int
        Most questions from the root to a leaf: with 1, the trees are stumps.

    Attributes
    ----------
    estimators_ : list of Tree
        The value of a leaf is the weighted share of each class.
    estimator_weights_ : array of shape (n_trees,)
        Vote of each tree.
    estimator_errors_ : array of shape (n_trees,)
        Weight of the samples that each tree got wrong.
    classes_ : array of shape (n_classes,)
    n_features_in_ : int

    Notes
    -----
    With the weighted error e of a tree and K classes, its vote is ``log((1 - e) / e) + log(K - 1)``, which is
    positive if the tree is better than guessing; the weights of the samples that it gets wrong are multiplied
    by the exponential of the vote.

    References
    ----------
    Freund and Schapire (1997), A decision-theoretic generalization of on-line learning. Zhu, Zou, Rosset and
    Hastie (2009), Multi-class AdaBoost.

    Examples
    --------
    >>> X, y = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array(["out", "in", "in", "out"])
    >>> AdaBoostClassifier(n_estimators=5).fit(X, y).predict(X)
    array(['out', 'in', 'in', 'out'], dtype='<U3')
    """

    estimator_type = "classifier"

    def __init__(self, *, n_estimators=50, learning_rate=1.0, max_depth=1):
        self.n_estimators = n_estimators
        self.learning_rate = learning_rate
        self.max_depth = max_depth

    def fit(self, X, y):
        """Grow the trees, one after another.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
        y : array of shape (n_samples,)
            Label of each sample: integers, booleans or strings; at least two different ones.

        Returns
        -------
        self : AdaBoostClassifier

        Raises
        ------
        ShapeError
            If X is not 2-D, y is not 1-D, or their lengths differ.
        NotFiniteError
            If X holds NaN or infinity.
        ValueError
            If a parameter is not allowed, y holds numbers that are not whole or only one label, or the first
            tree is no better than guessing.
        """
        X, y = check_matrix(X, "X"), check_labels(y, "y")
        check_same_length(X=X, y=y)
        check_count(self.n_estimators, "n_estimators")
        check_count(self.max_depth, "max_depth")
        check_positive(self.learning_rate, "learning_rate")
        self.classes_, codes = np.unique(y, return_inverse=True)
        if self.classes_.size < 2:
            raise ValueError(f"y holds 1 class, {self.classes_[0]!r}; a classifier needs at least two")
        bins, targets = bin_features(X), target_rows(y, "gini")
        weights = np.full(y.size, 1 / y.size)
        trees, votes, errors = [], [], []
        for _ in range(self.n_estimators):
            tree, leaf = grow_tree(
                bins, targets * weights, weights=weights, criterion="gini", max_depth=self.max_depth
            )
            wrong = np.argmax(tree.value, axis=1)[leaf] != codes
            error = np.sum(weights[wrong])
            if error >= 1 - 1 / self.classes_.size - 1e-12:
                break
            # A tree without mistakes has the last word.
            odds = np.log((1 - error) / error) if error > 0 else 1 / np.finfo(float).eps
            vote = self.learning_rate * (odds + np.log(self.classes_.size - 1))
            trees.append(tree)
            votes.append(vote)
            errors.append(error)
            if error <= 0:
                break
            weights = weights * np.exp(vote * wrong)
            weights /= np.sum(weights)
        if not trees:
            raise ValueError("the first tree is no better than guessing; raise max_depth, or add features")
        self.estimators_ = trees
        self.estimator_weights_, self.estimator_errors_ = np.array(votes), np.array(errors)
        self.n_features_in_ = X.shape[1]
        return self

    def decision_function(self, X):
        """Votes for the second class less those for the first, or for every class if there are more than two.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)

        Returns
        -------
        scores : array of shape (n_samples,) or (n_samples, n_classes)
            From -2 to 2 for two classes. Else at most 1, and the sum over the classes is zero.

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
        n_classes = self.classes_.size
        # What a tree gives to its class it takes from the others.
        ballot = np.where(np.eye(n_classes) > 0, 1.0, -1 / (n_classes - 1))
        scores = np.zeros((X.shape[0], n_classes))
        for tree, vote in zip(self.estimators_, self.estimator_weights_, strict=True):
            scores += vote * ballot[np.argmax(tree.value, axis=1)[tree.apply(X)]]
        scores /= np.sum(self.estimator_weights_)
        return scores[:, 1] - scores[:, 0] if n_classes == 2 else scores

    def predict(self, X):
        """Class with the most votes, the smallest label where several have them.

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
