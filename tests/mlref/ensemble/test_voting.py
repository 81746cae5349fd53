"""Votes of different models."""

import numpy as np
import pytest
import sklearn.ensemble

from mlref.datasets import load_iris
from mlref.ensemble import VotingClassifier, VotingRegressor
from mlref.errors import NotFittedError
from mlref.naive_bayes import GaussianNB
from mlref.neighbors import KNeighborsClassifier, KNeighborsRegressor
from mlref.svm import SVC
from mlref.tree import DecisionTreeClassifier, DecisionTreeRegressor


def classifiers():
    return [
        ("bayes", GaussianNB()),
        ("shallow", DecisionTreeClassifier(max_depth=2)),
        ("deep", DecisionTreeClassifier(min_samples_leaf=5)),
    ]


@pytest.mark.filterwarnings("ignore:Estimator .* does not inherit from:UserWarning")
@pytest.mark.parametrize("voting", ["hard", "soft"])
def test_votes_of_classifiers_equal_scikit_learns(voting):
    X, y = load_iris()
    names = np.array(["setosa", "versicolor", "virginica"])[y]
    queries = np.random.default_rng(0).uniform(X.min(axis=0), X.max(axis=0), (200, 4))
    ours = VotingClassifier(classifiers(), voting=voting).fit(X, names)
    theirs = sklearn.ensemble.VotingClassifier(classifiers(), voting=voting).fit(X, names)
    assert ours.predict(queries).tolist() == theirs.predict(queries).tolist()


def test_a_tie_goes_to_the_smaller_label():
    X, y = np.array([[0.0], [1.0], [2.0]]), np.array(["b", "a", "a"])
    one, many = KNeighborsClassifier(1), KNeighborsClassifier(3)
    assert one.fit(X, y).predict([[0.0]]) == ["b"]
    assert many.fit(X, y).predict([[0.0]]) == ["a"]
    assert VotingClassifier([("one", one), ("many", many)]).fit(X, y).predict([[0.0]]).tolist() == ["a"]


def test_regressors_are_averaged_and_the_given_ones_stay_unfitted():
    rng = np.random.default_rng(1)
    X, y = rng.normal(size=(50, 2)), rng.normal(size=50)
    given = [("tree", DecisionTreeRegressor(max_depth=3)), ("knn", KNeighborsRegressor(5))]
    model = VotingRegressor(given).fit(X, y)
    expected = np.mean([type(e)(**e.get_params()).fit(X, y).predict(X) for _, e in given], axis=0)
    np.testing.assert_allclose(model.predict(X), expected)
    with pytest.raises(NotFittedError):
        given[0][1].predict(X)


def test_bad_arguments_raise():
    X, y = load_iris()
    with pytest.raises(ValueError, match="estimators is empty"):
        VotingRegressor([]).fit(X, y)
    with pytest.raises(ValueError, match="voting is 'loud'; it must be one of 'hard', 'soft'"):
        VotingClassifier([("svc", SVC())], voting="loud").fit(X, y)
    with pytest.raises(NotFittedError, match="this VotingClassifier is not fitted yet"):
        VotingClassifier([("svc", SVC())]).predict(X)
