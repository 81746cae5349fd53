"""Regression metrics and confidence intervals."""

import math

import numpy as np
import pytest
import sklearn.metrics
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from mlref.errors import NotFiniteError, ShapeError
from mlref.metrics import (
    mean_absolute_error,
    mean_confidence_interval,
    mean_error,
    mean_squared_error,
    r2_score,
    root_mean_squared_error,
    t_quantile,
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


# confidence intervals


@pytest.mark.parametrize("method", ["normal", "t"])
@pytest.mark.parametrize("level", [0.5, 0.8, 0.95, 0.99])
@pytest.mark.parametrize("n", [2, 3, 10, 57])
def test_interval_equals_scipy(method, level, n, xp_backend):
    values = np.random.default_rng(n).normal(5, 2, size=n)
    mean, half_width = mean_confidence_interval(xp_backend.asarray(values), level, method)
    distribution = stats.norm() if method == "normal" else stats.t(n - 1)
    low, high = distribution.interval(level)
    assert mean == pytest.approx(values.mean())
    assert half_width == pytest.approx((high - low) / 2 * stats.sem(values), rel=1e-10)
    assert type(mean) is type(half_width) is float


def test_the_sample_standard_deviation_has_n_minus_one():
    """Of 1, 2, 3, 4 the standard error is 0.6455; with n in the denominator it would be 0.5590."""
    _, half_width = mean_confidence_interval(np.array([1.0, 2.0, 3.0, 4.0]))
    assert half_width / stats.norm.ppf(0.975) == pytest.approx(0.6455, abs=5e-5)


def test_interval_of_squared_errors_from_a_lecture():
    """Half-widths 0.075 and 0.041 around mean squared errors come from standard errors 0.038265, 0.020918."""
    for standard_error, half in ((0.038265, 0.075), (0.020918, 0.041)):
        # Two values a, b have the standard error |a - b| / 2.
        _, half_width = mean_confidence_interval(np.array([1.0, 1.0 + 2 * standard_error]))
        assert half_width == pytest.approx(half, abs=2e-6)


@pytest.mark.parametrize(("n", "coverage"), [(2, 0.700), (5, 0.878), (10, 0.918), (30, 0.940), (100, 0.947)])
def test_the_normal_quantile_covers_less_than_it_says_in_small_samples(n, coverage):
    """Coverage of the 95 % interval; simulated 2000 times, within four standard deviations."""
    rng = np.random.default_rng(29)
    intervals = [mean_confidence_interval(rng.normal(size=n)) for _ in range(2000)]
    covered = np.mean([abs(mean) <= half_width for mean, half_width in intervals])
    assert abs(covered - coverage) < 4 * math.sqrt(coverage * (1 - coverage) / 2000)


@pytest.mark.parametrize("n", [2, 10])
def test_the_t_quantile_covers_what_it_says(n):
    rng = np.random.default_rng(30)
    intervals = [mean_confidence_interval(rng.normal(size=n), method="t") for _ in range(2000)]
    covered = np.mean([abs(mean) <= half_width for mean, half_width in intervals])
    assert abs(covered - 0.95) < 4 * math.sqrt(0.95 * 0.05 / 2000)


def test_a_shift_moves_the_mean_and_a_factor_scales_both():
    values = np.random.default_rng(6).normal(size=20)
    mean, half_width = mean_confidence_interval(values)
    moved_mean, moved_half_width = mean_confidence_interval(3 * values + 7)
    assert moved_mean == pytest.approx(3 * mean + 7)
    assert moved_half_width == pytest.approx(3 * half_width)


@pytest.mark.parametrize("degrees", [1, 2, 3, 4, 9, 30, 1001, 20000])
@pytest.mark.parametrize("probability", [1e-4, 0.3, 0.5, 0.6, 0.975, 0.9999])
def test_t_quantile_equals_scipy(degrees, probability):
    assert t_quantile(probability, degrees) == pytest.approx(
        stats.t.ppf(probability, degrees), rel=1e-9, abs=1e-12
    )


@pytest.mark.parametrize("level", [0, 1, -0.1, 95, float("nan")])
def test_level_outside_zero_and_one_raises(level):
    with pytest.raises(ValueError, match="level"):
        mean_confidence_interval(np.arange(3.0), level)
    with pytest.raises(ValueError, match="probability"):
        t_quantile(level, 3)


def test_bad_samples_and_methods_raise():
    with pytest.raises(ShapeError, match="values has 1 entry"):
        mean_confidence_interval(np.ones(1))
    with pytest.raises(ShapeError, match="values has shape"):
        mean_confidence_interval(np.ones((3, 2)))
    with pytest.raises(NotFiniteError, match="values"):
        mean_confidence_interval(np.array([1.0, np.inf]))
    with pytest.raises(ValueError, match="method is 'bootstrap'"):
        mean_confidence_interval(np.ones(3), method="bootstrap")
    with pytest.raises(ValueError, match="degrees_of_freedom"):
        t_quantile(0.9, 2.5)
