"""Value: reverse mode on numbers."""

import math
import sys

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mlref.autodiff import Value

NUMBERS = st.floats(-3, 3).filter(lambda x: abs(x) > 1e-3)

UNARY = {
    "exp": lambda x: x.exp(),
    "tanh": lambda x: x.tanh(),
    "relu": lambda x: x.relu(),
    "sigmoid": lambda x: x.sigmoid(),
    "sin": lambda x: x.sin(),
    "cos": lambda x: x.cos(),
    "log": lambda x: (x * x + 0.5).log(),
    "sqrt": lambda x: (x * x + 0.5).sqrt(),
    "negative": lambda x: -x,
    "cube": lambda x: x**3,
    "reciprocal": lambda x: x**-1,
    "constants on the left": lambda x: (2 + x) * (3 - x) / (1 / x) * 4,
    "constants on the right": lambda x: (x + 2) * (x - 3) / 5 * 4.0,
}


@pytest.mark.parametrize("name", UNARY)
@given(x=NUMBERS)
@settings(max_examples=30, deadline=None, derandomize=True)
def test_functions_of_one_number_match_torch(name, x):
    ours, theirs = Value(x), torch.tensor(x, dtype=torch.float64, requires_grad=True)
    y, expected = UNARY[name](ours), UNARY[name](theirs)
    y.backward()
    expected.backward()
    assert y.data == pytest.approx(expected.item(), rel=1e-12)
    assert ours.grad == pytest.approx(theirs.grad.item(), rel=1e-9, abs=1e-12)


@given(a=NUMBERS, b=NUMBERS, c=NUMBERS)
@settings(max_examples=50, deadline=None, derandomize=True)
def test_a_graph_with_shared_parts_matches_torch(a, b, c):
    def f(a, b, c):
        d = a * b + c
        e = d.tanh() * d - a / b
        return (e * e + d.sigmoid()) * c - e

    ours = [Value(x) for x in (a, b, c)]
    theirs = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in (a, b, c)]
    y, expected = f(*ours), f(*theirs)
    y.backward()
    expected.backward()
    assert y.data == pytest.approx(expected.item(), rel=1e-12)
    for mine, other in zip(ours, theirs, strict=True):
        assert mine.grad == pytest.approx(other.grad.item(), rel=1e-9, abs=1e-9)


def test_golden_path_sum():
    """G24: 3x^2 + 2x at 5: nodes 25, 75, 10, 85; derivative 30 + 2"""
    x = Value(5)
    square = x * x
    left, right = 3 * square, 2 * x
    y = left + right
    y.backward()
    assert [square.data, left.data, right.data, y.data] == [25.0, 75.0, 10.0, 85.0]
    assert x.grad == 32.0


def test_golden_chain_rule():
    """G25: dz/dy = 3 and dy/dx = 2 give dz/dx = 6"""
    x = Value(1.5)
    y = 2 * x
    z = 3 * y
    z.backward()
    assert (y.grad, x.grad) == (3.0, 6.0)


def test_golden_gradient_descent_on_a_quartic():
    """G26: x^4 - 14x^3 + 60x^2 - 70x from 7 with steps of 0.001"""
    path = [7.0]
    for _ in range(100):
        x = Value(path[-1])
        y = x**4 - 14 * x**3 + 60 * x**2 - 70 * x
        y.backward()
        if len(path) == 1:
            assert (y.data, x.grad) == (pytest.approx(49.0), pytest.approx(84.0))
        path.append(x.data - 0.001 * x.grad)
    expected = {1: 6.916, 2: 6.841786018816, 3: 6.775736208, 10: 6.461186390, 100: 5.962864338}
    for step, value in expected.items():
        assert path[step] == pytest.approx(value, abs=1e-9)


