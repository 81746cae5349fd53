"""Golden numbers of principal components, clusters and time series."""

import math

import numpy as np
import pytest

from mlref.cluster import KMeans
from mlref.datasets import load_digits, load_iris, load_sunspots
from mlref.decomposition import PCA, power_iteration
from mlref.metrics import silhouette_score
from mlref.time_series import AutoReg

ROOT = math.sqrt(45)
G19 = {
    "diagonal": ([[1.0, 0.0], [0.0, 7.0]], [7.0, 1.0], [[0.0, 1.0], [1.0, 0.0]]),
    "diagonal, swapped": ([[7.0, 0.0], [0.0, 1.0]], [7.0, 1.0], [[1.0, 0.0], [0.0, 1.0]]),
    "rising": (
        [[4.0, 3.0], [3.0, 7.0]],
        [(11 + ROOT) / 2, (11 - ROOT) / 2],
        [[0.525731, 0.850651], [0.850651, -0.525731]],
    ),
    "falling": (
        [[4.0, -3.0], [-3.0, 7.0]],
        [(11 + ROOT) / 2, (11 - ROOT) / 2],
        [[-0.525731, 0.850651], [0.850651, 0.525731]],
    ),
}


def samples_with_covariance(C):
    """Four samples whose covariance is exactly C, with mean (1, -2)."""
    factor = np.linalg.cholesky(np.array(C))
    square = np.array([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]]) * math.sqrt(3 / 4)
    return square @ factor.T + [1.0, -2.0]


@pytest.mark.parametrize("name", G19)
@pytest.mark.parametrize("svd_solver", ["covariance_eigh", "full"])
def test_g19_eigenvalues_and_vectors_sorted(name, svd_solver):
    """The slide prints them in the order of a general solver and truncated: 8.854102 is not 8.8."""
    C, variances, components = G19[name]
    model = PCA(svd_solver=svd_solver).fit(samples_with_covariance(C))
    np.testing.assert_allclose(model.explained_variance_, variances, rtol=1e-9)
    np.testing.assert_allclose(model.components_, components, atol=5e-7)


def test_g19_variance_explained_by_the_first_component():
    model = PCA(1).fit(samples_with_covariance(G19["rising"][0]))
    assert model.explained_variance_ratio_[0] == pytest.approx(0.804918, abs=5e-7)


def test_g19_power_iteration():
    value, vector = power_iteration(np.array(G19["falling"][0]), np.random.default_rng(0))
    assert value == pytest.approx(8.854102, abs=5e-7)
    np.testing.assert_allclose(np.abs(vector), [0.525731, 0.850651], atol=5e-7)


def test_a10_silhouette_of_k_means_on_iris():
    X, _ = load_iris()
    labels = KMeans(3, n_init=5, random_state=0).fit(X).labels_
    assert silhouette_score(X, labels) == pytest.approx(0.553, abs=5e-4)


def test_a10_components_of_the_digits():
    X, _ = load_digits()
    assert [PCA(share).fit(X).n_components_ for share in (0.90, 0.95)] == [21, 29]


def test_a11_autoregression_of_the_sunspots():
    """Fitted to 240 years, one step ahead in the 69 after."""
    _, y = load_sunspots()

    def rmse(lags):
        errors = AutoReg(lags).fit(y[:240]).predict(y) - y[lags:]
        return math.sqrt(np.mean(errors[240 - lags :] ** 2))

    assert rmse(9) == pytest.approx(19.0, abs=0.1)
    assert rmse(1) == pytest.approx(31.4, abs=0.1)
    assert math.sqrt(np.mean(np.diff(y)[239:] ** 2)) == pytest.approx(32.8, abs=0.1)
