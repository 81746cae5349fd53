"""Dual: forward mode on numbers."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mlref.autodiff import Dual, Value, derivative

FUNCTIONS = {
    "polynomial": lambda x: 3 * x**3 - x**2 / 2 + 7 - 5 * x,
    "quotient": lambda x: (1 - x) / (x * x + 1),
    "constant on the left": lambda x: 2 / (x * x + 1) - (4 - x),
    "exp and log": lambda x: (x * x + 1).log() * (-x).exp(),
    "waves": lambda x: x.sin() * (2 * x).cos(),
    "tanh and sqrt": lambda x: x.tanh() / (x * x + 2).sqrt(),
    "slopes inside": lambda x: (3 * x).tanh() + (2 * x).sin() + (-2 * x).exp(),
    "fractional power": lambda x: (x * x + 1) ** 1.5,
    "negative power": lambda x: (x * x + 1) ** -2,
}


def by_torch(f, x, order):
    x = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    y = f(x)
    for _ in range(order):
        (y,) = torch.autograd.grad(y, x, create_graph=True)
    return y.item()


@pytest.mark.parametrize("name", FUNCTIONS)
@given(x=st.floats(-2, 2))
@settings(max_examples=30, deadline=None, derandomize=True)
def test_first_and_second_derivatives_match_torch(name, x):
    f = FUNCTIONS[name]
    assert f(Dual(x, 1.0)).value == pytest.approx(by_torch(f, x, 0), rel=1e-12, abs=1e-12)
    assert derivative(f, x) == pytest.approx(by_torch(f, x, 1), rel=1e-9, abs=1e-12)
    second = derivative(lambda t: derivative(f, t), x)
    assert second == pytest.approx(by_torch(f, x, 2), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_agrees_with_reverse_mode(name):
    x = Value(0.7)
    FUNCTIONS[name](x).backward()
    assert derivative(FUNCTIONS[name], 0.7) == pytest.approx(x.grad, rel=1e-12)


@given(x=st.floats(0.1, 3))
@settings(max_examples=30, deadline=None, derandomize=True)
def test_powers_with_a_dual_exponent(x):
    assert derivative(lambda t: t**t, x) == pytest.approx(x**x * (math.log(x) + 1), rel=1e-10)
    assert derivative(lambda t: 2**t, x) == pytest.approx(2**x * math.log(2), rel=1e-10)


def test_a_constant_to_the_power_of_zero_is_constant():
    assert (Dual(2.0, 0.0) ** 0).derivative == 0.0


def test_third_derivative_by_three_levels():
    third = derivative(lambda a: derivative(lambda b: derivative(lambda c: c**5, b), a), 2.0)
    assert third == pytest.approx(240.0)


def test_golden_values():
    """G24 and G23: 3x^2 + 2x at 5 has slope 32; 3x^2 + 2y - 7 at (3, 5) has value 30 and slopes 18 and 2"""
    assert derivative(lambda x: 3 * x**2 + 2 * x, 5.0) == 32.0
    assert derivative(lambda x: 3 * x**2 + 2 * 5.0 - 7, 3.0) == 18.0
    y = 3 * 3.0**2 + 2 * Dual(5.0, 1.0) - 7
    assert (y.value, y.derivative) == (30.0, 2.0)


def test_the_seed_scales_the_derivative():
    y = Dual(2.0, -3.0) ** 2
    assert (y.value, y.derivative) == (4.0, -12.0)


def test_a_function_that_ignores_its_argument_has_slope_zero():
    assert derivative(lambda x: 3.0, 1.0) == 0.0


@pytest.mark.parametrize(("exponent", "slope"), [(0, 0.0), (1, 1.0), (2, 0.0)])
def test_powers_at_zero(exponent, slope):
    assert derivative(lambda x: x**exponent, 0.0) == slope


def test_a_negative_base_keeps_the_power_rule():
    assert derivative(lambda x: x**3, -2.0) == 12.0


def test_errors():
    with pytest.raises(ValueError, match=r"math domain error|positive"):
        Dual(-1.0, 1.0).log()
    with pytest.raises(ValueError, match="math domain error"):
        Dual(-8.0, 1.0) ** 0.5
    with pytest.raises(ValueError, match=r"math domain error|positive"):
        Dual(-2.0, 1.0) ** Dual(2.0, 0.0)
    with pytest.raises(ZeroDivisionError):
        derivative(lambda x: x.sqrt(), 0.0)
