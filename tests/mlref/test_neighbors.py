"""Distances, kernel weights, k-NN estimators and the k-d tree."""

import numpy as np
import pytest
import scipy.spatial.distance
import sklearn.neighbors
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mlref.arrays import to_numpy
from mlref.datasets import load_iris
from mlref.errors import NotFiniteError, NotFittedError, ShapeError
from mlref.neighbors import (
    KDTree,
    KNeighborsClassifier,
    KNeighborsRegressor,
    epanechnikov_weights,
    gaussian_weights,
    kd_tree,
    nearest_neighbors,
    nearest_neighbors_simple,
    pairwise_distances,
    triangular_weights,
)

METRICS = {"euclidean": "euclidean", "manhattan": "cityblock", "chebyshev": "chebyshev"}
KERNELS = [gaussian_weights, triangular_weights, epanechnikov_weights]
WEIGHTS = ["uniform", "distance", "gaussian", "triangular", "epanechnikov"]
every_metric = pytest.mark.parametrize("metric", METRICS)
every_kernel = pytest.mark.parametrize("kernel", KERNELS, ids=lambda kernel: kernel.__name__)
every_weighting = pytest.mark.parametrize("weights", WEIGHTS)

# Points on a small grid: many duplicates, many equal distances, and every distance squared is exact.
grids = st.integers(1, 3).flatmap(
    lambda n_features: st.tuples(
        hnp.arrays(np.float64, st.tuples(st.integers(1, 5), st.just(n_features)), elements=st.integers(0, 3)),
        hnp.arrays(
            np.float64, st.tuples(st.integers(1, 60), st.just(n_features)), elements=st.integers(0, 3)
        ),
    )
)


def normal(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape)


# distances


@every_metric
def test_distances_equal_scipy(metric, xp_backend):
    A, B = normal(0, 7, 4), normal(1, 5, 4)
    distances = pairwise_distances(xp_backend.asarray(A), xp_backend.asarray(B), metric)
    xp_backend.check(distances, scipy.spatial.distance.cdist(A, B, METRICS[metric]))


@every_metric
def test_distance_is_a_metric(metric):
    A = normal(2, 9, 3)
    distances = pairwise_distances(A, A, metric)
    assert np.all(distances >= 0)
    np.testing.assert_allclose(np.diag(distances), 0, atol=1e-7)
    np.testing.assert_allclose(distances, distances.T, atol=1e-12)
    assert np.all(distances[:, None, :] <= distances[:, :, None] + distances[None, :, :] + 1e-7)


@every_metric
def test_moving_everything_changes_no_distance(metric):
    A, B = normal(3, 6, 2), normal(4, 5, 2)
    far = pairwise_distances(A + 1e6, B + 1e6, metric)
    np.testing.assert_allclose(far, pairwise_distances(A, B, metric), rtol=1e-6)


def test_small_unsigned_integers_do_not_wrap():
    A, B = np.array([[0, 200]], dtype=np.uint8), np.array([[250, 0]], dtype=np.uint8)
    assert pairwise_distances(A, B, "manhattan").tolist() == [[450.0]]


def test_float32_stays_float32_and_mixes_with_float64(xp_backend):
    A, B = xp_backend.asarray(np.ones((2, 3), np.float32)), xp_backend.asarray(np.zeros((4, 3), np.float32))
    assert pairwise_distances(A, B).dtype == xp_backend.xp.float32
    assert pairwise_distances(A, xp_backend.asarray(np.zeros((4, 3)))).dtype == xp_backend.xp.float64


def test_bad_distance_arguments_raise():
    with pytest.raises(ShapeError, match="A has 3 features but B has 2"):
        pairwise_distances(np.ones((1, 3)), np.ones((1, 2)))
    with pytest.raises(NotFiniteError, match="B contains"):
        pairwise_distances(np.ones((1, 2)), np.array([[1.0, np.nan]]))
    with pytest.raises(ValueError, match="metric is 'hamming'; it must be one of 'euclidean'"):
        pairwise_distances(np.ones((1, 2)), np.ones((1, 2)), "hamming")


# kernel weights


def test_gaussian_weights_of_a_lecture_example():
    """Distances 0, 1, 2 and width 1: weights 1, 0.606531, 0.135335 before they are divided by their sum."""
    weights = gaussian_weights(np.array([[0.0, 1.0, 2.0]]), 1.0)
    np.testing.assert_allclose(weights[0] / weights[0, 0], [1, 0.606531, 0.135335], atol=5e-7)
    assert weights[0] @ [1, 2, 4] == pytest.approx(1.581294, abs=5e-7)


def test_far_gaussian_weights_do_not_underflow(xp_backend):
    weights = gaussian_weights(xp_backend.asarray([[50.0, 51.0], [1e6, 1e6]]), 1.0)
    xp_backend.check(weights, [[1.0, 0.0], [0.5, 0.5]], atol=1e-20)
    xp_backend.check(weights[:1, 1], [np.exp(-50.5)], rtol=1e-10, atol=0)


