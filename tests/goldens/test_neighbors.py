"""Golden number G31: weights of neighbours are divided by their sum."""

import numpy as np
import pytest

from mlref.neighbors import KNeighborsRegressor, gaussian_weights


def test_g31_without_the_division_two_equal_weights_double_the_prediction():
    X, y = np.array([[0.0], [2.0]]), np.array([3.0, 5.0])
    assert KNeighborsRegressor(2).fit(X, y).predict(np.array([[1.0]])).tolist() == [4.0]
    assert np.sum(np.ones(2) * y) == 2 * 4.0


def test_g31_twin_unequal_weights():
    """Distances 0, 1, 2, width 1, labels 1, 2, 4: kernel 1, 0.606531, 0.135335; prediction 1.581294."""
    weights = gaussian_weights(np.array([[0.0, 1.0, 2.0]]), 1.0)[0]
    np.testing.assert_allclose(weights / weights[0], [1, 0.606531, 0.135335], atol=5e-7)
    X, y = np.array([[0.0], [1.0], [2.0]]), np.array([1.0, 2.0, 4.0])
    model = KNeighborsRegressor(3, weights="gaussian", bandwidth=1.0).fit(X, y)
    assert model.predict(np.array([[0.0]]))[0] == pytest.approx(1.581294, abs=5e-7)
