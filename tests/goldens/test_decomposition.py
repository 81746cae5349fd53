"""Golden number G19: principal axes of 2 x 2 covariances, where the slides cut digits off."""

import numpy as np
import pytest

from mlref.decomposition import PCA, covariance_matrix, principal_components


def data_with_covariance(C):
    """Four rows whose covariance is C."""
    cross = np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
    X = np.sqrt(1.5) * cross @ np.linalg.cholesky(np.array(C, dtype=float)).T
    np.testing.assert_allclose(covariance_matrix(X), C, atol=1e-14)
    return X


LARGE, SMALL = 8.854102, 2.145898


@pytest.mark.parametrize(
    ("C", "variances", "axes"),
    [
        ([[1, 0], [0, 7]], [7, 1], [[0, 1], [1, 0]]),
        ([[7, 0], [0, 1]], [7, 1], [[1, 0], [0, 1]]),
        ([[4, 3], [3, 7]], [LARGE, SMALL], [[0.525731, 0.850651], [-0.850651, 0.525731]]),
        ([[4, -3], [-3, 7]], [LARGE, SMALL], [[-0.525731, 0.850651], [0.850651, 0.525731]]),
    ],
)
def test_g19_axes_and_variances_largest_first(C, variances, axes):
    components, found = principal_components(data_with_covariance(C))[:2]
    np.testing.assert_allclose(found, variances, atol=5e-7)
    # Rows, each up to its sign.
    np.testing.assert_allclose(np.abs(np.sum(components * axes, axis=1)), 1, atol=2e-6)


def test_g19_explained_variance():
    model = PCA(2).fit(data_with_covariance([[4, 3], [3, 7]]))
    assert model.explained_variance_ratio_[0] == pytest.approx(0.804918, abs=5e-7)
    assert pytest.approx((11 + np.sqrt(45)) / 2, abs=5e-7) == LARGE


def test_g19_twin_without_a_symmetric_pair():
    """[2 1; 1 5]: variances (7 +- sqrt 13)/2, first axis in the direction (1, (3 + sqrt 13)/2)."""
    components, variances = principal_components(data_with_covariance([[2, 1], [1, 5]]))[:2]
    np.testing.assert_allclose(variances, [(7 + np.sqrt(13)) / 2, (7 - np.sqrt(13)) / 2])
    assert components[0, 1] / components[0, 0] == pytest.approx((3 + np.sqrt(13)) / 2)
