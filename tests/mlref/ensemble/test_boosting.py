"""The boosting algorithm and its losses."""

import numpy as np
import pytest

from mlref.autodiff import check_gradient
from mlref.ensemble.boosting import binary_log_loss, boost, multiclass_log_loss, squared_error
from mlref.tree import bin_features

N = 12
LOSSES = {
    # The residual is that of half the squared error, summed; the others are summed as they are.
    "squared_error": (squared_error, np.random.default_rng(0).normal(size=N), 1, N / 2),
    "binary_log_loss": (binary_log_loss, np.random.default_rng(1).integers(0, 2, N).astype(float), 1, N),
    "multiclass_log_loss": (multiclass_log_loss, np.random.default_rng(2).integers(0, 4, N), 4, N),
}
every_loss = pytest.mark.parametrize("loss", LOSSES)


@every_loss
def test_the_residual_is_minus_the_gradient(loss):
    function, y, n_scores, share = LOSSES[loss]
    scores = np.random.default_rng(3).normal(size=(n_scores, N))
    _, residual, _ = function(scores, y)
    report = check_gradient(lambda p: share * float(function(p["s"], y)[0]), {"s": scores}, {"s": -residual})
    assert report.verdict == "ok", report.message


@every_loss
def test_the_curvature_is_the_slope_of_the_gradient(loss):
    function, y, n_scores, _ = LOSSES[loss]
    scores, h = np.random.default_rng(4).normal(size=(n_scores, N)), 1e-5
    curvature = function(scores, y)[2]
    for k in range(n_scores):
        step = h * (np.arange(n_scores) == k)[:, None]
        slope = (function(scores - step, y)[1] - function(scores + step, y)[1])[k] / (2 * h)
        np.testing.assert_allclose(slope, 1 if curvature is None else curvature[k], rtol=1e-7)


def test_rounds_of_one_leaf_are_newtons_method():
    """With a constant feature a round is one Newton step; five of them find the log-odds of 3 in 4."""
    y = np.array([0.0, 1.0, 1.0, 1.0])
    rounds, losses = boost(
        bin_features(np.ones((4, 1))),
        y,
        binary_log_loss,
        np.zeros(1),
        n_rounds=5,
        learning_rate=1.0,
        limit={},
        second_order=False,
    )
    total = sum(float(trees[0].value[0, 0]) for trees in rounds)
    assert total == pytest.approx(np.log(3))
    assert losses[-1] == pytest.approx(-0.75 * np.log(0.75) - 0.25 * np.log(0.25))
