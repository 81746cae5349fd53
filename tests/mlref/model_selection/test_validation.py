"""Cross-validation, and algorithms judged over many trials."""

import math

import numpy as np
import pytest
import sklearn.model_selection

from mlref.base import Estimator
from mlref.datasets import load_diabetes, load_iris
from mlref.errors import ShapeError
from mlref.metrics import mean_squared_error
from mlref.model_selection import cross_validate, evaluate_algorithm, k_fold
from mlref.neighbors import KNeighborsClassifier, KNeighborsRegressor


class Spy(Estimator):
    """Predicts the mean; notes in a list that all copies share what it was fitted to."""

    estimator_type = "regressor"
    seen = None

    def fit(self, X, y):
        assert not hasattr(self, "mean_"), "fitted twice"
        Spy.seen.append(X[:, 0].tolist())
        self.mean_ = np.mean(y)
        return self

    def predict(self, X):
        return np.full(X.shape[0], self.mean_)


@pytest.fixture(autouse=True)
def nothing_seen():
    Spy.seen = []


# oracle


@pytest.mark.parametrize("data", ["iris", "diabetes"])
def test_scores_equal_scikit_learn(data):
    X, y = load_iris() if data == "iris" else load_diabetes()
    model = KNeighborsClassifier() if data == "iris" else KNeighborsRegressor()
    folds = k_fold(len(y), 4, np.random.default_rng(0))
    expected = sklearn.model_selection.cross_val_score(model, X, y, cv=folds)
    mean, standard_error, scores = cross_validate(model, X, y, folds)
    np.testing.assert_allclose(scores, expected)
    assert mean == pytest.approx(expected.mean())
    assert standard_error == pytest.approx(np.std(expected, ddof=1) / 2)


def test_every_library_gives_the_same_scores(xp_backend):
    X, y = load_diabetes()
    X, y = X[:60], y[:60]
    expected = cross_validate(KNeighborsRegressor(), X, y, k_fold(60, 3), mean_squared_error)
    arrays = xp_backend.asarray(X), xp_backend.asarray(y)
    found = cross_validate(KNeighborsRegressor(), *arrays, k_fold(60, 3), mean_squared_error)
    np.testing.assert_allclose(found.scores, expected.scores)


# properties


def test_each_fold_fits_a_new_model_to_its_training_rows_only():
    X, y = np.arange(6.0)[:, None], np.arange(6.0)
    folds = k_fold(6, 3)
    spy = Spy()
    cross_validate(spy, X, y, folds, mean_squared_error)
    assert Spy.seen == [train.tolist() for train, _ in folds]
    assert not hasattr(spy, "mean_")


def test_scores_by_hand():
    """Rows 0 and 1 against the mean of 2 and 3, and the other way round."""
    X, y = np.zeros((4, 1)), np.array([0.0, 2.0, 3.0, 5.0])
    mean, standard_error, scores = cross_validate(Spy(), X, y, k_fold(4, 2), mean_squared_error)
    assert scores.tolist() == [(16 + 4) / 2, (4 + 16) / 2]
    assert (mean, standard_error) == (10.0, 0.0)


def test_every_trial_has_new_data():
    drawn = []

    def sampler(rng):
        X = rng.normal(size=(5, 1))
        drawn.append(X)
        return X, X[:, 0], X, X[:, 0]

    result = evaluate_algorithm(Spy(), sampler, 4, np.random.default_rng(0), mean_squared_error)
    assert len(Spy.seen) == 4
    assert len({rows.tobytes() for rows in drawn}) == 4
    expected = [X.var() for X in drawn]
    np.testing.assert_allclose(result.scores, expected)
    assert result.mean == pytest.approx(np.mean(expected))
    assert result.standard_error == pytest.approx(np.std(expected, ddof=1) / math.sqrt(4))


# errors


def test_bad_arguments_raise():
    X, y = np.zeros((4, 1)), np.arange(4.0)
    with pytest.raises(ShapeError, match="X has 4 rows but y has 3"):
        cross_validate(Spy(), X, y[:3], k_fold(4, 2))
    with pytest.raises(ValueError, match="folds gave 1 score"):
        cross_validate(Spy(), X, y, k_fold(4, 2)[:1], mean_squared_error)
    with pytest.raises(ValueError, match="n_trials gave 1 score"):
        evaluate_algorithm(Spy(), lambda rng: (X, y, X, y), 1, np.random.default_rng(0), mean_squared_error)
    with pytest.raises(ValueError, match="n_trials is 0"):
        evaluate_algorithm(Spy(), lambda rng: (X, y, X, y), 0, np.random.default_rng(0))
