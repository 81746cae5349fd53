"""Naive Bayes classifiers."""

import numpy as np
import pytest
import scipy.stats
import sklearn.naive_bayes

from mlref.arrays import to_numpy
from mlref.datasets import load_iris
from mlref.errors import NotFittedError, ShapeError
from mlref.naive_bayes import GaussianNB, MultinomialNB, class_moments, gaussian_log_likelihood


def grouped(seed, n=80, d=4, n_classes=3):
    rng = np.random.default_rng(seed)
    codes = np.concatenate([np.arange(n_classes), rng.integers(0, n_classes, n - n_classes)])
    return rng.normal(size=(n, d)) * rng.uniform(0.5, 2, d) + 2 * codes[:, None], codes


def words(seed, n=60, d=30, n_classes=3):
    rng = np.random.default_rng(seed)
    codes = np.concatenate([np.arange(n_classes), rng.integers(0, n_classes, n - n_classes)])
    topics = rng.dirichlet(np.full(d, 0.3), size=n_classes)
    return rng.poisson(20 * topics[codes]), codes


# functions


def test_moments_of_each_class(xp_backend):
    X, codes = grouped(0)
    counts, means, variances = class_moments(xp_backend.asarray(X), xp_backend.asarray(codes), 3)
    parts = [X[codes == code] for code in range(3)]
    xp_backend.check(counts, [len(part) for part in parts])
    xp_backend.check(means, [part.mean(axis=0) for part in parts])
    xp_backend.check(variances, [part.var(axis=0) for part in parts])


def test_variances_far_from_zero_keep_their_digits():
    X, codes = grouped(1)
    expected = class_moments(X, codes, 3)[2]
    np.testing.assert_allclose(class_moments(X + 1e8, codes, 3)[2], expected, rtol=1e-6)


def test_log_likelihood_is_a_sum_of_scipys(xp_backend):
    X, codes = grouped(2)
    _, means, variances = class_moments(X, codes, 3)
    ours = gaussian_log_likelihood(*map(xp_backend.asarray, (X, means, variances)))
    parts = [
        scipy.stats.norm.logpdf(X, m, np.sqrt(v)).sum(axis=1) for m, v in zip(means, variances, strict=True)
    ]
    xp_backend.check(ours, np.stack(parts, axis=1), rtol=1e-10)


# Gaussian


@pytest.mark.parametrize("priors", [None, [0.2, 0.5, 0.3]], ids=["shares", "given"])
def test_gaussian_equals_scikit_learns(priors):
    X, codes = grouped(3)
    ours = GaussianNB(priors=priors).fit(X, codes)
    theirs = sklearn.naive_bayes.GaussianNB(priors=priors).fit(X, codes)
    np.testing.assert_allclose(ours.theta_, theirs.theta_)
    np.testing.assert_allclose(ours.var_, theirs.var_)
    np.testing.assert_allclose(ours.predict_log_proba(X), theirs.predict_log_proba(X), atol=1e-10)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-12)
    assert ours.predict(X).tolist() == theirs.predict(X).tolist()


def test_gaussian_runs_on_every_library(xp_backend):
    X, codes = grouped(4)
    expected = GaussianNB().fit(X, codes)
    ours = GaussianNB().fit(xp_backend.asarray(X), xp_backend.asarray(codes))
    queries = xp_backend.asarray(X[:9])
    xp_backend.check(ours.predict_proba(queries), expected.predict_proba(X[:9]), rtol=1e-9)
    np.testing.assert_array_equal(to_numpy(ours.predict(queries)), expected.predict(X[:9]))


def test_moving_and_scaling_the_features_changes_no_prediction():
    X, codes = grouped(5)
    near, far = GaussianNB().fit(X, codes), GaussianNB().fit(1000 * X - 1e6, codes)
    np.testing.assert_allclose(far.predict_proba(1000 * X - 1e6), near.predict_proba(X), atol=1e-6)


