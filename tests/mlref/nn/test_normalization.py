"""Batch norm, layer norm and dropout."""

import numpy as np
import pytest
import torch

from mlref.arrays import to_numpy
from mlref.autodiff import Tensor, check_gradient
from mlref.errors import ShapeError
from mlref.nn import BatchNorm1d, Dropout, LayerNorm
from mlref.nn.dropout import dropout, dropout_weights
from mlref.nn.functional import batch_norm, layer_norm
from mlref.nn.normalization import standardize, standardize_backward

RNG = np.random.default_rng(0)
ROWS, CUBE = RNG.normal(2.0, 3.0, size=(6, 4)), RNG.normal(2.0, 3.0, size=(5, 4, 3))
WEIGHT, BIAS = RNG.normal(size=4), RNG.normal(size=4)


def through(function, arrays, make=np.asarray):
    """What a function of tensors gives, and the gradients for a random upstream one."""
    tensors = [Tensor(make(array)) for array in arrays]
    y = function(*tensors)
    y.backward(make(np.random.default_rng(9).normal(size=tuple(y.shape))))
    return y, [tensor.grad for tensor in tensors]


def through_torch(function, arrays):
    leaves = [torch.tensor(array, requires_grad=True) for array in arrays]
    y = function(*leaves)
    y.backward(torch.tensor(np.random.default_rng(9).normal(size=tuple(y.shape))))
    return y.detach().numpy(), [leaf.grad.numpy() for leaf in leaves]


