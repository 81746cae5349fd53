"""AdaBoost."""

import numpy as np
import pytest
import sklearn.datasets
import sklearn.ensemble

from mlref.ensemble import AdaBoostClassifier
from mlref.errors import NotFittedError
from mlref.tree import DecisionTreeClassifier


def friedman(seed, n=250, n_classes=2):
    X, y = sklearn.datasets.make_friedman1(n, noise=1.0, random_state=seed)
    X = X.astype(np.float32).astype(np.float64)
    return X, np.digitize(y, np.quantile(y, np.arange(1, n_classes) / n_classes))


@pytest.mark.parametrize("n_classes", [2, 3])
def test_it_equals_scikit_learns(n_classes):
    (X, y), (queries, _) = friedman(0, n_classes=n_classes), friedman(1)
    ours = AdaBoostClassifier(n_estimators=15, learning_rate=0.5).fit(X, y)
    theirs = sklearn.ensemble.AdaBoostClassifier(n_estimators=15, learning_rate=0.5, random_state=0).fit(X, y)
    np.testing.assert_allclose(ours.estimator_errors_, theirs.estimator_errors_, rtol=1e-9)
    np.testing.assert_allclose(ours.estimator_weights_, theirs.estimator_weights_, rtol=1e-9)
    np.testing.assert_allclose(ours.decision_function(queries), theirs.decision_function(queries), atol=1e-9)
    np.testing.assert_array_equal(ours.predict(queries), theirs.predict(queries))


def test_weak_trees_together_are_strong():
    X, y = friedman(2)
    stump = DecisionTreeClassifier(max_depth=1).fit(X, y).score(X, y)
    assert AdaBoostClassifier(n_estimators=50).fit(X, y).score(X, y) > stump + 0.15


def test_the_last_tree_would_be_no_better_than_guessing_on_the_new_weights():
    """By the choice of the vote, a tree is wrong on half of the weight that it leaves behind."""
    X, y = friedman(3)
    model = AdaBoostClassifier(n_estimators=1).fit(X, y)
    wrong = model.predict(X) != y
    weights = np.exp(model.estimator_weights_[0] * wrong)
    assert np.sum(weights[wrong]) / np.sum(weights) == pytest.approx(0.5)


def test_a_tree_without_mistakes_ends_it():
    model = AdaBoostClassifier().fit([[0.0], [1.0]], ["a", "b"])
    assert len(model.estimators_) == 1
    assert model.estimator_errors_.tolist() == [0.0]
    assert model.predict([[0.2], [5.0]]).tolist() == ["a", "b"]


def test_bad_arguments_raise():
    X, y = friedman(4, n=20)
    for name in ("n_estimators", "learning_rate", "max_depth"):
        with pytest.raises(ValueError, match=f"{name} is 0"):
            AdaBoostClassifier(**{name: 0}).fit(X, y)
    with pytest.raises(ValueError, match="y holds 1 class"):
        AdaBoostClassifier().fit(X, np.zeros(20))
    with pytest.raises(ValueError, match="the first tree is no better than guessing"):
        AdaBoostClassifier().fit(np.ones((4, 1)), [0, 1, 0, 1])
    with pytest.raises(NotFittedError, match="this AdaBoostClassifier is not fitted yet"):
        AdaBoostClassifier().predict(X)
