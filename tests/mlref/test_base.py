"""Estimators keep scikit-learn's contract without inheriting from it."""

import numpy as np
import pytest
import sklearn
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mlref.base import Clusterer, Estimator, Transformer, clone
from mlref.datasets import load_diabetes, load_iris
from mlref.errors import NotFittedError, ShapeError
from mlref.neighbors import KNeighborsClassifier, KNeighborsRegressor

ESTIMATORS = [KNeighborsRegressor, KNeighborsClassifier]
every_estimator = pytest.mark.parametrize("estimator_class", ESTIMATORS, ids=lambda cls: cls.__name__)


class Mean(Estimator):
    """The smallest estimator: predicts the mean of y."""

    estimator_type = "regressor"

    def __init__(self, shift=0.0, *, names=("a",)):
        self.shift = shift
        self.names = names

    def fit(self, X, y):
        self.n_features_in_ = X.shape[1]
        self.mean_ = float(np.mean(y)) + self.shift
        return self

    def predict(self, X):
        self._check_fitted()
        self._check_features(X)
        return np.full(X.shape[0], self.mean_)


def test_parameters_are_read_from_init_and_set_by_name():
    model = Mean(shift=2.0)
    assert model.get_params() == {"shift": 2.0, "names": ("a",)}
    assert model.set_params(shift=3.0) is model
    assert model.shift == 3.0


def test_an_unknown_parameter_is_named_with_the_known_ones():
    with pytest.raises(ValueError, match="parameter of Mean is 'sift'; it must be one of 'shift', 'names'"):
        Mean().set_params(sift=1)


def test_repr_shows_what_differs_from_the_defaults():
    assert repr(Mean()) == "Mean()"
    assert repr(Mean(shift=np.float64(1.0), names=("b",))) == "Mean(shift=np.float64(1.0), names=('b',))"


def test_use_before_fit_says_so():
    with pytest.raises(NotFittedError, match=r"this Mean is not fitted yet; call fit"):
        Mean().predict(np.ones((2, 1)))


def test_another_number_of_features_is_refused():
    with pytest.raises(ShapeError, match="X has 1 features, but Mean is expecting 2 features"):
        Mean().fit(np.ones((2, 2)), np.ones(2)).predict(np.ones((2, 1)))


def test_score_is_r2_of_a_regressor_and_accuracy_of_a_classifier():
    X, y = np.arange(4.0)[:, None], np.array([0.0, 1.0, 2.0, 3.0])
    assert Mean().fit(X, y).score(X, y) == 0.0
    classifier = KNeighborsClassifier(n_neighbors=1).fit(X, np.array(["a", "a", "b", "b"]))
    other = np.array(["a", "b", "b", "b"])
    assert classifier.score(X, other) == 0.75
    assert classifier.score(X, other, sample_weight=np.array([1.0, 2.0, 1.0, 0.0])) == 0.5


def test_score_runs_on_every_library(xp_backend):
    X, y = xp_backend.asarray(np.arange(4.0)[:, None]), xp_backend.asarray(np.array([0, 1, 1, 0]))
    assert KNeighborsClassifier(n_neighbors=1).fit(X, y).score(X, y) == 1.0
    assert KNeighborsRegressor(n_neighbors=1).fit(X, y).score(X, y) == 1.0


# estimators within estimators


class Shifted(Estimator):
    """Holds another estimator."""

    def __init__(self, estimator=None, *, by=1):
        self.estimator = estimator
        self.by = by


def test_parameters_of_an_inner_estimator_have_the_path_as_their_name():
    model = Shifted(Mean(shift=2.0))
    assert model.get_params()["estimator__shift"] == 2.0
    assert "estimator__shift" not in model.get_params(deep=False)
    assert model.set_params(estimator__shift=3.0, by=4) is model
    assert (model.estimator.shift, model.by) == (3.0, 4)


