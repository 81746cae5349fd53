"""What all operations of a network promise: gradients of their own, and one graph for torch's compiler."""

import numpy as np
import pytest
import torch

from mlref.autodiff import Tensor, check_gradient
from mlref.losses import (
    binary_cross_entropy_with_logits,
    cross_entropy,
    kl_loss,
    l1_loss,
    mse_loss,
    multiclass_hinge_loss,
)
from mlref.nn import GELU, MLP, BatchNorm1d, Dropout, LayerNorm, Linear, ReLU, Sequential, functional
from mlref.optim import SGD, Adagrad, Adam, Adamax, AdamW, NAdam, RMSprop, clip_grad_norm

X = np.random.default_rng(0).normal(size=(5, 4))
Y = np.array([0, 3, 1, 2, 2])
PROBABILITIES = np.full((5, 4), 0.25)
OPERATIONS = {
    "linear": lambda x: functional.linear(x, Tensor(np.eye(4)), Tensor(np.ones(4))),
    "layer norm": lambda x: functional.layer_norm(x, Tensor(np.ones(4)), Tensor(np.ones(4))),
    "batch norm": lambda x: functional.batch_norm(x, Tensor(np.ones(4)), Tensor(np.ones(4)))[0],
    "dropout": lambda x: functional.dropout(x, 0.5, np.random.default_rng(0)),
    "dropout in evaluation": lambda x: functional.dropout(x, 0.5, None, training=False),
    "relu": functional.relu,
    "identity": lambda x: functional.activate(x, "identity"),
    "gelu": functional.gelu,
    "cross-entropy": lambda x: cross_entropy(x, Y),
    "hinge": lambda x: multiclass_hinge_loss(x, Y),
    "divergence": lambda x: kl_loss(x, PROBABILITIES),
    "squared error": lambda x: mse_loss(x, PROBABILITIES),
    "absolute error": lambda x: l1_loss(x, PROBABILITIES),
    "binary cross-entropy": lambda x: binary_cross_entropy_with_logits(x, PROBABILITIES),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_gradient_shares_memory_with_nothing_and_a_second_pass_adds_the_same(name):
    x = Tensor(X.copy())
    y = OPERATIONS[name](x)
    upstream = np.ones(y.shape)
    y.backward(upstream)
    for other in (upstream, x.data, X):
        assert not np.shares_memory(x.grad, other)
    first = x.grad.copy()
    x.grad *= 3.0
    y.backward(upstream)
    np.testing.assert_allclose(x.grad, 4 * first, rtol=1e-14)


def test_all_parameters_of_a_network_pass_the_gradient_check_together():
    """every kind of layer at once, dropout with the same draws each time, and the loss smoothed"""
    rng = np.random.default_rng(3)
    first, second = Linear(4, 6, rng=rng), Linear(6, 4, rng=rng)
    drop = Dropout(0.3, rng=None)
    net = Sequential(first, BatchNorm1d(6), Tensor.tanh, LayerNorm(6), drop, GELU(), second)

    def loss():
        drop.rng = np.random.default_rng(1)
        return cross_entropy(net(X), Y, label_smoothing=0.1)

    def value(params):
        for name, tensor in net.named_parameters():
            tensor.data = params[name]
        return float(loss().data)

    params = {
        name: tensor.data + 0.1 * rng.normal(size=tensor.shape) for name, tensor in net.named_parameters()
    }
    value(params)
    loss().backward()
    report = check_gradient(value, params, {name: tensor.grad for name, tensor in net.named_parameters()})
    assert report.verdict == "ok", report.message


def test_relu_by_the_kernels_of_torch():
    x = Tensor(torch.tensor([-1.0, 0.0, 2.0]))
    y = functional.relu(x)
    y.backward(torch.tensor([5.0, 5.0, 5.0]))
    assert y.data.tolist() == [0.0, 0.0, 2.0]
    assert x.grad.tolist() == [0.0, 0.0, 5.0]


def test_a_training_step_is_one_graph_for_the_compiler_of_torch():
    """forward, backward and update, without a break and with the same numbers; no machine code is made"""

    def step_of_a_new_network():
        net = MLP([4, 6, 4], rng=np.random.default_rng(0)).to(torch.zeros(1))
        optimizer = SGD(net.parameters(), lr=0.1, momentum=0.9)

        def step(x, y):
            optimizer.zero_grad()
            loss = cross_entropy(net(x), y)
            loss.backward()
            optimizer.step()
            return loss.data

        return step, net

    graphs = []

    def backend(module, inputs):
        graphs.append(module)
        return module.forward

    x, y = torch.tensor(X, dtype=torch.float32), torch.tensor(Y)
    eager, net = step_of_a_new_network()
    step, compiled_net = step_of_a_new_network()
    compiled = torch.compile(step, fullgraph=True, backend=backend)
    for _ in range(3):
        assert compiled(x, y) == eager(x, y)
    for ours, theirs in zip(compiled_net.parameters(), net.parameters(), strict=True):
        assert torch.equal(ours.data, theirs.data)
    assert 1 <= len(graphs) <= 2


# A device whose values nobody can read ---------------------------------------------------------------------


def network_without_values():
    rng = np.random.default_rng(0)
    first, second = Linear(4, 6, rng=rng), Linear(6, 4, rng=rng)
    net = Sequential(first, BatchNorm1d(6), ReLU(), LayerNorm(6), GELU(), second)
    return net.to(torch.zeros(1, device="meta"))


@pytest.mark.parametrize("rule", [SGD, Adagrad, RMSprop, Adam, AdamW, Adamax, NAdam])
def test_a_training_step_reads_no_value(rule):
    """on torch's device "meta", which has shapes only: a hidden copy to the host would fail there"""
    net = network_without_values()
    optimizer = rule(net.parameters(), lr=0.1, weight_decay=0.1)
    x, y = torch.zeros((5, 4), device="meta"), torch.zeros(5, dtype=torch.int64, device="meta")
    for _ in range(2):
        optimizer.zero_grad()
        loss = cross_entropy(net(x), y, label_smoothing=0.1)
        loss.backward()
        clip_grad_norm(net.parameters(), 1.0)
        optimizer.step()
    assert {parameter.data.device.type for parameter in net.parameters()} == {"meta"}
    with pytest.raises(RuntimeError, match="meta"):
        loss.data.item()


@pytest.mark.parametrize(
    "loss", [mse_loss, l1_loss, binary_cross_entropy_with_logits, kl_loss, cross_entropy]
)
def test_a_loss_reads_no_value(loss):
    x = Tensor(torch.zeros((5, 4), device="meta"))
    loss(x, torch.zeros((5, 4), device="meta")).backward()
    assert x.grad.device.type == "meta"


def test_a_hinge_reads_no_value():
    x = Tensor(torch.zeros((5, 4), device="meta"))
    multiclass_hinge_loss(x, torch.zeros(5, dtype=torch.int64, device="meta"), squared=True).backward()
    assert x.grad.device.type == "meta"
