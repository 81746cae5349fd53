"""Kernel weights."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mlref.errors import NotFiniteError, ShapeError
from mlref.neighbors import (
    epanechnikov_weights,
    gaussian_weights,
    triangular_weights,
)

KERNELS = [gaussian_weights, triangular_weights, epanechnikov_weights]
every_kernel = pytest.mark.parametrize("kernel", KERNELS, ids=lambda kernel: kernel.__name__)


def normal(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape)


def test_gaussian_weights_of_a_lecture_example():
    """Distances 0, 1, 2 and width 1: weights 1, 0.606531, 0.135335 before they are divided by their sum."""
    weights = gaussian_weights(np.array([[0.0, 1.0, 2.0]]), 1.0)
    np.testing.assert_allclose(weights[0] / weights[0, 0], [1, 0.606531, 0.135335], atol=5e-7)
    assert weights[0] @ [1, 2, 4] == pytest.approx(1.581294, abs=5e-7)


def test_far_gaussian_weights_do_not_underflow(xp_backend):
    weights = gaussian_weights(xp_backend.asarray([[50.0, 51.0], [1e6, 1e6]]), 1.0)
    xp_backend.check(weights, [[1.0, 0.0], [0.5, 0.5]], atol=1e-20)
    xp_backend.check(weights[:1, 1], [np.exp(-50.5)], rtol=1e-10, atol=0)


def test_compact_kernels_have_the_textbook_shape(xp_backend):
    distances = np.array([[0.0, 0.5, 1.0, 3.0]])
    triangular, epanechnikov = np.array([[1, 0.75, 0.5, 0.0]]), np.array([[1, 0.9375, 0.75, 0.0]])
    given = xp_backend.asarray(distances)
    xp_backend.check(triangular_weights(given, 2.0), triangular / triangular.sum())
    xp_backend.check(epanechnikov_weights(given, 2.0), epanechnikov / epanechnikov.sum())


@pytest.mark.parametrize("kernel", KERNELS[1:], ids=lambda kernel: kernel.__name__)
def test_a_row_beyond_the_bandwidth_goes_to_its_nearest(kernel, xp_backend):
    distances = xp_backend.asarray([[5.0, 3.0, 3.0], [1.0, 2.0, 4.0], [0.5, 9.0, 9.0]])
    expected = [[0.0, 0.5, 0.5], [1.0, 0.0, 0.0], [1.0, 0.0, 0.0]]
    # The kernel is zero at the bandwidth itself (second row).
    xp_backend.check(kernel(distances, 1.0), expected)


@every_kernel
@given(
    distances=hnp.arrays(
        np.float64, st.tuples(st.integers(1, 4), st.integers(1, 5)), elements=st.floats(0, 1e6)
    ),
    bandwidth=st.floats(1e-3, 1e6),
)
def test_weights_are_a_distribution_that_falls_with_distance(kernel, distances, bandwidth):
    weights = kernel(distances, bandwidth)
    assert np.all(weights >= 0)
    np.testing.assert_allclose(weights.sum(axis=1), 1, rtol=1e-12)
    for row, row_distances in zip(weights, distances, strict=True):
        assert np.all(np.diff(row[np.argsort(row_distances)]) <= 1e-12)


@every_kernel
def test_weights_depend_on_the_ratio_to_the_bandwidth_only(kernel):
    distances = np.abs(normal(5, 4, 6))
    np.testing.assert_allclose(kernel(distances, 0.8), kernel(1000 * distances, 800.0), rtol=1e-9)


@every_kernel
def test_bad_weight_arguments_raise(kernel):
    with pytest.raises(ShapeError, match="distances has shape"):
        kernel(np.ones(3), 1.0)
    with pytest.raises(ValueError, match="distances has negative entries"):
        kernel(np.array([[1.0, -1.0]]), 1.0)
    with pytest.raises(NotFiniteError, match="distances contains"):
        kernel(np.array([[1.0, np.inf]]), 1.0)
    for bandwidth in (0.0, -1.0, np.nan, np.inf):
        with pytest.raises(ValueError, match="bandwidth"):
            kernel(np.ones((1, 2)), bandwidth)
