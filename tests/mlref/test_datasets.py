"""Seeded generators and the data that ships with the package."""

import inspect

import numpy as np
import pytest
import sklearn.datasets

from mlref import datasets
from mlref.datasets import (
    load_diabetes,
    load_iris,
    make_blobs,
    make_gpa_like,
    make_line,
    make_moons,
    make_sine,
)
from mlref.metrics import mean_confidence_interval, mean_squared_error, r2_score
from mlref.neighbors import KNeighborsClassifier, KNeighborsRegressor

GENERATORS = [make_blobs, make_gpa_like, make_line, make_moons, make_sine]
every_generator = pytest.mark.parametrize("make", GENERATORS, ids=lambda make: make.__name__)


def test_no_generator_is_forgotten_here():
    found = [f for name, f in inspect.getmembers(datasets, inspect.isfunction) if name.startswith("make_")]
    assert found == GENERATORS


def test_iris_is_scikit_learns():
    X, y = load_iris()
    expected_X, expected_y = sklearn.datasets.load_iris(return_X_y=True)
    np.testing.assert_array_equal(X, expected_X)
    np.testing.assert_array_equal(y, expected_y)


@pytest.mark.parametrize("scaled", [True, False])
def test_diabetes_is_scikit_learns(scaled):
    X, y = load_diabetes(scaled=scaled)
    expected_X, expected_y = sklearn.datasets.load_diabetes(return_X_y=True, scaled=scaled)
    np.testing.assert_allclose(X, expected_X, rtol=1e-12, atol=1e-15)
    np.testing.assert_array_equal(y, expected_y)


@every_generator
def test_the_same_seed_gives_the_same_bytes_and_another_one_does_not(make):
    first, again = make(50, np.random.default_rng(1)), make(50, np.random.default_rng(1))
    other = make(50, np.random.default_rng(2))
    assert [array.tobytes() for array in first] == [array.tobytes() for array in again]
    assert first[0].tobytes() != other[0].tobytes()


@every_generator
def test_global_random_state_is_untouched(make):
    before = np.random.get_state()[1].tobytes()
    make(10, np.random.default_rng(3))
    assert np.random.get_state()[1].tobytes() == before


@every_generator
@pytest.mark.parametrize("n", [1, 2, 17])
def test_shapes_and_types(make, n):
    X, y = make(n, np.random.default_rng(4))
    assert X.shape[0] == n
    assert X.ndim == 2
    assert y.shape == (n,)
    assert X.dtype == np.float64
    assert y.dtype == (np.int64 if make in (make_blobs, make_moons) else np.float64)


@every_generator
@pytest.mark.parametrize("n", [0, -1, 2.5])
def test_bad_n_raises(make, n):
    with pytest.raises(ValueError, match=r"n is .* whole number of at least 1"):
        make(n, np.random.default_rng(5))


def test_a_line_has_its_slope_intercept_and_noise():
    X, y = make_line(20000, np.random.default_rng(6), slope=-3.0, intercept=2.0, noise=0.5)
    slope, intercept = np.polyfit(X[:, 0], y, 1)
    assert slope == pytest.approx(-3, abs=0.03)
    assert intercept == pytest.approx(2, abs=0.02)
    assert np.std(y - intercept - slope * X[:, 0]) == pytest.approx(0.5, abs=0.02)


def test_a_sine_has_its_noise():
    X, y = make_sine(20000, np.random.default_rng(7), noise=0.2)
    assert np.std(y - np.sin(2 * np.pi * X[:, 0])) == pytest.approx(0.2, abs=0.01)
    assert 0 <= X.min() < X.max() <= 1


def test_blobs_surround_their_centers_in_equal_numbers():
    centers = np.array([[0.0, 50.0], [-50.0, 0.0], [9.0, 9.0]])
    X, y = make_blobs(3000, np.random.default_rng(8), centers=centers, std=2.0)
    assert np.bincount(y).tolist() == [1000, 1000, 1000]
    for label, center in enumerate(centers):
        np.testing.assert_allclose(X[y == label].mean(axis=0), center, atol=0.3)
        np.testing.assert_allclose(X[y == label].std(axis=0), 2.0, atol=0.2)
    assert make_blobs(9, np.random.default_rng(9), centers=2, n_features=5)[0].shape == (9, 5)


def test_moons_are_separable_but_not_by_a_line():
    X, y = make_moons(1000, np.random.default_rng(10), noise=0.05)
    halves = slice(None, 500), slice(500, None)
    model = KNeighborsClassifier(3).fit(X[halves[0]], y[halves[0]])
    assert np.mean(model.predict(X[halves[1]]) == y[halves[1]]) > 0.99
    design = np.column_stack([np.ones(1000), X])
    coefficients = np.linalg.lstsq(design, 2.0 * y - 1)[0]
    assert np.mean((design @ coefficients > 0) == y) < 0.95


@pytest.mark.parametrize("seed", range(5))
def test_grades_teach_what_error_bars_are_for(seed):
    """A hundred neighbours beat one beyond doubt; weighting them changes less than the error bars."""
    X, y = make_gpa_like(4000, np.random.default_rng(seed))
    X_train, X_test, y_train, y_test = X[:2000], X[2000:], y[:2000], y[2000:]

    def squared_errors(**parameters):
        return (KNeighborsRegressor(**parameters).fit(X_train, y_train).predict(X_test) - y_test) ** 2

    one, hundred, weighted = (
        mean_confidence_interval(squared_errors(**parameters))
        for parameters in (
            {"n_neighbors": 1},
            {"n_neighbors": 100},
            {"n_neighbors": 100, "weights": "gaussian", "bandwidth": 100.0},
        )
    )
    assert one[0] - one[1] > hundred[0] + hundred[1]
    assert abs(hundred[0] - weighted[0]) < min(hundred[1], weighted[1])
    model = KNeighborsRegressor(100).fit(X_train, y_train)
    assert 0.08 < r2_score(y_test, model.predict(X_test)) < 0.2
    assert mean_squared_error(y_test, np.full(2000, y_train.mean())) < one[0]
