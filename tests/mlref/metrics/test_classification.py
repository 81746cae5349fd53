"""Accuracy, confusion matrix, precision, recall and F1."""

import numpy as np
import pytest
import sklearn.metrics
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mlref.arrays import to_numpy
from mlref.errors import ShapeError
from mlref.metrics import (
    accuracy_score,
    confusion_matrix,
    f1_score,
    precision_recall_fscore_support,
    precision_score,
    recall_score,
    zero_one_loss,
)

labels = hnp.arrays(np.int64, 9, elements=st.integers(0, 3))


def sample(seed, n=60, n_classes=4):
    rng = np.random.default_rng(seed)
    y_true = rng.integers(0, n_classes, n)
    return y_true, np.where(rng.random(n) < 0.6, y_true, rng.integers(0, n_classes, n))


def confusion_matrix_simple(y_true, y_pred, n_classes):
    """One pair at a time."""
    counts = np.zeros((n_classes, n_classes), dtype=np.int64)
    for actual, predicted in zip(y_true, y_pred, strict=True):
        counts[actual, predicted] += 1
    return counts


# oracle


def test_accuracy_equals_scikit_learn(xp_backend):
    y_true, y_pred = sample(0)
    weights = np.random.default_rng(1).uniform(size=60)
    for sample_weight in (None, weights):
        expected = sklearn.metrics.accuracy_score(y_true, y_pred, sample_weight=sample_weight)
        arrays = [None if a is None else xp_backend.asarray(a) for a in (y_true, y_pred, sample_weight)]
        assert accuracy_score(*arrays) == pytest.approx(expected, rel=1e-12)
        assert zero_one_loss(*arrays) == pytest.approx(1 - expected, rel=1e-12)


@pytest.mark.parametrize("normalize", [None, "true", "pred", "all"])
def test_confusion_matrix_equals_scikit_learn(normalize, xp_backend):
    y_true, y_pred = sample(2)
    expected = sklearn.metrics.confusion_matrix(y_true, y_pred, normalize=normalize)
    arrays = xp_backend.asarray(y_true), xp_backend.asarray(y_pred)
    xp_backend.check(confusion_matrix(*arrays, normalize=normalize), expected)
    # Negative, far apart and fractional-typed labels take the other path.
    for shift, factor in ((-2, 1), (0, 10**6), (0.0, 1.0)):
        moved = (xp_backend.asarray(shift + factor * y) for y in (y_true, y_pred))
        xp_backend.check(confusion_matrix(*moved, normalize=normalize), expected)


@pytest.mark.parametrize("average", [None, "micro", "macro", "weighted"])
@pytest.mark.parametrize("zero_division", [0.0, 1.0])
def test_precision_recall_f1_equal_scikit_learn(average, zero_division, xp_backend):
    y_true, y_pred = sample(3)
    # Class 3 is never predicted, class 4 is predicted but never true.
    y_pred = np.where(y_pred == 3, 4, y_pred)
    expected = sklearn.metrics.precision_recall_fscore_support(
        y_true, y_pred, average=average, zero_division=zero_division
    )
    found = precision_recall_fscore_support(
        xp_backend.asarray(y_true), xp_backend.asarray(y_pred), average=average, zero_division=zero_division
    )
    for ours, theirs in zip(found, expected, strict=True):
        if average is None:
            xp_backend.check(ours, theirs)
        else:
            assert ours == (None if theirs is None else pytest.approx(theirs, rel=1e-12))


@pytest.mark.parametrize("ours", [precision_score, recall_score, f1_score], ids=lambda f: f.__name__)
def test_binary_scores_equal_scikit_learn(ours):
    y_true, y_pred = sample(4, n_classes=2)
    theirs = getattr(sklearn.metrics, ours.__name__)
    for pos_label in (0, 1):
        assert ours(y_true, y_pred, pos_label=pos_label) == pytest.approx(
            theirs(y_true, y_pred, pos_label=pos_label)
        )
    words = np.array(["no", "yes"])
    expected = ours(y_true, y_pred)
    assert ours(words[y_true], words[y_pred], pos_label="yes") == expected


def test_a_table_by_hand():
    """48 true positives, 16 false negatives, 12 false positives."""
    y_true = np.repeat([1, 1, 0, 0], [48, 16, 12, 24])
    y_pred = np.repeat([1, 0, 1, 0], [48, 16, 12, 24])
    assert confusion_matrix(y_true, y_pred).tolist() == [[24, 12], [16, 48]]
    assert precision_score(y_true, y_pred) == 0.8
    assert recall_score(y_true, y_pred) == 0.75
    assert f1_score(y_true, y_pred) == pytest.approx(0.774194, abs=5e-7)


# properties


