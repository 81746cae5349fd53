"""Normal noise: the likelihood and where it is largest."""

import numpy as np
import pytest
import scipy.stats

from mlref.autodiff import numerical_gradient
from mlref.errors import ShapeError
from mlref.linear_model import fit_gaussian, gaussian_log_likelihood, lstsq


def problem(seed=0, n=25, p=3):
    rng = np.random.default_rng(seed)
    X, w = rng.normal(size=(n, p)), rng.normal(size=p)
    return X, X @ w + 0.4 * rng.normal(size=n), w


def test_log_likelihood_equals_scipy(xp_backend):
    X, y, w = problem()
    expected = scipy.stats.norm.logpdf(y, X @ w, np.sqrt(1 / 3.0)).sum()
    got = gaussian_log_likelihood(*map(xp_backend.asarray, (w,)), 3.0, *map(xp_backend.asarray, (X, y)))
    assert type(got) is float
    assert got == pytest.approx(expected)


def test_largest_likelihood_is_at_the_fit(xp_backend):
    X, y, _ = problem(1)
    w, beta = fit_gaussian(xp_backend.asarray(X), xp_backend.asarray(y))
    assert type(beta) is float
    xp_backend.check(w, lstsq(X, y))
    slope = numerical_gradient(
        lambda v: gaussian_log_likelihood(v[:-1], v[-1], X, y), np.array([*lstsq(X, y), beta])
    )
    np.testing.assert_allclose(slope, 0, atol=1e-6)


def test_precision_divides_by_the_number_of_samples():
    assert fit_gaussian(np.ones((4, 1)), np.array([0.0, 0, 0, 4]))[1] == pytest.approx(4 / 12)


def test_a_model_through_every_point_has_no_precision():
    X = np.arange(4)[:, None] ** np.arange(4.0)
    with pytest.raises(ValueError, match="goes through every point"):
        fit_gaussian(X, np.array([1.0, -2, 3, 5]))
    with pytest.raises(ValueError, match="goes through every point"):
        fit_gaussian(np.ones((3, 1)), np.zeros(3))


def test_bad_arguments_raise():
    X, y, w = problem()
    with pytest.raises(ValueError, match="beta is -1"):
        gaussian_log_likelihood(w, -1, X, y)
    with pytest.raises(ShapeError, match="X has 25 rows but y has 24"):
        gaussian_log_likelihood(w, 1.0, X, y[1:])
