"""Back-propagation in plain arrays: against torch, the gradient check and the tape."""

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

from mlref.autodiff import check_gradient
from mlref.errors import ShapeError
from mlref.losses import bce_with_logits, cross_entropy, mse, softmax_cross_entropy
from mlref.nn import MLP
from mlref.nn.backpropagation import mlp_forward, mlp_init, mlp_loss
from mlref.optim import SGD, sgd_train


def problem(sizes=(5, 7, 4, 3), n=6, seed=0):
    rng = np.random.default_rng(seed)
    params = mlp_init(sizes, "xavier_normal", rng)
    for name in params:
        params[name] = params[name] + 0.1 * rng.normal(size=params[name].shape)
    return params, rng.normal(size=(n, sizes[0])), rng.integers(sizes[-1], size=n)


@pytest.mark.parametrize("hidden", ["relu", "tanh", "logistic", "leaky_relu", "smht"])
@pytest.mark.parametrize("sizes", [(5, 3), (5, 7, 3), (5, 7, 4, 3)])
def test_every_parameter_passes_the_gradient_check(hidden, sizes):
    params, X, y = problem(sizes)
    _, gradients = mlp_loss(params, X, y, hidden=hidden)
    report = check_gradient(lambda p: float(mlp_loss(p, X, y, hidden=hidden)[0]), params, gradients)
    assert report.verdict == "ok", report.message


@pytest.mark.parametrize(("loss", "output"), [(mse, "logistic"), (bce_with_logits, "identity")])
def test_other_losses_and_outputs_pass_the_gradient_check(loss, output):
    params, X, _ = problem()
    target = np.random.default_rng(1).uniform(size=(6, 3))
    settings = {"loss": loss, "hidden": "tanh", "output": output}
    _, gradients = mlp_loss(params, X, target, **settings)
    report = check_gradient(lambda p: float(mlp_loss(p, X, target, **settings)[0]), params, gradients)
    assert report.verdict == "ok", report.message


def test_gradients_match_the_tape_and_torch_on_every_library(xp_backend):
    params, X, y = problem()
    make = xp_backend.asarray
    value, gradients = mlp_loss({name: make(a) for name, a in params.items()}, make(X), make(y))
    leaves = {name: torch.tensor(array, requires_grad=True) for name, array in params.items()}
    h = torch.relu(torch.tensor(X) @ leaves["W1"] + leaves["b1"])
    h = torch.relu(h @ leaves["W2"] + leaves["b2"])
    expected = torch.nn.functional.cross_entropy(h @ leaves["W3"] + leaves["b3"], torch.tensor(y))
    expected.backward()
    assert float(value) == pytest.approx(expected.item(), rel=1e-13)
    for name, gradient in gradients.items():
        xp_backend.check(gradient, leaves[name].grad.numpy(), rtol=1e-11, atol=1e-15)

    net = MLP([5, 7, 4, 3], rng=np.random.default_rng(0))
    for i, layer in enumerate(net[::2], start=1):
        layer.weight.data, layer.bias.data = params[f"W{i}"].T.copy(), params[f"b{i}"].copy()
    cross_entropy(net(X), y).backward()
    for i, layer in enumerate(net[::2], start=1):
        np.testing.assert_allclose(layer.weight.grad.T, leaves[f"W{i}"].grad, rtol=1e-11, atol=1e-15)


def test_layers_without_activation_are_one_linear_layer():
    params, X, _ = problem()
    product = params["W1"] @ params["W2"] @ params["W3"]
    shift = (params["b1"] @ params["W2"] + params["b2"]) @ params["W3"] + params["b3"]
    outputs, _ = mlp_forward(params, X, hidden="identity")
    np.testing.assert_allclose(outputs, X @ product + shift, rtol=1e-10)


def test_equal_weights_stay_equal():
    """units that start alike receive the same gradient, so that drawing the weights is needed"""
    params, X, y = problem((5, 4, 3))
    params["W1"][:], params["W2"][:] = params["W1"][:, :1], params["W2"][:1]
    params["b1"][:] = 0.1
    _, gradients = mlp_loss(params, X, y, hidden="tanh")
    assert np.ptp(gradients["W1"], axis=1).max() == pytest.approx(0, abs=1e-15)


def test_twenty_rows_are_learned_by_heart():
    params, _, _ = problem((5, 30, 3))
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(20, 5)), rng.integers(3, size=20)
    optimizer = SGD(params, lr=0.5, momentum=0.9)
    for _ in range(300):
        value, gradients = mlp_loss(params, X, y)
        optimizer.step(gradients)
    assert value < 1e-3


def test_digits_are_read():
    """64 hidden units: 0.957 to 0.967 over splits, so at least 0.93"""
    X, y = load_digits(return_X_y=True)
    rng = np.random.default_rng(0)
    order = rng.permutation(len(y))
    train, test = order[:1300], order[1300:]
    params = mlp_init([64, 64, 10], "he_normal", rng)
    history = sgd_train(
        lambda rows, labels: mlp_loss(params, rows, labels),
        SGD(params, lr=0.1, momentum=0.9),
        X[train] / 16,
        y[train],
        epochs=15,
        batch_size=64,
        rng=rng,
    )
    logits, _ = mlp_forward(params, X[test] / 16)
    assert np.mean(logits.argmax(1) == y[test]) >= 0.93
    assert history[-1] < history[0] / 5


def test_float32_stays_float32():
    params, X, y = problem()
    params = {name: array.astype(np.float32) for name, array in params.items()}
    for hidden in ("relu", "leaky_relu", "logistic", "tanh", "gelu", "softplus", "silu", "smht"):
        value, gradients = mlp_loss(params, X.astype(np.float32), y, hidden=hidden)
        assert {array.dtype for array in gradients.values()} == {value.dtype} == {np.dtype(np.float32)}


def test_a_layer_that_does_not_fit_is_named():
    params, X, y = problem()
    params["W2"] = params["W2"].T
    with pytest.raises(ShapeError, match=r"layer 2 receives shape \(6, 7\), but W2 has shape \(4, 7\)"):
        softmax_cross_entropy(mlp_forward(params, X)[0], y)
