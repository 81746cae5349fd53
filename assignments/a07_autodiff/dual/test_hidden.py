"""Checks of forward mode that students do not see."""

import math

import numpy as np

from autograder.testing import assert_close, assert_raises, hint, supporting, weight

RTOL, ATOL = 1e-11, 1e-12
POSITIVE_ONLY = ("log", "sqrt")


def duals(answers, formulas, x, y):
    """Driver: formulas in two dual numbers, each given as a pair; the results as pairs."""
    found = []
    for formula in formulas:
        result = eval(formula, {"x": answers.Dual(*x), "y": answers.Dual(*y)})
        found.append([float(result.value), float(result.derivative)])
    return found


def slopes(answers, formulas, points, order):
    """Driver: the derivatives of formulas in x of one order, by nested calls."""

    def nested(f, order):
        return f if order == 0 else lambda x: answers.derivative(nested(f, order - 1), x)

    functions = [eval(f"lambda x: {formula}", {"derivative": answers.derivative}) for formula in formulas]
    return [[float(nested(f, order)(x)) for x in points] for f in functions]


def compare(student, reference, formulas, x, y=(1.0, 0.0)):
    """Values and derivatives of the formulas agree with the reference's."""
    actual = np.array(student.run(duals, formulas, x, y))
    assert_close(actual, np.array(reference.run(duals, formulas, x, y)), rtol=RTOL, atol=ATOL)


def compare_slopes(student, reference, formulas, points, order=1):
    """Derivatives of the formulas agree with the reference's."""
    actual = np.array(student.run(slopes, formulas, points, order))
    assert_close(actual, np.array(reference.run(slopes, formulas, points, order)), rtol=RTOL, atol=ATOL)


def pair(rng, low, high):
    """A value and a derivative that is neither 0 nor 1."""
    return (float(rng.uniform(low, high)), float(rng.uniform(1.3, 2.9)))


@weight(2)
@hint("For a difference and a quotient, which operand gets which sign?")
def test_arithmetic(student, reference, rng):
    """+, -, *, / and the opposite, of two dual numbers and of one with itself"""
    formulas = ["x + y", "x - y", "x * y", "x / y", "-x", "x + x", "x - x", "x * x", "x / x"]
    for _ in range(3):
        compare(student, reference, formulas, pair(rng, 0.7, 3.0), pair(rng, -3.0, -0.7))


@weight(2)
@hint("A constant does not change. Python asks the right operand when the left one is a plain number.")
def test_plain_numbers_on_either_side(student, reference, rng):
    """plain numbers left and right of a dual number"""
    formulas = [f"{number} {operation} x" for operation in "+-*/" for number in ("3", "2.5", "0")]
    formulas += [f"x {operation} {number}" for operation in "+-*/" for number in ("3", "2.5", "-4")]
    compare(student, reference, formulas, pair(rng, -3.0, -0.7))


@weight(2)
@hint("The power rule: n times x to the n - 1, times the derivative of x.")
def test_powers_of_positive_numbers(student, reference, rng):
    """powers with positive, negative and fractional exponents"""
    formulas = [f"x ** ({exponent})" for exponent in (2, 3, 1, 0, -1, -2, 0.5, 1.7, -0.5, 4.0)]
    compare(student, reference, formulas, pair(rng, 0.6, 2.4))


@weight(2)
@hint("The logarithm of a negative number does not exist, but its cube does.")
def test_powers_of_negative_numbers(student, reference, rng):
    """whole powers of negative numbers"""
    formulas = [f"x ** ({exponent})" for exponent in (2, 3, 1, 0, -1, -3, 2.0, 3.0, -2.0)]
    compare(student, reference, formulas, pair(rng, -2.4, -0.6))


@weight(1)
@hint("What is the derivative of a constant, also at 0?")
def test_powers_of_zero(student, reference):
    """powers 0, 1, 2 and 2.5 of zero"""
    compare(student, reference, ["x ** 0", "x ** 0.0", "x ** 1", "x ** 2", "x ** 2.5", "y ** 0"], (0.0, 1.5))


