"""Linear models beside scikit-learn's: least squares, ridge, lasso, logistic and softmax regression."""

from __future__ import annotations

import numpy as np
import sklearn.linear_model as peers

from benchmarks.mlref.timing import Row
from mlref.datasets import load_digits
from mlref.linear_model import Lasso, LinearRegression, LogisticRegression, Ridge

__all__ = ["ROWS"]


def regression(n, p, informative=None):
    """Normal features and a linear target with noise."""
    rng = np.random.default_rng(0)
    coef = rng.normal(size=p)
    coef[informative:] = 0
    X = rng.normal(size=(n, p)) + rng.normal(size=p)
    return X, X @ coef + rng.normal(size=n)


def classification(n, p, n_classes):
    """Normal features, and classes drawn with the probabilities of a softmax of linear scores."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n, p))
    scores = X @ (0.3 * rng.normal(size=(p, n_classes)))
    return X, np.argmax(scores + rng.gumbel(size=scores.shape), axis=1)


def same_line(ours, theirs):
    """Coefficients and intercept agree."""
    np.testing.assert_allclose(ours.coef_, theirs.coef_, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(ours.intercept_, theirs.intercept_, rtol=1e-7, atol=1e-8)


def fits(ours, theirs, data, check):
    """Row.prepare for two estimators fitted to the same data."""

    def prepare():
        X, y = data()
        return lambda: ours.fit(X, y), lambda: theirs.fit(X, y), lambda a, b: check(a, b, X, y)

    return prepare


def lines(ours, theirs, *size):
    """The same for regressions."""
    return fits(ours, theirs, lambda: regression(*size), lambda a, b, X, y: same_line(a, b))


def lasso_objective(model, X, y):
    """What a lasso minimises."""
    return np.mean((y - model.predict(X)) ** 2) / 2 + model.alpha * np.sum(np.abs(model.coef_))


def as_good_a_lasso(ours, theirs, X, y):
    """Equal coefficients to three digits, and an objective no more than 1e-9 above the other's."""
    np.testing.assert_allclose(ours.coef_, theirs.coef_, atol=1e-4)
    np.testing.assert_array_equal(ours.coef_ == 0, theirs.coef_ == 0)
    assert lasso_objective(ours, X, y) <= lasso_objective(theirs, X, y) + 1e-9


def cross_entropy(model, X, y):
    """What logistic and softmax regression minimise, for C = 1."""
    probabilities = model.predict_proba(X)[np.arange(len(y)), y]
    return -np.mean(np.log(probabilities)) + np.sum(model.coef_**2) / (2 * len(y))


def as_good_a_classifier(ours, theirs, X, y):
    """Our loss is not above the other's; the tolerances of the two count in different coordinates."""
    assert cross_entropy(ours, X, y) <= cross_entropy(theirs, X, y) + 1e-8
    assert np.mean(ours.predict(X) == theirs.predict(X)) > 0.999


def classifiers(data, solver="lbfgs", tol=1e-4, peer_tol=1e-4, max_iter=100):
    """The same for classifications."""
    return fits(
        LogisticRegression(solver=solver, tol=tol, max_iter=max_iter),
        peers.LogisticRegression(solver=solver, tol=peer_tol, max_iter=max_iter),
        data,
        as_good_a_classifier,
    )


def digits():
    """Pictures of digits as they are: 64 grey values from 0 to 16."""
    X, y = load_digits()
    return X.astype(np.float64), y


def gram_flops(n, p):
    """Of X^T X, half of which need not be computed."""
    return n * p * (p + 1)


ROWS = [
    Row(
        task="least squares, normal equations",
        size="100k x 50, float64",
        peer="LinearRegression",
        goal=0.2,
        prepare=lines(LinearRegression(solver="cholesky"), peers.LinearRegression(), 100_000, 50),
        flops=gram_flops(100_000, 50),
    ),
    Row(
        task="least squares, QR",
        size="100k x 50, float64",
        peer="LinearRegression",
        goal=1.3,
        prepare=lines(LinearRegression(), peers.LinearRegression(), 100_000, 50),
    ),
    Row(
        task="ridge, Cholesky",
        size="100k x 50, float64",
        peer="Ridge",
        goal=1.0,
        prepare=lines(Ridge(), peers.Ridge(), 100_000, 50),
        flops=gram_flops(100_000, 50),
    ),
    Row(
        task="ridge, Cholesky",
        size="5k x 500, float64",
        peer="Ridge",
        goal=1.0,
        prepare=lines(Ridge(), peers.Ridge(), 5_000, 500),
        flops=gram_flops(5_000, 500),
    ),
    Row(
        task="softmax regression, L-BFGS",
        size="20k x 100, 10 classes, float64",
        peer="LogisticRegression",
        goal=1.1,
        # At 1e-4 we would stop sooner, at a loss that is 2e-6 larger.
        prepare=classifiers(lambda: classification(20_000, 100, 10), tol=1e-5),
    ),
    Row(
        task="softmax regression, L-BFGS",
        size="digits, 1797 x 64, float64",
        peer="LogisticRegression",
        goal=1.1,
        prepare=classifiers(digits, max_iter=10_000),
    ),
    Row(
        task="logistic regression, L-BFGS",
        size="20k x 100, float64",
        peer="LogisticRegression",
        goal=1.2,
        prepare=classifiers(lambda: classification(20_000, 100, 2)),
    ),
    Row(
        task="logistic regression, IRLS",
        size="20k x 100, float64",
        peer="newton-cholesky",
        goal=1.0,
        prepare=classifiers(lambda: classification(20_000, 100, 2), "newton-cholesky", 1e-6, 1e-6),
    ),
    Row(
        task="lasso, Gram coordinate descent",
        size="20k x 100, 10 not zero, float64",
        peer="Lasso",
        goal=1.5,
        prepare=fits(Lasso(0.1), peers.Lasso(0.1), lambda: regression(20_000, 100, 10), as_good_a_lasso),
        flops=gram_flops(20_000, 100),
    ),
]
