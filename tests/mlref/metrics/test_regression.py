"""Errors of a regression."""

import math

import numpy as np
import pytest
import sklearn.metrics
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mlref.errors import NotFiniteError, ShapeError
from mlref.metrics import (
    mean_absolute_error,
    mean_error,
    mean_squared_error,
    r2_score,
    root_mean_squared_error,
)

ERRORS = [mean_error, mean_squared_error, root_mean_squared_error, mean_absolute_error]
METRICS = [*ERRORS, r2_score]
every_metric = pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.__name__)

# The examples of scikit-learn's own page for r2_score.
Y_TRUE, Y_PRED = np.array([3.0, -0.5, 2.0, 7.0]), np.array([2.5, 0.0, 2.0, 8.0])

# Hundredths: their squares do not underflow.
vectors = hnp.arrays(np.float64, 7, elements=st.integers(-99999, 99999).map(lambda i: i / 100))


def sample(seed, n=50):
    rng = np.random.default_rng(seed)
    y_true = rng.normal(3, 2, size=n)
    return y_true, y_true + rng.normal(0.3, 1, size=n), rng.uniform(0, 2, size=n)


# oracle


@pytest.mark.parametrize("metric", METRICS[1:], ids=lambda metric: metric.__name__)
@pytest.mark.parametrize("weighted", [False, True])
def test_equals_scikit_learn(metric, weighted, xp_backend):
    y_true, y_pred, weights = sample(0)
    weights = weights if weighted else None
    expected = getattr(sklearn.metrics, metric.__name__)(y_true, y_pred, sample_weight=weights)
    arrays = [None if a is None else xp_backend.asarray(a) for a in (y_true, y_pred, weights)]
    assert metric(*arrays) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("weighted", [False, True])
def test_mean_error_equals_numpy_average(weighted, xp_backend):
    y_true, y_pred, weights = sample(1)
    weights = weights if weighted else None
    arrays = [None if a is None else xp_backend.asarray(a) for a in (y_true, y_pred, weights)]
    assert mean_error(*arrays) == pytest.approx(np.average(y_pred - y_true, weights=weights), rel=1e-12)


def test_argument_order_of_r2_matters():
    assert round(r2_score(Y_TRUE, Y_PRED), 6) == 0.948608
    assert round(r2_score(Y_PRED, Y_TRUE), 6) == 0.957371


def test_a_lecture_table_is_consistent():
    """MSE and R squared of three models on the same y: each row implies the same variance of y."""
    table = [(1.066188, -0.635682), (0.556796, 0.145797), (0.555601, 0.147631)]
    for mse, r2 in table:
        assert mse / (1 - r2) == pytest.approx(0.65183, abs=2e-6)
    # Labels with that variance, predicted with that error everywhere, give the table's row.
    y_true = np.array([-1.0, 1.0]) * math.sqrt(0.65183)
    y_pred = y_true + math.sqrt(0.556796)
    assert mean_squared_error(y_true, y_pred) == pytest.approx(0.556796)
    assert r2_score(y_true, y_pred) == pytest.approx(0.145797, abs=2e-6)


# properties


@given(vectors, vectors)
def test_the_square_root_and_the_order_of_means(y_true, y_pred):
    mae, rmse = mean_absolute_error(y_true, y_pred), root_mean_squared_error(y_true, y_pred)
    assert rmse**2 == pytest.approx(mean_squared_error(y_true, y_pred), rel=1e-12)
    assert abs(mean_error(y_true, y_pred)) <= mae * (1 + 1e-12)
    assert mae <= rmse * (1 + 1e-12)
    assert r2_score(y_true, y_pred) <= 1


@every_metric
def test_integer_weights_count_samples(metric):
    y_true, y_pred, _ = sample(2, n=6)
    counts = np.array([1, 0, 3, 2, 1, 2])
    repeated = metric(np.repeat(y_true, counts), np.repeat(y_pred, counts))
    assert metric(y_true, y_pred, counts) == pytest.approx(repeated, rel=1e-12)
    assert metric(y_true, y_pred, 10.0 * counts) == pytest.approx(repeated, rel=1e-12)


@every_metric
def test_equal_weights_change_nothing(metric):
    y_true, y_pred, _ = sample(3)
    assert metric(y_true, y_pred, np.ones(50)) == metric(y_true, y_pred)


def test_mean_error_is_positive_where_predictions_are_too_large():
    assert mean_error(np.zeros(3), np.full(3, 2.0)) == 2.0


def test_r2_of_the_mean_is_zero():
    y_true, _, _ = sample(4)
    assert r2_score(y_true, np.full(50, y_true.mean())) == pytest.approx(0, abs=1e-14)


@every_metric
def test_result_is_a_python_float_and_arguments_are_unchanged(metric):
    y_true, y_pred, weights = (array.copy() for array in sample(5))
    for array in (y_true, y_pred, weights):
        array.flags.writeable = False
    assert type(metric(y_true, y_pred, weights)) is float
    assert type(metric(y_true, y_pred)) is float


# edges


@every_metric
def test_unsigned_integers_do_not_wrap(metric):
    y_true, y_pred = np.array([1, 9, 4], dtype=np.uint8), np.array([3, 2, 4], dtype=np.uint8)
    assert metric(y_true, y_pred) == metric(y_true.astype(float), y_pred.astype(float))


@pytest.mark.parametrize("constant", [0.1, 3.0, 1e9 + 0.1])
@pytest.mark.parametrize("n", [1, 3, 10])
def test_r2_of_a_constant(constant, n):
    y_true = np.full(n, constant)
    assert r2_score(y_true, y_true) == 1.0
    assert r2_score(y_true, y_true + 1) == 0.0


def test_r2_of_a_constant_looks_only_at_samples_that_count():
    assert r2_score(np.array([2.0, 2.0, 5.0]), np.array([2.0, 3.0, 5.0]), np.array([1.0, 1.0, 0.0])) == 0.0


# errors


@every_metric
def test_a_column_against_a_vector_raises(metric, xp_backend):
    column, vector = xp_backend.asarray(np.ones((3, 1))), xp_backend.asarray(np.ones(3))
    with pytest.raises(ShapeError, match=r"y_true has shape \(3, 1\)"):
        metric(column, vector)
    with pytest.raises(ShapeError, match=r"y_pred has shape \(3, 1\)"):
        metric(vector, column)


@every_metric
def test_bad_arguments_raise(metric):
    ones = np.ones(3)
    with pytest.raises(ShapeError, match="y_true has 3 rows but y_pred has 2"):
        metric(ones, np.ones(2))
    with pytest.raises(ShapeError, match="y_true is empty"):
        metric(np.ones(0), np.ones(0))
    with pytest.raises(NotFiniteError, match="y_pred"):
        metric(ones, np.array([1.0, np.nan, 1.0]))
    with pytest.raises(ShapeError, match="sample_weight"):
        metric(ones, ones, np.ones(2))
    for weights in (np.array([1.0, -1.0, 1.0]), np.zeros(3)):
        with pytest.raises(ValueError, match="sample_weight"):
            metric(ones, ones, weights)