@weight(2)
@hint("Write the power with exp and log: its exponent changes, and perhaps its base.")
def test_dual_exponents(student, reference, rng):
    """x ** x, x ** y and 2 ** x"""
    formulas = ["x ** x", "x ** y", "y ** x", "2 ** x", "0.7 ** x", "3.5 ** y", "1 ** x", "2 ** (x * y)"]
    compare(student, reference, formulas, pair(rng, 0.6, 2.4), pair(rng, 0.6, 2.4))
    compare(student, reference, ["x ** y", "2 ** y"], (2.0, 1.0), (0.0, 1.0))


@supporting
@weight(1)
@hint("Python's own powers become complex where no real number is left.")
def test_powers_without_a_real_value(student):
    """negative bases with fractional or dual exponents raise a ValueError"""
    for formula in ("x ** 0.5", "x ** -1.5", "x ** 3.0000001", "x ** y", "(-3) ** y"):
        for base in (-2.0, -2):
            assert_raises(ValueError, student.run, duals, [formula], (base, 1.0), (2.0, 1.0))
    assert_raises(ValueError, student.run, duals, ["x ** y"], (-2.0, 1.0), (3.0, 0.0))


@weight(3)
@hint("Chain rule: the outer derivative at the value, times the derivative that came in.")
def test_functions(student, reference, variant, rng):
    """each function of this term at several points, with incoming derivatives other than 1"""
    for _ in range(5):
        anywhere, positive = pair(rng, -2.5, 2.5), pair(rng, 0.2, 2.5)
        formulas = [
            f"y.{name}()" if name in POSITIVE_ONLY else f"x.{name}()" for name in variant["functions"]
        ]
        compare(student, reference, formulas, anywhere, positive)
    if "tanh" in variant["functions"]:
        for point in (-800.0, 800.0):
            compare(student, reference, ["x.tanh()"], (point, 1.5))


@supporting
@weight(1)
@hint("Read the remarks beside the functions again.")
def test_outside_the_domain(student, variant):
    """functions where they or their slopes are not defined raise the stated errors"""
    cases = [("log", 0.0, ValueError), ("log", -1.5, ValueError)]
    cases += [("sqrt", -1.5, ValueError), ("sqrt", 0.0, ZeroDivisionError)]
    for name, point, error in cases:
        if name in variant["functions"]:
            assert_raises(error, student.run, duals, [f"x.{name}()"], (point, 1.0), (1.0, 0.0))


@weight(2)
@hint("Check each rule with an argument that depends on x in more than one place.")
def test_random_compositions(student, reference, variant, rng):
    """derivatives of 20 random compositions of everything"""
    formulas = [random_formula(rng, variant["functions"], 4) for _ in range(20)]
    compare_slopes(student, reference, formulas, [float(x) for x in rng.uniform(-1.3, 1.3, size=3)])


def random_formula(rng, functions, depth):
    """A formula in x of moderate size that is defined for every x."""
    if depth == 0:
        return ["x", "x", "x", "1.3", "-2"][rng.integers(5)]
    a, b = (random_formula(rng, functions, depth - 1) for _ in range(2))
    shapes = ["({a} + {b})", "({a} - {b})", "0.5 * {a} * {b}", "(-({a}))", "({a}) ** 2 / 4"]
    shapes += ["({a}) / (({b}) ** 2 + 1)", "1 / (2 + ({a}) ** 2)", "1.5 ** (0.3 * ({a}))"]
    if depth < 4:
        shapes += [f"(x + 0.2 * ({a})).{name}()" for name in ("sin", "cos", "tanh") if name in functions]
        shapes += [f"(1.5 + (x * ({a})) ** 2).{name}()" for name in ("log", "sqrt") if name in functions]
    return shapes[rng.integers(len(shapes))].format(a=a, b=b)


@supporting
@weight(1)
@hint("A plain number that f returns is a constant.")
def test_constant_functions(student, rng):
    """functions that do not depend on their argument have the derivative 0, also in nested calls"""
    points = [float(rng.normal()), 2]
    for order in (1, 2):
        actual = np.array(student.run(slopes, ["4.5", "3", "0 * x"], points, order))
        assert_close(actual, np.zeros((3, 2)))
    inner = ["x * derivative(lambda t: 3.0, x)"]
    assert_close(np.array(student.run(slopes, inner, points, 1)), np.zeros((1, 2)))
    assert_close(np.array(student.run(slopes, ["x"], points, 1)), np.ones((1, 2)))
    assert_close(np.array(student.run(slopes, ["x", "7 * x + 1"], points, 2)), np.zeros((2, 2)))


