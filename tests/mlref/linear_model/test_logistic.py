"""Logistic and softmax regression: losses with gradients, and the estimator's three solvers."""

import numpy as np
import pytest
import sklearn.datasets
import sklearn.linear_model
import torch

from mlref.autodiff import check_gradient
from mlref.errors import ConvergenceWarning, NotFiniteError, NotFittedError, ShapeError
from mlref.linear_model import LogisticRegression, logistic_regression_loss, softmax_regression_loss

SOLVERS = ["lbfgs", "newton-cholesky", "gradient-descent"]


def problem(seed=0, n=80, p=4, k=3):
    rng = np.random.default_rng(seed)
    X, W = rng.normal(size=(n, p)), rng.normal(size=(p, k))
    return X, np.argmax(X @ W + rng.gumbel(size=(n, k)), axis=1)


def parameters(seed, *shape):
    rng = np.random.default_rng(seed)
    return rng.normal(size=shape), rng.normal(size=shape[1:])


# losses


def test_softmax_loss_equals_torch(xp_backend):
    X, y = problem()
    W, b = parameters(1, 4, 3)
    loss, dW, db = softmax_regression_loss(*map(xp_backend.asarray, (W, b, X, y)), l2=0.3)
    tW, tb = (torch.tensor(a, requires_grad=True) for a in (W, b))
    expected = torch.nn.functional.cross_entropy(torch.asarray(X) @ tW + tb, torch.asarray(y))
    (expected + 0.15 * (tW**2).sum()).backward()
    assert loss == pytest.approx((expected + 0.15 * (tW**2).sum()).item())
    xp_backend.check(dW, tW.grad)
    xp_backend.check(db, tb.grad)


def test_logistic_loss_equals_torch(xp_backend):
    X, y = problem(k=2)
    w, b = parameters(2, 4)
    loss, dw, db = logistic_regression_loss(
        xp_backend.asarray(w), float(b), *map(xp_backend.asarray, (X, y)), l2=0.3
    )
    tw, tb = (torch.tensor(a, requires_grad=True) for a in (w, b))
    expected = torch.nn.functional.binary_cross_entropy_with_logits(
        torch.asarray(X) @ tw + tb, torch.asarray(y, dtype=torch.float64)
    )
    (expected + 0.15 * (tw**2).sum()).backward()
    assert loss == pytest.approx((expected + 0.15 * (tw**2).sum()).item())
    xp_backend.check(dw, tw.grad)
    assert db == pytest.approx(float(tb.grad))


@pytest.mark.parametrize("l2", [0.0, 2.0])
def test_gradients_equal_differences(l2):
    X, y = problem(3, n=11)
    W, b = parameters(3, 4, 3)
    for loss, params, target in (
        (softmax_regression_loss, {"W": W, "b": b}, y),
        (softmax_regression_loss, {"W": W, "b": b}, np.random.default_rng(4).dirichlet(np.ones(3), 11)),
        (logistic_regression_loss, {"W": W[:, 0].copy(), "b": np.array(b[0])}, (y == 1) * 0.9),
    ):

        def f(params, loss=loss, target=target):
            return loss(params["W"], params["b"], X, target, l2)[0]

        _, dW, db = loss(params["W"], params["b"], X, target, l2)
        report = check_gradient(f, params, {"W": dW, "b": np.asarray(db)})
        assert report.verdict == "ok", report.message


def test_loss_at_zero_is_the_logarithm_of_the_number_of_classes():
    X, y = problem(5)
    assert softmax_regression_loss(np.zeros((4, 3)), np.zeros(3), X, y)[0] == pytest.approx(np.log(3))
    assert logistic_regression_loss(np.zeros(4), 0.0, X, 1.0 * (y > 0))[0] == pytest.approx(np.log(2))


def test_soft_targets_that_are_certain_equal_labels():
    X, y = problem(6)
    W, b = parameters(6, 4, 3)
    hard, soft = (softmax_regression_loss(W, b, X, target) for target in (y, np.eye(3)[y]))
    assert hard[0] == pytest.approx(soft[0])
    np.testing.assert_allclose(hard[1], soft[1])