CASES = {
    "layer norm": (
        layer_norm,
        ROWS,
        lambda x, w, b: torch.nn.functional.layer_norm(x, (4,), w, b),
    ),
    "layer norm of sequences": (
        layer_norm,
        np.moveaxis(CUBE, 1, 2),
        lambda x, w, b: torch.nn.functional.layer_norm(x, (4,), w, b),
    ),
    "batch norm": (
        lambda x, w, b: batch_norm(x, w, b)[0],
        ROWS,
        lambda x, w, b: torch.nn.functional.batch_norm(x, None, None, w, b, training=True),
    ),
    "batch norm of sequences": (
        lambda x, w, b: batch_norm(x, w, b)[0],
        CUBE,
        lambda x, w, b: torch.nn.functional.batch_norm(x, None, None, w, b, training=True),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_values_and_gradients_match_torch_on_every_library(name, xp_backend):
    ours, x, theirs = CASES[name]
    y, gradients = through(ours, (x, WEIGHT, BIAS), xp_backend.asarray)
    expected, their_gradients = through_torch(theirs, (x, WEIGHT, BIAS))
    xp_backend.check(y.data, expected, rtol=1e-10)
    for gradient, reference in zip(gradients, their_gradients, strict=True):
        xp_backend.check(gradient, reference, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("name", CASES)
def test_gradients_pass_the_gradient_check(name):
    ours, x, _ = CASES[name]
    params = {"x": x, "weight": WEIGHT, "bias": BIAS}
    _, gradients = through(ours, params.values())
    upstream = np.random.default_rng(9).normal(size=x.shape)
    report = check_gradient(
        lambda p: float((ours(*map(Tensor, p.values())).data * upstream).sum()),
        params,
        dict(zip(params, gradients, strict=True)),
    )
    assert report.verdict == "ok", report.message


@pytest.mark.parametrize("axis", [0, 1, -1, (0, 1)])
def test_standardised_arrays_have_mean_zero_and_variance_one(axis):
    normalized, mean, variance = standardize(ROWS, axis, eps=0.0)
    np.testing.assert_allclose(normalized.mean(axis), 0, atol=1e-14)
    np.testing.assert_allclose(normalized.var(axis), 1, rtol=1e-12)
    np.testing.assert_allclose(mean, ROWS.mean(axis, keepdims=True))
    np.testing.assert_allclose(variance, ROWS.var(axis, keepdims=True))


def test_no_gradient_flows_along_a_shift_or_a_stretch():
    normalized, _, variance = standardize(ROWS, -1, eps=0.0)
    upstream = np.random.default_rng(0).normal(size=ROWS.shape)
    dx = standardize_backward(upstream, normalized, variance, -1, eps=0.0)
    np.testing.assert_allclose(dx.sum(-1), 0, atol=1e-13)
    np.testing.assert_allclose((dx * ROWS).sum(-1), 0, atol=1e-12)


def test_a_constant_becomes_zero():
    np.testing.assert_array_equal(standardize(np.full((3, 2), 7.0), 0)[0], 0.0)


@pytest.mark.parametrize("x", [ROWS, CUBE], ids=["rows", "sequences"])
def test_batch_norm_trains_and_predicts_as_torch(xp_backend, x):
    layer = BatchNorm1d(4).to(xp_backend.asarray(np.zeros(1)))
    theirs = torch.nn.BatchNorm1d(4).double()
    for scale in (1.0, 2.0, 3.0):
        y = layer(Tensor(xp_backend.asarray(scale * x)))
        expected = theirs(torch.tensor(scale * x))
        xp_backend.check(y.data, expected.detach().numpy(), rtol=1e-9, atol=1e-11)
    xp_backend.check(layer.running_mean, theirs.running_mean.numpy(), rtol=1e-9)
    xp_backend.check(layer.running_var, theirs.running_var.numpy(), rtol=1e-9)
    before = to_numpy(layer.running_mean).copy()
    y = layer.eval()(Tensor(xp_backend.asarray(x)))
    xp_backend.check(y.data, theirs.eval()(torch.tensor(x)).detach().numpy(), rtol=1e-9, atol=1e-11)
    np.testing.assert_array_equal(to_numpy(layer.running_mean), before)


def test_in_evaluation_a_row_does_not_depend_on_the_others():
    layer = BatchNorm1d(4)
    layer(Tensor(ROWS))
    layer.eval()
    np.testing.assert_allclose(layer(Tensor(ROWS[:1])).data, layer(Tensor(ROWS)).data[:1], rtol=1e-14)


def test_the_gradient_in_evaluation_passes_the_check():
    layer = BatchNorm1d(4)
    layer(Tensor(ROWS))
    layer.eval()
    upstream = np.random.default_rng(9).normal(size=ROWS.shape)
    x = Tensor(ROWS)
    layer(x).backward(upstream)
    report = check_gradient(
        lambda p: float((layer(Tensor(p["x"])).data * upstream).sum()), {"x": ROWS}, {"x": x.grad}
    )
    assert report.verdict == "ok", report.message


def test_float32_stays_float32():
    for layer in (BatchNorm1d(4), LayerNorm(4)):
        layer.to(np.zeros(1, dtype=np.float32))
        for mode in (True, False):
            layer.train(mode).zero_grad()
            y = layer(Tensor(ROWS.astype(np.float32)))
            y.sum().backward()
            assert y.data.dtype == layer.weight.grad.dtype == layer.bias.grad.dtype == np.float32
        assert all(array.dtype == np.float32 for array in layer.state_dict().values())


def test_running_averages_are_state_and_not_parameters():
    layer = BatchNorm1d(4)
    assert [name for name, _ in layer.named_parameters()] == ["weight", "bias"]
    assert list(layer.state_dict()) == ["weight", "bias", "running_mean", "running_var"]


def test_a_batch_of_one_row_is_refused_in_training_as_in_torch():
    with pytest.raises(ShapeError, match="at least two values of each feature"):
        BatchNorm1d(4)(Tensor(ROWS[:1]))
    assert BatchNorm1d(4)(Tensor(CUBE[:1])).shape == (1, 4, 3)
    assert BatchNorm1d(4).eval()(Tensor(ROWS[:1])).shape == (1, 4)


# Dropout --------------------------------------------------------------------------------------------------


def test_dropout_keeps_the_mean_and_drops_the_share():
    x = np.ones((200, 300))
    y = dropout(Tensor(x), 0.3, np.random.default_rng(0)).data
    assert set(np.unique(y)) == {0.0, 1 / 0.7}
    assert np.mean(y == 0) == pytest.approx(0.3, abs=4 * np.sqrt(0.21 / y.size))
    assert y.mean() == pytest.approx(1.0, abs=0.02)


def test_the_gradient_passes_where_the_value_passed(xp_backend):
    x = Tensor(xp_backend.asarray(ROWS))
    y = dropout(x, 0.5, np.random.default_rng(0))
    y.sum().backward()
    weights = dropout_weights(ROWS, 0.5, np.random.default_rng(0))
    xp_backend.check(x.grad, weights)
    xp_backend.check(y.data, ROWS * weights)


def test_each_call_draws_anew_and_evaluation_draws_nothing():
    layer = Dropout(0.5, rng=np.random.default_rng(0))
    x = Tensor(np.ones(100))
    assert (layer(x).data != layer(x).data).any()
    state = layer.rng.bit_generator.state
    assert layer.eval()(x) is x
    assert layer.rng.bit_generator.state == state
    assert dropout(x, 0.0, layer.rng) is x


def test_torch_draws_on_its_own_device():
    x = torch.ones((100, 10), dtype=torch.float32)
    weights = dropout_weights(x, 0.25, torch.Generator().manual_seed(0))
    assert weights.dtype == torch.float32
    assert weights.mean().item() == pytest.approx(1.0, abs=0.1)


def test_float32_and_bad_probabilities():
    assert dropout_weights(ROWS.astype(np.float32), 0.5, np.random.default_rng(0)).dtype == np.float32
    assert (dropout_weights(ROWS, 0.0, np.random.default_rng(0)) == 1.0).all()
    for p in (-0.1, 1.0):
        with pytest.raises(ValueError, match="probability to drop"):
            dropout_weights(ROWS, p, np.random.default_rng(0))
