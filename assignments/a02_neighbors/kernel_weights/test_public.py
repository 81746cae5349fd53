"""Checks that the student can run: a few distances, worked out by hand."""

import numpy as np

from autograder.testing import assert_close, assert_shape, hint, weight

# Kernel values at the distances 0, 1 and 2 for bandwidth 2.
VALUES = {
    "gaussian": [1.0, 0.8824969025845955, 0.6065306597126334],
    "triangular": [1.0, 0.5, 0.0],
    "epanechnikov": [1.0, 0.75, 0.0],
}


@weight(1)
@hint("Work out the kernel value of each distance, then divide by the sum of the row.")
def test_three_neighbours(student, variant):
    """the weights of neighbours at distances 0, 1 and 2 with bandwidth 2"""
    weights = getattr(student, variant["kernel"] + "_weights")
    values = np.array(VALUES[variant["kernel"]])
    assert_close(weights(np.array([[0.0, 1.0, 2.0]]), 2.0), values[None, :] / values.sum())


@weight(1)
@hint("Sum over the neighbours of one query, not over the queries, and keep the order of the entries.")
def test_each_row_sums_to_one(student, variant, rng):
    """every row of weights sums to one"""
    weights = getattr(student, variant["kernel"] + "_weights")
    result = weights(rng.uniform(0.0, 1.5, size=(4, 3)), 2.0)
    assert_shape(result, (4, 3))
    assert_close(result.sum(axis=1), np.ones(4), what="sums of the rows")


@weight(1)
@hint("All kernel values of this row are zero or too small for the computer; the text says what to do.")
def test_far_query(student, variant):
    """neighbours at distances 51 and 50 with bandwidth 1 get the weights 0 and 1"""
    weights = getattr(student, variant["kernel"] + "_weights")
    assert_close(weights(np.array([[51.0, 50.0]]), 1.0), np.array([[0.0, 1.0]]))
