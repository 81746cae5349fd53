"""Convolution: three implementations, one definition."""

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mlref.arrays import to_numpy
from mlref.autodiff import check_gradient
from mlref.errors import ShapeError
from mlref.nn.conv import (
    conv1d,
    conv1d_backward,
    conv2d,
    conv2d_backward,
    conv2d_backward_loops,
    conv2d_im2col,
    conv2d_input_im2col,
    conv2d_loops,
    conv2d_weight_im2col,
)

# stride, padding, dilation, groups
SETTINGS = {
    "plain": (1, 0, 1, 1),
    "padded": (1, 1, 1, 1),
    "leftover columns": (2, 0, 1, 1),
    "different along rows and columns": ((2, 3), (0, 2), (2, 1), 1),
    "two groups": (1, 1, 1, 2),
    "each channel by itself": (2, 1, 2, 4),
}


def arrays(groups=1, seed=0, kernel=(3, 2)):
    rng = np.random.default_rng(seed)
    x, w, b = (rng.normal(size=s) for s in ((3, 4, 8, 11), (8, 4 // groups, *kernel), (8,)))
    return x, w, b


@pytest.mark.parametrize("name", SETTINGS)
def test_values_and_gradients_match_torch_on_every_library(name, xp_backend):
    how = SETTINGS[name]
    theirs = [torch.tensor(array, requires_grad=True) for array in arrays(how[-1])]
    expected = torch.conv2d(*theirs, *how)
    upstream = np.random.default_rng(1).normal(size=tuple(expected.shape))
    expected.backward(torch.tensor(upstream))

    x, w, b = (xp_backend.asarray(array) for array in arrays(how[-1]))
    xp_backend.check(conv2d(x, w, b, *how), expected.detach().numpy())
    gradients = conv2d_backward(xp_backend.asarray(upstream), x, w, *how)
    for gradient, tensor in zip(gradients, theirs, strict=True):
        xp_backend.check(gradient, tensor.grad.numpy(), atol=1e-11)


@pytest.mark.parametrize("name", SETTINGS)
def test_the_three_implementations_give_the_same_numbers(name):
    how = SETTINGS[name]
    x, w, b = arrays(how[-1])
    y = conv2d_loops(x, w, b, *how)
    upstream = np.random.default_rng(1).normal(size=y.shape)
    by_definition = (y, *conv2d_backward_loops(upstream, x, w, *how))
    for library in (np.asarray, torch.asarray):
        x, w, b, g = (library(array) for array in (*arrays(how[-1]), upstream))
        fast = (conv2d(x, w, b, *how), *conv2d_backward(g, x, w, *how))
        columns = (
            conv2d_im2col(x, w, b, *how),
            conv2d_input_im2col(g, w, tuple(x.shape), *how),
            conv2d_weight_im2col(g, x, tuple(w.shape), *how),
        )
        for result, expected in zip((*fast, *columns), (*by_definition, *by_definition[:3]), strict=True):
            np.testing.assert_allclose(to_numpy(result), expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", SETTINGS)
def test_gradients_pass_the_gradient_check(name):
    how = SETTINGS[name]
    x, w, b = arrays(how[-1], seed=2)
    upstream = np.random.default_rng(3).normal(size=conv2d(x, w, b, *how).shape)
    dx, dw, db = conv2d_backward(upstream, x, w, *how)

    def f(params):
        return float(np.sum(conv2d(params["x"], params["w"], params["b"], *how) * upstream))

    report = check_gradient(f, {"x": x, "w": w, "b": b}, {"x": dx, "w": dw, "b": db})
    assert report.verdict == "ok", report.message


@st.composite
def geometries(draw):
    pairs = st.tuples(st.integers(1, 3), st.integers(1, 3))
    kernel, stride, dilation = draw(pairs), draw(pairs), draw(pairs)
    padding = draw(st.tuples(st.integers(0, 2), st.integers(0, 2)))
    size = tuple(
        draw(st.integers(max(1, d * (k - 1) + 1 - 2 * p), 9))
        for k, d, p in zip(kernel, dilation, padding, strict=True)
    )
    groups = draw(st.sampled_from([1, 2]))
    return size, kernel, (stride, padding, dilation, groups)


@given(geometries())
@settings(max_examples=40, deadline=None, derandomize=True)
def test_backward_is_the_transpose_of_forward(geometry):
    """<conv(x, w), g> = <x, dx(g)> = <w, dw(g)> for every x, w and g"""
    size, kernel, how = geometry
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(2, 2, *size)), rng.normal(size=(4, 2 // how[-1], *kernel))
    y = conv2d(x, w, None, *how)
    g = rng.normal(size=y.shape)
    dx, dw, _ = conv2d_backward(g, x, w, *how)
    assert np.sum(x * dx) == pytest.approx(np.sum(y * g), rel=1e-10, abs=1e-10)
    assert np.sum(w * dw) == pytest.approx(np.sum(y * g), rel=1e-10, abs=1e-10)


def test_convolution_is_linear_in_images_and_kernels():
    x, w, _ = arrays()
    other_x, other_w, _ = arrays(seed=5)
    np.testing.assert_allclose(conv2d(x + 2 * other_x, w), conv2d(x, w) + 2 * conv2d(other_x, w), atol=1e-12)
    np.testing.assert_allclose(conv2d(x, w - other_w), conv2d(x, w) - conv2d(x, other_w), atol=1e-12)


def test_a_shifted_image_has_a_shifted_response():
    x, w, _ = arrays()
    shifted = np.roll(x, (1, 2), axis=(2, 3))
    np.testing.assert_allclose(conv2d(shifted, w)[:, :, 1:, 2:], conv2d(x, w)[:, :, :-1, :-2], atol=1e-12)


def test_many_small_blocks_give_the_numbers_of_one_large(monkeypatch):
    x, w, b = arrays()
    y = conv2d(x, w, b, padding=1)
    gradients = conv2d_backward(y, x, w, padding=1)
    monkeypatch.setattr("mlref.nn.conv.columns.BLOCK", 1)
    np.testing.assert_allclose(conv2d(x, w, b, padding=1), y, rtol=1e-13)
    for again, gradient in zip(conv2d_backward(y, x, w, padding=1), gradients, strict=True):
        np.testing.assert_allclose(again, gradient, rtol=1e-12, atol=1e-12)


def test_peak_memory_does_not_grow_with_nine_copies_of_all_images():
    import tracemalloc

    x = np.ones((64, 8, 32, 32), dtype=np.float32)
    w = np.ones((8, 8, 3, 3), dtype=np.float32)
    tracemalloc.start()
    y = conv2d(x, w, padding=1)
    conv2d_backward(y, x, w, padding=1)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # y, dx and blocks of 2 MB, a few at a time; the columns of all images would take 19 MB more.
    assert peak < 2 * x.nbytes + 8 * 2**20 < 9 * x.nbytes


@pytest.mark.parametrize("make", [np.asarray, torch.asarray])
def test_single_precision_stays_single(make):
    x, w, b = (make(array.astype(np.float32)) for array in arrays())
    y = conv2d(x, w, b)
    assert y.dtype == x.dtype
    assert all(gradient.dtype == x.dtype for gradient in conv2d_backward(y, x, w))


def test_images_of_whole_numbers_may_meet_kernels_of_floats():
    x, w, _ = arrays()
    whole = np.rint(10 * x).astype(np.int64)
    y = conv2d(whole, w)
    # A product's last digits depend on where its operands lie in memory.
    np.testing.assert_allclose(y, conv2d(whole.astype(np.float64), w), rtol=1e-12)
    for gradient, expected in zip(
        conv2d_backward(y, whole, w), conv2d_backward(y, whole.astype(np.float64), w), strict=True
    ):
        np.testing.assert_allclose(gradient, expected, rtol=1e-12)


def test_only_wanted_gradients_are_computed():
    x, w, b = arrays()
    y = conv2d(x, w, b)
    for library in (np.asarray, torch.asarray):
        for wanted in itertools.product((False, True), repeat=3):
            gradients = conv2d_backward(library(y), library(x), library(w), wanted=wanted)
            assert tuple(gradient is not None for gradient in gradients) == wanted


def test_no_images_give_no_images():
    x, w, b = np.zeros((0, 4, 8, 8)), np.zeros((2, 4, 3, 3)), np.zeros(2)
    assert conv2d(x, w, b).shape == (0, 2, 6, 6)
    dx, dw, db = conv2d_backward(np.zeros((0, 2, 6, 6)), x, w)
    assert (dx.shape, dw.sum(), db.sum()) == (x.shape, 0, 0)


@pytest.mark.parametrize(
    ("shapes", "words"),
    [
        (((3, 8, 8), (2, 3, 3, 3), (2,)), r"x has shape \(3, 8, 8\)"),
        (((1, 3, 8, 8), (3, 3, 3), (2,)), r"w has shape \(3, 3, 3\)"),
        (((1, 3, 8, 8), (2, 4, 3, 3), (2,)), "x has 3 channels"),
        (((1, 3, 8, 8), (2, 3, 3, 3), (3,)), r"b has shape \(3,\); it must be \(2,\)"),
        (((1, 3, 8, 8), (2, 3, 9, 3), (2,)), "the kernel covers 9 elements but an axis has 8"),
    ],
)
@pytest.mark.parametrize("make", [np.zeros, torch.zeros])
def test_arrays_that_do_not_belong_together_are_named(make, shapes, words):
    with pytest.raises(ShapeError, match=words):
        conv2d(*map(make, shapes))


@pytest.mark.parametrize("make", [np.zeros, torch.zeros])
@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"stride": 0}, "stride is 0"),
        ({"padding": -1}, "padding is -1"),
        ({"dilation": (1, 0)}, "dilation is"),
        ({"groups": 0}, "groups is 0"),
    ],
)
def test_settings_out_of_range_are_named(make, setting, words):
    with pytest.raises(ValueError, match=words):
        conv2d(make((1, 2, 8, 8)), make((2, 2, 3, 3)), **setting)


def test_a_gradient_of_another_shape_is_refused():
    with pytest.raises(ShapeError, match=r"gradient has shape \(1, 2, 6, 5\); conv2d returns \(1, 2, 6, 6\)"):
        conv2d_backward(np.zeros((1, 2, 6, 5)), np.zeros((1, 3, 8, 8)), np.zeros((2, 3, 3, 3)))


# Sequences -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", [(1, 0, 1, 1), (2, 3, 2, 2)])
def test_sequences_match_torch(how, xp_backend):
    rng = np.random.default_rng(0)
    inputs = [rng.normal(size=s) for s in ((3, 4, 12), (6, 4 // how[-1], 3), (6,))]
    theirs = [torch.tensor(array, requires_grad=True) for array in inputs]
    expected = torch.conv1d(*theirs, *how)
    upstream = rng.normal(size=tuple(expected.shape))
    expected.backward(torch.tensor(upstream))
    x, w, b = map(xp_backend.asarray, inputs)
    xp_backend.check(conv1d(x, w, b, *how), expected.detach().numpy())
    gradients = conv1d_backward(xp_backend.asarray(upstream), x, w, *how)
    for gradient, tensor in zip(gradients, theirs, strict=True):
        xp_backend.check(gradient, tensor.grad.numpy())
    assert conv1d_backward(xp_backend.asarray(upstream), x, w, *how, wanted=(False,) * 3) == (None,) * 3


def test_images_are_no_sequences():
    with pytest.raises(ShapeError, match="n_sequences, in_channels, length"):
        conv1d(np.zeros((2, 3, 8, 8)), np.zeros((2, 3, 3)))
