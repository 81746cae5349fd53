"""Expectation maximisation of Gaussian mixtures."""

import numpy as np
import pytest
import scipy.stats
import sklearn.mixture

from mlref.arrays import to_numpy
from mlref.cluster import e_step, gaussian_mixture_em, log_gaussian_densities, m_step
from mlref.datasets import load_iris, make_blobs
from mlref.errors import ShapeError

TYPES = ["full", "tied", "diag", "spherical"]
every_type = pytest.mark.parametrize("covariance_type", TYPES)


def some_responsibilities(n, k, seed=0):
    return np.random.default_rng(seed).dirichlet(np.ones(k), size=n)


def as_matrices(covariances, covariance_type, k, d):
    if covariance_type == "tied":
        return [covariances] * k
    return [np.diag(c * np.ones(d)) if np.ndim(c) < 2 else c for c in covariances]


@every_type
def test_densities_equal_scipys(covariance_type, xp_backend):
    X = np.random.default_rng(0).normal(size=(12, 3))
    _, means, covariances = m_step(X, some_responsibilities(12, 2), covariance_type)
    expected = [
        scipy.stats.multivariate_normal(mean, covariance).logpdf(X)
        for mean, covariance in zip(means, as_matrices(covariances, covariance_type, 2, 3), strict=True)
    ]
    given = map(xp_backend.asarray, (X, means, covariances))
    xp_backend.check(log_gaussian_densities(*given, covariance_type), np.stack(expected, axis=1), rtol=1e-9)


@every_type
def test_em_equals_scikit_learn_from_the_same_start(covariance_type):
    X = load_iris()[0]
    responsibilities = some_responsibilities(150, 3)
    weights, means, covariances = m_step(X, responsibilities, covariance_type)
    inverse = np.linalg.inv if covariance_type in ("full", "tied") else np.reciprocal
    theirs = sklearn.mixture.GaussianMixture(
        3,
        covariance_type=covariance_type,
        weights_init=weights,
        means_init=means,
        precisions_init=inverse(covariances),
        tol=1e-6,
        max_iter=500,
    ).fit(X)
    ours = gaussian_mixture_em(
        X,
        3,
        np.random.default_rng(0),
        covariance_type=covariance_type,
        responsibilities=responsibilities,
        tol=1e-6,
        max_iter=500,
    )
    assert len(ours[3]) == theirs.n_iter_
    np.testing.assert_allclose(ours[0], theirs.weights_, rtol=1e-6)
    np.testing.assert_allclose(ours[1], theirs.means_, rtol=1e-6)
    np.testing.assert_allclose(ours[2], theirs.covariances_, rtol=1e-5, atol=1e-8)
    assert ours[3][-1] == pytest.approx(theirs.lower_bound_)


@every_type
def test_the_log_likelihood_never_falls(covariance_type):
    X, _ = make_blobs(200, np.random.default_rng(1), centers=4, std=3.0)
    start = some_responsibilities(200, 4)
    *_, history = gaussian_mixture_em(
        X,
        4,
        np.random.default_rng(0),
        covariance_type=covariance_type,
        responsibilities=start,
        reg_covar=0.0,
        tol=1e-7,
        max_iter=1000,
    )
    assert len(history) > 10
    assert np.all(np.diff(history) >= -1e-9)


@every_type
def test_one_component_is_the_gaussian_of_the_samples(covariance_type):
    X = np.random.default_rng(2).normal(size=(50, 3)) * [1.0, 2.0, 3.0]
    _, means, covariances, _ = gaussian_mixture_em(
        X, 1, np.random.default_rng(0), covariance_type=covariance_type, reg_covar=0.0
    )
    full = np.cov(X.T, ddof=0)
    expected = {
        "full": full[None],
        "tied": full,
        "diag": np.diag(full)[None],
        "spherical": [np.diag(full).mean()],
    }
    np.testing.assert_allclose(means[0], X.mean(axis=0))
    np.testing.assert_allclose(covariances, expected[covariance_type])


def test_far_samples_in_many_dimensions_do_not_underflow(xp_backend):
    X = np.zeros((2, 50))
    X[1] = 1000.0
    given = (X, np.array([0.5, 0.5]), np.stack([np.ones(50), -np.ones(50)]), np.stack([np.eye(50)] * 2))
    responsibilities, log_likelihoods = e_step(*map(xp_backend.asarray, given))
    xp_backend.check(responsibilities, [[0.5, 0.5], [1.0, 0.0]])
    assert np.all(np.isfinite(to_numpy(log_likelihoods)))


@every_type
def test_every_library_gives_the_same_mixture(covariance_type, xp_backend):
    X, _ = make_blobs(60, np.random.default_rng(3), centers=2)
    start = some_responsibilities(60, 2)
    expected = gaussian_mixture_em(
        X, 2, np.random.default_rng(0), covariance_type=covariance_type, responsibilities=start
    )
    result = gaussian_mixture_em(
        xp_backend.asarray(X),
        2,
        np.random.default_rng(0),
        covariance_type=covariance_type,
        responsibilities=xp_backend.asarray(start),
    )
    for ours, numpys in zip(result[:3], expected[:3], strict=True):
        xp_backend.check(ours, numpys, rtol=1e-8)


def test_bad_arguments_raise():
    X, responsibilities = np.ones((3, 1)), np.ones((4, 1))
    with pytest.raises(ShapeError, match="X has 3 rows but responsibilities has 4"):
        m_step(X, responsibilities)
    with pytest.raises(ShapeError, match="X has 1 features but means has 2"):
        e_step(X, np.ones(1), np.ones((1, 2)), np.ones(1), "spherical")
    with pytest.raises(ValueError, match="covariance_type is 'round'"):
        m_step(X, responsibilities[:3], "round")
    with pytest.raises(ValueError, match="n_components is 4"):
        gaussian_mixture_em(X, 4, np.random.default_rng(0))
