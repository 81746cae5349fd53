"""How well labels were predicted: accuracy, confusion matrix, precision, recall and F1.

Labels are whole numbers, booleans or, numpy only, strings. Classes come in ascending order of their labels.
"""

import numpy as np  # noqa: F401 (the examples use it)

from mlref.arrays import bincount, device, namespace
from mlref.errors import check_choice, check_labels, check_same_length, check_vector

__all__ = [
    "accuracy_score",
    "confusion_matrix",
    "f1_score",
    "precision_recall_fscore_support",
    "precision_score",
    "recall_score",
    "zero_one_loss",
]

AVERAGES = (None, "binary", "micro", "macro", "weighted")


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
    y_true, y_pred = _checked(y_true, y_pred)
    xp = namespace(y_true, y_pred)
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


def confusion_matrix(y_true, y_pred, *, labels=None, normalize=None):
    """How often each true class was predicted as each class.

    Parameters
    ----------
    y_true : array of shape (n_samples,)
        True labels.
    y_pred : array of shape (n_samples,)
        Predicted labels, in the same order.
    labels : sequence, optional
        Every label that can occur, in the order of the rows; by default those that do occur, ascending.
    normalize : {None, "true", "pred", "all"}
        None counts. "true" divides every row by its sum: how a true class was predicted. "pred" divides
        every column by its sum, "all" everything by the number of samples. A class without samples keeps
        its zeros.

    Returns
    -------
    matrix : array of shape (n_classes, n_classes)
        Rows are true classes, columns predicted ones. int64 if counted, float64 otherwise.

    Raises
    ------
    ShapeError
        If an argument is not 1-D, is empty, or their lengths differ.
    ValueError
        If normalize is unknown, or a label is none of labels.

    Notes
    -----
    The pair (true i, predicted j) of K classes is the number ``i K + j``: counting these numbers is one pass.

    Examples
    --------
    >>> confusion_matrix([0, 0, 1, 2, 2, 2], [0, 1, 1, 2, 2, 0])
    array([[1, 1, 0],
           [0, 1, 0],
           [1, 0, 2]])
    """
    y_true, y_pred = _checked(y_true, y_pred)
    check_choice(normalize, (None, "true", "pred", "all"), "normalize")
    xp = namespace(y_true, y_pred)
    found, counts = _pair_counts(y_true, y_pred)
    if labels is not None:
        counts = _rearranged(counts, found, labels)
    if normalize is None:
        return counts
    axis = {"true": 1, "pred": 0, "all": None}[normalize]
    counts = xp.astype(counts, xp.float64)
    total = xp.sum(counts, axis=axis, keepdims=True)
    return counts / xp.where(total > 0, total, 1.0)