@given(labels, labels)
@settings(max_examples=40)
def test_confusion_matrix_counts_every_pair_once(y_true, y_pred):
    matrix = confusion_matrix(y_true, y_pred, labels=range(4))
    np.testing.assert_array_equal(matrix, confusion_matrix_simple(y_true, y_pred, 4))
    np.testing.assert_array_equal(matrix.T, confusion_matrix(y_pred, y_true, labels=range(4)))
    assert np.trace(matrix) / 9 == pytest.approx(accuracy_score(y_true, y_pred))


@given(labels, labels)
@settings(max_examples=40)
def test_micro_averages_are_the_accuracy(y_true, y_pred):
    precision, recall, f1, _ = precision_recall_fscore_support(y_true, y_pred, average="micro")
    assert precision == recall == pytest.approx(f1) == pytest.approx(accuracy_score(y_true, y_pred))


def test_f1_is_the_harmonic_mean_and_no_mean_of_means():
    y_true, y_pred = sample(5)
    precision, recall, f1, _ = precision_recall_fscore_support(y_true, y_pred)
    np.testing.assert_allclose(f1, 2 / (1 / precision + 1 / recall))
    macro = precision_recall_fscore_support(y_true, y_pred, average="macro")
    assert macro[2] == pytest.approx(f1.mean())
    assert macro[2] != pytest.approx(2 / (1 / macro[0] + 1 / macro[1]), abs=1e-6)


# edges


def test_a_class_without_samples_has_a_row_of_zeros():
    matrix = confusion_matrix([0, 2], [2, 2], labels=[0, 1, 2], normalize="true")
    assert matrix.tolist() == [[0, 0, 1], [0, 0, 0], [0, 0, 1]]


def test_labels_give_the_order_of_the_rows():
    y_true, y_pred = np.array(["b", "a", "b"]), np.array(["b", "b", "a"])
    assert confusion_matrix(y_true, y_pred, labels=["b", "c", "a"]).tolist() == [
        [1, 0, 1],
        [0, 0, 0],
        [1, 0, 0],
    ]


def test_small_unsigned_labels_do_not_wrap(xp_backend):
    y_true, y_pred = np.array([200, 250, 250], np.uint8), np.array([200, 200, 250], np.uint8)
    matrix = confusion_matrix(xp_backend.asarray(y_true), xp_backend.asarray(y_pred))
    assert to_numpy(matrix).tolist() == [[1, 0], [1, 1]]
    small = xp_backend.asarray(np.array([-128, 127, 127], np.int8))
    assert to_numpy(confusion_matrix(small, small)).tolist() == [[1, 0], [0, 2]]


def test_nothing_of_a_class_gives_the_value_asked_for():
    y_true, y_pred = np.array([0, 0, 1]), np.array([0, 0, 0])
    assert precision_score(y_true, y_pred) == 0.0
    assert precision_score(y_true, y_pred, zero_division=1.0) == 1.0
    assert np.isnan(precision_score(y_true, y_pred, zero_division=np.nan))
    assert f1_score(y_true, y_pred, zero_division=1.0) == 0.0


def test_the_positive_class_is_one_and_nothing_over_nothing_is_zero():
    y_true, y_pred = np.array([1, 1, 1, 0, 0]), np.array([1, 1, 0, 1, 0])
    averaged = precision_recall_fscore_support(y_true, y_pred, average="binary")
    assert averaged == (pytest.approx(2 / 3), pytest.approx(2 / 3), pytest.approx(2 / 3), None)
    assert (precision_score(y_true, y_pred), recall_score(y_true, y_pred)) == averaged[:2]
    nothing, some = np.array([0, 0]), np.array([0, 1])
    assert recall_score(nothing, some) == 0.0
    assert precision_score(some, nothing) == 0.0
    assert f1_score(nothing, some) == f1_score(some, nothing) == 0.0
    assert precision_recall_fscore_support(nothing, some)[1].tolist() == [0.5, 0.0]


# errors


def test_bad_arguments_raise():
    y = np.array([0, 1, 2])
    with pytest.raises(ShapeError, match="y_true has 3 rows but y_pred has 2"):
        confusion_matrix(y, y[:2])
    with pytest.raises(ShapeError, match=r"y_pred has shape \(3, 1\)"):
        accuracy_score(y, y[:, None])
    with pytest.raises(ShapeError, match="y_true is empty"):
        accuracy_score([], [])
    with pytest.raises(ShapeError, match="sample_weight has 1"):
        accuracy_score(y, y, np.ones(1))
    with pytest.raises(ValueError, match="normalize is 'rows'"):
        confusion_matrix(y, y, normalize="rows")
    with pytest.raises(ValueError, match="label 2 must be exactly once among labels"):
        confusion_matrix(y, y, labels=[0, 1])
    with pytest.raises(ValueError, match="average is 'mean'"):
        f1_score(y, y, average="mean")
    with pytest.raises(ValueError, match="average is 'binary' but there are 3 classes"):
        f1_score(y, y)
    with pytest.raises(ValueError, match="pos_label is 7"):
        f1_score(y[:2], y[:2], pos_label=7)