@weight(1)
@hint("Compare with the derivative on paper: the inner one is 6 x - 1.")
def test_a_cube_root(student):
    """the derivative of the cube root of 3 x^2 - x + 1 at 0, 1 and 2"""
    actual = student.run(slopes, ["(3 * x**2 - x + 1) ** (1 / 3)"], [0.0, 1.0, 2.0], 1)
    expected = [(6 * x - 1) / 3 * (3 * x * x - x + 1) ** (-2 / 3) for x in (0.0, 1.0, 2.0)]
    assert_close(np.array(actual), np.array([expected]), rtol=RTOL)
    # Digits from a calculator; the last one is rounded, by a hundredth of the limit at most.
    known = np.array([[-0.333333333, 0.801249761, 0.741326697]])
    assert_close(np.array(actual), known, rtol=0.0, atol=5e-8)


def descent(answers, formula, x, step, steps):
    """Driver: points of gradient descent."""
    f, points = eval(f"lambda x: {formula}"), []
    for _ in range(steps):
        x = x - step * answers.derivative(f, x)
        points.append(float(x))
    return points


@weight(1)
@hint("Follow the slope by hand for two steps: the first is 84 at 7.")
def test_gradient_descent(student):
    """a hundred steps of gradient descent on a polynomial"""
    points = student.run(descent, "x**4 - 14 * x**3 + 60 * x**2 - 70 * x", 7, 0.001, 100)
    expected = np.array([6.916, 6.841786018816, 6.461186390, 5.962864338])
    assert_close(np.array([points[0], points[1], points[9], points[99]]), expected, rtol=1e-9)


@weight(3)
@hint("In a nested call the value is a Dual itself: which functions can be applied to it?")
def test_second_derivatives(student, reference, variant, rng):
    """second derivatives of arithmetic, powers and every function, by nested calls"""
    formulas = [f"(x * x).{name}()" for name in variant["functions"]]
    formulas += [
        "x ** 3",
        "x ** 0",
        "x ** 1",
        "x ** -2",
        "x ** 0.5",
        "x ** x",
        "2 ** x",
        "3 / x",
        "1 - x * x",
    ]
    compare_slopes(student, reference, formulas, [float(x) for x in rng.uniform(0.6, 1.9, size=3)], order=2)
    negative = ["x ** 3", "x ** -1", "x ** 2 * (1 - x)", "(x - 4) / (x * x + 1)"]
    compare_slopes(student, reference, negative, [float(x) for x in rng.uniform(-1.9, -0.6, size=3)], order=2)
    assert_close(np.array(student.run(slopes, ["x ** 2", "x ** 0"], [0.0], 2)), np.array([[2.0], [0.0]]))


@weight(2)
@hint("Nothing in the rules depends on how deep the numbers are nested.")
def test_third_and_fourth_derivatives(student, rng):
    """third and fourth derivatives of x^5, exp(2 x) and log(x)"""
    x = float(rng.uniform(0.7, 1.6))
    formulas = ["x ** 5", "(2 * x).exp()", "x.log()"]
    third = [60 * x**2, 8 * math.exp(2 * x), 2 / x**3]
    fourth = [120 * x, 16 * math.exp(2 * x), -6 / x**4]
    for order, expected in ((3, third), (4, fourth)):
        actual = np.array(student.run(slopes, formulas, [x], order))
        assert_close(actual, np.array(expected)[:, None], rtol=RTOL)


def operands(answers):
    """Driver: a dual number before and after operations on it."""
    x, y = answers.Dual(2.0, 3.0), answers.Dual(5.0, 7.0)
    results = [x + y, x - y, x * y, x / y, x**2, -x, 1 + x, 2 - x, 2 * x, 2 / x, x.exp(), x.log()]
    results += [x + 0, 0 + x, x - 0, x * 1, x / 1, x**1]
    for result in results:
        if result is x or result is y:
            return []
    return [float(number) for number in (x.value, x.derivative, y.value, y.derivative)]


@supporting
@weight(1)
@hint("Make a new Dual for the result.")
def test_operands_are_left_alone(student):
    """operations make new numbers, also with 0 and 1, and change no operand"""
    assert_close(student.run(operands), [2.0, 3.0, 5.0, 7.0])
