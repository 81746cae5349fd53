"""grad, value_and_grad, grad_and_value, jacobian and hvp."""

import gc
import weakref

import numpy as np
import pytest
import scipy.optimize
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mlref.autodiff import (
    Tensor,
    check_gradient,
    grad,
    grad_and_value,
    hvp,
    jacobian,
    numerical_gradient,
    value_and_grad,
)
from mlref.errors import ShapeError

A = np.random.default_rng(0).normal(size=(4, 3))
B = np.random.default_rng(1).normal(size=(3, 3))


def smooth(x):
    """A scalar function of a vector of 3 with a dense Hessian."""
    return ((A @ x).tanh() * (A @ x)).sum() + (x @ (B @ x)) * 0.5 + (x[0] * x[2]).exp()


def smooth_by_torch(x):
    a, b = torch.asarray(A), torch.asarray(B)
    return ((a @ x).tanh() * (a @ x)).sum() + (x @ (b @ x)) * 0.5 + (x[0] * x[2]).exp()


def vector(x):
    """A function from (3,) to (4, 2)."""
    first = (A @ x).tanh().reshape(4, 1)
    return first * (x[:2] ** 2).reshape(1, 2) + (A @ x).reshape(4, 1)


def vector_by_torch(x):
    first = (torch.asarray(A) @ x).tanh().reshape(4, 1)
    return first * (x[:2] ** 2).reshape(1, 2) + (torch.asarray(A) @ x).reshape(4, 1)


POINTS = st.lists(st.floats(-2, 2), min_size=3, max_size=3).map(lambda x: np.round(x, 3))


# grad and value_and_grad ----------------------------------------------------------------------------


@given(POINTS)
@settings(max_examples=30, deadline=None, derandomize=True)
def test_grad_matches_torch(x):
    expected = torch.autograd.functional.jacobian(smooth_by_torch, torch.asarray(x)).numpy()
    np.testing.assert_allclose(grad(smooth)(x), expected, rtol=1e-10, atol=1e-10)


def test_grad_passes_the_gradient_check():
    x = np.array([0.3, -0.8, 1.1])
    report = check_gradient(lambda p: value_and_grad(smooth)(p["x"])[0], {"x": x}, {"x": grad(smooth)(x)})
    assert report.verdict == "ok", report.message


def test_grad_is_what_scipy_minimises_with():
    result = scipy.optimize.minimize(
        value_and_grad(lambda x: ((A @ x - 1.0) ** 2).sum()), np.zeros(3), jac=True, tol=1e-9
    )
    np.testing.assert_allclose(result.x, np.linalg.lstsq(A, np.ones(4))[0], atol=1e-6)


def test_golden_function_of_two_numbers():
    """G23: 3x^2 + 2y - 7 at (3, 5) has value 30 and gradient (18, 2)"""

    def f(x, y):
        return 3 * x**2 + 2 * y - 7

    assert value_and_grad(f)(3.0, 5.0) == (30.0, 18.0)
    assert value_and_grad(f, argnum=1)(3.0, 5.0) == (30.0, 2.0)
    assert grad(f, 1)(3.0, 5.0) == 2.0
    assert grad_and_value(f)(3.0, 5.0) == (18.0, 30.0)
    assert grad_and_value(f, argnum=1)(3.0, 5.0) == (2.0, 30.0)


def test_other_arguments_arrive_as_they_are():
    def f(w, labels, name):
        assert type(labels) is np.ndarray
        assert name == "squared"
        return (w[labels] ** 2).sum()

    np.testing.assert_array_equal(grad(f)(np.ones(3), np.array([0, 0, 2]), "squared"), [4.0, 0.0, 2.0])


def test_the_value_is_a_float_and_the_gradient_a_new_array():
    x = np.array([1.0, 2.0])
    x.flags.writeable = False
    value, gradient = value_and_grad(lambda x: x.sum())(x)
    assert type(value) is float
    assert type(gradient) is np.ndarray
    assert gradient.flags.writeable
    assert not np.shares_memory(gradient, x)


def test_whole_numbers_count_as_float64_and_float32_stays():
    assert grad(lambda x: (x * x).sum())(np.array([1, 2])).tolist() == [2.0, 4.0]
    assert grad(lambda x: (x * x).sum())(np.ones(2, dtype=np.float32)).dtype == np.float32


def test_no_graph_is_kept_between_calls():
    kept = []

    def f(x):
        kept.append(weakref.ref(x))
        return (x * x).sum()

    gradient = grad(f)
    first, second = gradient(np.ones(2)), gradient(np.ones(2))
    np.testing.assert_array_equal(first, second)
    gc.collect()
    assert [reference() for reference in kept] == [None, None]