def test_golden_two_layer_network():
    """G10, G11: the 2-2-2 logistic network with squared error, every gradient"""
    i1, i2 = Value(0.05), Value(0.10)
    w = [Value(v) for v in (0.15, 0.20, 0.25, 0.30, 0.40, 0.45, 0.50, 0.55)]
    net_h = [w[0] * i1 + w[1] * i2 + 0.35, w[2] * i1 + w[3] * i2 + 0.35]
    h = [net.sigmoid() for net in net_h]
    net_o = [w[4] * h[0] + w[5] * h[1] + 0.60, w[6] * h[0] + w[7] * h[1] + 0.60]
    o = [net.sigmoid() for net in net_o]
    errors = [(out - target) ** 2 * 0.5 for out, target in zip(o, (0.01, 0.99), strict=True)]
    total = errors[0] + errors[1]
    total.backward()

    def close(nodes, attribute, expected):
        values = [getattr(node, attribute) for node in nodes]
        np.testing.assert_allclose(values, expected, rtol=0, atol=6e-11)

    close(net_h, "data", [0.3775, 0.3925])
    close(h, "data", [0.5932699921, 0.5968843783])
    close(net_o, "data", [1.1059059671, 1.2249214041])
    close(o, "data", [0.7513650696, 0.7729284653])
    close([*errors, total], "data", [0.2748110832, 0.0235600256, 0.2983711088])
    close(net_o, "grad", [0.1384985616, -0.0380982365])
    close(w[4:], "grad", [0.0821670406, 0.0826676278, -0.0226025405, -0.0227402422])
    close(h, "grad", [0.0363503064, 0.0413703226])
    close(w[:4], "grad", [0.0004385677, 0.0008771355, 0.0004977127, 0.0009954255])
    new = [node.data - 0.5 * node.grad for node in w]
    expected = [0.1497807161, 0.1995614323, 0.2497511436, 0.2995022873]
    expected += [0.3589164797, 0.4086661861, 0.5113012702, 0.5613701211]
    np.testing.assert_allclose(new, expected, rtol=0, atol=6e-11)


def test_golden_network_trained_with_and_without_biases():
    """G12, G13: the error after one update, biases fixed, one per unit, or one per layer"""

    def error(w, biases):
        b = [*biases[0], *biases[1]]
        h = [(w[0] * 0.05 + w[1] * 0.10 + b[0]).sigmoid(), (w[2] * 0.05 + w[3] * 0.10 + b[1]).sigmoid()]
        o = [(w[4] * h[0] + w[5] * h[1] + b[2]).sigmoid(), (w[6] * h[0] + w[7] * h[1] + b[3]).sigmoid()]
        return 0.5 * (o[0] - 0.01) ** 2 + 0.5 * (o[1] - 0.99) ** 2

    def after_one_update(learned, biases):
        w = [Value(v) for v in (0.15, 0.20, 0.25, 0.30, 0.40, 0.45, 0.50, 0.55)]
        error(w, biases).backward()
        grads = [b.grad for b in learned]
        for node in [*w, *learned]:
            node.data -= 0.5 * node.grad
        return error(w, biases).data, grads

    fixed = ((0.35, 0.35), (0.60, 0.60))
    assert after_one_update([], fixed)[0] == pytest.approx(0.291027773694, abs=1e-12)
    each = [Value(0.35), Value(0.35), Value(0.60), Value(0.60)]
    loss, grads = after_one_update(each, (each[:2], each[2:]))
    assert loss == pytest.approx(0.280471446791, abs=1e-12)
    np.testing.assert_allclose(
        grads[2:] + grads[:2], [0.1384985616, -0.0380982365, 0.0087713547, 0.0099542547], atol=6e-11
    )
    shared = [Value(0.35), Value(0.60)]
    loss, _ = after_one_update(shared, ([shared[0]] * 2, [shared[1]] * 2))
    assert loss == pytest.approx(0.285750886699, abs=1e-12)


