"""Recurrent networks: torch is the oracle; what a recurrence must satisfy is written out."""

import re

import numpy as np
import pytest
import torch

from mlref.arrays import to_numpy
from mlref.autodiff import Tensor, check_gradient
from mlref.errors import ShapeError
from mlref.losses import mse_loss
from mlref.nn.linear import Linear
from mlref.nn.recurrent import (
    GRU,
    LSTM,
    RNN,
    GRUCell,
    LSTMCell,
    RNNCell,
    detach,
    gru_backward,
    gru_forward,
    lstm_backward,
    lstm_forward,
    rnn_backward,
    rnn_forward,
    truncated_backward,
)
from mlref.optim import Adam, clip_grad_norm

T, N, D, H = 6, 4, 3, 5

CELLS = {
    "rnn": (1, rnn_forward, rnn_backward, RNN, RNNCell, torch.nn.RNN),
    "gru": (3, gru_forward, gru_backward, GRU, GRUCell, torch.nn.GRU),
    "lstm": (4, lstm_forward, lstm_backward, LSTM, LSTMCell, torch.nn.LSTM),
}
PARAMETERS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


@pytest.fixture(params=CELLS)
def name(request):
    return request.param


def problem(name, seed=0):
    """Parameters, inputs, first states (state, and memory for LSTM) and upstream gradients."""
    rng = np.random.default_rng(seed)
    rows = CELLS[name][0] * H
    params = {
        "weight_ih": rng.normal(size=(rows, D)),
        "weight_hh": rng.normal(size=(rows, H)),
        "bias_ih": rng.normal(size=rows),
        "bias_hh": rng.normal(size=rows),
    }
    initial = [rng.normal(size=(N, H)) for _ in range(2 if name == "lstm" else 1)]
    upstream = [rng.normal(size=(T, N, H)), *([rng.normal(size=(N, H))] if name == "lstm" else [])]
    return params, rng.normal(size=(T, N, D)), initial, upstream


def walk(name, params, X, *initial):
    """The trace of a forward pass, always a tuple."""
    trace = CELLS[name][1](params, X, *initial)
    return trace if isinstance(trace, tuple) else (trace,)


def as_torch(layer):
    """The state of one of our layers under torch's names."""
    renamed = {}
    for key, value in layer.state_dict().items():
        _, number, parameter = key.split(".")
        renamed[f"{parameter}_l{number}"] = torch.tensor(value)
    return renamed


