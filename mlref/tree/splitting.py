"""How mixed a node is, and the best split of it: sort, cumulative sums, midpoints. Numpy only."""

from typing import NamedTuple

import numpy as np
from scipy.special import xlogy

from mlref.errors import (
    check_choice,
    check_count,
    check_labels,
    check_matrix,
    check_same_length,
    check_vector,
)

__all__ = [
    "Split",
    "best_split",
    "best_split_simple",
    "impurity",
    "midpoint",
    "purity",
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
    targets = target_rows(np.asarray(y), criterion)
    squares = 0.0 if criterion == "entropy" else np.sum(targets**2)
    return float(squares - purity(np.sum(targets, axis=1), targets.shape[1], criterion)) / targets.shape[1]


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
    y = check_vector(y, "y") if criterion == "squared_error" else check_labels(y, "y")
    if criterion == "squared_error":
        # Sums of squares lose digits far from zero.
        return (y - np.mean(y))[None, :]
    classes, codes = np.unique(y, return_inverse=True)
    return (codes == np.arange(classes.size)[:, None]).astype(np.float64)


def purity(sums, weight, criterion):
    """Weight times impurity, with the sign changed, and without the part that no split can change.

    Parameters
    ----------
    sums : array of shape (n_targets, ...)
        Weighted sum of the targets of a node.
    weight : array of shape (...)
        Sum of the weights of a node.
    criterion : {"gini", "entropy", "squared_error"}

    Returns
    -------
    purity : array of shape (...)

    Notes
    -----
    A split gains ``purity(left) + purity(right) - purity(both)``: by so much falls the impurity times the
    weight. With targets t, squared error times weight is ``sum t^2 - (sum t)^2 / weight``, and a split does
    not change ``sum t^2``. Summed over the columns of one-hot targets the same is the Gini impurity. Entropy
    times weight is ``w log2 w - sum_k s_k log2 s_k`` for the class weights ``s_k``.
    """
    if criterion == "entropy":
        # Rounding can push what is left of a class below zero.
        sums = np.maximum(sums, 0.0)
        return (np.sum(xlogy(sums, sums), axis=0) - xlogy(weight, weight)) / np.log(2)
    return np.einsum("k...,k...->...", sums, sums) / weight


def midpoint(below, above):
    """Threshold halfway between two neighbouring values.

    Parameters
    ----------
    below : array of shape (...)
    above : array of shape (...)
        Larger than below.

    Returns
    -------
    threshold : array of shape (...)
        At least below and less than above.
    """
    # Halves first: the sum of two large values could overflow.
    middle = below / 2 + above / 2
    # Between neighbouring floats the midpoint rounds up, and would send both to the left.
    return np.where(middle < above, middle, below)


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
    total, n = np.sum(targets, axis=1), y.size
    n_left = np.arange(1, n)
    large_enough = np.minimum(n_left, n - n_left) >= min_samples_leaf
    # Gains that differ by rounding only are equal.
    slack = 1e-9 * impurity(y, criterion)
    best = None
    for feature in range(X.shape[1]):
        order = np.argsort(X[:, feature])
        values = X[order, feature]
        left = np.cumsum(targets[:, order], axis=1)[:, :-1]
        after = purity(left, n_left, criterion) + purity(total[:, None] - left, n - n_left, criterion)
        gain = (after - purity(total, n, criterion)) / n
        gain[(values[1:] == values[:-1]) | ~large_enough] = -np.inf
        if gain.size == 0 or np.max(gain) == -np.inf:
            continue
        at = np.argmax(gain >= np.max(gain) - slack)
        if best is None or gain[at] > best.gain + slack:
            best = Split(feature, float(midpoint(values[at], values[at + 1])), float(gain[at]))
    return best


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
    X, y, best = check_matrix(X, "X"), np.asarray(y), None
    check_same_length(X=X, y=y)
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
