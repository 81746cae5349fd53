"""Golden numbers of the 2-2-2 network of the lectures, with the widely copied wrong ones ruled out."""

import numpy as np
import pytest

from mlref.autodiff import Tensor
from mlref.nn import MLP, activations, count_parameters
from mlref.nn.activations import activation
from mlref.nn.backpropagation import mlp_forward, mlp_loss
from mlref.optim import SGD

X, TARGETS = np.array([[0.05, 0.10]]), np.array([[0.01, 0.99]])


def network():
    return {
        "W1": np.array([[0.15, 0.25], [0.20, 0.30]]),
        "b1": np.array([0.35, 0.35]),
        "W2": np.array([[0.40, 0.50], [0.45, 0.55]]),
        "b2": np.array([0.60, 0.60]),
    }


def half_sum_of_squares(outputs, targets):
    difference = outputs - targets
    return 0.5 * float((difference**2).sum()), difference


def error_and_gradients(params):
    return mlp_loss(params, X, TARGETS, half_sum_of_squares, "logistic", "logistic")


def test_g09_the_gradient_of_one_weight_is_a_product_of_three_factors():
    outputs, cache = mlp_forward(network(), X, "logistic", "logistic")
    (_, _), (hidden, net_outputs) = cache
    slope = activations.activation_grad(net_outputs, "logistic")
    factors = [(outputs - TARGETS)[0, 0], slope[0, 0], hidden[0, 0]]
    np.testing.assert_allclose(factors, [0.74136507, 0.186815602, 0.593269992], atol=5e-10)
    product = 0.0821670407
    assert np.prod(factors) == pytest.approx(product, abs=2e-10)
    assert error_and_gradients(network())[1]["W2"][0, 0] == pytest.approx(product, abs=2e-10)


def test_g10_forward():
    outputs, cache = mlp_forward(network(), X, "logistic", "logistic")
    (_, net_hidden), (hidden, net_outputs) = cache
    np.testing.assert_allclose(net_hidden, [[0.3775, 0.3925]], rtol=1e-14)
    np.testing.assert_allclose(hidden, [[0.5932699921, 0.5968843783]], atol=5e-11)
    np.testing.assert_allclose(net_outputs, [[1.1059059671, 1.2249214041]], atol=5e-11)
    np.testing.assert_allclose(outputs, [[0.7513650696, 0.7729284653]], atol=5e-11)
    assert error_and_gradients(network())[0] == pytest.approx(0.2983711088, abs=6e-11)


def test_g11_backward_and_the_first_update():
    params = network()
    _, gradients = error_and_gradients(params)
    np.testing.assert_allclose(
        gradients["W2"], [[0.0821670406, -0.0226025405], [0.0826676278, -0.0227402422]], atol=6e-11
    )
    np.testing.assert_allclose(
        gradients["W1"], [[0.0004385677, 0.0004977127], [0.0008771355, 0.0009954255]], atol=6e-11
    )
    SGD(params, lr=0.5).step(gradients)
    np.testing.assert_allclose(
        params["W2"], [[0.3589164797, 0.5113012702], [0.4086661861, 0.5613701211]], atol=6e-11
    )
    # All four differ by 3.7e-5 or more from what an updated W2 in the hidden deltas gives.
    np.testing.assert_allclose(
        params["W1"], [[0.1497807161, 0.2497511436], [0.1995614323, 0.2995022873]], atol=6e-11
    )


@pytest.fixture(scope="module")
def trained():
    """Errors after 0, 1, ... 10000 updates with fixed biases, and the last outputs."""
    params = network()
    optimizer = SGD({name: params[name] for name in ("W1", "W2")}, lr=0.5)
    errors = []
    for _ in range(10_000):
        error, gradients = error_and_gradients(params)
        errors.append(error)
        optimizer.step(gradients)
    outputs, _ = mlp_forward(params, X, "logistic", "logistic")
    return [*errors, half_sum_of_squares(outputs, TARGETS)[0]], outputs


