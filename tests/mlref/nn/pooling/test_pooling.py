"""Pooling: maxima and means of windows."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from mlref.arrays import to_numpy
from mlref.autodiff import Tensor, check_gradient
from mlref.errors import ShapeError
from mlref.nn.pooling import (
    AvgPool2d,
    Flatten,
    GlobalAvgPool2d,
    MaxPool2d,
    avg_pool2d,
    avg_pool2d_backward,
    global_avg_pool2d,
    max_pool2d,
    max_pool2d_backward,
)

# kernel_size, stride, padding
SETTINGS = {
    "side by side": (2, None, 0),
    "leftover rows and columns": (3, None, 0),
    "overlapping": (3, 1, 0),
    "padded": (3, 2, 1),
    "different along rows and columns": ((3, 2), (1, 2), (1, 0)),
}
IMAGES = np.random.default_rng(0).normal(size=(2, 3, 7, 8)) - 3.0


@pytest.mark.parametrize("how", SETTINGS.values(), ids=SETTINGS)
@pytest.mark.parametrize("kind", ["max", "avg"])
def test_values_and_gradients_match_torch(kind, how, xp_backend):
    layer, oracle = {
        "max": (MaxPool2d(*how), functional.max_pool2d),
        "avg": (AvgPool2d(*how), functional.avg_pool2d),
    }[kind]
    theirs = torch.tensor(IMAGES, requires_grad=True)
    expected = oracle(theirs, *how)
    upstream = np.random.default_rng(1).normal(size=tuple(expected.shape))
    expected.backward(torch.tensor(upstream))
    x = Tensor(xp_backend.asarray(IMAGES))
    y = layer(x)
    xp_backend.check(y.data, expected.detach().numpy())
    y.backward(xp_backend.asarray(upstream))
    xp_backend.check(x.grad, theirs.grad.numpy())


@pytest.mark.parametrize("how", SETTINGS.values(), ids=SETTINGS)
def test_array_functions_give_the_numbers_of_the_layers(how, xp_backend):
    x = Tensor(xp_backend.asarray(IMAGES))
    for layer, forward in ((MaxPool2d(*how), max_pool2d), (AvgPool2d(*how), avg_pool2d)):
        x.grad = None
        result = layer(x)
        result.backward(result.data)
        y = forward(x.data, *how)
        if forward is max_pool2d:
            dx = max_pool2d_backward(y, x.data, y, *how)
        else:
            dx = avg_pool2d_backward(y, x.data, *how)
        xp_backend.check(y, to_numpy(result.data))
        xp_backend.check(dx, to_numpy(x.grad))


@pytest.mark.parametrize("how", SETTINGS.values(), ids=SETTINGS)
@pytest.mark.parametrize("kind", [MaxPool2d, AvgPool2d])
def test_gradients_pass_the_gradient_check(kind, how):
    x = Tensor(IMAGES)
    (kind(*how)(x) ** 2).sum().backward()
    report = check_gradient(
        lambda params: float((kind(*how)(params["x"]) ** 2).sum().data), {"x": IMAGES}, {"x": x.grad}
    )
    assert report.verdict == "ok", report.message


def test_of_equal_numbers_the_first_gets_the_gradient(xp_backend):
    x = Tensor(xp_backend.asarray([[[[1.0, 7.0, 7.0], [7.0, 0.0, 7.0]]]]))
    MaxPool2d((2, 3))(x).backward(xp_backend.asarray([[[[5.0]]]]))
    xp_backend.check(x.grad, [[[[0, 5, 0], [0, 0, 0]]]])


def test_the_largest_of_several_windows_gets_the_sum(xp_backend):
    x = Tensor(xp_backend.asarray([[[[1.0, 9.0, 2.0]]]]))
    MaxPool2d((1, 2), stride=1)(x).backward(xp_backend.asarray([[[[2.0, 3.0]]]]))
    xp_backend.check(x.grad, [[[[0, 5, 0]]]])


def test_padding_is_never_the_largest_but_counts_in_the_mean(xp_backend):
    x = xp_backend.asarray(np.full((1, 1, 2, 2), -4.0))
    xp_backend.check(max_pool2d(x, 2, 2, 1), np.full((1, 1, 2, 2), -4.0))
    xp_backend.check(avg_pool2d(x, 2, 2, 1), np.full((1, 1, 2, 2), -1.0))


def test_arguments_are_not_changed():
    x = IMAGES.copy()
    y = max_pool2d(x, 1)
    y += 1.0
    gradient = np.ones_like(x)
    max_pool2d_backward(gradient, x, max_pool2d(x, 1), 1)
    np.testing.assert_array_equal(x, IMAGES)
    assert np.all(gradient == 1.0)


def test_global_average_matches_the_mean(xp_backend):
    x = Tensor(xp_backend.asarray(IMAGES))
    y = GlobalAvgPool2d()(x)
    xp_backend.check(y.data, IMAGES.mean(axis=(2, 3)))
    xp_backend.check(global_avg_pool2d(x.data), IMAGES.mean(axis=(2, 3)))
    (y * y).sum().backward()
    expected = np.broadcast_to(2 * IMAGES.mean(axis=(2, 3), keepdims=True) / 56, IMAGES.shape)
    xp_backend.check(x.grad, expected)


def test_flatten_goes_through_channels_rows_columns(xp_backend):
    x = Tensor(xp_backend.asarray(IMAGES))
    y = Flatten()(x)
    xp_backend.check(y.data, IMAGES.reshape(2, -1))
    assert float(y.data[1, 8]) == IMAGES[1, 0, 1, 0]
    (y * y).sum().backward()
    xp_backend.check(x.grad, 2 * IMAGES)
    xp_backend.check(Flatten()(x.data).data, IMAGES.reshape(2, -1))


@pytest.mark.parametrize("pool", [max_pool2d, avg_pool2d])
@pytest.mark.parametrize("make", [np.zeros, torch.zeros])
def test_windows_that_do_not_fit_are_refused(pool, make):
    with pytest.raises(ShapeError, match="the kernel covers 4 elements but an axis has 3"):
        pool(make((1, 1, 3, 5)), 4)
    with pytest.raises(ShapeError, match=r"x has shape \(3, 5\); it must be \(n_images, channels, height"):
        pool(make((3, 5)), 2)
    with pytest.raises(ValueError, match="at most half of kernel_size"):
        pool(make((1, 1, 3, 5)), 2, padding=2)
    with pytest.raises(ValueError, match="stride is"):
        pool(make((1, 1, 3, 5)), 2, stride=0)
