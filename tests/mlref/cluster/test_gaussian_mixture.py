"""The Gaussian mixture as an estimator."""

import numpy as np
import pytest
import sklearn.mixture

from mlref.arrays import to_numpy
from mlref.cluster import GaussianMixture
from mlref.datasets import load_iris, make_blobs
from mlref.errors import ConvergenceWarning, NotFittedError, ShapeError

TYPES = ["full", "tied", "diag", "spherical"]
every_type = pytest.mark.parametrize("covariance_type", TYPES)


def as_matrices(covariances, covariance_type, k, d):
    if covariance_type == "tied":
        return [covariances] * k
    return [np.diag(c * np.ones(d)) if np.ndim(c) < 2 else c for c in covariances]


def test_the_estimator_finds_the_blobs_and_knows_how_sure_it_is(xp_backend):
    X, y = make_blobs(300, np.random.default_rng(4), centers=np.array([[0.0, 0.0], [8.0, 0.0], [0.0, 8.0]]))
    model = GaussianMixture(3, random_state=0).fit(xp_backend.asarray(X))
    labels = to_numpy(model.predict(xp_backend.asarray(X)))
    assert len(set(zip(labels.tolist(), y.tolist(), strict=True))) == 3
    between = model.predict_proba(xp_backend.asarray([[4.0, 0.0], [0.0, 0.0]]))
    assert float(between[0, labels[y == 0][0]]) < 0.95
    assert float(between[1, labels[y == 0][0]]) > 0.999


@every_type
def test_information_criteria_equal_scikit_learns(covariance_type):
    X = load_iris()[0]
    ours = GaussianMixture(2, covariance_type=covariance_type, tol=1e-8, max_iter=500, random_state=0).fit(X)
    theirs = sklearn.mixture.GaussianMixture(
        2, covariance_type=covariance_type, tol=1e-8, max_iter=500, random_state=0
    ).fit(X)
    assert ours.bic(X) == pytest.approx(theirs.bic(X), rel=1e-5)
    assert ours.aic(X) == pytest.approx(theirs.aic(X), rel=1e-5)
    np.testing.assert_allclose(ours.score_samples(X), theirs.score_samples(X), atol=1e-2)


@every_type
def test_new_samples_have_the_moments_of_the_mixture(covariance_type):
    X = load_iris()[0]
    model = GaussianMixture(3, covariance_type=covariance_type, random_state=0).fit(X)
    drawn, labels = model.sample(20000)
    np.testing.assert_allclose(drawn.mean(axis=0), X.mean(axis=0), atol=0.05)
    np.testing.assert_allclose(np.bincount(labels) / 20000, model.weights_, atol=0.02)
    matrices = as_matrices(model.covariances_, covariance_type, 3, 4)
    np.testing.assert_allclose(np.cov(drawn[labels == 0].T), matrices[0], atol=0.05)


def test_identical_samples_keep_a_density():
    model = GaussianMixture(2, random_state=0).fit(np.ones((5, 2)))
    assert np.isfinite(model.score(np.ones((5, 2))))


def test_it_warns_where_it_did_not_converge():
    X = load_iris()[0]
    with pytest.warns(ConvergenceWarning, match="max_iter = 2 steps"):
        GaussianMixture(3, max_iter=2, tol=1e-9, random_state=0).fit(X)


def test_bad_arguments_raise():
    X = np.ones((3, 2))
    with pytest.raises(ValueError, match="covariance_type is 'round'"):
        GaussianMixture(1, covariance_type="round").fit(X)
    with pytest.raises(ValueError, match="n_components is 4"):
        GaussianMixture(4).fit(X)
    with pytest.raises(ShapeError, match="X has shape"):
        GaussianMixture().fit(np.ones(3))
    with pytest.raises(NotFittedError):
        GaussianMixture().sample()
