"""Iteratively reweighted least squares, and Poisson regression."""

import numpy as np
import pytest
import sklearn.linear_model
import statsmodels.api as sm
import torch

from mlref.autodiff import check_gradient
from mlref.errors import ConvergenceWarning, NotFiniteError, ShapeError
from mlref.linear_model import BERNOULLI, POISSON, PoissonRegressor, irls, poisson_loss


def problem(seed=0, n=120, p=3):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p))
    return X, rng.poisson(np.exp(X @ rng.normal(size=p) * 0.6 + 1)).astype(float)


@pytest.mark.parametrize(
    ("family", "name"), [(POISSON, sm.families.Poisson), (BERNOULLI, sm.families.Binomial)]
)
def test_irls_equals_statsmodels(family, name, xp_backend):
    X, y = problem(1)
    y = y if family is POISSON else 1.0 * (y > 2)
    expected = sm.GLM(y, sm.add_constant(X), family=name()).fit(tol=1e-12).params
    coef, intercept, _ = irls(xp_backend.asarray(X), xp_backend.asarray(y), family, tol=1e-10)
    xp_backend.check(coef, expected[1:], rtol=1e-7)
    assert float(intercept) == pytest.approx(expected[0], rel=1e-7)


@pytest.mark.parametrize("alpha", [0, 0.3])
@pytest.mark.parametrize("fit_intercept", [True, False])
def test_estimator_equals_scikit_learn(alpha, fit_intercept):
    X, y = problem(2)
    ours = PoissonRegressor(alpha, fit_intercept=fit_intercept, tol=1e-9).fit(X, y)
    theirs = sklearn.linear_model.PoissonRegressor(
        alpha=alpha, fit_intercept=fit_intercept, tol=1e-9, solver="newton-cholesky"
    ).fit(X, y)
    np.testing.assert_allclose(ours.coef_, theirs.coef_, rtol=1e-6)
    assert ours.intercept_ == pytest.approx(theirs.intercept_, rel=1e-6)
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X), rtol=1e-6)


def test_loss_equals_torch_and_its_gradient_differences(xp_backend):
    X, y = problem(3, n=9)
    z = X[:, 0]
    loss, gradient = poisson_loss(xp_backend.asarray(z), xp_backend.asarray(y))
    expected = torch.nn.functional.poisson_nll_loss(torch.asarray(z), torch.asarray(y))
    assert float(loss) == pytest.approx(float(expected))
    xp_backend.check(gradient, (np.exp(z) - y) / 9)
    report = check_gradient(
        lambda p: float(poisson_loss(p["z"], y)[0]), {"z": z}, {"z": poisson_loss(z, y)[1]}
    )
    assert report.verdict == "ok", report.message


def test_without_a_penalty_predictions_have_the_mean_of_the_counts():
    X, y = problem(4)
    assert np.mean(PoissonRegressor(0, tol=1e-10).fit(X, y).predict(X)) == pytest.approx(np.mean(y))


def test_no_features_that_matter_leave_the_mean():
    X, y = problem(5)
    model = PoissonRegressor(1e9).fit(X, y)
    np.testing.assert_allclose(model.predict(X), np.mean(y), rtol=1e-6)


def test_newtons_steps_that_overshoot_are_halved():
    """From the start at 1 event a sample, a full step to counts of a thousand overflows."""
    X, y = np.linspace(1, 10, 30)[:, None], np.exp(np.linspace(0.7, 7, 30))
    coef, _, n_iter = irls(X, y, POISSON, fit_intercept=False, tol=1e-8)
    assert coef[0] == pytest.approx(0.7)
    assert n_iter < 60


def test_repeated_columns_share_the_coefficient():
    X, y = problem(6, p=1)
    one, two = (PoissonRegressor(0, tol=1e-9).fit(columns, y) for columns in (X, np.column_stack([X, X])))
    np.testing.assert_allclose(two.coef_, [one.coef_[0] / 2] * 2, rtol=1e-6)


def test_not_converged_warns():
    X, y = problem(7)
    with pytest.warns(ConvergenceWarning, match=r"Poisson regression: .* after 1 steps"):
        PoissonRegressor(0, max_iter=1, tol=1e-12).fit(X, y)


@pytest.mark.parametrize(("family", "y"), [(POISSON, 0.0), (BERNOULLI, 0.0), (BERNOULLI, 1.0)])
def test_targets_at_the_end_of_their_range_raise(family, y):
    with pytest.raises(ValueError, match="has no finite intercept"):
        irls(np.ones((3, 1)), np.full(3, y), family)


def test_bad_data_raise():
    X, y = problem(8)
    with pytest.raises(NotFiniteError, match="X contains"):
        irls(X * np.nan, y, POISSON)
    with pytest.raises(ShapeError, match=r"log_rate has shape \(2, 1\) but y has \(2,\)"):
        poisson_loss(np.ones((2, 1)), np.ones(2))
    with pytest.raises(ValueError, match="y must hold counts"):
        PoissonRegressor().fit(X, y - 1)
    with pytest.raises(ValueError, match="y must hold counts"):
        PoissonRegressor().fit(X, 0 * y)
    with pytest.raises(ValueError, match="alpha is -1"):
        PoissonRegressor(-1).fit(X, y)
    with pytest.raises(ShapeError, match="X has 120 rows but y has 119"):
        PoissonRegressor().fit(X, y[1:])
