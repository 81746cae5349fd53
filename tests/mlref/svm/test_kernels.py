"""Kernels."""

import numpy as np
import pytest
import sklearn.metrics.pairwise

from mlref.errors import ShapeError
from mlref.svm import kernel_matrix

OPTIONS = {
    "linear": {},
    "poly": {"gamma": 0.5, "degree": 4, "coef0": 1.0},
    "rbf": {"gamma": 0.3},
    "sigmoid": {"gamma": 0.2, "coef0": -0.5},
}
every_kernel = pytest.mark.parametrize("kernel", OPTIONS)


def normal(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape)


@every_kernel
def test_kernels_equal_scikit_learns(kernel, xp_backend):
    A, B = normal(0, 6, 3), normal(1, 4, 3)
    ours = kernel_matrix(xp_backend.asarray(A), xp_backend.asarray(B), kernel, **OPTIONS[kernel])
    xp_backend.check(ours, sklearn.metrics.pairwise.pairwise_kernels(A, B, metric=kernel, **OPTIONS[kernel]))


@pytest.mark.parametrize("kernel", ["linear", "poly", "rbf"])
def test_a_kernel_matrix_has_no_negative_eigenvalue(kernel):
    A = normal(2, 20, 3)
    K = kernel_matrix(A, A, kernel, **OPTIONS[kernel])
    np.testing.assert_allclose(K, K.T)
    assert np.linalg.eigvalsh(K).min() > -1e-9 * np.abs(K).max()


def test_rbf_of_a_point_with_itself_is_one_and_far_from_the_origin_nothing_changes():
    A = normal(3, 10, 2)
    K = kernel_matrix(A, A, gamma=2.0)
    np.testing.assert_allclose(np.diag(K), 1)
    assert np.all(K <= 1)
    np.testing.assert_allclose(kernel_matrix(A + 1e6, A + 1e6, gamma=2.0), K, atol=1e-8)


def test_poly_of_degree_two_is_a_product_of_the_squared_features():
    A, B = normal(4, 5, 2), normal(5, 3, 2)

    def features(X):
        x, y = X.T
        return np.stack([x * x, y * y, np.sqrt(2) * x * y], axis=1)

    np.testing.assert_allclose(kernel_matrix(A, B, "poly", degree=2), features(A) @ features(B).T)


def test_bad_arguments_raise():
    with pytest.raises(ValueError, match="kernel is 'gauss'; it must be one of 'linear'"):
        kernel_matrix(np.ones((2, 2)), np.ones((2, 2)), "gauss")
    with pytest.raises(ShapeError, match="A has 2 features but B has 3"):
        kernel_matrix(np.ones((2, 2)), np.ones((2, 3)))