def test_a_new_inner_estimator_is_set_before_its_parameters():
    model = Shifted(Mean()).set_params(estimator__shift=3.0, estimator=Mean(names=("b",)))
    assert (model.estimator.shift, model.estimator.names) == (3.0, ("b",))


def test_a_clone_shares_nothing():
    rng = np.random.default_rng(0)
    model = Shifted(Mean(names=["a"]), by=rng)
    copy = clone(model)
    assert copy.estimator is not model.estimator
    assert copy.estimator.names == ["a"]
    assert copy.estimator.names is not model.estimator.names
    assert copy.by is not rng
    assert copy.by.normal() == rng.normal()


# transformers and clusterers


class Halves(Transformer, Clusterer):
    """Divides by the largest value; the groups are below and above one half of it."""

    def fit(self, X, y=None):
        self.n_features_in_ = X.shape[1]
        self.largest_ = np.max(X)
        self.labels_ = np.astype(X[:, 0] > self.largest_ / 2, np.int64)
        return self

    def transform(self, X):
        return X / self.largest_


def test_fit_transform_and_fit_predict_are_both_steps_in_one():
    X = np.array([[1.0], [2.0], [4.0]])
    np.testing.assert_array_equal(Halves().fit_transform(X), X / 4)
    np.testing.assert_array_equal(Halves().fit_predict(X), [0, 0, 1])
    assert sklearn.base.is_clusterer(Halves())
    assert sklearn.utils.get_tags(Halves()).transformer_tags is not None
    with pytest.raises(AttributeError, match="Halves has no score"):
        Halves().score  # noqa: B018


class Twice(Mean):
    """Predicts two outputs."""

    def predict(self, X):
        return np.stack([super().predict(X)] * 2, axis=1)


def test_the_score_of_several_outputs_is_the_mean_of_their_r2():
    X, y = np.arange(4.0)[:, None], np.array([0.0, 1.0, 2.0, 3.0])
    outputs = np.stack([y, y + 1], axis=1)
    expected = sklearn.metrics.r2_score(outputs, np.full((4, 2), 1.5))
    assert Twice().fit(X, y).score(X, outputs) == pytest.approx(expected)


# scikit-learn's tools


@every_estimator
def test_clone_copies_parameters_and_not_what_was_learnt(estimator_class):
    fitted = estimator_class(n_neighbors=2, weights="gaussian").fit(np.ones((3, 1)), np.array([0, 1, 1]))
    copy = sklearn.base.clone(fitted)
    assert copy.get_params() == fitted.get_params()
    with pytest.raises(NotFittedError):
        copy.predict(np.ones((1, 1)))


def test_kinds_are_told_apart():
    assert sklearn.base.is_regressor(KNeighborsRegressor())
    assert sklearn.base.is_classifier(KNeighborsClassifier())
    assert not sklearn.base.is_classifier(KNeighborsRegressor())


def test_cross_validation_grid_search_and_pipelines_work():
    X, y = load_diabetes()
    scores = cross_val_score(KNeighborsRegressor(n_neighbors=20), X, y)
    assert np.all((scores > 0.3) & (scores < 0.55))
    X, y = load_iris()
    pipeline = make_pipeline(StandardScaler(), KNeighborsClassifier())
    search = GridSearchCV(pipeline, {"kneighborsclassifier__n_neighbors": [5, 100]}, cv=3).fit(X, y)
    assert search.best_params_ == {"kneighborsclassifier__n_neighbors": 5}
    assert search.best_score_ > 0.9


def test_scikit_learn_is_told_what_an_estimator_is_and_nothing_else():
    for estimator, kind in ((KNeighborsClassifier(), "classifier"), (KNeighborsRegressor(), "regressor")):
        tags = sklearn.utils.get_tags(estimator)
        assert tags.estimator_type == kind
        assert (tags.classifier_tags is not None) == (kind == "classifier")
        assert (tags.regressor_tags is not None) == (kind == "regressor")
