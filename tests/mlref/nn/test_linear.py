"""Fully connected layer, multi-layer perceptron, and how weights are drawn."""

import numpy as np
import pytest
import torch

from mlref.autodiff import Tensor, check_gradient
from mlref.errors import ShapeError
from mlref.nn import MLP, Dropout, Linear, Sequential
from mlref.nn.functional import linear
from mlref.nn.init import fans, init, initial_weights


def arrays(shape, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=shape), rng.normal(size=(4, 3)), rng.normal(size=4)


@pytest.mark.parametrize("shape", [(5, 3), (3,), (2, 5, 3), (2, 1, 2, 3)])
@pytest.mark.parametrize("bias", [True, False])
def test_values_and_gradients_match_torch_on_every_library(xp_backend, shape, bias):
    values = arrays(shape)[: 3 if bias else 2]
    theirs = [torch.tensor(array, requires_grad=True) for array in values]
    expected = torch.nn.functional.linear(*theirs)
    upstream = np.random.default_rng(1).normal(size=tuple(expected.shape))
    expected.backward(torch.asarray(upstream))
    ours = [Tensor(xp_backend.asarray(array)) for array in values]
    y = linear(*ours)
    y.backward(xp_backend.asarray(upstream))
    xp_backend.check(y.data, expected.detach().numpy())
    for tensor, reference in zip(ours, theirs, strict=True):
        xp_backend.check(tensor.grad, reference.grad.numpy())


def test_gradients_pass_the_gradient_check():
    values = dict(zip("xWb", arrays((2, 5, 3)), strict=True))
    upstream = np.random.default_rng(1).normal(size=(2, 5, 4))
    tensors = {name: Tensor(array) for name, array in values.items()}
    (linear(*tensors.values()) * upstream).sum().backward()

    def f(params):
        return float((linear(*map(Tensor, params.values())).data * upstream).sum())

    report = check_gradient(f, values, {name: tensor.grad for name, tensor in tensors.items()})
    assert report.verdict == "ok", report.message


def test_data_that_is_an_array_costs_no_gradient_and_stays_as_it_is():
    x, W, b = arrays((5, 3))
    before = x.copy()
    weight = Tensor(W)
    y = linear(x, weight, Tensor(b))
    y.sum().backward()
    np.testing.assert_array_equal(x, before)
    np.testing.assert_allclose(weight.grad, np.ones((4, 5)) @ x)


def test_gradients_share_memory_with_nothing():
    x, W, b = (Tensor(array) for array in arrays((1, 3)))
    upstream = np.ones((1, 4))
    linear(x, W, b).backward(upstream)
    b.grad += 1.0
    assert (upstream == 1).all()


def test_weights_are_drawn_as_in_torch():
    """uniform within 1 / sqrt(in_features), weights first; every class counts from one generator"""
    layer = Linear(400, 300, rng=np.random.default_rng(0))
    for tensor in (layer.weight, layer.bias):
        assert np.abs(tensor.data).max() < 0.05
        assert tensor.data.std() == pytest.approx(0.05 / np.sqrt(3), rel=0.05)
    assert Linear(2, 3, bias=False, rng=np.random.default_rng(0)).bias is None
    again = Linear(400, 300, rng=np.random.default_rng(0))
    np.testing.assert_array_equal(layer.weight.data, again.weight.data)


def test_a_perceptron_of_layers():
    net = MLP([5, 7, 4, 2], activation="tanh", dropout=0.5, rng=np.random.default_rng(0))
    assert [layer.weight.shape for layer in net if isinstance(layer, Linear)] == [(7, 5), (4, 7), (2, 4)]
    assert sum(isinstance(layer, Dropout) for layer in net) == 2
    x = np.random.default_rng(1).normal(size=(3, 5))
    net.eval()
    theirs = torch.nn.Sequential(
        *(torch.nn.Linear(n_in, n_out).double() for n_in, n_out in ((5, 7), (7, 4), (4, 2)))
    )
    layers = [layer for layer in net if isinstance(layer, Linear)]
    for layer, reference in zip(layers, theirs, strict=True):
        reference.load_state_dict({key: torch.tensor(array) for key, array in layer.state_dict().items()})
    h = torch.tanh(theirs[1](torch.tanh(theirs[0](torch.tensor(x)))))
    np.testing.assert_allclose(net(x).data, theirs[2](h).detach().numpy(), rtol=1e-12)


def test_repr():
    net = Sequential(Linear(2, 3, rng=np.random.default_rng(0)), Dropout(0.2, rng=np.random.default_rng(0)))
    assert repr(net) == (
        "Sequential(\n  (0): Linear(in_features=2, out_features=3, bias=True)\n  (1): Dropout(p=0.2)\n)"
    )


def test_another_number_of_features_is_refused():
    with pytest.raises(ShapeError, match=r"x has shape \(5, 4\); its last axis must have in_features = 3"):
        linear(np.ones((5, 4)), *(Tensor(array) for array in arrays((1,))[1:]))


# Initial weights ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scheme", "variance"),
    [
        ("xavier_uniform", 2 / 500),
        ("xavier_normal", 2 / 500),
        ("he_uniform", 2 / 300),
        ("he_normal", 2 / 300),
        ("torch_uniform", 1 / 900),
    ],
)
def test_variance_and_bounds(scheme, variance):
    W = init(300, 200, scheme, np.random.default_rng(0))
    assert W.shape == (300, 200)
    assert W.var() == pytest.approx(variance, rel=0.02)
    assert abs(W.mean()) < 4 * np.sqrt(variance / W.size)
    largest = np.abs(W).max()
    if scheme.endswith("uniform"):
        assert 0.999 * np.sqrt(3 * variance) < largest <= np.sqrt(3 * variance)
    else:
        assert largest > 3 * np.sqrt(variance)


@pytest.mark.parametrize("shape", [(200, 300), (20, 30, 3, 5), (20, 30, 7)])
def test_fans_are_those_of_torch(shape):
    theirs = torch.nn.init._calculate_fan_in_and_fan_out(torch.empty(shape))
    assert fans(shape) == theirs
    weights = initial_weights(shape, "xavier_normal", np.random.default_rng(0))
    assert weights.shape == shape
    assert weights.var() == pytest.approx(2 / sum(theirs), rel=0.1)


def test_he_keeps_the_size_of_signals_through_relu_layers_and_xavier_that_of_tanh():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 300))
    kept, lost = x, x
    for _ in range(10):
        kept = np.maximum(kept @ init(300, 300, "he_normal", rng), 0)
        lost = np.maximum(lost @ init(300, 300, "torch_uniform", rng), 0)
    assert 0.5 < np.mean(kept**2) < 2
    assert np.mean(lost**2) < 1e-6


def test_an_unknown_scheme_is_refused():
    with pytest.raises(ValueError, match="scheme is 'glorot'"):
        init(2, 3, "glorot", np.random.default_rng(0))