def test_a_result_that_does_not_depend_on_the_argument_has_gradient_zero():
    constant = Tensor(3.0)
    np.testing.assert_array_equal(grad(lambda x: constant * 2)(np.ones((2, 2))), np.zeros((2, 2)))


def test_errors():
    with pytest.raises(ShapeError, match=r"f returned shape \(2,\); grad needs one element"):
        grad(lambda x: x * 2)(np.ones(2))
    with pytest.raises(TypeError, match="f returned float; it must return a Tensor"):
        grad(lambda x: 2.0)(np.ones(2))
    with pytest.raises(TypeError, match="f returned ndarray"):
        jacobian(lambda x: x.data)(np.ones(2))
    with pytest.raises(ShapeError, match=r"v has shape \(3,\) but x has shape \(2,\)"):
        hvp(lambda x: x.sum(), np.ones(2), np.ones(3))


# jacobian -------------------------------------------------------------------------------------------


@given(POINTS)
@settings(max_examples=20, deadline=None, derandomize=True)
def test_jacobian_matches_torch(x):
    expected = torch.autograd.functional.jacobian(vector_by_torch, torch.asarray(x)).numpy()
    result = jacobian(vector)(x)
    assert result.shape == (4, 2, 3)
    np.testing.assert_allclose(result, expected, rtol=1e-10, atol=1e-10)


def test_jacobian_of_a_linear_map_is_its_matrix():
    np.testing.assert_array_equal(jacobian(lambda x: A @ x)(np.zeros(3)), A)


def test_jacobian_of_a_scalar_function_is_its_gradient():
    x = np.array([0.3, -0.8, 1.1])
    np.testing.assert_array_equal(jacobian(smooth)(x), grad(smooth)(x))


def test_rows_and_columns_of_the_jacobian_agree():
    """<u, J v> from numerical directional derivatives equals <J^T u, v>"""
    rng = np.random.default_rng(4)
    x, v, u = rng.normal(size=3), rng.normal(size=3), rng.normal(size=(4, 2))

    def along(t):
        return np.sum(vector(Tensor(x + t[0] * v)).data * u)

    pushed = numerical_gradient(along, np.zeros(1))[0]
    pulled = np.sum(np.tensordot(u, jacobian(vector)(x), axes=2) * v)
    assert pushed == pytest.approx(pulled, rel=1e-8)


def test_jacobian_of_nothing():
    assert jacobian(lambda x: x[:0])(np.ones(3)).shape == (0, 3)
    assert jacobian(lambda x: x * 2)(np.ones((0, 2))).shape == (0, 2, 0, 2)


# hvp ------------------------------------------------------------------------------------------------


@given(POINTS, POINTS)
@settings(max_examples=30, deadline=None, derandomize=True)
def test_hvp_matches_the_exact_hessian(x, v):
    hessian = torch.autograd.functional.hessian(smooth_by_torch, torch.asarray(x)).numpy()
    result = hvp(smooth, x, v)
    np.testing.assert_allclose(
        result, hessian @ v, rtol=1e-5, atol=1e-7 * np.linalg.norm(hessian) * np.linalg.norm(v)
    )


@pytest.mark.parametrize("length", [1e-8, 1.0, 1e8])
def test_hvp_is_as_exact_for_short_and_long_vectors(length):
    x, v = np.array([0.3, -0.8, 1.1]), length * np.array([1.0, 2.0, -1.0])
    hessian = torch.autograd.functional.hessian(smooth_by_torch, torch.asarray(x)).numpy()
    np.testing.assert_allclose(hvp(smooth, x, v), hessian @ v, rtol=1e-7)


def test_the_hessian_is_symmetric():
    x = np.array([0.3, -0.8, 1.1])
    H = np.stack([hvp(smooth, x, v) for v in np.eye(3)])
    np.testing.assert_allclose(H, H.T, rtol=1e-6, atol=1e-8)


def test_hvp_of_a_quadratic_and_of_the_zero_vector():
    def quadratic(X):
        return (X * X).sum() * 1.5

    X = np.arange(6.0).reshape(2, 3)
    np.testing.assert_allclose(hvp(quadratic, X, np.ones((2, 3))), 3 * np.ones((2, 3)), rtol=1e-9)
    np.testing.assert_array_equal(hvp(quadratic, X, np.zeros((2, 3))), np.zeros((2, 3)))