def precision_recall_fscore_support(
    y_true, y_pred, *, labels=None, average=None, pos_label=1, zero_division=0.0
):
    """Precision, recall and F1 of every class, or their averages, and how many samples each class has.

    Parameters
    ----------
    y_true : array of shape (n_samples,)
        True labels.
    y_pred : array of shape (n_samples,)
        Predicted labels, in the same order.
    labels : sequence, optional
        The classes, in their order; by default those that occur among true or predicted labels, ascending.
    average : {None, "binary", "micro", "macro", "weighted"}
        None: one value for each class. "binary": the values of the class pos_label. "micro": from the sums
        of the counts of all classes; equals the accuracy. "macro": the mean over the classes. "weighted":
        the mean weighted by the number of samples of each class.
    pos_label : int, str or bool
        The class that "binary" looks at.
    zero_division : float
        The value of precision where nothing was predicted as the class, of recall where no sample is of the
        class, and of F1 where both is so.

    Returns
    -------
    precision : float or array of shape (n_classes,)
    recall : float or array of shape (n_classes,)
    f1 : float or array of shape (n_classes,)
    support : None or array of shape (n_classes,)
        True samples of each class; None if averaged.

    Raises
    ------
    ShapeError
        If an argument is not 1-D, is empty, or their lengths differ.
    ValueError
        If average is unknown, pos_label is no class, or more than two classes meet "binary".

    Notes
    -----
    With true positives TP, false positives FP and false negatives FN of a class:
    ``precision = TP / (TP + FP)``, ``recall = TP / (TP + FN)`` and ``F1 = 2 TP / (2 TP + FP + FN)``, their
    harmonic mean. The mean of the classes' F1 is not the F1 of the means.

    Examples
    --------
    >>> p, r, f, n = precision_recall_fscore_support([0, 0, 1, 1], [0, 1, 1, 1])
    >>> p.round(3), r, f.round(3), n
    (array([1.   , 0.667]), array([0.5, 1. ]), array([0.667, 0.8  ]), array([2, 2]))
    """
    check_choice(average, AVERAGES, "average")
    y_true, y_pred = _checked(y_true, y_pred)
    xp = namespace(y_true, y_pred)
    found, counts = _pair_counts(y_true, y_pred)
    if labels is not None:
        found, counts = labels, _rearranged(counts, found, labels)
    hits, predicted, support = xp.linalg.diagonal(counts), xp.sum(counts, axis=0), xp.sum(counts, axis=1)
    if average == "binary":
        chosen = _positive_class(found, pos_label)
        hits, predicted, actual = (values[chosen : chosen + 1] for values in (hits, predicted, support))
    elif average == "micro":
        hits, predicted, actual = (xp.sum(values, keepdims=True) for values in (hits, predicted, support))
    else:
        actual = support
    precision = _ratio(hits, predicted, zero_division)
    recall = _ratio(hits, actual, zero_division)
    f1 = _ratio(2 * hits, predicted + actual, zero_division)
    if average is None:
        return precision, recall, f1, support
    weights = xp.astype(support if average == "weighted" else xp.ones_like(actual), xp.float64)
    averaged = (float(xp.sum(weights * values) / xp.sum(weights)) for values in (precision, recall, f1))
    return *averaged, None


def precision_score(y_true, y_pred, *, labels=None, average="binary", pos_label=1, zero_division=0.0):
    """Share of the samples predicted as a class that are of it: ``TP / (TP + FP)``.

    Parameters
    ----------
    y_true : array of shape (n_samples,)
        True labels.
    y_pred : array of shape (n_samples,)
        Predicted labels, in the same order.
    labels : sequence, optional
        The classes, in their order.
    average : {"binary", "micro", "macro", "weighted", None}
        See `precision_recall_fscore_support`.
    pos_label : int, str or bool
        The class that "binary" looks at.
    zero_division : float
        The value where nothing was predicted as the class.

    Returns
    -------
    precision : float or array of shape (n_classes,)

    Raises
    ------
    ShapeError
        If an argument is not 1-D, is empty, or their lengths differ.
    ValueError
        If average is unknown, pos_label is no class, or more than two classes meet "binary".

    Examples
    --------
    >>> precision_score([1, 1, 0, 0], [1, 0, 1, 0])
    0.5
    """
    options = {"labels": labels, "average": average, "pos_label": pos_label, "zero_division": zero_division}
    return precision_recall_fscore_support(y_true, y_pred, **options)[0]


def recall_score(y_true, y_pred, *, labels=None, average="binary", pos_label=1, zero_division=0.0):
    """Share of the samples of a class that were predicted as it: ``TP / (TP + FN)``.

    Parameters
    ----------
    y_true : array of shape (n_samples,)
        True labels.
    y_pred : array of shape (n_samples,)
        Predicted labels, in the same order.
    labels : sequence, optional
        The classes, in their order.
    average : {"binary", "micro", "macro", "weighted", None}
        See `precision_recall_fscore_support`.
    pos_label : int, str or bool
        The class that "binary" looks at.
    zero_division : float
        The value where no sample is of the class.

    Returns
    -------
    recall : float or array of shape (n_classes,)

    Raises
    ------
    ShapeError
        If an argument is not 1-D, is empty, or their lengths differ.
    ValueError
        If average is unknown, pos_label is no class, or more than two classes meet "binary".

    Examples
    --------
    >>> recall_score([1, 1, 1, 0], [1, 0, 1, 0])
    0.6666666666666666
    """
    options = {"labels": labels, "average": average, "pos_label": pos_label, "zero_division": zero_division}
    return precision_recall_fscore_support(y_true, y_pred, **options)[1]