def test_compact_kernels_have_the_textbook_shape(xp_backend):
    distances = np.array([[0.0, 0.5, 1.0, 3.0]])
    triangular, epanechnikov = np.array([[1, 0.75, 0.5, 0.0]]), np.array([[1, 0.9375, 0.75, 0.0]])
    given = xp_backend.asarray(distances)
    xp_backend.check(triangular_weights(given, 2.0), triangular / triangular.sum())
    xp_backend.check(epanechnikov_weights(given, 2.0), epanechnikov / epanechnikov.sum())


@pytest.mark.parametrize("kernel", KERNELS[1:], ids=lambda kernel: kernel.__name__)
def test_a_row_beyond_the_bandwidth_goes_to_its_nearest(kernel, xp_backend):
    distances = xp_backend.asarray([[5.0, 3.0, 3.0], [1.0, 2.0, 4.0], [0.5, 9.0, 9.0]])
    expected = [[0.0, 0.5, 0.5], [1.0, 0.0, 0.0], [1.0, 0.0, 0.0]]
    # The kernel is zero at the bandwidth itself (second row).
    xp_backend.check(kernel(distances, 1.0), expected)


@every_kernel
@given(
    distances=hnp.arrays(
        np.float64, st.tuples(st.integers(1, 4), st.integers(1, 5)), elements=st.floats(0, 1e6)
    ),
    bandwidth=st.floats(1e-3, 1e6),
)
def test_weights_are_a_distribution_that_falls_with_distance(kernel, distances, bandwidth):
    weights = kernel(distances, bandwidth)
    assert np.all(weights >= 0)
    np.testing.assert_allclose(weights.sum(axis=1), 1, rtol=1e-12)
    for row, row_distances in zip(weights, distances, strict=True):
        assert np.all(np.diff(row[np.argsort(row_distances)]) <= 1e-12)


@every_kernel
def test_weights_depend_on_the_ratio_to_the_bandwidth_only(kernel):
    distances = np.abs(normal(5, 4, 6))
    np.testing.assert_allclose(kernel(distances, 0.8), kernel(1000 * distances, 800.0), rtol=1e-9)


@every_kernel
def test_bad_weight_arguments_raise(kernel):
    with pytest.raises(ShapeError, match="distances has shape"):
        kernel(np.ones(3), 1.0)
    with pytest.raises(ValueError, match="distances has negative entries"):
        kernel(np.array([[1.0, -1.0]]), 1.0)
    with pytest.raises(NotFiniteError, match="distances contains"):
        kernel(np.array([[1.0, np.inf]]), 1.0)
    for bandwidth in (0.0, -1.0, np.nan, np.inf):
        with pytest.raises(ValueError, match="bandwidth"):
            kernel(np.ones((1, 2)), bandwidth)


# neighbours


@every_metric
@pytest.mark.parametrize("k", [1, 5, 300])
def test_neighbors_equal_scikit_learn(metric, k, xp_backend):
    queries, points = normal(6, 20, 3), normal(7, 300, 3)
    distances, indices = nearest_neighbors(xp_backend.asarray(queries), xp_backend.asarray(points), k, metric)
    peer = sklearn.neighbors.NearestNeighbors(n_neighbors=k, algorithm="kd_tree", metric=metric).fit(points)
    expected_distances, expected_indices = peer.kneighbors(queries)
    xp_backend.check(distances, expected_distances)
    xp_backend.check(indices, expected_indices)


@every_metric
@settings(deadline=None)
@given(grids, st.data())
def test_neighbors_equal_the_loop_where_distances_tie(metric, arrays, data):
    queries, points = arrays
    k = data.draw(st.integers(1, points.shape[0]))
    distances, indices = nearest_neighbors(queries, points, k, metric)
    simple_distances, simple_indices = nearest_neighbors_simple(queries, points, k, metric)
    np.testing.assert_array_equal(indices, simple_indices)
    np.testing.assert_array_equal(distances, simple_distances)


@pytest.mark.parametrize("offset", [0.0, 1e7])
def test_neighbors_are_exact_where_the_matrix_product_rounds(offset, xp_backend):
    """Points 1e-9 apart and far from the origin: the scores cannot tell them apart, the distances can."""
    points = offset + np.arange(2000.0)[:, None] * 2.0**-20 + np.zeros((1, 2))
    points[0] = offset + 1e3
    queries = points[[500, 1500]]
    distances, indices = nearest_neighbors(xp_backend.asarray(queries), xp_backend.asarray(points), 3)
    xp_backend.check(indices, [[500, 499, 501], [1500, 1499, 1501]])
    xp_backend.check(distances, np.sqrt(2) * 2.0**-20 * np.array([[0, 1, 1], [0, 1, 1]]), atol=0)


def test_neighbors_in_float32_equal_the_loop():
    queries, points = normal(37, 5, 3).astype(np.float32), normal(38, 3000, 3).astype(np.float32)
    distances, indices = nearest_neighbors(queries, points, 50)
    simple_distances, simple_indices = nearest_neighbors_simple(queries, points, 50)
    assert distances.dtype == np.float32
    np.testing.assert_array_equal(indices, simple_indices)
    np.testing.assert_array_equal(distances, simple_distances)


