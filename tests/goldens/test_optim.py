"""Golden numbers of the lectures on optimisation."""

import numpy as np
import pytest

from mlref.optim import genetic_algorithm, gradient_descent, minibatches


def f(x):
    return x**4 - 14 * x**3 + 60 * x**2 - 70 * x


def slope(x):
    return 4 * x**3 - 42 * x**2 + 120 * x - 70


def test_g26_descent_stops_in_a_local_minimum():
    """x3 by exact rational arithmetic: a list in circulation has one digit of it wrong, 6.775736108"""
    path = gradient_descent(slope, 7.0, 0.001, max_iter=20_000).path
    assert (f(7.0), slope(7.0)) == (49.0, 84.0)
    np.testing.assert_allclose(
        [path[1], path[2], path[3], path[10], path[100]],
        [6.916, 6.841786018816, 6.775736208, 6.461186390, 5.962864338],
        rtol=0,
        atol=6e-10,
    )
    assert path[-1] == pytest.approx(5.957194685, abs=5e-10)
    assert f(path[-1]) == pytest.approx(11.957583, abs=5e-7)


def test_g26_the_global_minimum_is_elsewhere():
    """the twin: from the other side of the maximum at 3.761921, and by a search that is not local"""
    left = gradient_descent(slope, 3.7, 0.01, step_tol=1e-12).x
    assert left == pytest.approx(0.780884, abs=5e-7)
    assert f(left) == pytest.approx(-24.369602, abs=5e-7)
    assert gradient_descent(slope, 3.8, 0.01, step_tol=1e-12).x == pytest.approx(5.957195, abs=5e-7)
    bred = genetic_algorithm(lambda x: f(x[0]), [-1.0], [8.0], np.random.default_rng(0), n_generations=50)
    assert bred.value == pytest.approx(f(left), abs=1e-2)


def test_g40_iterations_of_an_epoch():
    sizes = [len(rows) for rows in minibatches(1000, 500, np.random.default_rng(0))]
    assert sizes == [500, 500]
    sizes = [len(rows) for rows in minibatches(1000, 300, np.random.default_rng(0))]
    assert sizes == [300, 300, 300, 100]
