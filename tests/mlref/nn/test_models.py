"""Ready-made networks, beside the same in torch."""

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

from benchmarks import torch_networks
from mlref.autodiff import Tensor, check_gradient
from mlref.losses import cross_entropy
from mlref.nn import (
    BatchNorm2d,
    Conv2d,
    Flatten,
    Linear,
    MaxPool2d,
    ReLU,
    Sequential,
    count_parameters,
)
from mlref.nn.models import LeNet, ResidualBlock, ResNet
from mlref.optim import Adam

NETWORKS = {
    "LeNet": (lambda rng: LeNet(rng=rng), torch_networks.lenet, (2, 1, 28, 28)),
    "ResNet-8": (lambda rng: ResNet(width=4, rng=rng), lambda: torch_networks.resnet(width=4), (3, 3, 8, 8)),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_loss_and_gradients_match_torch(name, xp_backend):
    make_ours, make_theirs, shape = NETWORKS[name]
    rng = np.random.default_rng(0)
    ours, theirs = make_ours(rng), make_theirs().double()
    torch_networks.copy_parameters(ours, theirs)
    x, target = rng.normal(size=shape), rng.integers(10, size=shape[0])
    expected = torch.nn.functional.cross_entropy(theirs(torch.tensor(x)), torch.tensor(target))
    expected.backward()
    ours.to(xp_backend.asarray(x))
    loss = cross_entropy(ours(Tensor(xp_backend.asarray(x))), xp_backend.asarray(target))
    xp_backend.check(loss.data, expected.detach().numpy())
    loss.backward()
    for parameter, their_parameter in zip(ours.parameters(), theirs.parameters(), strict=True):
        xp_backend.check(parameter.grad, their_parameter.grad.numpy(), rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("stride", [1, 2])
def test_gradients_of_a_residual_block_pass_the_gradient_check(stride):
    block = ResidualBlock(2, 2, stride, rng=np.random.default_rng(0))
    x = np.random.default_rng(1).normal(size=(3, 2, 4, 4))
    tensor = Tensor(x)
    (block(tensor) ** 2).sum().backward()
    grads = {"x": tensor.grad, **{name: parameter.grad for name, parameter in block.named_parameters()}}
    params = {"x": x, **{name: parameter.data for name, parameter in block.named_parameters()}}

    def f(params):
        for name, parameter in block.named_parameters():
            parameter.data = params[name]
        return float((block(Tensor(params["x"])) ** 2).sum().data)

    report = check_gradient(f, params, grads)
    assert report.verdict == "ok", report.message


def test_a_block_that_computes_nothing_passes_images_and_gradients_on():
    """the identity path: with a residual of 0 only relu is left"""
    block = ResidualBlock(2, 2, rng=np.random.default_rng(0))
    block.residual[-1].weight.data[:] = 0.0
    x = Tensor(np.abs(np.random.default_rng(1).normal(size=(3, 2, 4, 4))))
    y = block(x)
    np.testing.assert_array_equal(y.data, x.data)
    y.sum().backward()
    np.testing.assert_allclose(x.grad, 1.0, atol=1e-12)


def test_resnet_18_has_the_parameters_of_the_paper_for_small_images():
    network = ResNet((2, 2, 2, 2), 64, rng=np.random.default_rng(0))
    theirs = torch_networks.resnet((2, 2, 2, 2), 64)
    assert sum(parameter.numel() for parameter in theirs.parameters()) == 11_173_962
    assert count_parameters(network) == 11_173_962


def test_float32_stays_float32():
    for make, _, shape in NETWORKS.values():
        like = np.zeros(shape, dtype=np.float32)
        network = make(np.random.default_rng(0)).to(like)
        loss = cross_entropy(network(Tensor(like)), np.zeros(shape[0], dtype=np.int64))
        assert loss.data.dtype == np.float32
        loss.backward()
        assert all(parameter.grad.dtype == np.float32 for parameter in network.parameters())


def test_a_small_network_learns_to_read_digits():
    """more than 0.95 of unseen digits of 8 by 8, with fewer than 20,000 parameters"""
    X, y = load_digits(return_X_y=True)
    X = (X.reshape(-1, 1, 8, 8) / 16).astype(np.float32)
    rng = np.random.default_rng(0)
    order = rng.permutation(len(y))
    train, test = order[:1400], order[1400:]
    network = Sequential(
        *(Conv2d(1, 12, 3, padding=1, rng=rng), BatchNorm2d(12), ReLU(), MaxPool2d(2)),
        *(Conv2d(12, 24, 3, padding=1, rng=rng), BatchNorm2d(24), ReLU()),
        *(Flatten(), Linear(24 * 16, 10, rng=rng)),
    ).to(X)
    assert count_parameters(network) < 20_000
    optimizer = Adam(network.parameters(), lr=3e-3)
    for _ in range(4):
        for batch in np.array_split(rng.permutation(train), 28):
            optimizer.zero_grad()
            cross_entropy(network(Tensor(X[batch])), y[batch]).backward()
            optimizer.step()
    network.eval()
    accuracy = np.mean(np.argmax(network(Tensor(X[test])).data, axis=1) == y[test])
    assert accuracy > 0.95
