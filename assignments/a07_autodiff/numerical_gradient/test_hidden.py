"""Checks of the numerical gradient that students do not see."""

import numpy as np

from autograder.testing import (
    assert_close,
    assert_raises,
    assert_true,
    assert_unchanged,
    hint,
    supporting,
    weight,
)

# Differences in float64 are good to about 1e-9 here; a one-sided one is off by 1e-5 and more.
RTOL = 3e-7
# Adding a step to a number much smaller than it and taking it off again loses digits for sure.
SIZES = np.array([1.0, 1e-7, 3.7, 1e-6, 1e-5, 2.9e-7, 0.1])


def wave(x):
    """A smooth function of an array of any shape, with a different slope in every coordinate."""
    flat = np.ravel(x)
    return float(np.sum(np.sin(1.3 * flat) * np.arange(1.0, flat.size + 1)) + 0.37 * np.sum(flat) ** 2)


def wave_gradient(x):
    """The gradient of `wave`, by hand."""
    flat = np.ravel(x)
    slopes = 1.3 * np.cos(1.3 * flat) * np.arange(1.0, flat.size + 1) + 0.74 * np.sum(flat)
    return slopes.reshape(np.shape(x))


def in_other_orders(answers, name, table):
    """Driver: gradients at points in other orders in memory, and the errors of right and of wrong ones."""

    def cubes(x):
        return float(np.sum(np.arange(1.0, x.size + 1).reshape(x.shape) * x**3))

    points = [np.asfortranarray(table), table.T, table[::2, 1:4], table[::-1, 0]]
    gradients = [getattr(answers, name)(cubes, x) for x in points]
    errors = []
    for factor in (1.0, 1.5):
        slopes = factor * 3 * np.arange(1.0, table.size + 1).reshape(table.shape) * table**2
        errors.append(float(answers.gradient_error(cubes, np.asfortranarray(slopes), table)))
        errors.append(float(answers.gradient_error(cubes, slopes, np.asfortranarray(table))))
    return [[[np.array(x), gradient] for x, gradient in zip(points, gradients, strict=True)], errors]


class Recorder:
    """A function that keeps the points at which it was evaluated."""

    def __init__(self, f):
        self.f, self.points = f, []

    def __call__(self, x):
        self.points.append(np.array(x, dtype=np.float64))
        return self.f(x)


@weight(2)
@hint("Is the formula symmetric around x?")
def test_random_vectors(student, variant, rng):
    """gradients at 10 random points agree with calculus"""
    for _ in range(10):
        x = rng.normal(size=int(rng.integers(2, 9)))
        gradient = getattr(student, variant["name"])(wave, x)
        assert_close(gradient, wave_gradient(x), rtol=RTOL, atol=1e-7)


@weight(1)
@hint("Walk over the coordinates of any shape, for example with np.ndindex.")
def test_any_shape(student, variant, rng):
    """matrices, 0-d and empty arrays are points too"""
    for shape in ((2, 3), (1, 4, 2), (), (0,), (0, 3)):
        x = rng.normal(size=shape)
        gradient = getattr(student, variant["name"])(wave, np.asarray(x))
        assert_close(gradient, np.asarray(wave_gradient(x)), rtol=RTOL, atol=1e-7)


@weight(1)
@hint("Try a transposed matrix and a slice: is what you change a view of what you evaluate?")
def test_any_order_in_memory(student, variant, rng):
    """transposed and sliced arrays are points like any other"""
    table = rng.uniform(0.5, 2.0, size=(6, 5))
    gradients, errors = student.run(in_other_orders, variant["name"], table)
    for x, gradient in gradients:
        slopes = 3 * np.arange(1.0, x.size + 1).reshape(x.shape) * x**2
        assert_close(gradient, slopes, rtol=RTOL, atol=1e-7)
    assert_close(np.array(errors), np.array([0.0, 0.0, 0.2, 0.2]), atol=1e-6)


@weight(1)
@hint("What happens to 0.00001 when it is added to an integer array?")
def test_integer_points(student, variant):
    """an integer point has the gradient of the same floats"""
    for kind in (np.int64, np.int8):
        x = np.array([2, -1, 4], dtype=kind)
        gradient = getattr(student, variant["name"])(wave, x)
        assert_close(gradient, wave_gradient(x.astype(float)), rtol=RTOL, atol=1e-7)


@supporting
@weight(1)
@hint("Save the coordinate before you change it.")
def test_the_point_is_left_alone(student, variant, rng):
    """x is the same afterwards, bit for bit"""
    x = rng.normal(size=7) * SIZES
    assert_unchanged(getattr(student, variant["name"]), wave, x)


