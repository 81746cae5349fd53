"""How mixed a node is, and the best split."""

import numpy as np
import pytest
import scipy.stats
import sklearn.tree
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mlref.errors import NotFiniteError, ShapeError
from mlref.tree import best_split, best_split_simple, impurity

every_criterion = pytest.mark.parametrize("criterion", ["gini", "entropy", "squared_error"])

# Few distinct values: many ties between rows, thresholds and features, and many splits of the same gain.
small_tables = st.tuples(st.integers(2, 12), st.integers(1, 3)).flatmap(
    lambda shape: st.tuples(
        hnp.arrays(np.float64, shape, elements=st.integers(0, 4)),
        hnp.arrays(np.int64, shape[0], elements=st.integers(0, 2)),
    )
)


# impurity


def test_impurity_of_a_hand_made_node():
    y = np.array(["a", "a", "a", "b"])
    assert impurity(y) == pytest.approx(1 - (9 + 1) / 16)
    assert impurity(y, "entropy") == pytest.approx(2 - 0.75 * np.log2(3))
    assert impurity(np.array([1.0, 3.0, 8.0]), "squared_error") == pytest.approx(np.var([1, 3, 8]))


def test_entropy_equals_scipys():
    y = np.random.default_rng(0).integers(0, 5, 100)
    assert impurity(y, "entropy") == pytest.approx(scipy.stats.entropy(np.bincount(y), base=2))


@every_criterion
def test_equal_targets_are_pure(criterion):
    assert impurity(np.full(7, 3), criterion) == 0


def test_impurity_far_from_zero_keeps_its_digits():
    assert impurity(np.array([0.0, 1.0]) + 1e9, "squared_error") == pytest.approx(0.25)


# best split


@every_criterion
@settings(max_examples=40)
@given(table=small_tables, min_samples_leaf=st.integers(1, 3))
def test_best_split_is_the_first_best_of_all_thresholds(criterion, table, min_samples_leaf):
    X, y = table
    split = best_split(X, y, criterion, min_samples_leaf)
    expected = best_split_simple(X, y, criterion, min_samples_leaf)
    if expected is None:
        assert split is None
    else:
        assert (split.feature, split.threshold) == (expected.feature, expected.threshold)
        assert split.gain == pytest.approx(expected.gain, abs=1e-12)


@every_criterion
def test_best_split_of_continuous_features_equals_scikit_learns_root(criterion):
    rng = np.random.default_rng(1)
    X = rng.normal(size=(200, 5)).astype(np.float32).astype(float)
    signal = X[:, 2] + 0.5 * rng.normal(size=200)
    if criterion == "squared_error":
        y, peer = signal, sklearn.tree.DecisionTreeRegressor(max_depth=1)
    else:
        y, peer = (
            np.digitize(signal, [-0.5, 0.7]),
            sklearn.tree.DecisionTreeClassifier(max_depth=1, criterion=criterion),
        )
    tree = peer.fit(X, y).tree_
    split = best_split(X, y, criterion)
    assert (split.feature, split.threshold) == (tree.feature[0], tree.threshold[0])
    below = tree.impurity[1:] @ tree.n_node_samples[1:] / 200
    assert split.gain == pytest.approx(tree.impurity[0] - below)


def test_a_threshold_lies_halfway_between_neighbours_and_equal_values_stay_together():
    assert best_split(np.array([[1.0], [1.0], [4.0]]), np.array([0, 1, 1])).threshold == 2.5


def test_ties_go_to_the_lowest_feature_then_the_lowest_threshold():
    X = np.array([[5.0, 0.0, 0.0], [5.0, 1.0, 1.0], [5.0, 2.0, 2.0]])
    # Cutting off either end is as good; feature 0 cannot be cut, features 1 and 2 are the same.
    assert best_split(X, np.array([0, 1, 0]))[:2] == (1, 0.5)


def test_neighbouring_floats_are_told_apart():
    low, high = 1.0, np.nextafter(1.0, 2)
    split = best_split(np.array([[low], [high]]), np.array([0, 1]))
    assert low <= split.threshold < high
    huge = np.array([[-1e308], [1.7e308], [1.6e308]])
    assert np.isfinite(best_split(huge, np.array([0, 1, 0])).threshold)


def test_nothing_to_split_is_none():
    assert best_split(np.ones((4, 2)), np.array([0, 1, 0, 1])) is None
    assert best_split(np.arange(3.0)[:, None], np.array([0, 1, 0]), min_samples_leaf=2) is None


def test_a_split_that_gains_nothing_is_found_all_the_same():
    X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    assert best_split(X, np.array([0, 1, 1, 0])) == (0, 0.5, 0.0)


def test_bad_arguments_raise():
    X, y = np.ones((3, 1)), np.zeros(3, dtype=int)
    with pytest.raises(ValueError, match="criterion is 'mse'; it must be one of 'gini'"):
        best_split(X, y, "mse")
    with pytest.raises(ShapeError, match="X has 3 rows but y has 2"):
        best_split(X, y[:2])
    with pytest.raises(ShapeError, match=r"y has shape \(3, 1\)"):
        impurity(y[:, None])
    with pytest.raises(NotFiniteError, match="X contains"):
        best_split(X * np.nan, y)
    with pytest.raises(ValueError, match="min_samples_leaf is 0"):
        best_split(X, y, min_samples_leaf=0)
