"""Grid search and random search."""

import math

import numpy as np
import pytest
import sklearn.model_selection

from mlref.base import Estimator
from mlref.datasets import load_diabetes
from mlref.metrics import mean_squared_error
from mlref.model_selection import (
    Integers,
    LogUniform,
    Pipeline,
    Uniform,
    grid_points,
    grid_search,
    k_fold,
    random_points,
    random_search,
)
from mlref.neighbors import KNeighborsRegressor
from mlref.preprocessing import StandardScaler

X, y = load_diabetes()
X, y = X[:120], y[:120]
FOLDS = k_fold(120, 3, np.random.default_rng(0))


class Constant(Estimator):
    """Predicts its parameter."""

    estimator_type = "regressor"

    def __init__(self, value=0.0, other=None):
        self.value = value
        self.other = other

    def fit(self, X, y):
        self.n_rows_ = X.shape[0]
        return self

    def predict(self, X):
        return np.full(X.shape[0], self.value)


# oracle


def test_grid_search_equals_scikit_learn():
    space = {"n_neighbors": [1, 10, 30], "weights": ["uniform", "distance"]}
    theirs = sklearn.model_selection.GridSearchCV(KNeighborsRegressor(), space, cv=FOLDS).fit(X, y)
    ours = grid_search(KNeighborsRegressor(), X, y, space, FOLDS)
    assert ours.best_params == theirs.best_params_
    assert ours.best_score == pytest.approx(theirs.best_score_)
    np.testing.assert_allclose([score.mean for score in ours.scores], theirs.cv_results_["mean_test_score"])
    np.testing.assert_allclose(ours.best_estimator.predict(X), theirs.predict(X))


def test_a_grid_holds_every_combination_once():
    space = {"b": [1, 2, 3], "a": ["x", "y"], "c": [None]}
    points = grid_points(space)
    theirs = list(sklearn.model_selection.ParameterGrid(space))
    assert len(points) == len(theirs) == 6
    assert all(point in theirs for point in points)
    assert points[:2] == [{"b": 1, "a": "x", "c": None}, {"b": 1, "a": "y", "c": None}]


# properties


def test_of_equal_points_the_first_wins():
    result = grid_search(Constant(), X, y, {"value": [1.0], "other": ["a", "b"]}, FOLDS)
    assert result.best_params == {"value": 1.0, "other": "a"}


def test_a_loss_is_minimised():
    space = {"value": [0.0, y.mean(), 1000.0]}
    result = grid_search(Constant(), X, y, space, FOLDS, mean_squared_error, maximize=False)
    assert result.best_params == {"value": y.mean()}
    assert result.best_score == min(score.mean for score in result.scores)
    assert grid_search(Constant(), X, y, space, FOLDS, mean_squared_error).best_params == {"value": 1000.0}


def test_the_best_is_fitted_to_all_rows_and_the_given_estimator_to_none():
    estimator = Constant(value=7.0)
    result = grid_search(estimator, X, y, {"other": [1, 2]}, FOLDS)
    assert result.best_estimator.n_rows_ == 120
    assert (estimator.value, estimator.other, hasattr(estimator, "n_rows_")) == (7.0, None, False)
    assert result.best_estimator.value == 7.0


def test_parameters_of_a_step_are_searched():
    model = Pipeline([("scale", StandardScaler()), ("knn", KNeighborsRegressor())])
    result = grid_search(model, X, y, {"knn__n_neighbors": [1, 20]}, FOLDS)
    assert result.best_params == {"knn__n_neighbors": 20}
    assert result.best_estimator.get_params()["knn__n_neighbors"] == 20
    assert model.get_params()["knn__n_neighbors"] == 5


def test_folds_may_be_an_iterator():
    space = {"n_neighbors": [1, 20]}
    found = grid_search(KNeighborsRegressor(), X, y, space, iter(FOLDS))
    assert found.best_score == grid_search(KNeighborsRegressor(), X, y, space, FOLDS).best_score


def test_random_search_draws_as_many_points_as_asked_for():
    space = {"n_neighbors": Integers(1, 40), "weights": ["uniform", "distance"]}
    first, again, other = (
        random_search(KNeighborsRegressor(), X, y, space, 5, FOLDS, rng=np.random.default_rng(seed))
        for seed in (1, 1, 2)
    )
    assert first.points == again.points != other.points
    assert len(first.points) == 5
    assert first.best_params in first.points
    assert first.best_score == max(score.mean for score in first.scores)


def test_draws_have_the_distribution_they_name():
    space = {"u": Uniform(2, 4), "l": LogUniform(1e-4, 1.0), "i": Integers(1, 4), "c": ["a", "b"]}
    points = random_points(space, 2000, np.random.default_rng(3))
    u, log, i = (np.array([point[name] for point in points]) for name in "uli")
    assert np.all((u >= 2) & (u <= 4))
    assert abs(u.mean() - 3) < 4 * (2 / math.sqrt(12)) / math.sqrt(2000)
    # One quarter of the values in each order of magnitude.
    shares = np.histogram(np.log10(log), [-4, -3, -2, -1, 0])[0] / 2000
    np.testing.assert_allclose(shares, 0.25, atol=4 * math.sqrt(0.25 * 0.75 / 2000))
    np.testing.assert_allclose(np.bincount(i)[1:] / 2000, 0.25, atol=4 * math.sqrt(0.25 * 0.75 / 2000))
    assert {point["c"] for point in points} == {"a", "b"}
    assert {type(point["i"]) for point in points} == {int}


# errors


def test_bad_arguments_raise():
    with pytest.raises(ValueError, match="parameter of KNeighborsRegressor is 'k'"):
        grid_search(KNeighborsRegressor(), X, y, {"k": [1]}, FOLDS)
    with pytest.raises(ValueError, match="space holds no point"):
        grid_search(KNeighborsRegressor(), X, y, {"n_neighbors": []}, FOLDS)
    with pytest.raises(ValueError, match="n_points is 0"):
        random_points({"a": [1]}, 0, np.random.default_rng(0))
    for bad in (lambda: LogUniform(0, 1), lambda: Uniform(2, 1), lambda: Integers(3, 2)):
        with pytest.raises(ValueError, match="low must"):
            bad()
