"""Checks that the student can run: small trees whose answers can be seen."""

import numpy as np

from autograder.testing import assert_close, hint, weight


@weight(1)
@hint("On a line the nearest rows to 2.2 are 3 (0.8 away) and 1 (1.2 away).")
def test_two_nearest_on_a_line(student):
    """the two nearest of five numbers on a line"""
    X = np.array([[7.0], [0.0], [3.0], [8.0], [1.0]])
    distances, indices = student.KDTree(X, leaf_size=1).query(np.array([[2.2]]), 2)
    assert_close(distances, np.array([[0.8, 1.2]]), what="distances")
    assert_close(indices, np.array([[2, 4]]), what="indices")


@weight(1)
@hint("Rows 0 and 3 are both 5 away from the query; the smaller index comes first.")
def test_equal_distances_go_to_the_smaller_index(student):
    """of two rows at the same distance the smaller index comes first"""
    X = np.array([[3.0, 4.0], [9.0, 9.0], [0.0, 1.0], [-4.0, 3.0], [6.0, 8.0]])
    distances, indices = student.KDTree(X, leaf_size=2).query(np.array([[0.0, 0.0]]), 3)
    assert_close(distances, np.array([[1.0, 5.0, 5.0]]), what="distances")
    assert_close(indices, np.array([[2, 0, 3]]), what="indices")


@weight(1)
@hint("The nearest row to a row of X is that row itself.")
def test_every_row_finds_itself(student, variant, rng):
    """each row of X is its own nearest neighbour, at distance 0"""
    X = rng.normal(size=(50, variant["dimension"]))
    distances, indices = student.KDTree(X, leaf_size=variant["leaf_size"]).query(X, 1)
    assert_close(distances, np.zeros((50, 1)), what="distances")
    assert_close(indices, np.arange(50)[:, None], what="indices")
