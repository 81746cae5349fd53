"""Training, validation and test rows; folds of every kind."""

import numpy as np
import pytest
import sklearn.model_selection
from hypothesis import given, settings
from hypothesis import strategies as st

from mlref.arrays import to_numpy
from mlref.errors import ShapeError
from mlref.model_selection import (
    group_k_fold,
    k_fold,
    leave_one_out,
    split_sizes,
    stratified_k_fold,
    time_series_split,
    train_val_test_split,
)


def generator(seed=0):
    return np.random.default_rng(seed)


def assert_same_folds(ours, theirs):
    for (train, val), (expected_train, expected_val) in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(train, expected_train)
        np.testing.assert_array_equal(val, expected_val)


def assert_partition(folds, n):
    """Every row is held out once and trains in all the other folds."""
    np.testing.assert_array_equal(np.sort(np.concatenate([val for _, val in folds])), np.arange(n))
    for train, val in folds:
        np.testing.assert_array_equal(np.sort(np.concatenate([train, val])), np.arange(n))


# sizes


@given(st.integers(1, 200), st.lists(st.integers(0, 20), min_size=1, max_size=4).filter(any))
@settings(max_examples=60)
def test_sizes_sum_up_and_are_next_to_the_exact_shares(n, weights):
    fractions = [weight / sum(weights) for weight in weights]
    sizes = split_sizes(n, fractions)
    assert sum(sizes) == n
    assert all(abs(size - n * fraction) < 1 for size, fraction in zip(sizes, fractions, strict=True))


@pytest.mark.parametrize(
    ("n", "fractions", "sizes"),
    [
        (100, (0.29, 0.57, 0.14), [29, 57, 14]),  # 0.29 * 100 is below 29
        (10, (0.55, 0.25, 0.2), [6, 2, 2]),  # 0.5 lost twice: the earlier part is first
        (11, (0.6, 0.2, 0.2), [7, 2, 2]),
        (5, (0.0, 1.0), [0, 5]),
    ],
)
def test_sizes_by_the_largest_remainder(n, fractions, sizes):
    assert split_sizes(n, fractions) == sizes


# three parts


@pytest.mark.parametrize("stratify", [False, True])
def test_three_parts_hold_every_row_once_with_its_label(stratify, xp_backend):
    X = np.arange(40.0).reshape(20, 2)
    y = np.arange(20) % 3
    arrays = xp_backend.asarray(X), xp_backend.asarray(y)
    parts = train_val_test_split(*arrays, (0.5, 0.25, 0.25), generator(), stratify=stratify)
    parts = [to_numpy(part) for part in parts]
    rows = np.concatenate(parts[:3])[:, 0] / 2
    assert sorted(rows.tolist()) == list(range(20))
    np.testing.assert_array_equal(np.concatenate(parts[3:]), rows % 3)
    if not stratify:
        assert [len(part) for part in parts] == [10, 5, 5, 10, 5, 5]


def test_stratified_parts_keep_the_shares_of_rare_classes():
    y = np.array([0] * 90 + [1] * 10)
    parts = train_val_test_split(y[:, None], y, (0.6, 0.2, 0.2), generator(), stratify=True)
    assert [int(part.sum()) for part in parts[3:]] == [6, 2, 2]
    words = np.array(["no", "yes"])[y]
    parts = train_val_test_split(y[:, None], words, (0.6, 0.2, 0.2), generator(), stratify=True)
    assert [int(np.sum(part == "yes")) for part in parts[3:]] == [6, 2, 2]


def test_the_generator_decides():
    X, y = np.arange(30.0)[:, None], np.arange(30)
    first, again, other = (
        train_val_test_split(X, y, (0.5, 0.3, 0.2), generator(seed))[0].ravel().tolist() for seed in (1, 1, 2)
    )
    assert first == again != other
    assert first != sorted(first)


# k folds


@pytest.mark.parametrize(("n", "k"), [(10, 3), (10, 10), (7, 2), (12, 4)])
def test_folds_in_order_equal_scikit_learn(n, k):
    assert_same_folds(k_fold(n, k), sklearn.model_selection.KFold(k).split(np.zeros((n, 1))))


def test_leave_one_out_equals_scikit_learn():
    assert_same_folds(leave_one_out(6), sklearn.model_selection.LeaveOneOut().split(np.zeros((6, 1))))


@given(st.integers(2, 40), st.integers(2, 12), st.integers(0, 5))
@settings(max_examples=40)
def test_shuffled_folds_are_a_partition_of_nearly_equal_parts(n, k, seed):
    folds = k_fold(n, min(n, k), generator(seed))
    assert_partition(folds, n)
    sizes = [val.size for _, val in folds]
    assert max(sizes) - min(sizes) <= 1