def test_two_classes_of_a_softmax_are_the_logistic_function():
    X, y = problem(7, k=2)
    w, b = parameters(7, 4)
    loss, dw, db = logistic_regression_loss(w, float(b), X, 1.0 * y)
    W, bs = np.column_stack([np.zeros(4), w]), np.array([0.0, float(b)])
    both, dW, dbs = softmax_regression_loss(W, bs, X, y)
    assert loss == pytest.approx(both)
    np.testing.assert_allclose(dW, np.column_stack([-dw, dw]))
    np.testing.assert_allclose(dbs, [-db, db])


def test_bad_shapes_raise():
    X, y = problem()
    W, b = parameters(8, 4, 3)
    with pytest.raises(ShapeError, match=r"W has shape .* one row for each of the 4 columns of X"):
        softmax_regression_loss(W[1:], b, X, y)
    with pytest.raises(ShapeError, match=r"b has shape .* one number for each column of W"):
        softmax_regression_loss(W, b[1:], X, y)
    with pytest.raises(ShapeError, match="X has 80 rows but y has 79"):
        softmax_regression_loss(W, b, X, y[1:])
    with pytest.raises(NotFiniteError, match="X contains"):
        logistic_regression_loss(W[:, 0], 0.0, np.full((2, 4), np.nan), np.ones(2))


# estimator


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize("C", [0.1, 10.0])
def test_two_classes_equal_scikit_learn(solver, fit_intercept, C):
    X, y = problem(9, k=2)
    ours = LogisticRegression(C, fit_intercept=fit_intercept, solver=solver, tol=1e-9, max_iter=5000)
    ours.fit(X, y)
    theirs = sklearn.linear_model.LogisticRegression(C=C, fit_intercept=fit_intercept, tol=1e-9).fit(X, y)
    np.testing.assert_allclose(ours.coef_, theirs.coef_, rtol=1e-5)
    np.testing.assert_allclose(ours.intercept_, theirs.intercept_, rtol=1e-5, atol=1e-9)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-6)
    np.testing.assert_allclose(ours.decision_function(X), theirs.decision_function(X), atol=1e-6)


@pytest.mark.parametrize("solver", ["lbfgs", "gradient-descent"])
def test_more_classes_equal_scikit_learn(solver):
    X, y = problem(10, k=4)
    names = np.array(["fox", "cat", "dog", "ant"])[y]
    ours = LogisticRegression(solver=solver, tol=1e-8, max_iter=5000).fit(X, names)
    theirs = sklearn.linear_model.LogisticRegression(tol=1e-8).fit(X, names)
    np.testing.assert_allclose(ours.coef_, theirs.coef_, atol=1e-5)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-6)
    assert ours.predict(X).tolist() == theirs.predict(X).tolist()


@pytest.mark.parametrize("k", [2, 3])
@pytest.mark.parametrize("solver", SOLVERS)
def test_every_library_gives_the_same(k, solver, xp_backend):
    X, y = problem(11, k=k)
    if (k, solver) == (3, "newton-cholesky"):
        with pytest.raises(ValueError, match="solver='newton-cholesky' is for two classes"):
            LogisticRegression(solver=solver).fit(X, y)
        return
    expected = LogisticRegression(solver=solver, max_iter=5000).fit(X, y)
    model = LogisticRegression(solver=solver, max_iter=5000).fit(xp_backend.asarray(X), xp_backend.asarray(y))
    xp_backend.check(model.coef_, expected.coef_, rtol=1e-6)
    given = xp_backend.asarray(X)
    xp_backend.check(model.predict_proba(given), expected.predict_proba(X), rtol=1e-6)
    xp_backend.check(model.predict(given), expected.predict(X))
    drawn = model.sample(given, np.random.default_rng(0))
    xp_backend.check(drawn, expected.sample(X, np.random.default_rng(0)))


