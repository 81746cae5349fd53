"""Checks of the kernel weights that students do not see."""

import numpy as np

from autograder.testing import (
    assert_close,
    assert_finite,
    assert_raises,
    assert_scales,
    assert_shape,
    assert_unchanged,
    hint,
    supporting,
    weight,
)


def call(answers, name, cases):
    """Driver: the function on many (distances, bandwidth), in one crossing."""
    return [getattr(answers, name)(distances, bandwidth) for distances, bandwidth in cases]


def name_of(variant):
    """Name of the term's function."""
    return variant["kernel"] + "_weights"


def compare(student, reference, variant, cases):
    """Compare with the reference on every case, closely enough to tell float64 from float32."""
    name = name_of(variant)
    assert_close(student.run(call, name, cases), reference.run(call, name, cases), rtol=1e-9)


@weight(4)
@hint("Where does the bandwidth enter, and over which axis is the sum?")
def test_random_distances(student, reference, variant, rng):
    """weights of 20 random tables of distances"""
    cases = []
    for _ in range(20):
        bandwidth = float(rng.uniform(0.3, 4.0))
        size = (int(rng.integers(1, 7)), int(rng.integers(2, 9)))
        cases.append((rng.uniform(0.0, 1.3 * bandwidth, size=size), bandwidth))
    compare(student, reference, variant, cases)


@weight(3)
@hint("Near and far queries stand in one table here; each row has to be looked at by itself.")
def test_far_and_near_rows_together(student, reference, variant):
    """far queries in the same table as near ones"""
    distances = np.array(
        [
            [0.2, 0.7, 0.4],
            [61.0, 60.02, 60.0],
            [38.3, 38.6, 38.35],
            [7.5, 0.9, 9.0],
            [4e3, 5e3, 6e3],
            [50.0, 0.0, 1.0],
        ]
    )
    tables = [(distances, 1.0), (distances[::-1], 0.75), (distances[1:3], 1.0), (distances[5:], 1.0)]
    compare(student, reference, variant, tables)


@weight(1)
@hint("Two neighbours at the same distance have the same weight, however far they are.")
def test_far_neighbours_at_the_same_distance(student, variant):
    """the nearest of a far row share its weight if they are equally far"""
    weights = getattr(student, name_of(variant))
    result = weights(np.array([[700.0, 812.0, 700.0, 705.0], [90.0, 90.0, 90.0, 90.0]]), 1.0)
    assert_close(result, np.array([[0.5, 0.0, 0.5, 0.0], [0.25, 0.25, 0.25, 0.25]]))


@supporting
@weight(1)
@hint("The unit of length is the user's choice.")
def test_units_of_length(student, variant, rng):
    """weights do not depend on the unit of distances and bandwidth"""
    distances = rng.uniform(0.0, 3.0, size=(4, 5))
    metres, millimetres, megametres = student.run(
        call, name_of(variant), [(unit * distances, 2.1 * unit) for unit in (1.0, 1e3, 1e-6)]
    )
    assert_shape(metres, (4, 5))
    assert_finite(metres)
    assert_close(millimetres, metres)
    assert_close(megametres, metres)


@supporting
@weight(1)
@hint("The neighbours need not come sorted.")
def test_order_of_neighbours(student, variant, rng):
    """other order of the neighbours, same weights in that order"""
    distances, order = rng.uniform(0.0, 3.0, size=(3, 6)), rng.permutation(6)
    plain, moved = student.run(call, name_of(variant), [(distances, 1.7), (distances[:, order], 1.7)])
    assert_shape(plain, (3, 6))
    assert_finite(plain)
    assert_close(moved, plain[:, order])


@weight(1)
@hint("What is the share of a neighbour that is the only one?")
def test_a_single_neighbour(student, variant):
    """a single neighbour gets the whole weight at any distance"""
    weights = getattr(student, name_of(variant))
    assert_close(weights(np.array([[0.0], [0.4], [2.0], [77.0]]), 2.0), np.ones((4, 1)))


@weight(1)
@hint("Neighbours at distance zero are ordinary neighbours.")
def test_all_at_distance_zero(student, variant):
    """neighbours at distance zero share the weight equally"""
    weights = getattr(student, name_of(variant))
    assert_close(weights(np.zeros((2, 5)), 0.3), np.full((2, 5), 0.2))


@weight(1)
@hint("Distances may be integers; the weights are not.")
def test_integer_distances(student, reference, variant):
    """integer distances and bandwidth"""
    distances = np.array([[3, 1, 2], [0, 4, 1]])
    compare(student, reference, variant, [(distances, 4), (distances.astype(np.uint8), 3)])


@supporting
@weight(1)
@hint("A kernel without width, or with a negative one, makes no sense.")
def test_bandwidth_must_be_positive(student, variant):
    """a bandwidth of zero or less raises a ValueError"""
    for bandwidth in (0.0, -1.5):
        assert_raises(ValueError, getattr(student, name_of(variant)), np.array([[0.5, 1.0]]), bandwidth)


@supporting
@weight(1)
@hint("Do not write into the array that you were given.")
def test_distances_are_left_alone(student, variant, rng):
    """the distances handed in are not changed"""
    assert_unchanged(getattr(student, name_of(variant)), rng.uniform(0.0, 3.0, size=(4, 3)), 1.3)


@supporting
@weight(2)
@hint("Let numpy treat all rows at once.")
def test_no_python_loop_over_rows(student, reference, variant):
    """twice as many queries do not take more Python steps"""

    def table(size):
        return np.linspace(0.0, 5.0, 2 * size).reshape(size, 2), 2.0

    name = name_of(variant)
    assert_scales(getattr(student, name), table, reference=getattr(reference, name))
