"""Golden numbers about derivatives: G07, G23 to G25, G39, with twins that tell a wrong rule."""

import numpy as np
import pytest

from mlref.autodiff import (
    Dual,
    Value,
    derivative,
    grad,
    gradient_error,
    numerical_gradient,
)
from mlref.autodiff.symbolic import Add, Constant, Multiply, Power, Subtract, Variable, differentiate


def test_g07_a_one_sided_difference_is_not_the_central_one():
    """Loss 1.25347, and 1.25322, 1.25353, 1.25347 after steps of 1e-4: slopes -2.5, 0.6, 0."""
    after, before, h = np.array([1.25322, 1.25353, 1.25347]), 1.25347, 1e-4
    np.testing.assert_allclose((after - before) / h, [-2.5, 0.6, 0.0], atol=1e-9)
    # Twin with a curve: one-sided differences of x^2 at 3 miss by h, central ones do not.
    assert numerical_gradient(lambda x: float(x[0] ** 2), np.array([3.0]), h)[0] == pytest.approx(6, abs=1e-9)
    assert gradient_error(lambda x: float(x[0] ** 2), np.array([6.0 + h]), np.array([3.0])) > 1e-6


def test_g23_gradient_of_3x2_plus_2y_minus_7():
    def f(p):
        return 3 * p[0] ** 2 + 2 * p[1] - 7

    point = np.array([3.0, 5.0])
    assert f(point) == 30
    assert grad(f)(point).tolist() == [18, 2]
    # Twin: with the arguments swapped both numbers change.
    assert grad(f)(point[::-1]).tolist() == [30, 2]


def test_g24_two_paths_from_x_add():
    """3x^2 + 2x at 5: nodes 25, 75, 10, 85; 30 along one path and 2 along the other."""
    x = Value(5)
    square = x**2
    first, second = 3 * square, 2 * x
    total = first + second
    total.backward()
    assert [square.data, first.data, second.data, total.data] == [25, 75, 10, 85]
    assert x.grad == 32
    for f, slope in ((lambda x: 3 * x**2, 30), (lambda x: 2 * x, 2)):
        assert derivative(f, 5.0) == slope


def test_g25_slopes_along_a_chain_multiply():
    """dy/dx = 2 and dz/dy = 3 give 6; the sum would be 5, and the twin 1/2 and 3 gives 1.5."""
    for inner, outer, product in ((2, 3, 6), (0.5, 3, 1.5)):
        x = Value(1.0)
        (outer * (inner * x)).backward()
        assert x.grad == product
        assert (Dual(1.0, 1.0) * inner * outer).derivative == product


@pytest.mark.parametrize(("at", "slope"), [(0.0, -0.333333), (1.0, 0.801250), (2.0, 0.741327)])
def test_g39_a_power_of_a_polynomial(at, slope):
    """(3x^2 - x + 1)^(1/3)"""

    def f(x):
        return (3 * x**2 - x + 1) ** (1 / 3)

    assert derivative(f, at) == pytest.approx(slope, abs=5e-7)
    value = Value(at)
    f(value).backward()
    assert value.grad == pytest.approx(slope, abs=5e-7)
    x = Variable("x")
    square = Multiply(Constant(3.0), Power(x, Constant(2.0)))
    formula = Power(Add(Subtract(square, x), Constant(1.0)), Constant(1 / 3))
    assert differentiate(formula, "x").evaluate(x=at) == pytest.approx(slope, abs=5e-7)