def test_blocks_of_rows_change_nothing():
    X, y = problem(12, n=40_000, p=2)
    ours = LogisticRegression(tol=1e-7).fit(X, y)
    theirs = sklearn.linear_model.LogisticRegression(tol=1e-7).fit(X, y)
    np.testing.assert_allclose(ours.coef_, theirs.coef_, atol=1e-5)


def test_float32_stays_float32(xp_backend):
    X, y = problem(13)
    X = xp_backend.asarray(X.astype(np.float32))
    model = LogisticRegression().fit(X, xp_backend.asarray(y))
    assert model.coef_.dtype == model.predict_proba(X).dtype == xp_backend.xp.float32


def test_adding_a_number_to_a_feature_changes_no_probability():
    X, y = problem(14)
    shifted = LogisticRegression(tol=1e-9, max_iter=2000).fit(X + 5, y)
    np.testing.assert_allclose(
        shifted.predict_proba(X + 5),
        LogisticRegression(tol=1e-9, max_iter=2000).fit(X, y).predict_proba(X),
        atol=1e-5,
    )


def test_sampled_answers_come_as_often_as_they_are_right():
    X, y = problem(15)
    model = LogisticRegression().fit(X, y)
    row = np.repeat(X[:1], 20_000, axis=0)
    labels = model.sample(row, np.random.default_rng(15))
    shares = np.bincount(labels, minlength=3) / 20_000
    np.testing.assert_allclose(shares, model.predict_proba(X[:1])[0], atol=0.015)
    assert len(set(model.predict(row).tolist())) == 1


def test_probabilities_far_from_the_boundary_are_finite_and_certain():
    model = LogisticRegression().fit([[0.0], [1.0]], [0, 1])
    np.testing.assert_array_equal(model.predict_proba([[1e6], [-1e6]]), [[0, 1], [1, 0]])


def test_separable_classes_without_a_penalty_do_not_converge():
    X, y = [[0.0], [1.0]], [0, 1]
    for solver in ("newton-cholesky", "gradient-descent"):
        with pytest.warns(ConvergenceWarning, match="the largest entry of the gradient is"):
            LogisticRegression(C=np.inf, solver=solver, max_iter=5, tol=1e-12).fit(X, y)


def test_digits_are_told_apart():
    """From a third of the data; nine tenths of them give 0.96 to 0.98."""
    X, y = sklearn.datasets.load_digits(return_X_y=True)
    order = np.random.default_rng(16).permutation(len(y))
    train, test = order[:600], order[600:1200]
    accuracy = LogisticRegression().fit(X[train] / 16, y[train]).score(X[test] / 16, y[test])
    assert 0.9 < accuracy < 0.99


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"C": 0}, "C is 0; it must be a positive number"),
        ({"solver": "saga"}, "solver is 'saga'"),
        ({"tol": 0}, "tol is 0"),
        ({"max_iter": 0}, "max_iter is 0"),
    ],
)
def test_bad_parameters_raise_in_fit(options, message):
    with pytest.raises(ValueError, match=message):
        LogisticRegression(**options).fit(*problem())


def test_bad_data_raise():
    X, _ = problem()
    with pytest.raises(ValueError, match="y holds 1 class"):
        LogisticRegression().fit(X, np.zeros(80))
    with pytest.raises(ShapeError, match="X has 80 rows but y has 3"):
        LogisticRegression().fit(X, [0, 1, 2])
    with pytest.raises(NotFittedError, match="not fitted"):
        LogisticRegression().predict(X)


def test_descent_takes_steps_as_long_as_the_curvature_allows():
    X, y = problem(18)
    assert LogisticRegression(solver="gradient-descent", max_iter=1000).fit(X, y).n_iter_ < 250


def test_converging_with_the_last_step_is_converging():
    X, y = problem(19)
    n_iter = LogisticRegression().fit(X, y).n_iter_
    LogisticRegression(max_iter=n_iter).fit(X, y)


def test_not_converged_warns():
    X, y = problem(17)
    with pytest.warns(ConvergenceWarning, match="standardise X or increase max_iter"):
        assert LogisticRegression(max_iter=2, tol=1e-9).fit(X, y).n_iter_ == 2