@weight(1)
@hint("After a coordinate was tried, is it exactly what it was?")
def test_one_coordinate_at_a_time(student, variant, rng):
    """every evaluation differs from x in one coordinate, by the right steps, and none is wasted"""
    x, step = rng.normal(size=7) * SIZES, variant["step"] / 3
    f = Recorder(wave)
    getattr(student, variant["name"])(lambda point: f(point), x, h=step)
    assert_true(len(f.points) == variant["order"] * x.size, "the number of evaluations is not as stated")
    steps = []
    for point in f.points:
        moved = np.flatnonzero(point != x)
        assert_true(moved.size == 1, "an evaluation moved another number of coordinates than one")
        steps.append((int(moved[0]), round(float((point - x)[moved[0]] / step))))
    wanted = (1, -1) if variant["order"] == 2 else (1, -1, 2, -2)
    assert_true(
        sorted(steps) == sorted((i, k) for i in range(x.size) for k in wanted),
        "the steps are not the ones of the formula",
    )


@weight(1)
@hint("The order of a formula shows when the step is large: halve it and see how the error falls.")
def test_the_order_of_the_error(student, reference, variant):
    """with large steps the result is off by as much as the formula, so that the error falls with its power"""
    # Here the formulas differ by a hundredth and more, and rounding is far below 1e-9.
    x = np.array([0.4, 1.1])
    for h in (0.2, 0.1):
        expected = getattr(reference, variant["name"])(wave, x, h=h)
        assert_close(getattr(student, variant["name"])(wave, x, h=h), expected, rtol=1e-9)


@weight(1)
@hint("In int8 the absolute value of -128 is -128, and 100 + 100 is no 200 either.")
def test_gradients_of_integers(student):
    """the error of a gradient of integers, small ones too, is that of the same floats"""
    slopes = np.array([-64.0, 3.0, 100.0])
    f = lambda x: float(slopes @ x)  # noqa: E731
    for kind in (np.int8, np.int16, np.int64):
        smallest = max(np.iinfo(kind).min, -1000000)
        gradient = np.array([smallest, 3, 100]).astype(kind)
        expected = (-64.0 - smallest) / (64.0 - smallest)
        assert_close(student.gradient_error(f, gradient, np.zeros(3, dtype=kind)), expected, rtol=1e-7)


@weight(2)
@hint("Divide by the sum of the two sizes, entry by entry, and take the largest.")
def test_error_of_random_gradients(student, rng):
    """errors of 10 gradients with one wrong entry"""
    for _ in range(10):
        x = rng.normal(size=6)
        gradient = wave_gradient(x)
        place = int(rng.integers(6))
        wrong = gradient.copy()
        wrong[place] *= 1 + float(rng.choice([0.01, 0.3, -0.4, 2.0]))
        expected = abs(wrong[place] - gradient[place]) / (abs(wrong[place]) + abs(gradient[place]))
        assert_close(student.gradient_error(wave, wrong, x), float(expected), rtol=1e-4)


@supporting
@weight(1)
@hint("Both entries may be zero: what is divided by what then?")
def test_zero_entries(student):
    """zeros, opposite signs, tiny entries, nothing, and an entry that is not a number"""

    def flat(x):
        return float(x[0] ** 2)

    x = np.array([1.5, 2.5])
    assert_close(student.gradient_error(flat, np.array([3.0, 0.0]), x), 0.0, atol=1e-7)
    assert_close(student.gradient_error(flat, np.array([-3.0, 0.0]), x), 1.0, rtol=1e-6)
    assert_close(student.gradient_error(lambda x: 1.0, np.zeros(0), np.zeros(0)), 0.0)
    # Sizes that add up to less than the smallest divisor, and to a little more; at 0 no digit is lost.
    for slope, given, error in ((1e-9, 2e-9, 0.1), (1e-8, 3e-8, 0.5)):
        actual = student.gradient_error(
            lambda x, s=slope: s * float(x[0]), np.array([given]), np.array([0.0])
        )
        assert_close(actual, error, rtol=1e-9)
    for lost in ([np.nan, 2.5], [3.0, np.nan]):
        actual = student.gradient_error(flat, np.array(lost), x)
        assert_true(bool(np.isnan(actual)), "the error should be nan where an entry of the gradient is nan")


@weight(1)
@hint("The size of an entry is its absolute value.")
def test_negative_gradients(student):
    """negative entries are as good as positive ones"""
    x = np.array([-0.8, 2.2])
    gradient = np.array([-1.6, 4.4])
    f = lambda x: float(np.sum(x**2))  # noqa: E731
    assert_close(student.gradient_error(f, gradient, x), 0.0, atol=1e-6)
    assert_close(student.gradient_error(f, 1.1 * gradient, x), 0.1 / 2.1, rtol=1e-4)


@supporting
@weight(1)
@hint("Look at the shapes before numpy broadcasts them.")
def test_broadcastable_shapes_are_refused(student, rng):
    """shapes that numpy would broadcast raise a ValueError"""
    x = rng.normal(size=(3, 2))
    for shape in ((2,), (3, 1), (1, 3, 2), ()):
        assert_raises(ValueError, student.gradient_error, wave, rng.normal(size=shape), x)