def test_two_thousand_features_do_not_underflow():
    X, codes = grouped(6, d=2000)
    model = GaussianNB().fit(X, codes)
    assert np.all(np.isfinite(model.predict_log_proba(X)))
    assert model.score(X, codes) == 1


def test_a_feature_that_is_constant_in_a_class_is_no_division_by_zero():
    X, codes = grouped(7)
    X[codes == 1, 0] = 5.0
    assert np.all(np.isfinite(GaussianNB().fit(X, codes).predict_log_proba(X)))
    assert GaussianNB().fit(np.ones((3, 2)), [0, 1, 1]).predict_proba(np.ones((1, 2))) == pytest.approx(
        np.array([[1 / 3, 2 / 3]])
    )


def test_iris():
    X, y = load_iris()[:2]
    assert GaussianNB().fit(X, y).score(X, y) == 0.96


# multinomial


@pytest.mark.parametrize("options", [{}, {"alpha": 0.1}, {"fit_prior": False}], ids=str)
def test_multinomial_equals_scikit_learns(options):
    X, codes = words(8)
    names = np.array(["sport", "news", "music"])[codes]
    ours = MultinomialNB(**options).fit(X, names)
    theirs = sklearn.naive_bayes.MultinomialNB(**options).fit(X, names)
    np.testing.assert_allclose(ours.feature_log_prob_, theirs.feature_log_prob_)
    np.testing.assert_allclose(ours.class_log_prior_, theirs.class_log_prior_)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-12)
    assert ours.predict(X).tolist() == theirs.predict(X).tolist()


def test_multinomial_runs_on_every_library(xp_backend):
    X, codes = words(9)
    X = X.astype(float)
    ours = MultinomialNB().fit(xp_backend.asarray(X), xp_backend.asarray(codes))
    expected = MultinomialNB().fit(X, codes).predict_proba(X)
    xp_backend.check(ours.predict_proba(xp_backend.asarray(X)), expected, rtol=1e-9)


def test_smoothing_by_hand():
    """Class 0 has the words 3 and 1 times, class 1 has them 0 and 1 times; one more of each."""
    model = MultinomialNB().fit([[2, 1], [1, 0], [0, 1]], [0, 0, 1])
    np.testing.assert_allclose(np.exp(model.feature_log_prob_), [[4 / 6, 2 / 6], [1 / 3, 2 / 3]])


def test_a_word_that_was_never_seen_is_not_impossible():
    model = MultinomialNB().fit([[5, 0], [4, 0]], [0, 1])
    assert np.all(np.isfinite(model.predict_log_proba([[0, 9]])))


def test_probabilities_of_long_texts_do_not_underflow():
    X, codes = words(10)
    probabilities = MultinomialNB().fit(X, codes).predict_proba(10_000 * X)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)


def test_bad_arguments_raise():
    X, codes = grouped(11)
    for priors in ([0.5, 0.5, 0.5], [0.5, 0.5, 0.0]):
        with pytest.raises(ValueError, match="priors must be positive and sum to 1"):
            GaussianNB(priors=priors).fit(X, codes)
    with pytest.raises(ShapeError, match=r"priors has shape \(2,\)"):
        GaussianNB(priors=[0.5, 0.5]).fit(X, codes)
    with pytest.raises(ValueError, match="var_smoothing is 0"):
        GaussianNB(var_smoothing=0).fit(X, codes)
    with pytest.raises(ValueError, match="alpha is 0"):
        MultinomialNB(alpha=0).fit(X, codes)
    with pytest.raises(ValueError, match="Negative values in data passed to MultinomialNB"):
        MultinomialNB().fit(-np.abs(X), codes)
    with pytest.raises(ShapeError, match="X has 80 rows but y has 79"):
        GaussianNB().fit(X, codes[:-1])
    with pytest.raises(NotFittedError, match="this MultinomialNB is not fitted yet"):
        MultinomialNB().predict(X)
    with pytest.raises(ShapeError, match="X has 4 features but means has 3"):
        gaussian_log_likelihood(X, np.ones((2, 3)), np.ones((2, 3)))