def test_g12_ten_thousand_updates_with_fixed_biases(trained):
    errors, outputs = trained
    assert errors[1] == pytest.approx(0.291027773694, abs=6e-13)
    assert errors[9999] == pytest.approx(3.51085481e-05, abs=6e-14)
    assert errors[10_000] == pytest.approx(3.51018778e-05, abs=6e-14)
    np.testing.assert_allclose(outputs, [[0.0159136204, 0.9840642735]], atol=6e-11)


def test_g12_published_numbers_belong_to_the_wrong_order_of_updates(trained):
    """0.291027924 comes from hidden deltas that go through the output weights of the next step"""
    params = network()
    _, gradients = error_and_gradients(params)
    SGD({"W2": params["W2"]}, lr=0.5).step(gradients)
    outputs, cache = mlp_forward(network(), X, "logistic", "logistic")
    (_, net_hidden), (_, net_outputs) = cache
    delta = (outputs - TARGETS) * activations.activation_grad(net_outputs, "logistic")
    hidden_delta = delta @ params["W2"].T * activations.activation_grad(net_hidden, "logistic")
    params["W1"] -= 0.5 * X.T @ hidden_delta
    wrong, _ = error_and_gradients(params)
    assert wrong == pytest.approx(0.291027923905, abs=6e-13)
    assert trained[0][1] != pytest.approx(wrong, abs=1e-8)


def test_g13_one_update_with_learned_biases():
    params = network()
    _, gradients = error_and_gradients(params)
    np.testing.assert_allclose(gradients["b2"], [0.1384985616, -0.0380982365], atol=6e-11)
    np.testing.assert_allclose(gradients["b1"], [0.0087713547, 0.0099542547], atol=6e-11)
    SGD(params, lr=0.5).step(gradients)
    assert error_and_gradients(params)[0] == pytest.approx(0.280471446791, abs=6e-13)


def test_g13_one_update_with_one_bias_for_each_layer():
    params = network()
    _, gradients = error_and_gradients(params)
    for name in ("b1", "b2"):
        gradients[name] = np.full(2, gradients[name].sum())
    SGD(params, lr=0.5).step(gradients)
    assert error_and_gradients(params)[0] == pytest.approx(0.285750886699, abs=6e-13)


def test_g20_modified_hyperbolic_tangent():
    z = np.linspace(-3, 3, 7)
    np.testing.assert_allclose(activation(z, "smht"), np.tanh(z), rtol=1e-14)
    value = activation(np.array(0.7), "smht", a=1.2, b=0.8, c=1.1, d=0.9)
    assert float(value) == pytest.approx(0.6481893854, abs=5e-11)


def test_g21_twenty_logistic_layers_leave_no_gradient():
    """at best a quarter passes each layer; weights that pass 1.5 times each explode instead"""
    x = Tensor(0.0)
    y = x
    for _ in range(20):
        y = (y - y.data).sigmoid()
    y.backward()
    assert float(x.grad) == pytest.approx(9.0949e-13, rel=1e-5)
    x.grad, y = None, x
    for _ in range(20):
        y = (y * 6.0 - y.data * 6.0).sigmoid()
    y.backward()
    assert float(x.grad) == pytest.approx(3325.26, abs=5e-3)


@pytest.mark.parametrize(
    ("sizes", "n_weights", "n_parameters"),
    [
        ([9, 1024, 512, 128, 1], 599_168, 600_833),
        ([784, 10, 10], 7940, 7960),
        ([2, 10, 1], 30, 41),
    ],
    ids=["G33", "G38", "G42"],
)
def test_parameter_counts(sizes, n_weights, n_parameters):
    net = MLP(sizes, rng=np.random.default_rng(0))
    assert count_parameters(net) == n_parameters
    assert sum(layer.weight.data.size for layer in net[::2]) == n_weights
