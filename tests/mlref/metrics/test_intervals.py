"""Confidence intervals of a mean."""

import math

import numpy as np
import pytest
from scipy import stats

from mlref.errors import NotFiniteError, ShapeError
from mlref.metrics import mean_confidence_interval, t_quantile


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
