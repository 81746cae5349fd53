"""Networks for sequences on torch arrays: the numbers of numpy, and nothing read back in a step."""

import numpy as np
import pytest
import torch

from mlref.arrays import to_numpy
from mlref.autodiff import Tensor
from mlref.language import GPT
from mlref.nn import GRU, LSTM, RNN
from mlref.optim import AdamW, clip_grad_norm

RECURRENT = pytest.mark.parametrize("layer_class", [RNN, GRU, LSTM])


def language_model(like):
    return GPT(7, 5, 8, 2, 2, rng=np.random.default_rng(0)).to(like)


def text(seed=1):
    ids = np.random.default_rng(seed).integers(7, size=(3, 6))
    return ids[:, :-1], ids[:, 1:]


def language_step(model, inputs, targets):
    """One step of training; returns the loss as an array."""
    parameters = model.parameters()
    optimizer = AdamW(parameters, 1e-2)
    loss = model.loss(inputs, targets)
    loss.backward()
    clip_grad_norm(parameters, 1.0)
    optimizer.step()
    return loss.data


def recurrent_step(layer, x):
    """The sum of all states and its gradients."""
    layer.zero_grad()
    output, _ = layer(Tensor(x))
    total = (output * output).sum()
    total.backward()
    return total.data


def test_a_language_model_learns_the_same_as_on_numpy(device):
    by_numpy = language_model(np.ones(1))
    by_torch = language_model(torch.ones(1, dtype=torch.float64, device=device))
    on_device = [torch.tensor(ids, device=device) for ids in text()]
    for _ in range(2):
        loss = language_step(by_torch, *on_device)
        assert loss.device.type == device.type
        np.testing.assert_allclose(to_numpy(loss), language_step(by_numpy, *text()), rtol=1e-9)
    for name, value in by_torch.state_dict().items():
        np.testing.assert_allclose(value, by_numpy.state_dict()[name], rtol=1e-6, atol=1e-8)


@RECURRENT
def test_recurrent_layers_compute_the_same_as_on_numpy(layer_class, device):
    x = np.random.default_rng(2).normal(size=(5, 3, 2))
    by_numpy, by_torch = (layer_class(2, 4, rng=np.random.default_rng(3)) for _ in range(2))
    on_device = torch.tensor(x, device=device)
    total = recurrent_step(by_torch.to(on_device), on_device)
    assert total.device.type == device.type
    np.testing.assert_allclose(to_numpy(total), recurrent_step(by_numpy, x), rtol=1e-9)
    for mine, other in zip(by_torch.parameters(), by_numpy.parameters(), strict=True):
        np.testing.assert_allclose(to_numpy(mine.grad), other.grad, rtol=1e-8, atol=1e-10)


def on_meta(module):
    """The module where arrays have shapes but no values: reading one is an error."""
    for parameter in module.parameters():
        parameter.data = parameter.data.to("meta")
    return module


def test_a_language_model_reads_nothing_in_a_step():
    model = on_meta(language_model(torch.ones(1)))
    loss = language_step(model, *(torch.tensor(ids, device="meta") for ids in text()))
    assert loss.device.type == "meta"
    assert all(parameter.data.device.type == "meta" for parameter in model.parameters())


@RECURRENT
def test_a_recurrent_layer_reads_nothing_in_a_step(layer_class):
    layer = on_meta(layer_class(2, 4, rng=np.random.default_rng(4)).to(torch.ones(1)))
    assert recurrent_step(layer, torch.ones(5, 3, 2, device="meta")).device.type == "meta"
