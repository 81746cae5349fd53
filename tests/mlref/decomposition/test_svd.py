"""Singular values."""

import numpy as np
import pytest
import sklearn.decomposition

from mlref.decomposition import TruncatedSVD, power_iteration, randomized_svd, truncated_svd
from mlref.errors import NotFittedError, ShapeError


def low_rank(seed, n=40, d=12, rank=4):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, rank)) @ rng.normal(size=(rank, d))


def test_power_iteration_equals_eigh(xp_backend):
    A = low_rank(0)
    A = A.T @ A
    value, vector = power_iteration(xp_backend.asarray(A), np.random.default_rng(0))
    values, vectors = np.linalg.eigh(A)
    assert value == pytest.approx(values[-1])
    xp_backend.check(
        vector * float(xp_backend.xp.sum(vector * xp_backend.asarray(vectors[:, -1]))),
        vectors[:, -1],
        rtol=1e-6,
        atol=1e-8,
    )


def test_truncation_is_the_best_approximation_of_its_rank(xp_backend):
    X = np.random.default_rng(1).normal(size=(9, 6))
    U, s, Vt = truncated_svd(xp_backend.asarray(X), 2)
    exact = np.linalg.svd(X, full_matrices=False)
    xp_backend.check(s, exact[1][:2])
    xp_backend.check(U * s @ Vt, exact[0][:, :2] * exact[1][:2] @ exact[2][:2], rtol=1e-9)
    assert np.sum((X - exact[0][:, :2] * exact[1][:2] @ exact[2][:2]) ** 2) == pytest.approx(
        np.sum(exact[1][2:] ** 2)
    )


@pytest.mark.parametrize("transposed", [False, True])
def test_the_randomised_algorithm_is_exact_at_the_true_rank(transposed, xp_backend):
    X = low_rank(2).T if transposed else low_rank(2)
    U, s, Vt = randomized_svd(xp_backend.asarray(X), 4, np.random.default_rng(0))
    xp_backend.check(U * s @ Vt, X, rtol=1e-9, atol=1e-9)
    xp_backend.check(s, np.linalg.svd(X, compute_uv=False)[:4], rtol=1e-9)


def test_the_randomised_values_are_close_and_never_too_large():
    X = np.random.default_rng(3).normal(size=(200, 80))
    _, s, _ = randomized_svd(X, 5, np.random.default_rng(0))
    exact = np.linalg.svd(X, compute_uv=False)[:5]
    assert np.all(s <= exact * (1 + 1e-12))
    np.testing.assert_allclose(s, exact, rtol=0.01)


@pytest.mark.parametrize("algorithm", ["exact", "randomized"])
def test_the_estimator_equals_scikit_learn(algorithm):
    X = low_rank(4)
    ours = TruncatedSVD(3, algorithm=algorithm, random_state=0).fit(X)
    theirs = sklearn.decomposition.TruncatedSVD(3, algorithm="arpack").fit(X)
    np.testing.assert_allclose(ours.components_, theirs.components_, atol=1e-8)
    np.testing.assert_allclose(ours.transform(X), theirs.transform(X), atol=1e-8)
    np.testing.assert_allclose(ours.singular_values_, theirs.singular_values_)
    codes = ours.transform(X)
    np.testing.assert_allclose(ours.inverse_transform(codes), theirs.inverse_transform(codes), atol=1e-8)


def test_bad_arguments_raise():
    with pytest.raises(ValueError, match="n_components is 4 but X has shape"):
        truncated_svd(np.ones((3, 5)), 4)
    with pytest.raises(ValueError, match="algorithm is 'fast'"):
        TruncatedSVD(1, algorithm="fast").fit(np.ones((2, 2)))
    with pytest.raises(ShapeError, match="A has shape"):
        power_iteration(np.ones(2), np.random.default_rng(0))
    with pytest.raises(NotFittedError):
        TruncatedSVD().transform(np.ones((2, 2)))
