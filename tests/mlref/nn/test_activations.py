"""Activations: values and slopes against torch, on arrays and on tensors."""

import numpy as np
import pytest
import torch

from mlref import nn
from mlref.autodiff import Tensor, check_gradient
from mlref.nn import functional
from mlref.nn.activations import ACTIVATIONS, activate, activation, activation_grad

F = torch.nn.functional
# No kink among them.
Z = np.array([-30.0, -3.1, -1.2, -0.4, 0.3, 1.5, 2.7, 30.0])
THEIRS = {
    "identity": lambda z: z * 1.0,
    "step": lambda z: torch.heaviside(z.detach(), torch.ones(1, dtype=z.dtype)) + 0 * z,
    "logistic": torch.sigmoid,
    "tanh": torch.tanh,
    "smht": lambda z: (torch.exp(1.2 * z) - torch.exp(-0.8 * z)) / (torch.exp(1.1 * z) + torch.exp(-0.9 * z)),
    "relu": torch.relu,
    "leaky_relu": lambda z: F.leaky_relu(z, 0.2),
    "square": torch.square,
    "softplus": F.softplus,
    "silu": F.silu,
    "gelu": lambda z: F.gelu(z, approximate="tanh"),
}
CONSTANTS = {"smht": {"a": 1.2, "b": 0.8, "c": 1.1, "d": 0.9}, "leaky_relu": {"negative_slope": 0.2}}


def test_every_activation_is_tested():
    assert THEIRS.keys() == ACTIVATIONS.keys()


@pytest.mark.parametrize("name", THEIRS)
def test_values_and_slopes_match_torch_on_every_library(name, xp_backend):
    z = torch.tensor(Z, requires_grad=True)
    expected = THEIRS[name](z)
    expected.sum().backward()
    ours, constants = xp_backend.asarray(Z), CONSTANTS.get(name, {})
    xp_backend.check(activation(ours, name, **constants), expected.detach().numpy(), atol=1e-9)
    xp_backend.check(activation_grad(ours, name, **constants), z.grad.numpy(), rtol=1e-8, atol=1e-12)
    x = Tensor(ours)
    y = activate(x, name, **constants)
    y.sum().backward()
    xp_backend.check(y.data, expected.detach().numpy(), atol=1e-9)
    xp_backend.check(x.grad, z.grad.numpy(), rtol=1e-8, atol=1e-12)


@pytest.mark.parametrize("name", THEIRS)
def test_slopes_pass_the_gradient_check(name):
    z, upstream = Z[1:-1], np.random.default_rng(0).normal(size=6)
    constants = CONSTANTS.get(name, {})
    report = check_gradient(
        lambda p: float((activation(p["z"], name, **constants) * upstream).sum()),
        {"z": z},
        {"z": activation_grad(z, name, **constants) * upstream},
    )
    assert report.verdict == "ok", report.message


@pytest.mark.parametrize("name", sorted(set(THEIRS) - {"square"}))
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_nothing_overflows_and_the_dtype_stays(name, dtype):
    z = np.array([-1000.0, 0.0, 1000.0], dtype=dtype)
    value, slope = activation(z, name), activation_grad(z, name)
    assert value.dtype == slope.dtype == dtype
    assert np.isfinite(value).all()
    assert np.isfinite(slope).all()


def test_values_and_slopes_at_zero():
    zero = np.zeros(1)
    at_zero = {name: (activation(zero, name)[0], activation_grad(zero, name)[0]) for name in ACTIVATIONS}
    assert at_zero["step"] == (1.0, 0.0)
    assert at_zero["relu"] == (0.0, 0.0)
    assert at_zero["leaky_relu"] == (0.0, 0.01)
    assert at_zero["logistic"] == (0.5, 0.25)
    assert at_zero["smht"] == at_zero["tanh"] == (0.0, 1.0)


def test_a_slope_is_taken_at_z_and_not_at_the_value():
    z = np.array([0.7])
    a = activation(z, "logistic")
    assert activation_grad(z, "logistic") == pytest.approx(a * (1 - a))
    assert activation_grad(z, "logistic") != pytest.approx(activation_grad(a, "logistic"))


LAYERS = {
    nn.ReLU(): "relu",
    nn.Tanh(): "tanh",
    nn.Sigmoid(): "logistic",
    nn.LeakyReLU(): "leaky_relu",
    nn.Softplus(): "softplus",
    nn.SiLU(): "silu",
    nn.GELU(): "gelu",
    nn.Activation("smht"): "smht",
}


@pytest.mark.parametrize(("layer", "name"), LAYERS.items(), ids=LAYERS.values())
def test_layers_and_methods_are_the_functions(layer, name):
    x, same = Tensor(Z), Tensor(Z)
    layer(x).sum().backward()
    activate(same, name).sum().backward()
    np.testing.assert_allclose(layer(x).data, activation(Z, name), rtol=1e-14)
    np.testing.assert_allclose(x.grad, same.grad, rtol=1e-12, atol=1e-300)
    assert not layer.parameters()


@pytest.mark.parametrize("name", ["leaky_relu", "smht", "step", "square", "softplus", "silu", "gelu"])
def test_functions_by_name(name):
    np.testing.assert_array_equal(getattr(functional, name)(Tensor(Z)).data, activation(Z, name))


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(ValueError, match="name is 'rleu'; it must be one of 'identity', 'step'"):
        activation(Z, "rleu")
    with pytest.raises(ValueError, match="name is 'rleu'"):
        nn.MLP([1, 2, 1], activation="rleu", rng=np.random.default_rng(0))
