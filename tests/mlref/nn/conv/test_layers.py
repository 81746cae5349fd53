"""Layers that convolve, beside torch's."""

import numpy as np
import pytest
import torch

from mlref.autodiff import Tensor, check_gradient
from mlref.nn import count_parameters
from mlref.nn.conv import Conv1d, Conv2d, ConvTranspose2d


def make(name, rng=None):
    rng = np.random.default_rng(0) if rng is None else rng
    ours, theirs, shape = {
        "Conv2d": (
            Conv2d(4, 6, (3, 2), 2, (1, 0), 1, 2, rng=rng),
            torch.nn.Conv2d(4, 6, (3, 2), 2, (1, 0), 1, 2),
            (2, 4, 6, 7),
        ),
        "Conv2d without bias": (
            Conv2d(3, 5, 3, dilation=2, bias=False, rng=rng),
            torch.nn.Conv2d(3, 5, 3, dilation=2, bias=False),
            (2, 3, 6, 7),
        ),
        "Conv1d": (
            Conv1d(4, 6, 3, 2, 1, 1, 2, rng=rng),
            torch.nn.Conv1d(4, 6, 3, 2, 1, 1, 2),
            (2, 4, 9),
        ),
        "ConvTranspose2d": (
            ConvTranspose2d(4, 3, 3, 2, 1, 1, rng=rng),
            torch.nn.ConvTranspose2d(4, 3, 3, 2, 1, 1),
            (2, 4, 5, 3),
        ),
    }[name]
    theirs = theirs.double()
    theirs.load_state_dict({key: torch.tensor(value) for key, value in ours.state_dict().items()})
    return ours, theirs, np.random.default_rng(1).normal(size=shape)


NAMES = ("Conv2d", "Conv2d without bias", "Conv1d", "ConvTranspose2d")


@pytest.mark.parametrize("name", NAMES)
def test_values_and_gradients_match_torch(name, xp_backend):
    ours, theirs, x = make(name)
    their_x = torch.tensor(x, requires_grad=True)
    expected = theirs(their_x)
    (expected**2).sum().backward()
    ours.to(xp_backend.asarray(x))
    our_x = Tensor(xp_backend.asarray(x))
    y = ours(our_x)
    xp_backend.check(y.data, expected.detach().numpy())
    (y * y).sum().backward()
    xp_backend.check(our_x.grad, their_x.grad.numpy())
    for parameter, their_parameter in zip(ours.parameters(), theirs.parameters(), strict=True):
        xp_backend.check(parameter.grad, their_parameter.grad.numpy())


@pytest.mark.parametrize("name", NAMES)
def test_gradients_pass_the_gradient_check(name):
    ours, _, x = make(name)
    tensor = Tensor(x)
    (ours(tensor) ** 2).sum().backward()
    params = {"x": x, **{name: parameter.data for name, parameter in ours.named_parameters()}}
    grads = {"x": tensor.grad, **{name: parameter.grad for name, parameter in ours.named_parameters()}}

    def f(params):
        for name, parameter in ours.named_parameters():
            parameter.data = params[name]
        return float((ours(params["x"]) ** 2).sum().data)

    report = check_gradient(f, params, grads)
    assert report.verdict == "ok", report.message


@pytest.mark.parametrize("name", NAMES)
def test_parameters_are_drawn_within_the_bound_of_torch(name):
    ours, theirs, _ = make(name)
    assert count_parameters(ours) == sum(parameter.numel() for parameter in theirs.parameters())
    fan_in, _ = torch.nn.init._calculate_fan_in_and_fan_out(theirs.weight)
    for parameter in ours.parameters():
        # Of so many uniform numbers the largest comes close to the end of the interval.
        largest = abs(parameter.data).max() * fan_in**0.5
        assert 1 - 4 / parameter.data.size < largest <= 1


def test_nothing_is_computed_for_images_that_are_no_tensor(monkeypatch):
    layer, _, x = make("Conv2d")
    monkeypatch.setattr("mlref.nn.conv.functions.conv2d_input_im2col", None)
    layer(x).sum().backward()
    assert layer.weight.grad is not None


def test_groups_must_divide_the_channels():
    with pytest.raises(ValueError, match="groups is 2; it must divide 4 and 3 channels"):
        Conv2d(4, 3, 3, groups=2, rng=np.random.default_rng(0))


def test_the_same_seed_draws_the_same_parameters():
    first, second = (make("Conv2d")[0].weight.data for _ in range(2))
    np.testing.assert_array_equal(first, second)
