"""How well labels were predicted."""

from mlref.arrays import namespace
from mlref.errors import ShapeError, check_same_length, check_vector

__all__ = [
    "accuracy_score",
    "zero_one_loss",
]


def accuracy_score(y_true, y_pred, sample_weight=None):
    """Share of labels that were predicted exactly.

    Parameters
    ----------
    y_true : array of shape (n_samples,)
        True labels: integers, booleans or strings.
    y_pred : array of shape (n_samples,)
        Predicted labels, in the same order.
    sample_weight : array of shape (n_samples,), optional
        Non-negative weight of each sample; only their ratios matter. All equal by default.

    Returns
    -------
    accuracy : float
        From 0 to 1. Where one class is rare, always predicting the other one already scores high.

    Raises
    ------
    ShapeError
        If an argument is not 1-D, is empty, or their lengths differ.

    Examples
    --------
    >>> accuracy_score(["red", "blue", "blue"], ["red", "blue", "red"])
    0.6666666666666666
    """
    xp = namespace(y_true, y_pred)
    y_true, y_pred = xp.asarray(y_true), xp.asarray(y_pred)
    for labels, name in ((y_true, "y_true"), (y_pred, "y_pred")):
        if labels.ndim != 1 or labels.shape[0] == 0:
            raise ShapeError(
                f"{name} has shape {tuple(labels.shape)}; it must be 1-D, (n_samples,), and not empty"
            )
    check_same_length(y_true=y_true, y_pred=y_pred)
    hits = xp.astype(y_true == y_pred, xp.float64)
    if sample_weight is None:
        return float(xp.mean(hits))
    weights = check_vector(sample_weight, "sample_weight")
    check_same_length(y_true=y_true, sample_weight=weights)
    return float(xp.sum(weights * hits) / xp.sum(weights))


def zero_one_loss(y_true, y_pred, sample_weight=None):
    """Share of labels that were predicted wrong: the mean of a loss of 1 for a mistake and 0 otherwise.

    Parameters
    ----------
    y_true : array of shape (n_samples,)
        True labels: integers, booleans or strings.
    y_pred : array of shape (n_samples,)
        Predicted labels, in the same order.
    sample_weight : array of shape (n_samples,), optional
        Non-negative weight of each sample; only their ratios matter. All equal by default.

    Returns
    -------
    loss : float
        From 0 to 1.

    Raises
    ------
    ShapeError
        If an argument is not 1-D, is empty, or their lengths differ.

    Examples
    --------
    >>> zero_one_loss([0, 1, 2, 2], [0, 2, 2, 2])
    0.25
    """
    return 1 - accuracy_score(y_true, y_pred, sample_weight)
