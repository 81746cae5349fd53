"""Estimators that predict from the nearest training samples."""

import numpy as np
import pytest
import sklearn.neighbors
from hypothesis import given
from hypothesis import strategies as st

from mlref.arrays import to_numpy
from mlref.datasets import load_iris
from mlref.errors import NotFiniteError, NotFittedError, ShapeError
from mlref.neighbors import (
    KNeighborsClassifier,
    KNeighborsRegressor,
    epanechnikov_weights,
    gaussian_weights,
    triangular_weights,
)

METRICS = {"euclidean": "euclidean", "manhattan": "cityblock", "chebyshev": "chebyshev"}
KERNELS = [gaussian_weights, triangular_weights, epanechnikov_weights]
WEIGHTS = ["uniform", "distance", "gaussian", "triangular", "epanechnikov"]
every_metric = pytest.mark.parametrize("metric", METRICS)
every_weighting = pytest.mark.parametrize("weights", WEIGHTS)


def normal(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape)


@every_metric
@pytest.mark.parametrize("weights", ["uniform", "distance"])
def test_regressor_equals_scikit_learn(metric, weights, xp_backend):
    # No two distances are equal here: at a tie scikit-learn takes any of the samples.
    X, y = normal(33, 300, 10), normal(34, 300)
    queries = np.concat([normal(35, 50, 10), X[:5]])
    peer = sklearn.neighbors.KNeighborsRegressor(20, weights=weights, metric=metric).fit(X, y)
    model = KNeighborsRegressor(20, weights=weights, metric=metric)
    model.fit(xp_backend.asarray(X), xp_backend.asarray(y))
    xp_backend.check(model.predict(xp_backend.asarray(queries)), peer.predict(queries), rtol=1e-10)


@pytest.mark.parametrize("kernel", KERNELS, ids=lambda kernel: kernel.__name__)
def test_regressor_weights_with_the_kernel(kernel, xp_backend):
    X, y, queries = normal(10, 40, 2), normal(11, 40), normal(12, 9, 2)
    name = kernel.__name__.removesuffix("_weights")
    peer = sklearn.neighbors.KNeighborsRegressor(6, weights=lambda distances: kernel(distances, 0.3)).fit(
        X, y
    )
    model = KNeighborsRegressor(6, weights=name, bandwidth=0.3)
    model.fit(xp_backend.asarray(X), xp_backend.asarray(y))
    xp_backend.check(model.predict(xp_backend.asarray(queries)), peer.predict(queries), rtol=1e-10)


@every_weighting
def test_one_neighbor_reproduces_the_training_values(weights):
    X, y = normal(13, 30, 2), normal(14, 30)
    np.testing.assert_array_equal(KNeighborsRegressor(1, weights=weights).fit(X, y).predict(X), y)


def test_all_neighbors_give_the_mean():
    X, y = normal(15, 30, 2), normal(16, 30)
    np.testing.assert_allclose(KNeighborsRegressor(30).fit(X, y).predict(normal(17, 4, 2)), y.mean())


@every_weighting
@every_metric
def test_the_order_of_training_samples_does_not_matter(weights, metric):
    X, y, queries = normal(18, 30, 2), normal(19, 30), normal(20, 8, 2)
    order = np.random.default_rng(21).permutation(30)
    model = KNeighborsRegressor(4, weights=weights, metric=metric)
    expected = model.fit(X, y).predict(queries)
    np.testing.assert_allclose(model.fit(X[order], y[order]).predict(queries), expected, rtol=1e-9)


@every_weighting
def test_weights_are_divided_by_their_sum(weights):
    """Equal values are predicted as they are; without the division two neighbours would give twice that."""
    X = normal(22, 10, 2)
    model = KNeighborsRegressor(2, weights=weights).fit(X, np.full(10, 3.0))
    np.testing.assert_allclose(model.predict(normal(23, 5, 2)), 3.0)


def test_at_distance_zero_only_these_neighbors_count():
    X, y = np.array([[0.0], [0.0], [1e-150], [1.0]]), np.array([1.0, 2.0, 50.0, 70.0])
    model = KNeighborsRegressor(4, weights="distance").fit(X, y)
    assert model.predict(np.array([[0.0]])).tolist() == [1.5]


def test_ties_go_to_the_smaller_row_number():
    X, y = np.array([[1.0], [-1.0], [1.0], [0.5]]), np.array([10.0, 20.0, 30.0, 40.0])
    assert KNeighborsRegressor(2).fit(X, y).predict(np.array([[0.0]])).tolist() == [25.0]
    assert KNeighborsRegressor(3).fit(X, y).predict(np.array([[0.0]])) == pytest.approx(70 / 3)


