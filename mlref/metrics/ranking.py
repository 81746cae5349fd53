"""How well scores put positive samples before negative ones."""

import numpy as np  # noqa: F401 (the examples use it)

from mlref.arrays import namespace
from mlref.errors import ShapeError, check_labels, check_same_length, check_vector

__all__ = [
    "auc",
    "roc_auc_score",
    "roc_curve",
]


def roc_curve(y_true, y_score):
    """True and false positive rate at every threshold.

    A sample is predicted positive where its score is at least the threshold. Samples with equal scores pass
    it together: they give one point, whatever their order.

    Parameters
    ----------
    y_true : array of shape (n_samples,)
        Labels of two classes; the larger is the positive one: 0 and 1, -1 and 1, False and True.
    y_score : array of shape (n_samples,)
        The higher, the more likely positive; only the order matters.

    Returns
    -------
    fpr : array of shape (n_thresholds,)
        False positives over all negatives: from 0 to 1.
    tpr : array of shape (n_thresholds,)
        True positives over all positives: from 0 to 1.
    thresholds : array of shape (n_thresholds,)
        Descending: infinity, where nothing is positive, and then every different score.

    Raises
    ------
    ShapeError
        If an argument is not 1-D, is empty, or their lengths differ.
    NotFiniteError
        If a score is NaN or infinite.
    TypeError
        If the labels are strings.
    ValueError
        If y_true does not hold exactly two classes.

    References
    ----------
    Fawcett (2006), An introduction to ROC analysis, *Pattern Recognition Letters* 27(8).

    Examples
    --------
    >>> fpr, tpr, thresholds = roc_curve(np.array([1, 1, 0, 1]), np.array([0.9, 0.8, 0.8, 0.3]))
    >>> fpr, tpr.round(2), thresholds
    (array([0., 0., 1., 1.]), array([0.  , 0.33, 0.67, 1.  ]), array([inf, 0.9, 0.8, 0.3]))
    """
    positive, scores = _checked(y_true, y_score)
    xp = namespace(scores)
    order = xp.argsort(scores, stable=False)
    # Largest score first.
    scores, positive = xp.flip(xp.take(scores, order)), xp.flip(xp.take(positive, order))
    last = xp.ones_like(scores[:1], dtype=xp.bool)
    ends = xp.nonzero(xp.concat([scores[1:] != scores[:-1], last]))[0]
    hits = xp.take(xp.cumulative_sum(positive), ends)
    zero = xp.zeros_like(scores[:1], dtype=xp.float64)
    tpr = xp.astype(hits, xp.float64) / float(hits[-1])
    n_negative = scores.shape[0] - float(hits[-1])
    fpr = xp.astype(ends + 1 - hits, xp.float64) / n_negative
    thresholds = xp.concat([xp.full_like(scores[:1], xp.inf), xp.take(scores, ends)])
    return xp.concat([zero, fpr]), xp.concat([zero, tpr]), thresholds


def auc(x, y):
    """Area under a curve through points, by the trapezoidal rule.

    Parameters
    ----------
    x : array of shape (n_points,)
        At least two, ascending or descending; equal neighbours are allowed.
    y : array of shape (n_points,)

    Returns
    -------
    area : float

    Raises
    ------
    ShapeError
        If an argument is not 1-D, has fewer than two entries, or their lengths differ.
    NotFiniteError
        If an argument holds NaN or infinity.
    ValueError
        If x goes up and down.

    Examples
    --------
    >>> auc(np.array([0.0, 0.5, 1.0]), np.array([0.0, 1.0, 1.0]))
    0.75
    """
    x, y = check_vector(x, "x"), check_vector(y, "y")
    check_same_length(x=x, y=y)
    if x.shape[0] < 2:
        raise ShapeError("x has 1 entry; an area needs at least 2 points")
    xp = namespace(x, y)
    steps = x[1:] - x[:-1]
    if bool(xp.any(steps < 0)):
        if bool(xp.any(steps > 0)):
            raise ValueError("x goes up and down; sort the points by x first")
        steps = -steps
    return float(xp.sum(steps * (y[1:] + y[:-1]))) / 2


def roc_auc_score(y_true, y_score):
    """Area under the ROC curve: the chance that a positive sample scores higher than a negative one.

    A pair with equal scores counts one half. 1 is a perfect order, 0.5 chance, 0 the reverse of perfect.

    Parameters
    ----------
    y_true : array of shape (n_samples,)
        Labels of two classes; the larger is the positive one: 0 and 1, -1 and 1, False and True.
    y_score : array of shape (n_samples,)
        The higher, the more likely positive; only the order matters.

    Returns
    -------
    area : float
        From 0 to 1.

    Raises
    ------
    ShapeError
        If an argument is not 1-D, is empty, or their lengths differ.
    NotFiniteError
        If a score is NaN or infinite.
    TypeError
        If the labels are strings.
    ValueError
        If y_true does not hold exactly two classes.

    Notes
    -----
    Sorting and a cumulative sum: n log n steps, not one for each pair.

    References
    ----------
    Hanley and McNeil (1982), The meaning and use of the area under a receiver operating characteristic (ROC)
    curve, *Radiology* 143(1).

    Examples
    --------
    >>> roc_auc_score(np.array([1, 1, 0, 1, 0]), np.array([0.9, 0.8, 0.8, 0.6, 0.1]))
    0.75
    """
    fpr, tpr, _ = roc_curve(y_true, y_score)
    return auc(fpr, tpr)


def _checked(y_true, y_score):
    """Which samples are positive, as 0 and 1, and the scores."""
    y_true, scores = check_labels(y_true, "y_true"), check_vector(y_score, "y_score")
    check_same_length(y_true=y_true, y_score=scores)
    xp = namespace(y_true, scores)
    if not xp.isdtype(y_true.dtype, ("numeric", "bool")):
        raise TypeError("y_true holds no numbers, so that no class is the larger; pass y_true == positive")
    if xp.isdtype(y_true.dtype, "bool"):
        y_true = xp.astype(y_true, xp.int64)
    negative, positive = xp.min(y_true), xp.max(y_true)
    is_positive = y_true == positive
    if bool(negative == positive) or bool(xp.any(~is_positive & (y_true != negative))):
        raise ValueError(
            "y_true must hold exactly two classes, such as 0 and 1: the rates divide by both counts"
        )
    return xp.astype(is_positive, xp.int64), scores