def test_blocks_join_seamlessly():
    """More queries than one block holds, and a number of points that no group size divides."""
    queries, points = normal(8, 300, 2), normal(9, 7919, 2)
    distances, indices = nearest_neighbors(queries, points, 7)
    expected = np.argsort(scipy.spatial.distance.cdist(queries, points), axis=1, stable=True)[:, :7]
    np.testing.assert_array_equal(indices, expected)
    np.testing.assert_array_equal(distances[200], nearest_neighbors(queries[200:201], points, 7)[0][0])


def test_bad_neighbor_arguments_raise():
    with pytest.raises(ValueError, match="n_neighbors is 4 but the number of samples is n_samples = 3"):
        nearest_neighbors(np.ones((1, 2)), np.ones((3, 2)), 4)
    with pytest.raises(ValueError, match="n_neighbors is 0"):
        nearest_neighbors(np.ones((1, 2)), np.ones((3, 2)), 0)
    with pytest.raises(ShapeError, match="queries has 1 features but points has 2"):
        nearest_neighbors(np.ones((1, 1)), np.ones((3, 2)), 1)


# regressor


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


# classifier


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


# k-d tree


@pytest.mark.parametrize("leaf_size", [1, 3, 16, 1000])
@pytest.mark.parametrize("n_features", [1, 2, 5])
def test_tree_equals_brute_force(leaf_size, n_features):
    X, Q = normal(29, 500, n_features), normal(30, 40, n_features)
    for k in (1, 7, 500):
        distances, indices = KDTree(X, leaf_size).query(Q, k)
        expected_distances, expected_indices = nearest_neighbors(Q, X, k)
        np.testing.assert_array_equal(indices, expected_indices)
        np.testing.assert_allclose(distances, expected_distances, rtol=1e-14)


@settings(deadline=None)
@given(grids, st.integers(1, 5), st.data())
def test_tree_equals_the_loop_where_distances_tie(arrays, leaf_size, data):
    Q, X = arrays
    k = data.draw(st.integers(1, X.shape[0]))
    distances, indices = KDTree(X, leaf_size).query(Q, k)
    simple_distances, simple_indices = nearest_neighbors_simple(Q, X, k)
    np.testing.assert_array_equal(indices, simple_indices)
    np.testing.assert_array_equal(distances, simple_distances)


def test_equal_points_make_one_leaf_and_keep_their_order():
    tree = KDTree(np.ones((5000, 2)), leaf_size=1)
    distances, indices = tree.query(np.zeros((1, 2)), 3)
    np.testing.assert_allclose(distances, np.sqrt(2))
    assert indices.tolist() == [[0, 1, 2]]


def test_tree_looks_at_few_nodes(monkeypatch):
    """On 4096 uniform points in the plane a query visits far less than a tenth of the nodes."""
    visits = 0
    search = kd_tree._search_tree

    def counting(*arguments):
        nonlocal visits
        visits += 1
        return search(*arguments)

    def n_nodes(node):
        return 1 if isinstance(node, np.ndarray) else 1 + n_nodes(node[2]) + n_nodes(node[3])

    monkeypatch.setattr(kd_tree, "_search_tree", counting)
    rng = np.random.default_rng(31)
    tree = KDTree(rng.uniform(size=(4096, 2)), leaf_size=1)
    assert n_nodes(tree.root) == 2 * 4096 - 1
    worst = {}
    for k in (1, 5, 20):
        counts = []
        for query in rng.uniform(size=(100, 1, 2)):
            visits = 0
            tree.query(query, k)
            counts.append(visits)
        worst[k] = max(counts) / n_nodes(tree.root)
    assert worst[1] < 0.015
    assert worst[5] < 0.025
    assert worst[20] < 0.05


def test_leaves_are_no_larger_than_asked_and_hold_every_point_once():
    def leaves(node):
        return [node] if isinstance(node, np.ndarray) else leaves(node[2]) + leaves(node[3])

    tree = KDTree(normal(32, 333, 3), leaf_size=10)
    assert max(leaf.size for leaf in leaves(tree.root)) <= 10
    assert sorted(np.concat(leaves(tree.root)).tolist()) == list(range(333))


def test_bad_tree_arguments_raise():
    with pytest.raises(ShapeError, match="X has 0 sample"):
        KDTree(np.ones((0, 2)))
    with pytest.raises(ValueError, match="leaf_size is 0"):
        KDTree(np.ones((3, 2)), leaf_size=0)
    tree = KDTree(np.ones((3, 2)))
    with pytest.raises(ValueError, match="k is 4 but the number of samples is n_samples = 3"):
        tree.query(np.ones((1, 2)), 4)
    with pytest.raises(ValueError, match="k is 0"):
        tree.query(np.ones((1, 2)), 0)
    with pytest.raises(ShapeError, match="X has 2 features but Q has 3"):
        tree.query(np.ones((1, 3)), 1)
    with pytest.raises(NotFiniteError, match="Q contains"):
        tree.query(np.array([[np.nan, 0.0]]), 1)
