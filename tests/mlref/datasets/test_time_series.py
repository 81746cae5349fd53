"""Generators of time series."""

import numpy as np
import pytest
from scipy.signal import lfilter
from statsmodels.tsa.arima_process import ArmaProcess

from mlref.datasets import make_arima, make_seasonal
from mlref.datasets.time_series import WARM_UP


def autocorrelation(y, lag):
    return np.corrcoef(y[lag:], y[:-lag])[0, 1]


def arima_simple(n, shocks, ar, ma):
    """One step at a time, from a past of zeros."""
    y = []
    for t in range(len(shocks)):
        past = sum(a * y[t - i] for i, a in enumerate(ar, 1) if t >= i)
        y.append(past + shocks[t] + sum(m * shocks[t - j] for j, m in enumerate(ma, 1) if t >= j))
    return np.array(y[-n:])


@pytest.mark.parametrize(("ar", "ma"), [((0.5, -0.3), (0.4,)), ((), (0.9, 0.2)), ((-0.7,), ())])
def test_steps_follow_the_recursion(ar, ma):
    shocks = np.random.default_rng(0).normal(size=WARM_UP + 30) * 2
    expected = arima_simple(30, shocks, ar, ma)
    found = make_arima(30, np.random.default_rng(0), ar=ar, ma=ma, std=2.0)
    np.testing.assert_allclose(found, expected)


def test_autocorrelations_are_those_of_the_process():
    ar, ma = (0.6, -0.2), (0.5,)
    y = make_arima(50000, np.random.default_rng(1), ar=ar, ma=ma)
    expected = ArmaProcess.from_coeffs(ar, ma).acf(4)[1:]
    np.testing.assert_allclose([autocorrelation(y, lag) for lag in (1, 2, 3)], expected, atol=0.03)


def test_differences_undo_the_sums():
    plain = make_arima(50, np.random.default_rng(2), ar=(0.5,))
    summed = make_arima(50, np.random.default_rng(2), ar=(0.5,), d=2)
    np.testing.assert_allclose(np.diff(summed, 2), plain[2:])
    np.testing.assert_allclose(
        make_arima(50, np.random.default_rng(2), ar=(0.5,), d=1), lfilter([1], [1, -1], plain)
    )


def test_a_season_repeats_on_top_of_its_trend():
    y = make_seasonal(60, np.random.default_rng(3), period=12, level=4.0, trend=0.5, amplitude=3.0, noise=0.0)
    assert y[0] == 4.0
    np.testing.assert_allclose(y[12:] - y[:-12], 12 * 0.5)
    assert np.max(y - 4 - 0.5 * np.arange(60)) == pytest.approx(3.0)
    noisy = make_seasonal(5000, np.random.default_rng(4), noise=0.3)
    clean = make_seasonal(5000, np.random.default_rng(4), noise=0.0)
    assert np.std(noisy - clean) == pytest.approx(0.3, abs=0.01)


def test_bad_arguments_raise():
    rng = np.random.default_rng(5)
    for ar in ((1.0,), (0.5, 0.5), (-1.2,)):
        with pytest.raises(ValueError, match="explodes or never forgets"):
            make_arima(9, rng, ar=ar)
    for d in (-1, 0.5, True):
        with pytest.raises(ValueError, match="d is"):
            make_arima(9, rng, d=d)
    with pytest.raises(ValueError, match="period is 0"):
        make_seasonal(9, rng, period=0)
