"""Correlation and convolution of one signal."""

import numpy as np
import pytest
from scipy import signal

from mlref.errors import ShapeError
from mlref.nn.conv import convolve, correlate


@pytest.mark.parametrize("mode", ["valid", "full"])
@pytest.mark.parametrize("shapes", [((9,), (4,)), ((6, 8), (3, 2))])
def test_correlation_and_convolution_match_scipy(mode, shapes, xp_backend):
    rng = np.random.default_rng(0)
    x, kernel = (rng.normal(size=shape) for shape in shapes)
    ours = xp_backend.asarray(x), xp_backend.asarray(kernel)
    xp_backend.check(correlate(*ours, mode), signal.correlate(x, kernel, mode, method="direct"))
    xp_backend.check(convolve(*ours, mode), signal.convolve(x, kernel, mode, method="direct"))


def test_convolution_multiplies_polynomials():
    rng = np.random.default_rng(1)
    p, q = rng.normal(size=4), rng.normal(size=7)
    np.testing.assert_allclose(convolve(p, q, "full"), np.polymul(p, q), rtol=1e-12)


def test_the_flip_shows_with_every_kernel_that_is_not_symmetric():
    x = np.arange(5.0)
    symmetric, slope = np.array([1.0, 2.0, 1.0]), np.array([1.0, 0.0, -1.0])
    np.testing.assert_array_equal(convolve(x, symmetric), correlate(x, symmetric))
    np.testing.assert_array_equal(convolve(x, slope), -correlate(x, slope))


def test_signals_of_different_dimension_and_unknown_modes_are_refused():
    with pytest.raises(ShapeError, match="both must be 1-D or both 2-D"):
        correlate(np.zeros(3), np.zeros((2, 2)))
    with pytest.raises(ValueError, match="mode is 'same'"):
        convolve(np.zeros(3), np.zeros(2), mode="same")