def test_integer_values_are_averaged_as_floats(xp_backend):
    model = KNeighborsRegressor(2).fit(xp_backend.asarray([[0], [1]]), xp_backend.asarray([1, 2]))
    xp_backend.check(model.predict(xp_backend.asarray([[0]])), [1.5])


@pytest.mark.parametrize("weights", ["uniform", "distance"])
def test_classifier_equals_scikit_learn(weights, xp_backend):
    X, y = load_iris()
    peer = sklearn.neighbors.KNeighborsClassifier(7, weights=weights).fit(X[::2], y[::2])
    model = KNeighborsClassifier(7, weights=weights)
    model.fit(xp_backend.asarray(X[::2]), xp_backend.asarray(y[::2]))
    predictions = model.predict(xp_backend.asarray(X[1::2]))
    # An odd number of neighbours of three classes may tie; there the rules differ.
    votes = np.sort(peer.predict_proba(X[1::2]), axis=1)
    clear = votes[:, -1] > votes[:, -2] + 1e-9
    assert clear.sum() >= 74
    np.testing.assert_array_equal(to_numpy(predictions)[clear], peer.predict(X[1::2])[clear])
    assert predictions.device == xp_backend.device
    xp_backend.check(model.classes_, [0, 1, 2])


@pytest.mark.parametrize(
    ("labels", "dtype"),
    [
        (["red", "blue"], np.dtype("<U4")),
        ([7, -2], np.dtype(np.int8)),
        ([True, False], np.dtype(bool)),
        ([2.0, 1.0], np.dtype(np.float32)),
    ],
)
def test_labels_come_back_with_their_dtype(labels, dtype):
    X, y = np.array([[0.0], [1.0], [4.0], [5.0]]), np.array(labels, dtype=dtype)[[0, 0, 1, 1]]
    model = KNeighborsClassifier(2).fit(X, y)
    predictions = model.predict(np.array([[0.2], [4.8]]))
    assert predictions.dtype == dtype
    assert predictions.tolist() == labels
    assert model.classes_.tolist() == sorted(labels)


# One query at 0: "a" at distances 1 and 5, "b" at 2 and 3, votes 2 : 2.
TIED_X, TIED_Y = np.array([[1.0], [-5.0], [2.0], [-3.0]]), np.array(["a", "a", "b", "b"])


@pytest.mark.parametrize(("ties", "winner"), [("distance", "b"), ("nearest", "a"), ("label", "a")])
def test_tied_votes_follow_the_rule(ties, winner):
    model = KNeighborsClassifier(4, ties=ties).fit(TIED_X, TIED_Y)
    assert model.predict(np.zeros((1, 1))).tolist() == [winner]
    # With the names exchanged the same points win, except where the label itself decides.
    exchanged = np.where(TIED_Y == "a", "b", "a")
    expected = "a" if ties == "label" else {"a": "b", "b": "a"}[winner]
    assert KNeighborsClassifier(4, ties=ties).fit(TIED_X, exchanged).predict([[0.0]]).tolist() == [expected]


def test_only_the_neighbors_of_a_label_count_towards_its_distance():
    """Inverse distances: one "b" at 0.1 votes 10, two "a" at 0.2 vote 5 each; sums 0.1 and 0.4."""
    X, y = np.array([[0.1], [0.2], [-0.2]]), np.array(["b", "a", "a"])
    model = KNeighborsClassifier(3, weights="distance").fit(X, y)
    assert model.predict(np.zeros((1, 1))).tolist() == ["b"]


@pytest.mark.parametrize("ties", ["distance", "nearest", "label"])
def test_the_smaller_label_wins_in_the_end(ties, xp_backend):
    X, y = xp_backend.asarray([[1.0], [-1.0], [3.0]]), xp_backend.asarray([9, 4, 1])
    model = KNeighborsClassifier(2, ties=ties).fit(X, y)
    xp_backend.check(model.predict(xp_backend.asarray([[0.0]])), [4])


@pytest.mark.parametrize("ties", ["distance", "nearest", "label"])
def test_the_last_digits_of_a_sum_do_not_decide_a_tie(ties):
    """Ten votes of 1/20 each, and ten distances of 0.05, add up differently in another order of the rows."""
    rng = np.random.default_rng(36)
    for _ in range(100):
        model = KNeighborsClassifier(20, ties=ties).fit(np.full((20, 1), 0.05), rng.permutation(20) % 2)
        assert model.predict(np.zeros((1, 1))).tolist() == [0]


