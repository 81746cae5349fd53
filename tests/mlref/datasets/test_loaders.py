"""The data that ships with the package."""

import numpy as np
import pytest
import sklearn.datasets
import statsmodels.datasets

from mlref.datasets import (
    load_breast_cancer,
    load_curve_fit,
    load_diabetes,
    load_digits,
    load_iris,
    load_nile,
    load_sunspots,
    load_wine,
)


@pytest.mark.parametrize(
    "load", [load_iris, load_wine, load_breast_cancer, load_digits], ids=lambda load: load.__name__
)
def test_classes_are_scikit_learns(load):
    X, y = load()
    expected_X, expected_y = getattr(sklearn.datasets, load.__name__)(return_X_y=True)
    np.testing.assert_array_equal(X, expected_X)
    np.testing.assert_array_equal(y, expected_y)
    assert (X.dtype, y.dtype) == (np.float64, np.int64)


@pytest.mark.parametrize("scaled", [True, False])
def test_diabetes_is_scikit_learns(scaled):
    X, y = load_diabetes(scaled=scaled)
    expected_X, expected_y = sklearn.datasets.load_diabetes(return_X_y=True, scaled=scaled)
    np.testing.assert_allclose(X, expected_X, rtol=1e-12, atol=1e-15)
    np.testing.assert_array_equal(y, expected_y)


@pytest.mark.parametrize(("load", "column"), [(load_sunspots, "SUNACTIVITY"), (load_nile, "volume")])
def test_series_are_those_of_statsmodels(load, column):
    years, values = load()
    table = getattr(statsmodels.datasets, load.__name__.removeprefix("load_")).load_pandas().data
    np.testing.assert_array_equal(values, table[column])
    assert np.all(np.diff(years) == 1)
    assert (years.dtype, values.dtype) == (np.int64, np.float64)


def test_the_curve_is_fitted_by_the_published_coefficients():
    """G16, degrees 0, 1 and 3, and G43."""
    x, t = load_curve_fit()
    np.testing.assert_array_equal(x, np.arange(10) / 9)
    for degree, expected in (
        (0, [0.1863]),
        (1, [0.8202, -1.2678]),
        (3, [0.3137, 7.9854, -25.4261, 17.3741]),
    ):
        np.testing.assert_allclose(np.polynomial.polynomial.polyfit(x, t, degree), expected, atol=5e-5)
