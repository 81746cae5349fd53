"""Steps of preparation and a model as one estimator."""

import numpy as np
import pytest
import sklearn.base
import sklearn.pipeline

from mlref.base import clone
from mlref.datasets import load_iris
from mlref.errors import NotFittedError
from mlref.model_selection import Pipeline, cross_validate, k_fold
from mlref.neighbors import KNeighborsClassifier
from mlref.preprocessing import SimpleImputer, StandardScaler

X, y = load_iris()


def pipeline(**options):
    steps = [("fill", SimpleImputer()), ("scale", StandardScaler()), ("knn", KNeighborsClassifier(**options))]
    return Pipeline(steps)


def test_predictions_equal_those_of_scikit_learns_pipeline():
    gaps = np.where(np.random.default_rng(0).random(X.shape) < 0.1, np.nan, X)
    ours = pipeline()
    theirs = sklearn.pipeline.Pipeline(clone(ours).steps).fit(gaps[::2], y[::2])
    ours.fit(gaps[::2], y[::2])
    np.testing.assert_array_equal(ours.predict(gaps[1::2]), theirs.predict(gaps[1::2]))
    assert ours.score(gaps[1::2], y[1::2]) == theirs.score(gaps[1::2], y[1::2]) > 0.85


def test_the_steps_learn_from_the_training_rows_and_stay_as_they_were():
    model = pipeline().fit(X[:100], y[:100])
    np.testing.assert_allclose(model.fitted_steps_[1].mean_, X[:100].mean(axis=0))
    assert not hasattr(model.steps[1][1], "mean_")
    before = model.predict(X[100:101])
    model.predict(X[100:])
    np.testing.assert_array_equal(model.predict(X[100:101]), before)


def test_parameters_by_the_names_of_the_steps():
    model = pipeline(n_neighbors=3)
    assert model.get_params()["knn__n_neighbors"] == 3
    assert model.get_params()["scale"] is model.steps[1][1]
    model.set_params(knn__n_neighbors=7, fill__strategy="median")
    assert (model.steps[2][1].n_neighbors, model.steps[0][1].strategy) == (7, "median")
    model.set_params(knn__n_neighbors=2, knn=KNeighborsClassifier(weights="distance"))
    assert repr(model.steps[2][1]) == "KNeighborsClassifier(n_neighbors=2, weights='distance')"


def test_a_clone_shares_no_step():
    model = pipeline()
    for copy in (clone(model), sklearn.base.clone(model)):
        assert copy.get_params()["knn__n_neighbors"] == 5
        assert all(a is not b for (_, a), (_, b) in zip(copy.steps, model.steps, strict=True))
    assert sklearn.base.is_classifier(model)


def test_scaling_outside_the_folds_lets_validation_rows_leak():
    """On rows far from the rest the difference shows: inside, they are scaled by the others alone."""
    rng = np.random.default_rng(1)
    wild = rng.normal(size=(40, 2)) * [1, 1]
    wild[:4, 0] += 1000
    labels = (wild[:, 1] > 0).astype(int)
    folds = k_fold(40, 10)
    model = Pipeline([("scale", StandardScaler()), ("knn", KNeighborsClassifier(n_neighbors=3))])
    inside = cross_validate(model, wild, labels, folds)
    outside = cross_validate(model.steps[1][1], StandardScaler().fit_transform(wild), labels, folds)
    assert inside.scores.tolist() != outside.scores.tolist()


def test_bad_arguments_raise():
    with pytest.raises(NotFittedError, match="this Pipeline is not fitted yet"):
        pipeline().predict(X)
    with pytest.raises(ValueError, match="parameter of Pipeline is 'nn'; it must be one of 'steps', 'fill'"):
        pipeline().set_params(nn__n_neighbors=1)
    with pytest.raises(ValueError, match="parameter of KNeighborsClassifier is 'k'"):
        pipeline().set_params(knn__k=1)