@given(st.permutations(range(12)))
def test_the_order_of_training_samples_does_not_decide_a_vote(order):
    X, y = normal(24, 12, 2), np.arange(12) % 3
    expected = KNeighborsClassifier(6).fit(X, y).predict(X)
    np.testing.assert_array_equal(KNeighborsClassifier(6).fit(X[order], y[order]).predict(X), expected)


def test_renaming_labels_renames_predictions():
    X, y = load_iris()
    names = np.array(["x", "y", "z"])
    expected = names[KNeighborsClassifier(9).fit(X, y).predict(X)]
    np.testing.assert_array_equal(KNeighborsClassifier(9).fit(X, names[y]).predict(X), expected)


@every_weighting
def test_a_single_class_is_always_predicted(weights):
    model = KNeighborsClassifier(3, weights=weights).fit(normal(25, 5, 2), np.full(5, "only"))
    assert model.predict(normal(26, 2, 2) + 100).tolist() == ["only", "only"]


def test_bad_labels_raise():
    X = np.ones((5, 1))
    with pytest.raises(ValueError, match="Unknown label type: y holds numbers that are not whole"):
        KNeighborsClassifier().fit(X, np.linspace(0, 1, 5))
    with pytest.raises(NotFiniteError, match="y contains NaN"):
        KNeighborsClassifier().fit(X, np.full(5, np.nan))
    with pytest.raises(ShapeError, match=r"y has shape \(5, 1\)"):
        KNeighborsClassifier().fit(X, np.ones((5, 1), dtype=int))


# both estimators


@pytest.mark.parametrize("estimator_class", [KNeighborsRegressor, KNeighborsClassifier])
class TestBothEstimators:
    def test_arguments_are_unchanged_and_remembered_samples_not_touched(self, estimator_class):
        X, y, queries = normal(27, 9, 2), np.arange(9), normal(28, 3, 2)
        for array in (X, y, queries):
            array.flags.writeable = False
        model = estimator_class(3).fit(X, y)
        first = model.predict(queries)
        np.testing.assert_array_equal(model.predict(queries), first)

    def test_fit_returns_the_estimator_and_forgets_the_last_one(self, estimator_class):
        model = estimator_class(1)
        assert model.fit(np.zeros((1, 1)), np.array([5])) is model
        assert model.fit(np.zeros((1, 2)), np.array([7])).predict(np.zeros((1, 2))).tolist() == [7]

    def test_use_before_fit_raises(self, estimator_class):
        with pytest.raises(NotFittedError, match="is not fitted yet"):
            estimator_class().predict(np.ones((1, 1)))

    @pytest.mark.parametrize(
        ("parameters", "message"),
        [
            ({"n_neighbors": 4}, "n_neighbors is 4 but the number of samples is n_samples = 3"),
            ({"n_neighbors": 0}, "n_neighbors is 0"),
            ({"n_neighbors": 1.5}, "n_neighbors is 1.5"),
            ({"weights": "cosine"}, "weights is 'cosine'"),
            ({"metric": "l3"}, "metric is 'l3'"),
            ({"bandwidth": 0.0}, "bandwidth is 0.0"),
        ],
    )
    def test_bad_parameters_raise_in_fit(self, estimator_class, parameters, message):
        model = estimator_class(**{"n_neighbors": 1} | parameters)
        with pytest.raises(ValueError, match=message):
            model.fit(np.ones((3, 1)), np.ones(3))

    def test_bad_data_raises(self, estimator_class):
        model = estimator_class(1)
        with pytest.raises(ShapeError, match="X has shape"):
            model.fit(np.ones(3), np.ones(3))
        with pytest.raises(ShapeError, match="X has 3 rows but y has 2"):
            model.fit(np.ones((3, 1)), np.ones(2))
        with pytest.raises(NotFiniteError, match="X contains"):
            model.fit(np.array([[np.nan]]), np.ones(1))
        model.fit(np.ones((3, 2)), np.ones(3))
        with pytest.raises(ShapeError, match=r"X has 1 features, but .* is expecting 2"):
            model.predict(np.ones((3, 1)))
        with pytest.raises(ShapeError, match="X has 0 sample"):
            model.predict(np.ones((0, 2)))


def test_an_unknown_tie_rule_raises():
    with pytest.raises(ValueError, match="ties is 'coin'"):
        KNeighborsClassifier(1, ties="coin").fit(np.ones((1, 1)), np.ones(1))