def test_shuffled_folds_are_shuffled_and_repeatable():
    first, again, other = (k_fold(20, 4, generator(seed)) for seed in (1, 1, 2))
    assert_same_folds(first, again)
    assert any(a.tolist() != b.tolist() for (_, a), (_, b) in zip(first, other, strict=True))
    assert any(val.tolist() != list(range(val[0], val[0] + 5)) for _, val in first)


@given(st.lists(st.integers(0, 2), min_size=0, max_size=30), st.integers(2, 3), st.booleans())
@settings(max_examples=40)
def test_stratified_folds_balance_every_class_and_the_sizes(labels, k, shuffle):
    y = np.array([0, 1, 2] * k + labels)
    folds = stratified_k_fold(y, k, generator() if shuffle else None)
    assert_partition(folds, y.size)
    for chosen in (np.ones(y.size, bool), y == 0, y == 1, y == 2):
        sizes = [int(chosen[val].sum()) for _, val in folds]
        assert max(sizes) - min(sizes) <= 1


def test_classes_are_dealt_out_one_after_the_other():
    folds = stratified_k_fold(["a", "b", "b", "a", "b"], 2)
    assert_same_folds(folds, [([2, 3], [0, 1, 4]), ([0, 1, 4], [2, 3])])


def test_groups_stay_together():
    groups = np.array(["a", "b", "a", "c", "b", "d", "d", "e"])
    folds = group_k_fold(groups, 3, generator())
    assert_partition(folds, 8)
    assert all(not set(groups[train]) & set(groups[val]) for train, val in folds)


# sequential folds


@pytest.mark.parametrize("gap", [0, 2])
@pytest.mark.parametrize("max_train_size", [None, 3])
@pytest.mark.parametrize("test_size", [None, 2])
def test_sequential_folds_equal_scikit_learn(gap, max_train_size, test_size):
    options = {"gap": gap, "max_train_size": max_train_size, "test_size": test_size}
    theirs = sklearn.model_selection.TimeSeriesSplit(3, **options).split(np.zeros((17, 1)))
    assert_same_folds(time_series_split(17, 3, **options), theirs)


def test_one_row_trains_and_one_judges():
    assert_same_folds(time_series_split(3, 2), [([0], [1]), ([0, 1], [2])])
    assert_same_folds(time_series_split(4, 1, gap=2, test_size=1), [([0], [3])])


@pytest.mark.parametrize("gap", [0, 1, 3])
def test_nothing_is_judged_by_its_future(gap):
    growing = time_series_split(30, 4, gap=gap)
    for train, val in growing:
        assert train.max() + gap + 1 == val.min()
        assert train.min() == 0
    sliding = time_series_split(30, 4, gap=gap, max_train_size=5)
    assert all(train.size <= 5 and train.max() + gap < val.min() for train, val in sliding)
    assert growing[-1][1][-1] == 29


# errors


def test_bad_arguments_raise():
    X, y = np.zeros((4, 1)), np.zeros(4)
    with pytest.raises(ValueError, match="must sum to 1"):
        split_sizes(10, (0.5, 0.4))
    with pytest.raises(ValueError, match="must not be negative"):
        split_sizes(10, (1.5, -0.5))
    with pytest.raises(ShapeError, match="X has 4 rows but y has 3"):
        train_val_test_split(X, y[:3], (0.5, 0.3, 0.2), generator())
    with pytest.raises(ValueError, match="three are needed"):
        train_val_test_split(X, y, (0.5, 0.5), generator())
    with pytest.raises(ValueError, match="the test part has no rows"):
        train_val_test_split(X, y, (0.5, 0.5, 0.0), generator())
    with pytest.raises(ValueError, match="n_splits is 5 but"):
        k_fold(4, 5)
    with pytest.raises(ValueError, match="choose at least 2"):
        k_fold(4, 1)
    with pytest.raises(ValueError, match="class 1 has 1 rows, fewer than n_splits = 2"):
        stratified_k_fold([0, 0, 1], 2)
    with pytest.raises(ValueError, match="n_splits is 3 but"):
        group_k_fold([0, 0, 1, 1], 3)
    for options in ({"test_size": 4}, {"gap": 4}, {"gap": -1}, {"test_size": 0}):
        with pytest.raises(ValueError, match="8 rows do not hold 2 parts"):
            time_series_split(8, 2, **options)
