"""Autocorrelation and partial autocorrelation."""

import numpy as np
import pytest
import scipy.linalg
import statsmodels.tsa.stattools as stattools
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mlref.datasets import load_sunspots
from mlref.errors import ShapeError
from mlref.time_series import acf, ar_to_partial, autocovariance, levinson_durbin, pacf, partial_to_ar


def autocovariance_simple(y, n_lags):
    """Lag by lag."""
    z = y - y.mean()
    return np.array([z[: len(z) - k] @ z[k:] / len(z) for k in range(n_lags + 1)])


@pytest.mark.parametrize("n", [2, 7, 64, 309])
def test_autocovariance_equals_the_sum_of_products(n):
    y = np.random.default_rng(0).normal(size=n) + 100
    np.testing.assert_allclose(autocovariance(y, n - 1), autocovariance_simple(y, n - 1), atol=1e-12)


def test_acf_and_pacf_equal_statsmodels():
    _, y = load_sunspots()
    np.testing.assert_allclose(acf(y, 30), stattools.acf(y, nlags=30), atol=1e-12)
    np.testing.assert_allclose(pacf(y, 30), stattools.pacf(y, nlags=30, method="ldb"), atol=1e-12)


def test_levinson_durbin_solves_the_yule_walker_equations():
    covariances = autocovariance(load_sunspots()[1], 9)
    coefficients, partial, variance = levinson_durbin(covariances)
    np.testing.assert_allclose(coefficients, scipy.linalg.solve_toeplitz(covariances[:-1], covariances[1:]))
    assert variance == pytest.approx(covariances[0] - coefficients @ covariances[1:])
    assert partial[9] == pytest.approx(coefficients[-1])


@settings(max_examples=50)
@given(partial=hnp.arrays(np.float64, st.integers(1, 6), elements=st.floats(-0.95, 0.95)))
def test_partial_autocorrelations_and_weights_are_two_names_of_a_stationary_series(partial):
    weights = partial_to_ar(partial)
    np.testing.assert_allclose(ar_to_partial(weights), partial, atol=1e-6)
    assert np.all(np.abs(np.roots(np.append(1.0, -weights))) < 1)


def test_weights_of_a_random_walk_have_partial_autocorrelations_next_to_one():
    assert 1 - ar_to_partial([1.0])[0] < 1e-8


def test_a_season_shows_at_its_lag():
    y = np.tile([0.0, 1.0, 4.0, 2.0], 50)
    correlations = acf(y, 8)
    assert np.argmax(correlations[1:]) + 1 == 4
    assert np.all(np.abs(correlations) <= 1)


def test_bad_arguments_raise():
    with pytest.raises(ShapeError, match="y has 5 values, too few for n_lags = 5"):
        acf(np.arange(5.0), 5)
    with pytest.raises(ValueError, match="y is constant"):
        acf(np.ones(5), 2)
    with pytest.raises(ShapeError, match="y has shape"):
        pacf(np.ones((5, 1)), 2)