def test_states_and_gradients_are_torchs(name):
    params, X, initial, upstream = problem(name)
    oracle = CELLS[name][5](D, H).double()
    oracle.load_state_dict({f"{key}_l0": torch.tensor(value) for key, value in params.items()})
    x, *first = (torch.tensor(array, requires_grad=True) for array in (X, *(h[None] for h in initial)))
    output, last = oracle(x, tuple(first) if name == "lstm" else first[0])
    loss = (output * torch.tensor(upstream[0])).sum()
    if name == "lstm":
        loss = loss + (last[1][0] * torch.tensor(upstream[1])).sum()
    loss.backward()

    trace = walk(name, params, X, *initial)
    grads, dX, *dinitial = CELLS[name][2](params, X, *trace, *upstream)
    np.testing.assert_allclose(trace[0][1:], output.detach(), rtol=1e-10)
    for key in PARAMETERS:
        np.testing.assert_allclose(grads[key], getattr(oracle, f"{key}_l0").grad, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(dX, x.grad, rtol=1e-9, atol=1e-12)
    for ours, theirs in zip(dinitial, first, strict=True):
        np.testing.assert_allclose(ours, theirs.grad[0], rtol=1e-9, atol=1e-12)


def test_gradients_pass_the_checker(name):
    params, X, initial, upstream = problem(name, seed=1)
    everything = {**params, "X": X, **{f"initial{i}": h for i, h in enumerate(initial)}}

    def loss(p):
        trace = walk(name, p, p["X"], *(p[f"initial{i}"] for i in range(len(initial))))
        value = np.sum(trace[0][1:] * upstream[0])
        return float(value + np.sum(trace[1][-1] * upstream[1]) if name == "lstm" else value)

    grads, dX, *dinitial = CELLS[name][2](params, X, *walk(name, params, X, *initial), *upstream)
    report = check_gradient(
        loss, everything, {**grads, "X": dX, **{f"initial{i}": h for i, h in enumerate(dinitial)}}
    )
    assert report.verdict == "ok", report.text


def test_every_array_library_walks_alike(name, xp_backend):
    params, X, initial, upstream = problem(name)
    expected = walk(name, params, X, *initial)
    here = {key: xp_backend.asarray(value) for key, value in params.items()}
    trace = walk(name, here, xp_backend.asarray(X), *map(xp_backend.asarray, initial))
    xp_backend.check(trace[0], expected[0])
    grads, dX, *_ = CELLS[name][2](here, xp_backend.asarray(X), *trace, *map(xp_backend.asarray, upstream))
    expected_grads, expected_dX, *_ = CELLS[name][2](params, X, *expected, *upstream)
    xp_backend.check(dX, expected_dX, atol=1e-11)
    xp_backend.check(grads["weight_hh"], expected_grads["weight_hh"], atol=1e-11)


def test_one_step_without_a_state_is_a_hidden_layer():
    params, X, *_ = problem("rnn")
    states = rnn_forward(params, X[:1])
    np.testing.assert_allclose(
        states[1], np.tanh(X[0] @ params["weight_ih"].T + params["bias_ih"] + params["bias_hh"]), rtol=1e-12
    )


def test_the_state_carries_over(name):
    params, X, initial, _ = problem(name)
    whole = walk(name, params, X, *initial)
    first = walk(name, params, X[:2], *initial)
    second = walk(name, params, X[2:], *(part[-1] for part in first[: len(initial)]))
    np.testing.assert_allclose(second[0], whole[0][2:], rtol=1e-12)


def test_no_state_sees_the_future(name):
    params, X, initial, _ = problem(name)
    changed = X.copy()
    changed[4:] += 1.0
    before, after = walk(name, params, X, *initial)[0], walk(name, params, changed, *initial)[0]
    assert np.array_equal(before[:5], after[:5])
    assert not np.allclose(before[5], after[5])


def test_a_gru_with_an_open_update_gate_keeps_its_state():
    params, X, initial, _ = problem("gru")
    params["bias_ih"][H : 2 * H] = 1000.0
    states, _ = gru_forward(params, X, *initial)
    np.testing.assert_allclose(states[-1], initial[0], rtol=1e-12)


@pytest.mark.parametrize("layers", [1, 2])
def test_layers_are_torchs(name, layers):
    layer = CELLS[name][3](D, H, layers, rng=np.random.default_rng(2))
    oracle = CELLS[name][5](D, H, layers).double()
    oracle.load_state_dict(
        {
            f"{key.split('.')[2]}_l{key.split('.')[1]}": torch.tensor(v)
            for key, v in layer.state_dict().items()
        }
    )
    X = np.random.default_rng(3).normal(size=(T, N, D))
    x = torch.tensor(X, requires_grad=True)
    expected, last = oracle(x)
    expected.sum().backward()
    ours = Tensor(X)
    output, state = layer(ours)
    output.sum().backward()
    np.testing.assert_allclose(output.data, expected.detach(), rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(ours.grad, x.grad, rtol=1e-9, atol=1e-12)
    for i in range(layers):
        h = state[i][0] if name == "lstm" else state[i]
        np.testing.assert_allclose(h.data, (last[0] if name == "lstm" else last)[i].detach(), rtol=1e-10)
    grad = layer.cells[0].weight_hh.grad
    np.testing.assert_allclose(grad, oracle.weight_hh_l0.grad, rtol=1e-9, atol=1e-12)


def test_a_cell_is_one_step_of_its_layer(name):
    layer = CELLS[name][3](D, H, rng=np.random.default_rng(4))
    cell = CELLS[name][4](D, H, rng=np.random.default_rng(4))
    X = np.random.default_rng(5).normal(size=(3, N, D))
    output, _ = layer(X)
    state = None
    for x in X:
        state = cell(x, state)
    last = state[0] if name == "lstm" else state
    np.testing.assert_allclose(last.data, output.data[-1], rtol=1e-12)


def test_the_last_memory_has_a_gradient_too():
    layer = LSTM(D, H, rng=np.random.default_rng(6))
    X = np.random.default_rng(7).normal(size=(T, N, D))

    def loss(p):
        return float(np.sum(lstm_forward({**values, **p}, X)[1][-1]))

    values = {key: getattr(layer.cells[0], key).data for key in PARAMETERS}
    _, [(_, memory)] = layer(X)
    memory.sum().backward()
    report = check_gradient(loss, values, {key: getattr(layer.cells[0], key).grad for key in PARAMETERS})
    assert report.verdict == "ok", report.text


def test_weights_are_drawn_as_torch_draws_them(name):
    layer = CELLS[name][3](30, 25, rng=np.random.default_rng(15))
    for parameter in layer.parameters():
        assert np.all(np.abs(parameter.data) < 0.2)
        assert parameter.data.min() < -0.15 < 0.15 < parameter.data.max()
        assert parameter.data.std() == pytest.approx(0.2 / np.sqrt(3), rel=0.2)


def test_single_precision_stays(name):
    layer = CELLS[name][3](D, H, rng=np.random.default_rng(0)).to(np.float32(0))
    output, _ = layer(np.ones((T, N, D), np.float32))
    output.sum().backward()
    assert output.data.dtype == layer.cells[0].bias_hh.grad.dtype == np.float32


def sum_of_squares(output, start):
    return (output * output).sum()


def test_truncation_beyond_the_end_cuts_nothing(name):
    whole, cut = (CELLS[name][3](D, H, rng=np.random.default_rng(8)) for _ in range(2))
    X = np.random.default_rng(9).normal(size=(T, N, D))
    sum_of_squares(whole(X)[0], 0).backward()
    total, _ = truncated_backward(cut, X, sum_of_squares, T)
    assert total == pytest.approx(float(sum_of_squares(whole(X)[0], 0).data), rel=1e-12)
    for a, b in zip(whole.parameters(), cut.parameters(), strict=True):
        np.testing.assert_allclose(a.grad, b.grad, rtol=1e-10)


def test_truncation_carries_the_state_and_cuts_the_gradient(name):
    layer = CELLS[name][3](D, H, rng=np.random.default_rng(10))
    oracle = CELLS[name][5](D, H).double()
    oracle.load_state_dict(as_torch(layer))
    X = np.random.default_rng(11).normal(size=(T, N, D))
    total, expected, state = 0.0, 0.0, None
    for start in range(0, T, 4):
        output, state = oracle(torch.tensor(X[start : start + 4]), state)
        part = (output**2).sum()
        part.backward()
        expected += float(part.detach())
        state = tuple(h.detach() for h in state) if name == "lstm" else state.detach()
    total, _ = truncated_backward(layer, X, sum_of_squares, 4)
    assert total == pytest.approx(expected, rel=1e-12)
    np.testing.assert_allclose(layer.cells[0].weight_hh.grad, oracle.weight_hh_l0.grad, rtol=1e-9, atol=1e-12)


def test_a_detached_state_has_no_past():
    x = Tensor([1.0, 2.0])
    (detach([(x * x, x)])[0][0] * x).sum().backward()
    assert x.grad.tolist() == [1.0, 4.0]


@pytest.mark.parametrize("shape", [(T, N, 2), (N, D), (0, N, D)])
def test_inputs_that_do_not_fit_are_named(name, shape):
    layer = CELLS[name][3](D, H, rng=np.random.default_rng(0))
    with pytest.raises(ShapeError, match=re.escape(f"X has shape {shape}; it must be (T, N, 3)")):
        layer(np.ones(shape))


def test_a_first_state_that_does_not_fit_is_named(name):
    params, X, *_ = problem(name)
    with pytest.raises(ShapeError, match=re.escape("h0 has shape (5, 4); it must be (N, H) = (4, 5)")):
        CELLS[name][1](params, X, np.ones((H, N)))


def test_an_oddly_numbered_truncation_is_refused():
    with pytest.raises(ValueError, match="length is 0"):
        truncated_backward(RNN(1, 1, rng=np.random.default_rng(0)), np.ones((2, 1, 1)), sum_of_squares, 0)


def test_layers_run_on_torch(name):
    layer = CELLS[name][3](D, H, rng=np.random.default_rng(12))
    X = np.random.default_rng(13).normal(size=(T, N, D))
    expected = layer(X)[0].data
    output, _ = layer.to(torch.ones(1, dtype=torch.float64))(torch.tensor(X))
    output.sum().backward()
    np.testing.assert_allclose(to_numpy(output.data), expected, rtol=1e-12)
    assert isinstance(layer.cells[0].weight_ih.grad, torch.Tensor)


def test_a_network_learns_to_remember(name):
    """The first of 20 inputs is the answer, the others are noise; knowing nothing costs 1."""
    rng = np.random.default_rng(14)
    layer, head = CELLS[name][3](1, 8, rng=rng), Linear(8, 1, rng=rng)
    if name == "lstm":
        layer.cells[0].bias_ih.data[8:16] = (
            2.0  # forget gates half closed forget the answer before it is learned
        )
    parameters = layer.parameters() + head.parameters()
    optimizer, losses = Adam(parameters, 2e-2), []
    for _ in range(120):
        X = 0.1 * rng.normal(size=(20, 32, 1))
        X[0] = rng.choice([-1.0, 1.0], size=(32, 1))
        optimizer.zero_grad()
        loss = mse_loss(head(layer(X)[0][-1]), X[0])
        loss.backward()
        clip_grad_norm(parameters, 1.0)
        optimizer.step()
        losses.append(float(loss.data))
    assert losses[0] > 0.8
    assert np.mean(losses[-10:]) < 0.1
