"""Tensor: reverse mode on arrays, on every array library."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mlref.arrays import to_numpy
from mlref.autodiff import Tensor, check_gradient, unbroadcast
from mlref.errors import ShapeError

# Functions of tensors (or arrays) a (4, 3), b (4, 3), row (3,), column (4, 1), square (3, 3), written with
# operators and the methods that Tensor and torch share.
FUNCTIONS = {
    "add": lambda a, b, row, column, square: a + b,
    "add, broadcast": lambda a, b, row, column, square: a + row + column,
    "subtract": lambda a, b, row, column, square: row - a - column,
    "multiply": lambda a, b, row, column, square: a * b,
    "multiply, broadcast": lambda a, b, row, column, square: (row * column) * (a * row),
    "divide": lambda a, b, row, column, square: a / (b * b + 1.0) / (row * row + 1.0),
    "constants": lambda a, b, row, column, square: (
        2.0 * a - (1.0 - b) * 3.0 + 4.0 / (a * a + 1.0) + (5.0 + b / 2.0)
    ),
    "negate": lambda a, b, row, column, square: -a,
    "square and cube": lambda a, b, row, column, square: a**2 + b**3,
    "powers 0 and 1": lambda a, b, row, column, square: a**0 + b**1,
    "fractional power": lambda a, b, row, column, square: (a * a + 0.5) ** 0.7,
    "tensor to a tensor": lambda a, b, row, column, square: (a * a + 0.5) ** row,
    "matmul": lambda a, b, row, column, square: a @ square,
    "matmul, transposed": lambda a, b, row, column, square: a @ b.T @ column,
    "matmul, vector right": lambda a, b, row, column, square: a @ row,
    "matmul, vector left": lambda a, b, row, column, square: row @ b.T,
    "matmul, two vectors": lambda a, b, row, column, square: row @ (square @ row),
    "matmul, batches": lambda a, b, row, column, square: a.reshape(4, 1, 3) @ square @ a.reshape(4, 3, 1),
    "matmul, broadcast batches": lambda a, b, row, column, square: a.reshape(2, 2, 3) @ square @ row,
    "sum": lambda a, b, row, column, square: (a * b).sum(),
    "sum over axis 0": lambda a, b, row, column, square: a.sum(0) * row,
    "sum over axis -1, kept": lambda a, b, row, column, square: a.sum(-1, True) * b,
    "sum over two axes": lambda a, b, row, column, square: a.reshape(2, 2, 3).sum((0, 2)),
    "mean": lambda a, b, row, column, square: a.mean() * b,
    "mean over axis 1, kept": lambda a, b, row, column, square: a - a.mean(1, True),
    "reshape": lambda a, b, row, column, square: a.reshape(3, 4) @ b,
    "reshape, tuple and -1": lambda a, b, row, column, square: a.reshape((2, -1)) * 2.0,
    "transpose": lambda a, b, row, column, square: a.T @ b,
    "row": lambda a, b, row, column, square: a[1, :] * row,
    "slices": lambda a, b, row, column, square: a[1:, :2] * b[:3, 1:],
    "new axis": lambda a, b, row, column, square: row[None, :] * a[:, None, :],
    "ellipsis": lambda a, b, row, column, square: a[..., 0] * b[..., -1],
    "exp": lambda a, b, row, column, square: a.exp(),
    "log": lambda a, b, row, column, square: (a * a + 0.5).log(),
    "tanh": lambda a, b, row, column, square: a.tanh(),
    "relu": lambda a, b, row, column, square: a.relu() * b,
    "sigmoid": lambda a, b, row, column, square: a.sigmoid(),
    "used again and again": lambda a, b, row, column, square: (a * a + a) * a - a / (a * a + 1.0),
    "log-softmax": lambda a, b, row, column, square: a - a.exp().sum(1, True).log(),
}


def inputs(seed=0):
    rng = np.random.default_rng(seed)
    shapes = {"a": (4, 3), "b": (4, 3), "row": (3,), "column": (4, 1), "square": (3, 3)}
    return {name: rng.normal(size=shape) for name, shape in shapes.items()}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_values_and_gradients_match_torch(name, xp_backend):
    arrays = inputs()
    theirs = {key: torch.tensor(value, requires_grad=True) for key, value in arrays.items()}
    expected = FUNCTIONS[name](**theirs)
    upstream = np.random.default_rng(1).normal(size=tuple(expected.shape))
    expected.backward(torch.asarray(upstream))

    make = xp_backend.asarray
    ours = {key: Tensor(make(value)) for key, value in arrays.items()}
    y = FUNCTIONS[name](**ours)
    assert tuple(y.data.shape) == tuple(expected.shape)
    xp_backend.check(y.data, expected.detach().numpy(), rtol=1e-12, atol=1e-14)
    y.backward(make(upstream))
    for key, tensor in ours.items():
        if theirs[key].grad is None:
            assert tensor.grad is None
        else:
            assert tensor.grad.shape == tensor.data.shape
            xp_backend.check(tensor.grad, theirs[key].grad.numpy(), rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_gradients_pass_the_gradient_check(name):
    arrays = inputs(2)
    shape = FUNCTIONS[name](**{key: Tensor(value) for key, value in arrays.items()}).shape
    upstream = np.random.default_rng(3).normal(size=shape)

    def scalar(tensors):
        return (FUNCTIONS[name](**tensors) * upstream).sum()

    tensors = {key: Tensor(value) for key, value in arrays.items()}
    scalar(tensors).backward()
    used = {key: tensor.grad for key, tensor in tensors.items() if tensor.grad is not None}

    def f(params):
        return float(scalar({key: Tensor(value) for key, value in {**arrays, **params}.items()}).data)

    report = check_gradient(f, {key: arrays[key] for key in used}, used)
    assert report.verdict == "ok", report.message


# Broadcasting --------------------------------------------------------------------------------------


@st.composite
def broadcast_shapes(draw):
    result = tuple(draw(st.lists(st.integers(1, 4), min_size=0, max_size=4)))
    kept = result[draw(st.integers(0, len(result))) :]
    return result, tuple(1 if draw(st.booleans()) else length for length in kept)


@given(broadcast_shapes())
@settings(max_examples=100, deadline=None, derandomize=True)
def test_unbroadcast_is_the_transpose_of_broadcast(shapes):
    """<broadcast(x), g> = <x, unbroadcast(g)> for every x and g"""
    result, shape = shapes
    rng = np.random.default_rng(0)
    x, g = rng.normal(size=shape), rng.normal(size=result)
    reduced = unbroadcast(g, shape)
    assert reduced.shape == shape
    assert np.sum(np.broadcast_to(x, result) * g) == pytest.approx(np.sum(x * reduced), abs=1e-10)


@pytest.mark.parametrize(
    ("left", "right"), [((5, 1), (3,)), ((), (2, 3)), ((2, 3, 4), (4,)), ((1, 1), (1,)), ((0, 3), (3,))]
)
def test_broadcast_operands_get_gradients_of_their_own_shape(xp_backend, left, right):
    make = xp_backend.asarray
    a, b = Tensor(make(np.ones(left))), Tensor(make(2 * np.ones(right)))
    (a * b).sum().backward()
    assert (tuple(a.grad.shape), tuple(b.grad.shape)) == (left, right)
    size = np.broadcast(np.ones(left), np.ones(right)).size
    assert to_numpy(a.grad).sum() == 2 * size
    assert to_numpy(b.grad).sum() == size


@pytest.mark.parametrize("make", [np.asarray, torch.asarray])
def test_a_plain_array_on_the_left_is_a_constant(make):
    X, w = make(np.arange(6.0).reshape(2, 3)), Tensor(make(np.ones(3)))
    for y, expected in ((X @ w, [3, 5, 7]), (X * w, [3, 5, 7]), (X + w, [2, 2, 2]), (X - w, [-2, -2, -2])):
        assert isinstance(y, Tensor)
        w.grad = None
        y.sum().backward()
        np.testing.assert_allclose(to_numpy(w.grad), expected)
    w.grad = None
    (X / w).sum().backward()
    np.testing.assert_allclose(to_numpy(w.grad), [-3, -5, -7])


# max ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("axis", "ties", "expected"),
    [
        (None, "share", [[0, 1 / 3, 1 / 3], [1 / 3, 0, 0]]),
        (None, "first", [[0, 1, 0], [0, 0, 0]]),
        (0, "share", [[0, 1, 1], [1, 0, 0]]),
        (1, "share", [[0, 1 / 2, 1 / 2], [1, 0, 0]]),
        (-1, "first", [[0, 1, 0], [1, 0, 0]]),
    ],
)
@pytest.mark.parametrize("keepdims", [False, True])
def test_max_and_its_ties(xp_backend, axis, ties, expected, keepdims):
    values = np.array([[1.0, 5.0, 5.0], [5.0, 2.0, 0.0]])
    x = Tensor(xp_backend.asarray(values))
    y = x.max(axis, keepdims, ties)
    np.testing.assert_array_equal(to_numpy(y.data), values.max(axis=axis, keepdims=keepdims))
    y.sum().backward()
    np.testing.assert_allclose(to_numpy(x.grad), expected, rtol=1e-15)


@pytest.mark.parametrize("axis", [None, 0, 1, -1])
def test_max_without_ties_matches_torch(axis):
    values = inputs()["a"]
    x, theirs = Tensor(values), torch.tensor(values, requires_grad=True)
    y = x.max(axis)
    expected = theirs.max() if axis is None else theirs.amax(axis)
    y.backward(np.ones(y.shape))
    expected.backward(torch.ones_like(expected))
    np.testing.assert_array_equal(x.grad, theirs.grad.numpy())


def test_shared_ties_are_what_torch_does():
    values = np.array([[1.0, 5.0, 5.0], [5.0, 5.0, 5.0]])
    x, theirs = Tensor(values), torch.tensor(values, requires_grad=True)
    x.max(1).sum().backward()
    theirs.amax(1).sum().backward()
    np.testing.assert_array_equal(x.grad, theirs.grad.numpy())


def test_max_refuses_another_rule():
    with pytest.raises(ValueError, match="'share' or 'first', got 'last'"):
        Tensor([1.0]).max(ties="last")


# Indexing and axes ----------------------------------------------------------------------------------


def test_an_element_taken_twice_receives_both_gradients(xp_backend):
    make = xp_backend.asarray
    table = Tensor(make(np.arange(8.0, dtype=np.float32).reshape(4, 2)))
    part = table[make([2, 0, 2, 2]), make([1, 0, 1, 0])]
    np.testing.assert_array_equal(to_numpy(part.data), [5, 0, 5, 4])
    part.backward(make(np.array([1.0, 2.0, 3.0, 4.0], dtype=np.float32)))
    assert table.grad.dtype == table.data.dtype
    xp_backend.check(table.grad, [[2, 0], [0, 0], [4, 4], [0, 0]])


@pytest.mark.parametrize("make", [np.asarray, torch.asarray])
@pytest.mark.parametrize(
    "index", [([2, 0, 2, 2],), (slice(None), [1, 1, 0]), ([0, 0], slice(1, None)), (None, [1, 1])]
)
def test_rows_and_columns_taken_by_number_match_torch(make, index):
    values = np.arange(8.0).reshape(4, 2)
    theirs = torch.tensor(values, requires_grad=True)
    expected = theirs[tuple(torch.as_tensor(part) if isinstance(part, list) else part for part in index)]
    upstream = np.random.default_rng(0).normal(size=tuple(expected.shape))
    expected.backward(torch.asarray(upstream))
    table = Tensor(make(values))
    table[tuple(make(part) if isinstance(part, list) else part for part in index)].backward(make(upstream))
    np.testing.assert_allclose(to_numpy(table.grad), theirs.grad.numpy(), rtol=1e-14)


@pytest.mark.parametrize("axes", [None, (0, 1, 2), (2, 0, 1), (1, 2, 0), (-1, 0, -2)])
def test_transpose_and_back(xp_backend, axes):
    values = np.random.default_rng(0).normal(size=(2, 3, 4))
    upstream = np.random.default_rng(1).normal(size=values.transpose(axes).shape)
    x = Tensor(xp_backend.asarray(values))
    y = x.transpose(axes)
    np.testing.assert_array_equal(to_numpy(y.data), values.transpose(axes))
    y.backward(xp_backend.asarray(upstream))
    np.testing.assert_allclose(np.sum(to_numpy(x.grad) * values), np.sum(upstream * to_numpy(y.data)))
    assert tuple(x.grad.shape) == (2, 3, 4)


def test_the_mean_of_an_empty_axis_does_not_hide():
    with pytest.warns(RuntimeWarning, match="invalid value"):
        assert np.isnan(Tensor(np.ones((0, 2))).mean(0).data).all()
    assert Tensor(np.ones((0, 2))).mean(1).shape == (0,)


# backward -------------------------------------------------------------------------------------------


def test_golden_gradients():
    """G23: 3x^2 + 2y - 7 at (3, 5) has value 30 and gradient (18, 2)"""
    x, y = Tensor(3.0), Tensor(5.0)
    z = 3 * x**2 + 2 * y - 7
    z.backward()
    assert (float(z.data), float(x.grad), float(y.grad)) == (30.0, 18.0, 2.0)


def test_golden_two_layer_network_as_matrices():
    """G10, G11 with the weights as matrices"""
    X, targets = np.array([[0.05, 0.10]]), np.array([[0.01, 0.99]])
    W1, W2 = Tensor([[0.15, 0.25], [0.20, 0.30]]), Tensor([[0.40, 0.50], [0.45, 0.55]])
    hidden = (X @ W1 + 0.35).sigmoid()
    error = (((hidden @ W2 + 0.60).sigmoid() - targets) ** 2).sum() * 0.5
    error.backward()
    assert float(error.data) == pytest.approx(0.2983711088, abs=6e-11)
    dW2 = [[0.0821670406, -0.0226025405], [0.0826676278, -0.0227402422]]
    dW1 = [[0.0004385677, 0.0004977127], [0.0008771355, 0.0009954255]]
    np.testing.assert_allclose(W2.grad, dW2, rtol=0, atol=6e-11)
    np.testing.assert_allclose(W1.grad, dW1, rtol=0, atol=6e-11)


def test_a_second_backward_adds_the_same_gradients():
    x = Tensor([1.0, 2.0])
    y = (x * x * x).sum()
    y.backward()
    y.backward()
    np.testing.assert_array_equal(x.grad, [6.0, 24.0])


def test_only_tensors_made_by_the_user_receive_a_gradient():
    x = Tensor([1.0, 2.0])
    inner = x * 2
    result = inner.sum()
    assert x.grad is None
    result.backward()
    assert inner.grad is None
    assert result.grad is None
    x.backward(np.array([10.0, 20.0]))
    np.testing.assert_array_equal(x.grad, [12.0, 22.0])


def test_gradients_share_memory_with_nothing():
    x, y = Tensor(np.ones(3)), Tensor(np.ones(3))
    upstream = np.ones(3)
    (x + y).backward(upstream)
    x.grad *= 5.0
    np.testing.assert_array_equal(y.grad, np.ones(3))
    np.testing.assert_array_equal(upstream, np.ones(3))
    total = Tensor(np.ones((2, 3)))
    total.sum().backward()
    total.grad += 1.0
    np.testing.assert_array_equal(total.grad, 2 * np.ones((2, 3)))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_gradients_share_memory_with_nothing_after_any_operation(name):
    """only operations that promise new memory hand it to the user without a copy"""
    tensors = {key: Tensor(value) for key, value in inputs().items()}
    y = FUNCTIONS[name](**tensors)
    upstream = np.ones(y.shape)
    y.backward(upstream)
    held = [upstream, y.data, *(tensor.data for tensor in tensors.values())]
    held += [tensor.grad for tensor in tensors.values() if tensor.grad is not None]
    for i, first in enumerate(held):
        assert not any(np.shares_memory(first, second) for second in held[i + 1 :] if first is not y.data)
    assert all(tensor.grad is None or tensor.grad.flags.writeable for tensor in tensors.values())


def test_an_operand_that_is_read_only_stays_as_it_is():
    arrays = inputs()
    for array in arrays.values():
        array.flags.writeable = False
    before = {name: array.tobytes() for name, array in arrays.items()}
    tensors = {name: Tensor(array) for name, array in arrays.items()}
    for function in FUNCTIONS.values():
        y = function(**tensors)
        y.backward(np.ones(y.shape))
    assert {name: array.tobytes() for name, array in arrays.items()} == before


def test_float32_stays_float32(xp_backend):
    x = Tensor(xp_backend.asarray(np.ones((2, 2), dtype=np.float32)))
    y = ((x @ x).relu() * 2.0 + 1.0).sigmoid().mean() ** 2
    y.backward()
    assert y.data.dtype == x.data.dtype
    assert x.grad.dtype == x.data.dtype


def test_data_and_gradients_are_arrays_even_without_axes():
    x = Tensor(2.0)
    y = x * x
    y.backward()
    assert type(x.data) is type(y.data) is type(x.grad) is np.ndarray
    assert x.grad.shape == ()


def test_a_chain_longer_than_the_stack():
    x = y = Tensor(np.ones(2))
    for _ in range(20_000):
        y = y + 0.0
    y.backward(np.ones(2))
    np.testing.assert_array_equal(x.grad, np.ones(2))


def test_a_ladder_of_diamonds_is_walked_once():
    x = y = Tensor(1.0)
    for _ in range(200):
        y = y * 0.5 + y * 0.5
    y.backward()
    assert float(x.grad) == 1.0


@pytest.mark.parametrize("x", [-1000.0, -40.0, 0.0, 40.0, 1000.0])
def test_sigmoid_and_tanh_do_not_overflow(x):
    for function in (Tensor.sigmoid, Tensor.tanh):
        tensor = Tensor([x])
        y = function(tensor)
        y.backward()
        assert np.isfinite(y.data).all()
        assert np.isfinite(tensor.grad).all()
    assert Tensor(-40.0).sigmoid().data == pytest.approx(np.exp(-40), rel=1e-12)


def test_slopes_at_zero():
    x = Tensor([0.0])
    for function, slope in (
        (lambda x: x.relu(), 0.0),
        (lambda x: x**0, 0.0),
        (lambda x: x ** np.array([0.0]), 0.0),
    ):
        x.grad = None
        function(x).backward()
        assert x.grad[0] == slope


def test_not_a_number_is_passed_on():
    assert np.isnan(Tensor([np.nan]).relu().data[0])


def test_errors():
    x = Tensor(np.ones((2, 3)))
    with pytest.raises(ShapeError, match=r"shape \(2, 3\) needs a gradient"):
        x.backward()
    with pytest.raises(ShapeError, match=r"gradient has shape \(3,\); the tensor has shape \(2, 3\)"):
        x.backward(np.ones(3))
    with pytest.raises(TypeError, match="dtype int64; a gradient needs a real floating dtype"):
        Tensor(np.array([1, 2]))
    with pytest.raises(TypeError, match="dtype bool"):
        Tensor([True])
    with pytest.raises(TypeError, match="dtype complex128"):
        Tensor(np.array([1j]))
    with pytest.raises(TypeError, match=r"dtype torch\.int64"):
        Tensor(torch.asarray([1]))
    with pytest.raises(ValueError, match="broadcast"):
        x + Tensor(np.ones(2))
    with pytest.raises(ValueError, match="reshape"):
        x.reshape(4, 2)


def test_the_largest_of_all_keeps_its_axes_only_if_asked():
    x = Tensor(np.array([[1.0, 5.0], [2.0, 3.0]]))
    assert x.max(keepdims=True).shape == (1, 1)
    assert x.max().shape == ()


def test_the_gradient_that_is_handed_in_is_not_the_one_that_is_kept():
    x, given = Tensor(np.ones(2)), np.ones(2)
    x.backward(given)
    given[0] = 7.0
    np.testing.assert_array_equal(x.grad, [1.0, 1.0])


def test_a_sum_hands_its_gradient_down_as_a_copy():
    x, given = Tensor(np.ones(2)), np.ones(2)
    (x + 1.0).backward(given)
    given[0] = 7.0
    np.testing.assert_array_equal(x.grad, [1.0, 1.0])
