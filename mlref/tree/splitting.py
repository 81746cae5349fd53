"""How mixed a node is, and the best split of it: sort, cumulative sums, midpoints. Numpy only."""

from typing import NamedTuple

import numpy as np

from mlref.errors import ShapeError, check_choice, check_count, check_matrix, check_same_length
from mlref.tree.bins import bin_features
from mlref.tree.level import Level

__all__ = [
    "Split",
    "best_split",
    "best_split_simple",
    "impurity",
    "target_rows",
]

CRITERIA = ("gini", "entropy", "squared_error")


class Split(NamedTuple):
    """A question about one feature: samples with ``x[feature] <= threshold`` go left."""

    feature: int
    threshold: float
    gain: float


def impurity(y, criterion="gini"):
    """How mixed the targets of a node are; zero when they are all equal.

    Parameters
    ----------
    y : array of shape (n_samples,)
        Labels for "gini" and "entropy", numbers for "squared_error".
    criterion : {"gini", "entropy", "squared_error"}

    Returns
    -------
    impurity : float
        In bits for "entropy", in squared units of y for "squared_error".

    Raises
    ------
    ShapeError
        If y is not 1-D or is empty.
    ValueError
        If the criterion is unknown.

    Notes
    -----
    With the share ``p_k`` of class k: Gini ``1 - sum_k p_k^2``, the probability that two samples drawn with
    replacement differ in class; entropy ``-sum_k p_k log2 p_k``; squared error is the variance.

    References
    ----------
    Breiman, Friedman, Olshen and Stone (1984), *Classification and Regression Trees*, chapters 4 and 8.

    Examples
    --------
    >>> impurity(np.array([0, 0, 1, 1])), impurity(np.array([0, 0, 1, 1]), "entropy")
    (0.5, 1.0)
    """
    return float(_one_level(target_rows(np.asarray(y), criterion), criterion).impurity[0])


def target_rows(y, criterion):
    """Targets in the one form that all criteria share, a row a class or a single row of numbers.

    The variance of one-hot rows, summed over the classes, is the Gini impurity: so one formula serves
    classification and regression.

    Parameters
    ----------
    y : array of shape (n_samples,)
    criterion : {"gini", "entropy", "squared_error"}

    Returns
    -------
    targets : array of shape (n_targets, n_samples)
        For labels, one-hot; for numbers, the differences from their mean.
    """
    check_choice(criterion, CRITERIA, "criterion")
    if y.ndim != 1 or y.size == 0:
        raise ShapeError(f"y has shape {y.shape}; it must be 1-D, (n_samples,), with at least one sample")
    if criterion == "squared_error":
        # Sums of squares lose digits far from zero.
        return (y - np.mean(y))[None, :]
    classes, codes = np.unique(y, return_inverse=True)
    return (codes == np.arange(classes.size)[:, None]).astype(np.float64)


def best_split(X, y, criterion="gini", min_samples_leaf=1):
    """The split of the samples in two that lowers the weighted impurity most.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
    y : array of shape (n_samples,)
        Labels for "gini" and "entropy", numbers for "squared_error".
    criterion : {"gini", "entropy", "squared_error"}
    min_samples_leaf : int
        Fewest samples on either side.

    Returns
    -------
    split : Split or None
        Feature, threshold and gain: ``impurity(all) - n_left / n impurity(left) - n_right / n
        impurity(right)``. Of equally good splits the one with the lowest feature, then the lowest
        threshold. None if no feature has two values to put a threshold between.

    Raises
    ------
    ShapeError
        If X is not 2-D, y is not 1-D, or their lengths differ.
    NotFiniteError
        If X holds NaN or infinity.
    ValueError
        If the criterion is unknown, or min_samples_leaf is not a whole number of at least 1.

    Notes
    -----
    Sorted by one feature, every threshold cuts the samples into a head and a tail. The class counts of all
    heads are one cumulative sum, those of the tails the total less that: all n - 1 thresholds cost
    O(n log n) together, not O(n) each. A threshold lies halfway between two neighbouring values.

    Examples
    --------
    >>> best_split(np.array([[3.0], [1.0], [2.0], [5.0]]), np.array([1, 0, 0, 1]))
    Split(feature=0, threshold=2.5, gain=0.5)
    """
    X, y = check_matrix(X, "X"), np.asarray(y)
    check_count(min_samples_leaf, "min_samples_leaf")
    targets = target_rows(y, criterion)
    check_same_length(X=X, y=y)
    bins = bin_features(X)
    feature, left, right, gain = _one_level(targets, criterion).best_splits(bins, min_samples_leaf)
    if feature[0] < 0:
        return None
    return Split(int(feature[0]), float(bins.midpoint(feature, left, right)[0]), float(gain[0]))


def best_split_simple(X, y, criterion="gini", min_samples_leaf=1):
    """The same as `best_split`, by trying every threshold of every feature.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
    y : array of shape (n_samples,)
    criterion : {"gini", "entropy", "squared_error"}
    min_samples_leaf : int

    Returns
    -------
    split : Split or None

    Examples
    --------
    >>> best_split_simple(np.array([[3.0], [1.0], [2.0], [5.0]]), np.array([1, 0, 0, 1]))
    Split(feature=0, threshold=2.5, gain=0.5)
    """
    best = None
    for feature in range(X.shape[1]):
        values = np.unique(X[:, feature])
        for threshold in (values[:-1] + values[1:]) / 2:
            left = X[:, feature] <= threshold
            share = np.mean(left)
            if min(np.sum(left), np.sum(~left)) < min_samples_leaf:
                continue
            parts = share * impurity(y[left], criterion) + (1 - share) * impurity(y[~left], criterion)
            gain = impurity(y, criterion) - parts
            if best is None or gain > best.gain + 1e-9 * impurity(y, criterion):
                best = Split(feature, float(threshold), float(gain))
    return best


def _one_level(targets, criterion):
    n_samples = targets.shape[1]
    return Level(np.zeros(n_samples, dtype=np.int64), np.arange(n_samples), targets, None, criterion)
