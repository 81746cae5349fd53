"""Golden numbers of convolution, each with a twin that shows a flipped kernel."""

import numpy as np
import pytest
import torch

from mlref.arrays import to_numpy
from mlref.autodiff import Tensor
from mlref.nn import Linear, Sequential, count_parameters
from mlref.nn.conv import Conv2d, conv2d, conv_output_shape, conv_parameter_count, convolve, correlate
from mlref.nn.pooling import GlobalAvgPool2d, MaxPool2d

IMAGE = np.array([[1, 0, 1, 1, 0], [1, 0, 0, 1, 1], [0, 1, 0, 0, 0], [1, 0, 0, 0, 1], [0, 1, 0, 1, 0]], float)
libraries = pytest.mark.parametrize(
    "make", [np.asarray, lambda values: torch.tensor(values, dtype=torch.float64)], ids=["numpy", "torch"]
)


def assert_equal(result, expected):
    np.testing.assert_array_equal(to_numpy(result), expected)


@libraries
def test_g14_the_filter_0_1_0_copies_the_middle(make):
    x, w = make([2.0, 5, 0, 1, 3]), make([0.0, 1, 0])
    for slide in (correlate, convolve):
        assert_equal(slide(x, w), [5, 0, 1])
        assert_equal(slide(x, w, mode="full"), [0, 2, 5, 0, 1, 3, 0])


@libraries
def test_g14_twin_a_filter_that_is_not_symmetric(make):
    x, w = make([2.0, 5, 0, 1, 3]), make([1.0, 0, -1])
    assert_equal(correlate(x, w), [2, 4, -3])
    assert_equal(convolve(x, w), [-2, -4, 3])


@libraries
def test_g15_a_kernel_of_5_in_the_centre(make):
    x, w = make(IMAGE), make([[0.0, 0, 0], [0, 5, 0], [0, 0, 0]])
    for slide in (correlate, convolve):
        assert_equal(slide(x, w), [[0, 0, 5], [5, 0, 0], [0, 0, 0]])


@libraries
def test_g15_twin_a_kernel_that_is_not_symmetric(make):
    x, w = make(IMAGE), make([[0.0, 0, 2], [3, -3, -2], [2, 3, -2]])
    assert_equal(correlate(x, w), [[8, 2, -5], [-1, 5, 0], [6, 0, 1]])
    assert_equal(convolve(x, w), [[-2, 10, 1], [-3, 0, 5], [1, 0, 3]])
    # What networks call a convolution is the correlation.
    networks = conv2d(x[None, None, :, :], w[None, None, :, :])
    assert_equal(networks[0, 0, :, :], [[8, 2, -5], [-1, 5, 0], [6, 0, 1]])


def test_g34_sizes_and_parameters_of_a_network_for_images_of_32_by_32():
    rng = np.random.default_rng(0)
    network = Sequential(
        *(Conv2d(3, 6, 3, rng=rng), MaxPool2d(2)),
        *(Conv2d(6, 16, 3, rng=rng), MaxPool2d(2)),
        *(Conv2d(16, 32, 3, rng=rng), MaxPool2d(2)),
        *(GlobalAvgPool2d(), Linear(32, 10, rng=rng)),
    )
    x, sizes = Tensor(np.zeros((1, 3, 32, 32))), [32]
    for layer in network.layers[:6]:
        x = layer(x)
        sizes.append(x.shape[2])
    assert sizes == [32, 30, 15, 13, 6, 4, 2]
    assert network(np.zeros((1, 3, 32, 32))).shape == (1, 10)
    counts = [count_parameters(layer) for layer in network.layers if count_parameters(layer)]
    assert counts == [168, 880, 4640, 330]
    assert count_parameters(network) == 6018


def test_g34_by_formula():
    n, sizes = 32, [32]
    for _ in range(3):
        for kernel_size, stride in ((3, 1), (2, 2)):
            (n,) = conv_output_shape(n, kernel_size, stride)
            sizes.append(n)
    assert sizes == [32, 30, 15, 13, 6, 4, 2]
    channels = [(3, 6), (6, 16), (16, 32)]
    assert [conv_parameter_count(*pair, (3, 3)) for pair in channels] == [168, 880, 4640]
