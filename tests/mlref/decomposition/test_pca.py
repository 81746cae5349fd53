"""Principal components."""

import numpy as np
import pytest
import sklearn.datasets
import sklearn.decomposition

from mlref.decomposition import PCA, covariance_matrix, principal_components
from mlref.errors import NotFittedError, ShapeError

SOLVERS = ["covariance_eigh", "full", "randomized"]
every_solver = pytest.mark.parametrize("solver", SOLVERS)


def samples(seed, n=60, d=5):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, d)) * np.arange(1, d + 1) @ rng.normal(size=(d, d)) + 10


def test_covariance_equals_numpys(xp_backend):
    X = samples(0)
    xp_backend.check(covariance_matrix(xp_backend.asarray(X)), np.cov(X.T))
    many = np.random.default_rng(1).normal(size=(2**17, 5)) + 100
    np.testing.assert_allclose(covariance_matrix(many), np.cov(many.T), rtol=1e-9, atol=1e-9)


@every_solver
@pytest.mark.parametrize("shape", [(60, 5), (5, 8), (7, 7)])
def test_equals_scikit_learn(solver, shape):
    X = samples(2, *shape)
    k = 3
    if solver == "covariance_eigh" and shape == (5, 8):
        k = 2
    ours = PCA(k, svd_solver=solver, random_state=0).fit(X)
    theirs = sklearn.decomposition.PCA(k, svd_solver="full").fit(X)
    for name in (
        "mean_",
        "components_",
        "explained_variance_",
        "explained_variance_ratio_",
        "singular_values_",
    ):
        np.testing.assert_allclose(getattr(ours, name), getattr(theirs, name), rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(ours.transform(X), theirs.transform(X), atol=1e-6)


@every_solver
def test_every_library_gives_the_same_components(solver, xp_backend):
    X = samples(3)
    expected, variances = principal_components(X, 2, svd_solver=solver, rng=np.random.default_rng(0))
    ours = principal_components(xp_backend.asarray(X), 2, svd_solver=solver, rng=np.random.default_rng(0))
    xp_backend.check(ours[0], expected, rtol=1e-8)
    xp_backend.check(ours[1], variances, rtol=1e-8)


@pytest.mark.parametrize("whiten", [False, True])
def test_the_estimator_works_on_every_library(whiten, xp_backend):
    X = samples(4)
    expected = sklearn.decomposition.PCA(3, whiten=whiten).fit(X)
    model = PCA(3, whiten=whiten).fit(xp_backend.asarray(X))
    coordinates = model.transform(xp_backend.asarray(X[:4]))
    xp_backend.check(coordinates, expected.transform(X[:4]), rtol=1e-8, atol=1e-10)
    back = expected.inverse_transform(expected.transform(X[:4]))
    xp_backend.check(model.inverse_transform(coordinates), back, rtol=1e-8)


@every_solver
def test_components_are_orthonormal_and_the_error_is_what_they_leave(solver):
    X = samples(5)
    model = PCA(3, svd_solver=solver, random_state=0).fit(X)
    np.testing.assert_allclose(model.components_ @ model.components_.T, np.eye(3), atol=1e-10)
    error = X - model.inverse_transform(model.transform(X))
    left_out = np.linalg.eigvalsh(np.cov(X.T))[:2].sum()
    assert np.sum(error**2) / (len(X) - 1) == pytest.approx(left_out, rel=1e-6)


def test_new_samples_are_centred_by_the_mean_of_the_old():
    X = samples(6)
    model = PCA(2).fit(X)
    np.testing.assert_allclose(
        model.transform(X + 1) - model.transform(X), np.ones((60, 5)) @ model.components_.T
    )


def test_whitened_coordinates_have_variance_one():
    X = samples(7)
    np.testing.assert_allclose(np.cov(PCA(3, whiten=True).fit_transform(X).T), np.eye(3), atol=1e-10)


def test_directions_without_variance_are_not_blown_up():
    X = np.random.default_rng(8).normal(size=(30, 2)) @ np.ones((2, 3))
    coordinates = PCA(3, whiten=True, svd_solver="full").fit_transform(X)
    assert np.all(np.abs(coordinates[:, 1:]) < 1e-12)


def test_digits_need_21_and_29_components_for_90_and_95_percent():
    X = sklearn.datasets.load_digits().data
    assert PCA(0.90).fit(X).n_components_ == 21
    assert PCA(0.95).fit(X).n_components_ == 29


def test_more_features_than_samples():
    X = samples(9, n=4, d=50)
    model = PCA(svd_solver="full").fit(X)
    assert model.components_.shape == (4, 50)
    np.testing.assert_allclose(model.inverse_transform(model.transform(X)), X)
    assert model.explained_variance_ratio_.sum() == pytest.approx(1)


def test_float32_stays_float32():
    X = samples(10).astype(np.float32)
    for solver in SOLVERS:
        model = PCA(2, svd_solver=solver, random_state=0).fit(X)
        assert model.components_.dtype == model.transform(X).dtype == np.float32


def test_a_direction_too_weak_for_the_covariance_is_found_by_the_full_solver():
    rng = np.random.default_rng(11)
    axes = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    X = rng.normal(size=(200, 3)) * [1.0, 1e-4, 1e-10] @ axes
    weakest = {name: np.sqrt(principal_components(X, svd_solver=name)[1][2]) for name in SOLVERS[:2]}
    assert weakest["full"] == pytest.approx(1e-10, rel=0.2)
    assert weakest["covariance_eigh"] != pytest.approx(1e-10, rel=0.2)


def test_bad_arguments_raise():
    X = samples(12)
    with pytest.raises(ValueError, match="n_components is 6 but X has n_samples = 60 and n_features = 5"):
        PCA(6).fit(X)
    with pytest.raises(ValueError, match=r"n_components is 1\.5; as a float it is the share of variance"):
        PCA(1.5).fit(X)
    with pytest.raises(ValueError, match="svd_solver is 'qr'"):
        PCA(svd_solver="qr").fit(X)
    with pytest.raises(ShapeError, match="n_samples = 1; a variance needs at least 2"):
        PCA().fit(X[:1])
    with pytest.raises(NotFittedError):
        PCA().transform(X)
