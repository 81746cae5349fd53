"""ROC curve and the area under it."""

import numpy as np
import pytest
import sklearn.metrics
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mlref.errors import NotFiniteError, ShapeError
from mlref.metrics import auc, roc_auc_score, roc_curve

LABELS = np.array([1, 1, 0, 1, 0, 0, 1, 0])
SCORES = np.array([0.9, 0.8, 0.8, 0.6, 0.55, 0.4, 0.35, 0.1])

# Whole numbers in small ranges: many ties.
scores = hnp.arrays(np.float64, 8, elements=st.integers(-3, 3).map(float))


def roc_auc_simple(y_true, y_score):
    """Share of the (positive, negative) pairs in the right order; a tie counts one half."""
    difference = y_score[y_true == 1][:, None] - y_score[y_true == 0][None, :]
    return float(np.mean((difference > 0) + 0.5 * (difference == 0)))


# oracle


@pytest.mark.parametrize("decimals", [0, 1, 9])
def test_equals_scikit_learn(decimals, xp_backend):
    rng = np.random.default_rng(decimals)
    y = (rng.random(80) < 0.3).astype(int)
    s = np.round(rng.normal(size=80) + y, decimals)
    arrays = xp_backend.asarray(y), xp_backend.asarray(s)
    expected = sklearn.metrics.roc_curve(y, s, drop_intermediate=False)
    for ours, theirs in zip(roc_curve(*arrays), expected, strict=True):
        xp_backend.check(ours, theirs)
    assert roc_auc_score(*arrays) == pytest.approx(sklearn.metrics.roc_auc_score(y, s), rel=1e-12)


@pytest.mark.parametrize("labels", [LABELS, 2 * LABELS - 1, LABELS == 1, LABELS.astype(float)], ids=str)
def test_an_example_by_hand(labels, xp_backend):
    assert roc_auc_score(xp_backend.asarray(labels), xp_backend.asarray(SCORES)) == 0.71875


@given(scores)
@settings(max_examples=40)
def test_area_is_the_share_of_pairs_in_order(s):
    assert roc_auc_score(LABELS, s) == pytest.approx(roc_auc_simple(LABELS, s), abs=1e-12)


# properties


@given(scores)
@settings(max_examples=40)
def test_only_the_order_matters(s):
    area = roc_auc_score(LABELS, s)
    assert roc_auc_score(LABELS, np.exp(s)) == area
    assert roc_auc_score(LABELS, -s) == pytest.approx(1 - area)
    assert roc_auc_score(1 - LABELS, s) == pytest.approx(1 - area)
    assert roc_auc_score(LABELS[::-1], s[::-1]) == area


def test_the_curve_starts_at_zero_ends_at_one_and_never_falls():
    fpr, tpr, thresholds = roc_curve(LABELS, SCORES)
    assert (fpr[0], tpr[0], thresholds[0]) == (0, 0, np.inf)
    assert (fpr[-1], tpr[-1], thresholds[-1]) == (1, 1, 0.1)
    assert np.all(np.diff(fpr) >= 0)
    assert np.all(np.diff(tpr) >= 0)
    assert np.all(np.diff(thresholds) < 0)
    assert auc(fpr, tpr) == roc_auc_score(LABELS, SCORES)


# edges


@pytest.mark.parametrize("labels", [[0, 1, 0, 1], [1, 1, 0, 0], [0, 0, 1, 1]], ids=str)
def test_equal_scores_are_worth_chance_in_any_order(labels):
    assert roc_auc_score(np.array(labels), np.ones(4)) == 0.5


def test_perfect_and_reversed_orders():
    assert roc_auc_score([0, 0, 1], [1.0, 2.0, 3.0]) == 1.0
    assert roc_auc_score([1, 1, 0], [1.0, 2.0, 3.0]) == 0.0


def test_float32_scores_do_not_blur_the_counts():
    """Counted in whole numbers: a float32 cannot tell 2^24 from 2^24 + 1."""
    y = np.zeros(1000, dtype=np.int64)
    y[::3] = 1
    s = np.arange(1000, dtype=np.float32)
    assert roc_auc_score(y, s) == pytest.approx(roc_auc_simple(y, s), abs=1e-14)


def test_area_of_a_descending_curve_is_positive():
    assert auc([1.0, 0.0], [1.0, 1.0]) == 1.0
    assert auc([1.0, 0.75, 0.75, 0.0], [0.0, 1.0, 2.0, 2.0]) == 0.125 + 1.5


# errors


def test_bad_arguments_raise():
    with pytest.raises(ValueError, match="exactly two classes"):
        roc_auc_score([1, 1], [0.2, 0.3])
    with pytest.raises(ValueError, match="exactly two classes"):
        roc_curve([0, 1, 2], [0.2, 0.3, 0.4])
    with pytest.raises(TypeError, match="pass y_true == positive"):
        roc_auc_score(["no", "yes"], [0.2, 0.3])
    with pytest.raises(ShapeError, match="y_true has 2 rows but y_score has 3"):
        roc_curve([0, 1], [0.2, 0.3, 0.4])
    with pytest.raises(NotFiniteError, match="y_score"):
        roc_curve([0, 1], [0.2, np.nan])
    with pytest.raises(ShapeError, match="x has 1 entry"):
        auc([0.0], [0.0])
    with pytest.raises(ValueError, match="x goes up and down"):
        auc([0.0, 1.0, 0.5], [0.0, 1.0, 2.0])