def test_a_node_used_twice_receives_both_parts():
    x = Value(3.0)
    y = x + x
    y.backward()
    assert x.grad == 2.0


def test_every_node_has_a_gradient_and_the_result_has_one():
    x = Value(2.0)
    inner = x * x
    y = inner * 3
    y.backward()
    assert (x.grad, inner.grad, y.grad) == (12.0, 3.0, 1.0)


def test_a_second_backward_adds_the_same_gradients_to_every_node():
    x = Value(2.0)
    inner = x * x
    y = inner * inner
    y.backward()
    first = [node.grad for node in (x, inner, y)]
    y.backward()
    assert [node.grad for node in (x, inner, y)] == [2 * grad for grad in first]


def test_two_results_sum_into_what_they_share_until_it_is_reset():
    x = Value(2.0)
    (3 * x).backward()
    (x * x).backward()
    assert x.grad == 7.0
    x.grad = 0.0
    (x * x).backward()
    assert x.grad == 4.0


def test_a_chain_longer_than_the_stack():
    x = Value(1.0)
    y = x
    for _ in range(20_000):
        y = y * 1.0 + 0.0
    y.backward()
    assert x.grad == 1.0


def test_a_ladder_of_diamonds_is_walked_once():
    """2^200 paths, 400 nodes: a walk along paths would not end"""
    x = Value(1.0)
    y = x
    for _ in range(200):
        y = y * 0.5 + y * 0.5
    y.backward()
    assert x.grad == 1.0


def test_work_grows_in_proportion_to_the_graph():
    def calls(n):
        y = x = Value(0.5)
        for _ in range(n):
            y = y * 0.5 + x
        counted = []
        sys.setprofile(lambda frame, event, argument: counted.append(event))
        y.backward()
        sys.setprofile(None)
        return len(counted)

    assert calls(4000) < 2.01 * calls(2000)


@pytest.mark.parametrize("x", [-1000.0, -40.0, 0.0, 40.0, 1000.0])
def test_sigmoid_and_tanh_do_not_overflow(x):
    for function in (Value.sigmoid, Value.tanh):
        node = Value(x)
        y = function(node)
        y.backward()
        assert math.isfinite(y.data)
        assert math.isfinite(node.grad)
    assert Value(-40.0).sigmoid().data == pytest.approx(math.exp(-40), rel=1e-12)


def test_corners():
    for function, slope in (
        (lambda x: x.relu(), 0.0),
        (lambda x: x**0, 0.0),
        (lambda x: x**1, 1.0),
        (lambda x: x**2, 0.0),
    ):
        x = Value(0.0)
        function(x).backward()
        assert x.grad == slope


def test_numpy_numbers_on_the_left_keep_the_graph():
    x = Value(3.0)
    y = np.float64(2.0) * x + np.float64(1.0)
    assert isinstance(y, Value)
    y.backward()
    assert (y.data, x.grad) == (7.0, 2.0)


def test_errors():
    with pytest.raises(TypeError, match="must be an int or a float, got Value"):
        Value(2.0) ** Value(3.0)
    with pytest.raises(ValueError, match=r"math domain error|positive"):
        Value(-1.0).log()
    with pytest.raises(ValueError, match=r"math domain error|nonnegative"):
        Value(-1.0).sqrt()
    with pytest.raises(ValueError, match="math domain error"):
        Value(-8.0) ** 0.5
    with pytest.raises(ZeroDivisionError):
        Value(0.0).sqrt()
    with pytest.raises(ZeroDivisionError):
        1 / Value(0.0)
    with pytest.raises(TypeError):
        Value([1.0])
    with pytest.raises(ValueError, match="one"):
        Value("one")


@given(x=st.floats(-2, 2), n=st.integers(-3, 4))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_power_rule(x, n):
    assume(abs(x) > 1e-2)
    node = Value(x)
    (node**n).backward()
    assert node.grad == pytest.approx(n * x ** (n - 1), rel=1e-12)
