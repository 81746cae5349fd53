"""Eight bits: symmetric about zero, and never off by more than half a step."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mlref.autodiff import Tensor
from mlref.efficiency import QuantizedLinear, dequantize, quantize_int8, quantize_layers
from mlref.errors import NotFiniteError
from mlref.nn import MLP, Linear


def test_weights_are_rounded_as_torch_rounds_them():
    W = np.random.default_rng(0).normal(size=(6, 5)).astype(np.float32)
    q, scale = quantize_int8(W)
    oracle = torch.fake_quantize_per_tensor_affine(torch.tensor(W), float(scale), 0, -127, 127)
    np.testing.assert_allclose(dequantize(q, scale), oracle, rtol=1e-6)


def test_every_array_library_rounds_alike(xp_backend):
    W = np.random.default_rng(1).normal(size=(6, 5))
    q, scale = quantize_int8(xp_backend.asarray(W), axis=1)
    expected, expected_scale = quantize_int8(W, axis=1)
    xp_backend.check(q, expected)
    xp_backend.check(scale, expected_scale)
    xp_backend.check(dequantize(q, scale), dequantize(expected, expected_scale))


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), exponent=st.integers(-30, 30))
def test_no_weight_moves_by_more_than_half_a_step(seed, exponent):
    W = np.random.default_rng(seed).normal(size=(4, 3)) * 10.0**exponent
    for axis in (None, 0, 1):
        q, scale = quantize_int8(W, axis)
        assert np.all(np.abs(dequantize(q, scale) - W) <= scale / 2 * (1 + 1e-9))
        assert np.max(np.abs(q.astype(int))) == 127


def test_signs_are_treated_alike():
    W = np.random.default_rng(2).normal(size=100)
    W[0] = -5.0
    q, _ = quantize_int8(W)
    assert np.array_equal(quantize_int8(-W)[0], -q)
    assert q.min() == -127


def test_a_scale_for_each_row_is_finer():
    W = np.array([[1.0, -0.5], [100.0, 50.0]])
    q, scale = quantize_int8(W, axis=1)
    assert scale.shape == (2, 1)
    for i in range(2):
        alone, alone_scale = quantize_int8(W[i])
        assert np.array_equal(q[i], alone)
        assert scale[i, 0] == alone_scale


def test_zeros_stay_zeros():
    q, scale = quantize_int8(np.zeros((2, 2)))
    assert not np.any(q)
    assert scale == 1
    assert not np.any(dequantize(q, scale))


def test_the_smallest_numbers_that_there_are():
    tiny = 5e-324
    q, scale = quantize_int8(np.array([180 * tiny, -180 * tiny]))
    assert q.tolist() == [127, -127]
    q, scale = quantize_int8(np.array([tiny]))
    assert q.tolist() == [0]
    assert scale == 1


def test_types():
    q, scale = quantize_int8(np.ones(3, dtype=np.float32))
    assert q.dtype == np.int8
    assert scale.dtype == dequantize(q, scale).dtype == np.float32


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_not_finite_is_refused(value):
    with pytest.raises(NotFiniteError, match="W contains NaN or infinity"):
        quantize_int8(np.array([1.0, value]))


@pytest.mark.parametrize("bias", [True, False])
def test_a_layer_in_eight_bits_computes_about_the_same(bias):
    layer = Linear(20, 30, bias, rng=np.random.default_rng(3))
    small = QuantizedLinear(layer)
    x = np.random.default_rng(4).normal(size=(50, 20))
    error = np.abs(small(x) - layer(x).data)
    assert np.all(error <= np.abs(x).sum(axis=1, keepdims=True) * small.scale.T / 2 + 1e-12)
    assert np.array_equal(small.bias, layer.bias.data if bias else np.zeros(30))
    assert small.q.nbytes == layer.weight.data.astype(np.float32).nbytes / 4
    assert small.parameters() == []


def test_gradients_still_reach_what_lies_before():
    small = QuantizedLinear(Linear(3, 2, rng=np.random.default_rng(5)))
    x = Tensor(np.ones((1, 3)))
    small(x).sum().backward()
    np.testing.assert_allclose(x.grad[0], dequantize(small.q, small.scale).sum(axis=0))


def test_a_whole_network_moves_little_and_keeps_its_precision():
    model = MLP([8, 32, 3], rng=np.random.default_rng(6)).to(np.float32(0))
    x = np.random.default_rng(7).normal(size=(40, 8)).astype(np.float32)
    before = model(x).data
    after = quantize_layers(model)(Tensor(x)).data
    assert after.dtype == np.float32
    assert not np.array_equal(after, before)
    assert np.linalg.norm(after - before) < 0.02 * np.linalg.norm(before)