def f1_score(y_true, y_pred, *, labels=None, average="binary", pos_label=1, zero_division=0.0):
    """Harmonic mean of precision and recall: ``2 TP / (2 TP + FP + FN)``.

    Parameters
    ----------
    y_true : array of shape (n_samples,)
        True labels.
    y_pred : array of shape (n_samples,)
        Predicted labels, in the same order.
    labels : sequence, optional
        The classes, in their order.
    average : {"binary", "micro", "macro", "weighted", None}
        See `precision_recall_fscore_support`.
    pos_label : int, str or bool
        The class that "binary" looks at.
    zero_division : float
        The value where no sample is of the class and none was predicted as it.

    Returns
    -------
    f1 : float or array of shape (n_classes,)

    Raises
    ------
    ShapeError
        If an argument is not 1-D, is empty, or their lengths differ.
    ValueError
        If average is unknown, pos_label is no class, or more than two classes meet "binary".

    Examples
    --------
    >>> f1_score([1, 1, 1, 0], [1, 0, 1, 0])
    0.8
    """
    options = {"labels": labels, "average": average, "pos_label": pos_label, "zero_division": zero_division}
    return precision_recall_fscore_support(y_true, y_pred, **options)[2]


def _checked(y_true, y_pred):
    """Both as vectors of labels of one length."""
    y_true, y_pred = check_labels(y_true, "y_true"), check_labels(y_pred, "y_pred")
    check_same_length(y_true=y_true, y_pred=y_pred)
    return y_true, y_pred


def _pair_counts(y_true, y_pred):
    """Labels that occur, ascending, and the counts of every (true, predicted) pair of them."""
    xp = namespace(y_true, y_pred)
    n = y_true.shape[0]
    if all(xp.isdtype(y.dtype, "signed integer") for y in (y_true, y_pred)):
        low = min(int(xp.min(y_true)), int(xp.min(y_pred)))
        n_values = max(int(xp.max(y_true)), int(xp.max(y_pred))) - low + 1
        if n_values**2 <= max(n, 2**16):
            # Whole numbers close to each other need no sorting: count all between, keep those that occur.
            # In int64: a difference of two int8 need not fit into int8.
            true, pred = (xp.astype(y, xp.int64, copy=False) - low for y in (y_true, y_pred))
            pairs = bincount(true * n_values + pred, n_values**2)
            counts = xp.reshape(pairs, (n_values, n_values))
            kept = xp.nonzero((xp.sum(counts, axis=0) > 0) | (xp.sum(counts, axis=1) > 0))[0]
            return kept + low, xp.take(xp.take(counts, kept, axis=0), kept, axis=1)
    labels, codes = xp.unique_inverse(xp.concat([y_true, y_pred]))
    n_labels = labels.shape[0]
    pairs = bincount(codes[:n] * n_labels + codes[n:], n_labels**2)
    return labels, xp.reshape(pairs, (n_labels, n_labels))


def _rearranged(counts, found, labels):
    """The counts of the labels found, in the rows and columns of all labels."""
    xp = namespace(counts, found)
    labels = xp.asarray(labels, device=device(counts))
    place = xp.astype(found[:, None] == labels[None, :], xp.float64)
    for i in range(found.shape[0]):
        if float(xp.sum(place[i, :])) != 1:
            raise ValueError(
                f"label {found[i]} must be exactly once among labels; add it, or drop the second"
            )
    return xp.astype(place.T @ xp.astype(counts, xp.float64) @ place, xp.int64)


def _positive_class(labels, pos_label):
    """Row of the positive one of at most two classes."""
    labels = [label.item() if hasattr(label, "item") else label for label in labels]
    if len(labels) > 2:
        raise ValueError(f"average is 'binary' but there are {len(labels)} classes; choose another average")
    if pos_label not in labels:
        raise ValueError(
            f"pos_label is {pos_label!r}, which is none of the classes {labels}; choose one of them"
        )
    return labels.index(pos_label)


def _ratio(numerator, denominator, zero_division):
    xp = namespace(numerator)
    numerator, denominator = xp.astype(numerator, xp.float64), xp.astype(denominator, xp.float64)
    ratio = numerator / xp.where(denominator > 0, denominator, 1.0)
    return xp.where(denominator > 0, ratio, float(zero_division))
