"""Time series beside statsmodels'."""

from __future__ import annotations

import numpy as np

from benchmarks.mlref.timing import Row


def autoregression():
    """AR(5) by least squares."""

    def prepare():
        from statsmodels.tsa.ar_model import AutoReg

        from mlref.datasets import make_arima
        from mlref.time_series import fit_ar

        y = make_arima(10_000, np.random.default_rng(0), ar=(0.5, -0.2))

        def check(a, b):
            np.testing.assert_allclose(np.append(a[0], a[1]), b.params, rtol=1e-6, atol=1e-9)

        return lambda: fit_ar(y, 5), lambda: AutoReg(y, 5).fit(), check

    return prepare


def arma(fit, tolerance):
    """ARMA(2, 1); the peer maximises the exact likelihood."""

    def prepare():
        from statsmodels.tsa.arima.model import ARIMA as peer  # noqa: N811

        import mlref.time_series as ours
        from mlref.datasets import make_arima

        y = make_arima(2000, np.random.default_rng(0), ar=(0.6, -0.2), ma=(0.4,))

        def check(a, b):
            assert ours.arma_log_likelihood(y, a[1], a[2])[0] > b.llf - tolerance

        return lambda: getattr(ours, fit)(y, 2, 1), lambda: peer(y, order=(2, 0, 1)).fit(), check

    return prepare


def autocorrelation():
    """40 lags by Fourier transforms."""

    def prepare():
        from statsmodels.tsa.stattools import acf as peer

        from mlref.time_series import acf

        y = np.random.default_rng(0).normal(size=10_000)

        def check(a, b):
            np.testing.assert_allclose(a, b, atol=1e-12)

        return lambda: acf(y, 40), lambda: peer(y, nlags=40, fft=True), check

    return prepare


def smoothing():
    """Additive trend and season, the start fitted as well."""

    def prepare():
        from statsmodels.tsa.holtwinters import ExponentialSmoothing as Theirs

        from mlref.datasets import make_seasonal
        from mlref.time_series import ExponentialSmoothing

        rng = np.random.default_rng(0)
        y = make_seasonal(480, rng, period=12) + np.cumsum(0.1 * rng.normal(size=480))
        settings = {"trend": "add", "seasonal": "add", "seasonal_periods": 12}

        def check(a, b):
            assert a.sse_ <= b.sse * (1 + 1e-6)

        return lambda: ExponentialSmoothing(**settings).fit(y), lambda: Theirs(y, **settings).fit(), check

    return prepare


ROWS = [
    Row("AR(5), least squares", "n 10k", "statsmodels AutoReg", 0.2, autoregression()),
    Row("ARMA(2, 1), conditional squares", "n 2000", "statsmodels ARIMA", 0.1, arma("fit_arma_css", 2.0)),
    Row("ARMA(2, 1), exact likelihood", "n 2000", "statsmodels ARIMA", 1.0, arma("fit_arma_ml", 1e-5)),
    Row("ACF, 40 lags", "n 10k", "statsmodels", 1.0, autocorrelation()),
    Row("Holt-Winters, additive", "n 480, season 12", "statsmodels", 1.5, smoothing()),
]
