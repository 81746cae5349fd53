"""Random forests."""

import numpy as np
import pytest
import sklearn.datasets
import sklearn.ensemble

from mlref.ensemble import RandomForestClassifier, RandomForestRegressor, bootstrap_rows
from mlref.ensemble import forest as forest_module
from mlref.errors import ConvergenceWarning, NotFittedError
from mlref.tree import DecisionTreeClassifier, DecisionTreeRegressor


def friedman(seed, n=300):
    X, y = sklearn.datasets.make_friedman1(n, noise=1.0, random_state=seed)
    return X.astype(np.float32).astype(np.float64), y


def digits():
    X, y = sklearn.datasets.load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(y.size)
    return (X[order[:900]], y[order[:900]]), (X[order[900:]], y[order[900:]])


def test_a_bootstrap_sample_leaves_out_a_share_of_one_over_e():
    rows, unseen = bootstrap_rows(5000, np.random.default_rng(1))
    assert rows.size == 5000
    assert set(rows) | set(unseen) == set(range(5000))
    assert not set(rows) & set(unseen)
    assert unseen.size / 5000 == pytest.approx(np.exp(-1), abs=0.02)


def test_without_chance_a_forest_is_its_tree():
    X, y = friedman(2)
    forest = RandomForestRegressor(3, bootstrap=False, max_depth=4).fit(X, y)
    tree = DecisionTreeRegressor(max_depth=4).fit(X, y)
    np.testing.assert_allclose(forest.predict(X), tree.predict(X))
    np.testing.assert_allclose(forest.feature_importances_, tree.feature_importances_)


def test_trees_of_the_same_samples_equal_scikit_learns(monkeypatch):
    X, y = friedman(3)
    theirs = sklearn.ensemble.RandomForestRegressor(5, max_depth=2, random_state=0).fit(X, y)
    samples = iter(theirs.estimators_samples_)
    monkeypatch.setattr(forest_module, "bootstrap_rows", lambda n, rng: (next(samples), []))
    ours = RandomForestRegressor(5, max_depth=2).fit(X, y)
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X), rtol=1e-10)


def test_many_trees_are_better_than_one_and_as_good_as_scikit_learns():
    train, test = digits()
    forest = RandomForestClassifier(50, random_state=0).fit(*train).score(*test)
    theirs = sklearn.ensemble.RandomForestClassifier(50, random_state=0).fit(*train).score(*test)
    assert forest > DecisionTreeClassifier().fit(*train).score(*test) + 0.08
    assert forest == pytest.approx(theirs, abs=0.02)


def test_the_out_of_bag_score_foretells_the_test_score():
    train, test = digits()
    forest = RandomForestClassifier(60, oob_score=True, random_state=1).fit(*train)
    assert forest.oob_score_ == pytest.approx(forest.score(*test), abs=0.03)
    np.testing.assert_allclose(forest.oob_decision_function_.sum(axis=1), 1)
    X, y = friedman(4)
    regressor = RandomForestRegressor(60, oob_score=True, random_state=1).fit(X, y)
    assert regressor.oob_score_ == pytest.approx(regressor.score(*friedman(5)), abs=0.08)
    assert regressor.oob_score_ < regressor.score(X, y) - 0.1


def test_too_few_trees_to_judge_every_sample_warn():
    X, y = friedman(6, n=50)
    with pytest.warns(ConvergenceWarning, match="are in the bootstrap sample of every tree"):
        forest = RandomForestRegressor(2, oob_score=True, random_state=0).fit(X, y)
    assert np.any(np.isnan(forest.oob_prediction_))
    assert np.isfinite(forest.oob_score_)


def test_forests_follow_the_seed_and_trees_differ():
    (X, y), _ = digits()
    first, same, other = (
        RandomForestClassifier(4, max_depth=4, random_state=seed).fit(X, y) for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(first.predict_proba(X), same.predict_proba(X))
    assert np.any(first.predict_proba(X) != other.predict_proba(X))
    assert len({tree.threshold.tobytes() for tree in first.estimators_}) == 4


def test_shares_are_probabilities():
    X, y = friedman(7)
    shares = RandomForestClassifier(5, random_state=0).fit(X, y > 14).predict_proba(X)
    assert np.all(shares >= 0)
    np.testing.assert_allclose(shares.sum(axis=1), 1)


def test_bad_arguments_raise():
    X, y = friedman(8, n=20)
    with pytest.raises(ValueError, match="n_estimators is 0"):
        RandomForestRegressor(0).fit(X, y)
    with pytest.raises(ValueError, match="set bootstrap=True"):
        RandomForestRegressor(bootstrap=False, oob_score=True).fit(X, y)
    with pytest.raises(ValueError, match=r"max_features is 1\.5"):
        RandomForestRegressor(max_features=1.5).fit(X, y)
    with pytest.raises(ValueError, match="criterion is 'mse'"):
        RandomForestClassifier(criterion="mse").fit(X, y > 14)
    with pytest.raises(NotFittedError, match="this RandomForestClassifier is not fitted yet"):
        RandomForestClassifier().predict(X)
