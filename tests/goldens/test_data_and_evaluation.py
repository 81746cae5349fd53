"""Golden numbers about data and evaluation: G08, G22, G27 to G30, G32, G35, with twins and corrections."""

import math

import numpy as np
import pytest

from mlref.metrics import (
    accuracy_score,
    mean_absolute_error,
    mean_confidence_interval,
    mean_squared_error,
    pairwise_distances,
    r2_score,
    root_mean_squared_error,
    t_quantile,
)
from mlref.model_selection import grid_points
from mlref.preprocessing import bag_of_words, one_hot_categories


def test_g08_a_bag_of_words():
    vocabulary = ["this", "that", "is", "extremely", "hello", "onomatopoeia"]
    tokens = ["is", "extremely", "this", "is"]
    assert bag_of_words(tokens, vocabulary).tolist() == [1, 0, 2, 1, 0, 0]
    # Twin: another order of the vocabulary, and a word that it does not hold.
    assert bag_of_words([*tokens, "unheard"], vocabulary[::-1]).tolist() == [0, 0, 1, 2, 0, 1]


def test_g08_sizes_of_images():
    assert np.zeros((512, 512)).size == 262144
    assert np.zeros((32, 32, 3)).size == 3072


def test_g22_coverage_of_four_dimensions_depends_on_the_rule():
    """40 % in one dimension and 10 % in two: what holds in four depends on how the second figure came about.

    With 40 % of every axis it is 0.4^4 = 2.56 %. Where two axes together leave 10 %, as 0.4 and 0.25 do, and
    the next two the same, it is 0.1^2 = 1 %.
    """
    points = np.random.default_rng(22).uniform(-0.5, 0.5, size=(40000, 4))
    for edges, share in (([0.4] * 4, 0.0256), ([0.4, 0.25, 0.4, 0.25], 0.01)):
        # In units of half an edge, the box is the ball of radius one of the largest difference.
        distances = pairwise_distances(np.zeros((1, 4)), points / (np.array(edges) / 2), "chebyshev")
        covered = np.mean(distances <= 1)
        assert abs(covered - share) < 4 * math.sqrt(share * (1 - share) / 40000)


TABLE = [(1.066188, -0.635682), (0.556796, 0.145797), (0.555601, 0.147631)]


def test_g27_three_models_were_judged_on_the_same_labels():
    """Each row's MSE and R squared imply the same variance of y."""
    for mse, r2 in TABLE:
        assert mse / (1 - r2) == pytest.approx(0.65183, abs=2e-6)
        y_true = np.array([-1.0, 1.0]) * math.sqrt(0.65183)
        y_pred = y_true + math.sqrt(mse)
        assert mean_squared_error(y_true, y_pred) == pytest.approx(mse)
        assert root_mean_squared_error(y_true, y_pred) == pytest.approx(math.sqrt(mse))
        # Five digits of the variance leave a little room.
        assert r2_score(y_true, y_pred) == pytest.approx(r2, abs=5e-6)
    # Twin: with the arguments exchanged the score is another one.
    y_true, y_pred = np.array([3.0, -0.5, 2.0, 7.0]), np.array([2.5, 0.0, 2.0, 8.0])
    assert round(r2_score(y_true, y_pred), 6) == 0.948608
    assert round(r2_score(y_pred, y_true), 6) == 0.957371


@pytest.mark.parametrize(
    ("mse", "half", "standard_error", "rmse", "rmse_half"),
    [(1.104, 0.075, 0.038265, 1.050714, 0.035690), (0.565, 0.041, 0.020918, 0.751665, 0.027273)],
)
def test_g28_intervals_of_squared_errors_and_of_their_root(mse, half, standard_error, rmse, rmse_half):
    # Two values a, b have the standard error |a - b| / 2.
    mean, found = mean_confidence_interval(np.array([mse - standard_error, mse + standard_error]))
    assert mean == pytest.approx(mse)
    assert found == pytest.approx(half, abs=2e-6)
    # The slope of the root carries the half-width over: half / (2 rmse).
    assert math.sqrt(mse) == pytest.approx(rmse, abs=5e-7)
    assert half / (2 * rmse) == pytest.approx(rmse_half, abs=5e-7)


def test_g28_the_interval_of_the_absolute_errors_is_another_one():
    """Printed beside the RMSE of the table, it is the MAE's."""
    errors = np.random.default_rng(28).normal(size=4000)
    zeros = np.zeros(4000)
    mse, half = mean_confidence_interval(errors**2)
    mae, half_of_mae = mean_confidence_interval(np.abs(errors))
    assert mse == pytest.approx(mean_squared_error(zeros, errors))
    assert mae == pytest.approx(mean_absolute_error(zeros, errors))
    assert half / (2 * math.sqrt(mse)) > 1.1 * half_of_mae


@pytest.mark.parametrize(
    ("n", "power", "coverage"),
    [
        *[(2, 1, 0.700), (5, 1, 0.878), (10, 1, 0.918), (30, 1, 0.940), (100, 1, 0.947)],
        *[(10, 2, 0.831), (30, 2, 0.897), (100, 2, 0.930)],
    ],
)
def test_g29_a_normal_interval_covers_95_percent_for_large_samples_only(n, power, coverage):
    """The mean of normal values is 0, that of their squares 1."""
    rng = np.random.default_rng(29)
    samples = rng.normal(size=(2000, n)) ** power
    intervals = (mean_confidence_interval(values) for values in samples)
    covered = np.mean([abs(mean - (power - 1)) <= half for mean, half in intervals])
    assert abs(covered - coverage) < 4 * math.sqrt(coverage * (1 - coverage) / 2000)


def test_g29_the_quantile_of_ten_values():
    assert t_quantile(0.975, 9) == pytest.approx(2.262, abs=5e-4)


def test_g30_the_grid_has_70_points():
    space = {"n_neighbors": range(100, 1001, 100), "bandwidth": [0.1, 0.5, 1, 5, 10, 50, 100]}
    points = grid_points(space)
    assert len(points) == len({tuple(point.values()) for point in points}) == 70
    assert points[0] == {"n_neighbors": 100, "bandwidth": 0.1}
    assert points[-1] == {"n_neighbors": 1000, "bandwidth": 100}


def test_g32_three_colours():
    colours = ["red", "green", "blue"]
    np.testing.assert_array_equal(one_hot_categories(colours, colours), np.eye(3))
    # Twin: not a symmetric matrix.
    rows = one_hot_categories(["green", "blue", "green"], colours)
    assert rows.tolist() == [[0, 1, 0], [0, 0, 1], [0, 1, 0]]


def test_g35_shares_and_accuracy_fit_75_test_rows():
    """0.39, 0.31 and 0.31, and 96.00 % right: of fewer than 150 rows only 29, 23 and 23 of 75 fit."""

    def shares(n):
        return [k for k in range(n + 1) if round(k / n, 2) == 0.39], [
            k for k in range(n + 1) if round(k / n, 2) == 0.31
        ]

    fitting = [
        (n, first, second)
        for n in range(1, 150)
        for first in shares(n)[0]
        for second in shares(n)[1]
        if n - first - second in shares(n)[1] and any(round(k / n, 4) == 0.96 for k in range(n + 1))
    ]
    assert fitting == [(75, 29, 23)]
    y_true = np.repeat([0, 1, 2], [29, 23, 23])
    y_pred = y_true.copy()
    y_pred[[30, 60, 70]] = [2, 1, 1]
    assert accuracy_score(y_true, y_pred) == 0.96
