"""Missing values."""

import tracemalloc

import numpy as np
import pytest
import sklearn.impute
from sklearn.metrics.pairwise import nan_euclidean_distances as sklearn_distances

from mlref.errors import NotFiniteError, ShapeError
from mlref.preprocessing import (
    KNNImputer,
    SimpleImputer,
    drop_missing,
    impute_neighbors,
    nan_euclidean_distances,
)


def with_gaps(seed, shape=(25, 4), share=0.25):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=shape) + 10 * rng.normal(size=shape[1])
    X[rng.random(shape) < share] = np.nan
    # No row is empty, and no two distances are equal.
    X[:, 0] = rng.normal(size=shape[0])
    return X


def impute_neighbors_simple(X, donors, n_neighbors):
    """One gap at a time."""
    filled = X.copy()
    for i, j in zip(*np.nonzero(np.isnan(X)), strict=True):
        near = []
        for donor_row, donor in enumerate(donors):
            shared = ~np.isnan(X[i]) & ~np.isnan(donor)
            if not np.isnan(donor[j]) and shared.any():
                square = np.sum((X[i] - donor)[shared] ** 2) * X.shape[1] / shared.sum()
                near.append((square, donor_row))
        chosen = [row for _, row in sorted(near)[:n_neighbors]]
        filled[i, j] = np.mean(donors[chosen, j]) if chosen else np.nanmean(donors[:, j])
    return filled


# oracle


@pytest.mark.parametrize("strategy", ["mean", "median"])
def test_simple_imputer_equals_scikit_learn(strategy, xp_backend):
    train, test = with_gaps(0), with_gaps(1)
    theirs = sklearn.impute.SimpleImputer(strategy=strategy).fit(train)
    ours = SimpleImputer(strategy).fit(xp_backend.asarray(train))
    xp_backend.check(ours.transform(xp_backend.asarray(test)), theirs.transform(test))


@pytest.mark.parametrize("n_neighbors", [1, 3, 100])
def test_neighbors_equal_scikit_learn_and_the_simple_version(n_neighbors, xp_backend):
    train, test = with_gaps(2), with_gaps(3)
    expected = sklearn.impute.KNNImputer(n_neighbors=n_neighbors).fit(train).transform(test)
    np.testing.assert_allclose(impute_neighbors_simple(test, train, n_neighbors), expected)
    ours = KNNImputer(n_neighbors).fit(xp_backend.asarray(train))
    xp_backend.check(ours.transform(xp_backend.asarray(test)), expected, rtol=1e-9)
    xp_backend.check(
        impute_neighbors(xp_backend.asarray(test), xp_backend.asarray(train), n_neighbors),
        expected,
        rtol=1e-9,
    )


def test_distances_equal_scikit_learn(xp_backend):
    A, B = with_gaps(4), with_gaps(5)
    found = nan_euclidean_distances(xp_backend.asarray(A), xp_backend.asarray(B))
    xp_backend.check(found, sklearn_distances(A, B), rtol=1e-7, atol=1e-6)


def test_many_rows_are_treated_in_blocks():
    rng = np.random.default_rng(6)
    donors = rng.normal(size=(2**10, 2))
    X = rng.normal(size=(2**10 + 3, 2))
    X[:, 1] = np.nan
    expected = sklearn.impute.KNNImputer(n_neighbors=2).fit(donors).transform(X)
    np.testing.assert_allclose(impute_neighbors(X, donors, 2), expected)


def test_memory_does_not_grow_with_the_number_of_rows():
    donors = np.random.default_rng(7).normal(size=(2**11, 2))
    X = np.full((2**12, 2), np.nan)
    X[:, 0] = 1.0
    tracemalloc.start()
    try:
        impute_neighbors(X, donors, 2)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # All distances at once would take 64 MB, and several times that to compare them.
    assert peak < 64e6


def test_dropped_rows_keep_what_belongs_together(xp_backend):
    X, y = with_gaps(7), np.arange(25)
    complete = ~np.isnan(X).any(axis=1)
    kept_X, kept_y = drop_missing(xp_backend.asarray(X), xp_backend.asarray(y))
    xp_backend.check(kept_X, X[complete])
    xp_backend.check(kept_y, y[complete])
    xp_backend.check(drop_missing(xp_backend.asarray(X)), X[complete])
    xp_backend.check(drop_missing(xp_backend.asarray(X), xp_backend.asarray(X[:, :2]))[1], X[complete, :2])


# properties


@pytest.mark.parametrize("imputer", [SimpleImputer(), SimpleImputer("median"), KNNImputer(3)], ids=repr)
def test_observed_entries_stay_and_no_gap_is_left(imputer):
    train, test = with_gaps(8), with_gaps(9)
    train.flags.writeable = test.flags.writeable = False
    filled = imputer.fit(train).transform(test)
    observed = ~np.isnan(test)
    np.testing.assert_array_equal(filled[observed], test[observed])
    assert not np.isnan(filled).any()
    # From the training rows alone: each row of the test is filled the same way by itself.
    np.testing.assert_allclose(imputer.transform(test[:1]), filled[:1])


def test_the_nearest_rows_value_is_copied():
    donors = np.array([[0.0, 1.0, 5.0], [10.0, 10.0, 7.0], [0.1, 1.0, np.nan]])
    assert KNNImputer(1).fit(donors).transform([[0.1, 1.1, np.nan]])[0, 2] == 5.0


# edges


def test_of_two_rows_at_the_same_distance_the_first_counts():
    donors = np.array([[1.0, 5.0], [-1.0, 7.0]])
    assert impute_neighbors(np.array([[0.0, np.nan]]), donors, 1)[0, 1] == 5.0
    assert impute_neighbors(np.array([[0.0, np.nan]]), donors[::-1], 1)[0, 1] == 7.0


def test_a_row_without_any_entry_gets_the_means():
    donors = np.array([[1.0, 5.0], [3.0, 9.0]])
    assert impute_neighbors(np.full((1, 2), np.nan), donors, 1).tolist() == [[2.0, 7.0]]


def test_large_values_do_not_blur_distances():
    """Far from the origin the expanded square would cancel."""
    A = np.array([[1e7, 1.0], [1e7 + 1, np.nan]])
    assert nan_euclidean_distances(A, A)[0, 1] == pytest.approx(np.sqrt(2))


def test_nothing_is_missing_and_everything_is_dropped():
    X = np.eye(3)
    np.testing.assert_array_equal(KNNImputer(2).fit_transform(X), X)
    assert drop_missing(np.full((2, 3), np.nan)).shape == (0, 3)


# errors


@pytest.mark.parametrize("imputer", [SimpleImputer(), KNNImputer()], ids=repr)
def test_a_column_of_gaps_is_named(imputer):
    with pytest.raises(ValueError, match="column 1 of X has gaps only"):
        imputer.fit(np.array([[1.0, np.nan], [2.0, np.nan]]))
    with pytest.raises(NotFiniteError, match="only NaN stands for a missing value"):
        imputer.fit(np.array([[np.inf]]))


def test_bad_arguments_raise():
    with pytest.raises(ValueError, match="strategy is 'mode'"):
        SimpleImputer("mode").fit(np.eye(2))
    with pytest.raises(ValueError, match="n_neighbors is 0"):
        KNNImputer(0).fit(np.eye(2))
    with pytest.raises(ShapeError, match="X has 2 features but donors has 3"):
        impute_neighbors(np.ones((1, 2)), np.ones((1, 3)), 1)
    with pytest.raises(ShapeError, match="X has 2 rows but array has 3"):
        drop_missing(np.eye(2), np.ones(3))
