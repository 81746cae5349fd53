"""A training step of a multi-layer perceptron, 784-256-10: forward, backward, SGD.

Beside torch's eager mode, HIPS autograd, and the same step written by hand in numpy.
"""

from __future__ import annotations

import numpy as np

from benchmarks.mlref.timing import Row

SIZES = (784, 256, 10)
LR = 0.01


def data(batch):
    """Images and labels, drawn at random."""
    rng = np.random.default_rng(0)
    return rng.normal(size=(batch, SIZES[0])).astype(np.float32), rng.integers(SIZES[-1], size=batch)


def start():
    """The initial weights that every candidate begins with."""
    from mlref.nn import MLP

    net = MLP(SIZES, rng=np.random.default_rng(0)).to(np.zeros(1, dtype=np.float32))
    return net, [parameter.data.copy() for parameter in net.parameters()]


def ours(batch, library="numpy"):
    """The step on the package's own tensors."""
    from mlref.losses import cross_entropy
    from mlref.optim import SGD

    net, _ = start()
    X, y = data(batch)
    if library == "torch":
        import torch

        X, y = torch.tensor(X), torch.tensor(y)
        net.to(X)
    optimizer = SGD(net.parameters(), lr=LR)

    def step():
        optimizer.zero_grad()
        loss = cross_entropy(net(X), y)
        loss.backward()
        optimizer.step()
        return loss.data

    return step


def torch_eager(batch):
    """The step on torch's tensors, layers, loss and optimiser."""
    import torch

    X, y = (torch.tensor(array) for array in data(batch))
    net = torch.nn.Sequential(torch.nn.Linear(*SIZES[:2]), torch.nn.ReLU(), torch.nn.Linear(*SIZES[1:]))
    for parameter, array in zip(net.parameters(), start()[1], strict=True):
        parameter.data = torch.tensor(array)
    optimizer = torch.optim.SGD(net.parameters(), lr=LR)

    def step():
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(net(X), y)
        loss.backward()
        optimizer.step()
        return loss.detach()

    return step


def hips(batch):
    """The step with the gradient from HIPS autograd, written as its own example of a network is."""
    import autograd.numpy as anp
    from autograd import value_and_grad
    from autograd.scipy.special import logsumexp

    X, y = data(batch)
    targets = np.eye(SIZES[-1], dtype=np.float32)[y]
    params = start()[1]

    def loss(params):
        W1, b1, W2, b2 = params
        hidden = anp.maximum(anp.dot(X, W1.T) + b1, 0.0)
        z = anp.dot(hidden, W2.T) + b2
        log_probabilities = z - logsumexp(z, axis=1, keepdims=True)
        return -anp.sum(log_probabilities * targets) / batch

    value_and_gradients = value_and_grad(loss)
    rate = np.float32(LR)

    def step():
        value, gradients = value_and_gradients(params)
        for parameter, gradient in zip(params, gradients, strict=True):
            np.subtract(parameter, rate * gradient, out=parameter)
        return value

    return step


def by_hand(batch):
    """The step written out in numpy, in place where that saves memory."""
    X, y = data(batch)
    rows = np.arange(batch)
    W1, b1, W2, b2 = params = start()[1]

    def step():
        hidden = X @ W1.T
        hidden += b1
        np.maximum(hidden, 0, out=hidden)
        z = hidden @ W2.T
        z += b2
        z -= z.max(axis=1, keepdims=True)
        p = np.exp(z)
        total = p.sum(axis=1, keepdims=True)
        loss = -(z[rows, y] - np.log(total[:, 0])).mean()
        p /= total
        p[rows, y] -= 1
        p /= batch
        d_hidden = p @ W2
        d_hidden *= hidden > 0
        for parameter, gradient in zip(
            params, (d_hidden.T @ X, d_hidden.sum(0), p.T @ hidden, p.sum(0)), strict=True
        ):
            np.subtract(parameter, LR * gradient, out=parameter)
        return loss

    return step


def check(loss, expected):
    """The same loss after one update."""
    np.testing.assert_allclose(float(loss), float(expected), rtol=1e-5)


def flops(batch):
    """Of the five matrix products: the data need no gradient."""
    first, second = SIZES[0] * SIZES[1], SIZES[1] * SIZES[2]
    return 2 * batch * (2 * first + 3 * second)


def rows(batch):
    """The rows of the table for one size of the batch."""
    size = f"batch {batch}, float32"
    peers = (
        (f"{size}, on numpy", "torch eager", 1.0, "numpy", torch_eager),
        (f"{size}, on numpy", "HIPS autograd", 0.5, "numpy", hips),
        (f"{size}, on numpy", "numpy by hand", 1.1, "numpy", by_hand),
        (f"{size}, on torch", "torch eager", 1.05, "torch", torch_eager),
    )
    for where, name, goal, library, peer in peers:
        yield Row("MLP training step", where, name, goal, pair(batch, library, peer), flops(batch))


def pair(batch, library, peer):
    """Both steps, after the first of each."""

    def prepare():
        candidates = ours(batch, library), peer(batch)
        for step in candidates:
            step()
        return *candidates, check

    return prepare


ROWS = [*rows(64), *rows(256)]
