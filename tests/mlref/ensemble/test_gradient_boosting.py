"""Gradient boosting estimators, on exact values and on histograms."""

import numpy as np
import pytest
import sklearn.datasets
import sklearn.ensemble

from mlref.ensemble import (
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
)
from mlref.errors import NotFittedError
from mlref.losses import bce_with_logits, softmax_cross_entropy
from mlref.tree import DecisionTreeRegressor

# No nodes so small that features tie, of which scikit-learn would draw one.
EXACT = {"n_estimators": 15, "max_depth": 2}
BINNED = {"max_iter": 15, "max_depth": 3}


def friedman(seed, n=250, n_classes=None):
    X, y = sklearn.datasets.make_friedman1(n, noise=1.0, random_state=seed)
    y = y if n_classes is None else np.digitize(y, np.quantile(y, np.arange(1, n_classes) / n_classes))
    return X.astype(np.float32).astype(np.float64), y


def test_regressor_equals_scikit_learns():
    X, y = friedman(0)
    ours = GradientBoostingRegressor(**EXACT).fit(X, y)
    theirs = sklearn.ensemble.GradientBoostingRegressor(**EXACT, random_state=0).fit(X, y)
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X), rtol=1e-10)
    np.testing.assert_allclose(list(ours.staged_predict(X)), list(theirs.staged_predict(X)), rtol=1e-10)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_classifier_equals_scikit_learns(n_classes):
    X, y = friedman(1, n_classes=n_classes)
    ours = GradientBoostingClassifier(**EXACT).fit(X, y)
    theirs = sklearn.ensemble.GradientBoostingClassifier(**EXACT, random_state=0).fit(X, y)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), rtol=1e-8)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_histogram_classifier_equals_scikit_learns(n_classes):
    X, y = friedman(2, n_classes=n_classes)
    ours = HistGradientBoostingClassifier(**BINNED).fit(X, y)
    theirs = sklearn.ensemble.HistGradientBoostingClassifier(
        **BINNED, max_leaf_nodes=None, early_stopping=False
    ).fit(X, y)
    # Its gradients are float32.
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-6)


def test_histogram_regressor_equals_scikit_learns():
    X, y = friedman(3)
    ours = HistGradientBoostingRegressor(**BINNED).fit(X, y)
    theirs = sklearn.ensemble.HistGradientBoostingRegressor(
        **BINNED, max_leaf_nodes=None, early_stopping=False
    ).fit(X, y)
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X), rtol=1e-5)


def test_features_that_matter_are_important():
    X, y = friedman(9)
    importances = GradientBoostingRegressor(n_estimators=20).fit(X, y).feature_importances_
    assert importances.sum() == pytest.approx(1)
    # The other five are noise.
    assert importances[:5].min() > importances[5:].max()


def test_one_full_step_is_a_tree():
    X, y = friedman(4)
    boosted = GradientBoostingRegressor(learning_rate=1.0, n_estimators=1).fit(X, y)
    np.testing.assert_allclose(boosted.predict(X), DecisionTreeRegressor(max_depth=3).fit(X, y).predict(X))


def test_a_leaf_takes_newtons_step():
    """Two leaves of 3 and 1 samples, log-odds 0: the step is sum(y - 1/2) / sum(1/4)."""
    X, y = np.array([[0.0], [0.0], [0.0], [1.0]]), np.array([0, 0, 1, 1])
    model = GradientBoostingClassifier(learning_rate=1.0, n_estimators=1).fit(X, y)
    np.testing.assert_allclose(
        model.decision_function(X), [-0.5 / 0.75, -0.5 / 0.75, -0.5 / 0.75, 0.5 / 0.25]
    )


@pytest.mark.parametrize(
    ("model", "n_classes"),
    [
        (GradientBoostingRegressor(n_estimators=25), None),
        (HistGradientBoostingRegressor(max_iter=25), None),
        (GradientBoostingClassifier(n_estimators=25), 2),
        (GradientBoostingClassifier(n_estimators=25), 3),
        (HistGradientBoostingClassifier(max_iter=25), 3),
    ],
    ids=str,
)
def test_the_training_loss_falls_round_by_round(model, n_classes):
    X, y = friedman(5, n_classes=n_classes)
    losses = model.fit(X, y).train_score_
    assert losses.shape == (25,)
    assert np.all(np.diff(losses) < 0)


def test_the_training_loss_is_the_loss_of_the_predictions():
    X, y = friedman(6)
    model = GradientBoostingRegressor(n_estimators=5).fit(X, y)
    assert model.train_score_[-1] == pytest.approx(np.mean((model.predict(X) - y) ** 2))
    X, y = friedman(6, n_classes=2)
    model = GradientBoostingClassifier(n_estimators=5).fit(X, y)
    assert model.train_score_[-1] == pytest.approx(bce_with_logits(model.decision_function(X), y)[0])
    X, y = friedman(6, n_classes=3)
    model = HistGradientBoostingClassifier(max_iter=5).fit(X, y)
    assert model.train_score_[-1] == pytest.approx(softmax_cross_entropy(model.decision_function(X), y)[0])


def test_probabilities_of_the_last_stage_are_the_probabilities():
    X, y = friedman(7, n_classes=3)
    model = HistGradientBoostingClassifier(max_iter=5).fit(X, y)
    *_, last = model.staged_predict_proba(X)
    np.testing.assert_array_equal(last, model.predict_proba(X))
    np.testing.assert_allclose(last.sum(axis=1), 1)


def test_labels_that_are_learned_to_the_last_digit_stay_finite():
    X = np.arange(40.0)[:, None]
    for model in (
        GradientBoostingClassifier(learning_rate=5.0),
        HistGradientBoostingClassifier(learning_rate=5.0),
    ):
        probabilities = model.fit(X, X[:, 0] >= 20).predict_proba(X)
        assert np.all(np.isfinite(probabilities))
        np.testing.assert_array_equal(model.predict(X), X[:, 0] >= 20)


def test_bad_arguments_raise():
    X, y = friedman(8, n=20)
    with pytest.raises(ValueError, match="learning_rate is 0"):
        GradientBoostingRegressor(learning_rate=0).fit(X, y)
    with pytest.raises(ValueError, match="n_estimators is 0"):
        GradientBoostingRegressor(n_estimators=0).fit(X, y)
    with pytest.raises(ValueError, match=r"max_iter is 1\.5"):
        HistGradientBoostingRegressor(max_iter=1.5).fit(X, y)
    with pytest.raises(ValueError, match="max_bins is 0"):
        HistGradientBoostingRegressor(max_bins=0).fit(X, y)
    with pytest.raises(ValueError, match="y holds 1 class"):
        GradientBoostingClassifier().fit(X, np.zeros(20))
    with pytest.raises(NotFittedError, match="this GradientBoostingClassifier is not fitted yet"):
        GradientBoostingClassifier().predict(X)
