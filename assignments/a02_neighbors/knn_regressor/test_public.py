"""Checks that the student can run: three training rows, worked out by hand."""

import numpy as np

from autograder.testing import assert_close, hint, weight

# Kernel values at the distances 0, 1 and 2 for bandwidth 2.
VALUES = {
    "gaussian": [1.0, 0.8824969025845955, 0.6065306597126334],
    "triangular": [1.0, 0.5, 0.0],
    "epanechnikov": [1.0, 0.75, 0.0],
}
# Distances of the rows (3, 4) and (6, 0) from the origin.
DISTANCES = {"euclidean": (5.0, 6.0), "manhattan": (7.0, 6.0), "chebyshev": (4.0, 6.0)}


@weight(2)
@hint("The two training rows nearest to 0.4 are 0 and 1; the two nearest to 4 are 5 and 1.")
def test_two_neighbours_on_a_line(student, variant):
    """the mean of the two nearest values on a line"""
    # What fit returns is used here: the model itself.
    model = student.KNeighborsRegressor(n_neighbors=2, metric=variant["metric"])
    model = model.fit(np.array([[0.0], [5.0], [1.0]]), np.array([1.0, 9.0, 2.0]))
    assert_close(model.predict(np.array([[0.4], [4.0]])), np.array([1.5, 5.5]))


@weight(2)
@hint("Multiply each value by its weight from your kernel function; the weights sum to one already.")
def test_kernel_weights_on_a_line(student, variant):
    """the mean weighted by the kernel at distances 0, 1 and 2"""
    model = student.KNeighborsRegressor(
        n_neighbors=3, weights=variant["kernel"], bandwidth=2.0, metric=variant["metric"]
    )
    model.fit(np.array([[0.0], [1.0], [2.0]]), np.array([1.0, 2.0, 4.0]))
    values = np.array(VALUES[variant["kernel"]])
    expected = (values * np.array([1.0, 2.0, 4.0])).sum() / values.sum()
    assert_close(model.predict(np.array([[0.0]])), np.array([expected]))


@weight(2)
@hint("Check your distances of (3, 4) and (6, 0) from the origin; then weigh by one over them.")
def test_distance_weights_in_the_plane(student, variant):
    """weights of one over the distance in the plane"""
    model = student.KNeighborsRegressor(n_neighbors=2, weights="distance", metric=variant["metric"])
    model.fit(np.array([[3.0, 4.0], [6.0, 0.0]]), np.array([10.0, 20.0]))
    first, second = DISTANCES[variant["metric"]]
    expected = (10.0 / first + 20.0 / second) / (1.0 / first + 1.0 / second)
    assert_close(model.predict(np.array([[0.0, 0.0]])), np.array([expected]))
