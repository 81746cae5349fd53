"""The threshold unit's rule, the sigmoid unit's step, and the perceptron made of the first."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlref.autodiff import gradient_error
from mlref.errors import ConvergenceWarning, NotFiniteError, ShapeError
from mlref.linear_model import Perceptron, append_ones, perceptron_rule, sigmoid_unit_step


def test_rule_moves_towards_the_positive_and_away_from_the_negative(xp_backend):
    w, x = xp_backend.asarray([1.0, -2.0]), xp_backend.asarray([1.0, 1.0])
    xp_backend.check(perceptron_rule(w, x, 1.0, 0.5), [1.5, -1.5])
    xp_backend.check(perceptron_rule(w, x, 0.0, 0.5), [1.0, -2.0])
    xp_backend.check(perceptron_rule(-w, x, 0.0, 0.5), [-1.5, 1.5])
    # On the line itself the unit says 1.
    xp_backend.check(perceptron_rule(w, xp_backend.asarray([2.0, 1.0]), 0.0), [-1.0, -3.0])


@pytest.mark.parametrize("y", [0.0, 0.3, 1.0])
def test_sigmoid_step_goes_down_the_squared_error(y, xp_backend):
    rng = np.random.default_rng(0)
    w, x = rng.normal(size=4), rng.normal(size=4)

    def error(w):
        return (y - 1 / (1 + np.exp(-w @ x))) ** 2 / 2

    gradient = w - sigmoid_unit_step(w, x, y)
    assert gradient_error(error, gradient, w) < 1e-6
    stepped = sigmoid_unit_step(xp_backend.asarray(w), xp_backend.asarray(x), y, 0.1)
    xp_backend.check(stepped, w - 0.1 * gradient)


def test_a_certain_sigmoid_unit_learns_nothing_even_if_wrong():
    w = np.array([1000.0])
    assert sigmoid_unit_step(w, np.array([1.0]), 0.0).tolist() == [1000.0]


def test_steps_leave_their_arguments_alone():
    w, x = np.zeros(2), np.ones(2)
    for step in (perceptron_rule, sigmoid_unit_step):
        step(w, x, 0.0)
    assert w.tolist() == [0, 0]


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10**6))
def test_separable_classes_are_separated_after_few_mistakes(seed):
    rng = np.random.default_rng(seed)
    X, w = rng.normal(size=(60, 2)), rng.normal(size=2)
    X = X[np.abs(X @ w) > 0.3 * np.linalg.norm(w)]
    y = X @ w > 0
    if len(set(y.tolist())) < 2:
        return
    model = Perceptron(max_iter=1000, random_state=seed).fit(X, y)
    assert model.score(X, y) == 1
    # Novikoff's bound on the mistakes bounds the passes too.
    radius = np.max(np.linalg.norm(append_ones(X), axis=1))
    assert model.n_iter_ <= (radius / 0.3) ** 2 + 1


def test_predictions_are_the_sign_of_the_decision():
    X, y = np.array([[0.0], [1.0], [4.0], [5.0]]), np.array(["low", "low", "up", "up"])
    model = Perceptron(random_state=0).fit(X, y)
    assert model.predict(X).tolist() == y.tolist()
    assert ((model.decision_function(X) >= 0) == (y == "up")).all()
    assert model.coef_.shape == (1, 1)


def test_the_learning_rate_changes_no_prediction():
    rng = np.random.default_rng(1)
    X = rng.normal(size=(40, 2))
    y = X[:, 0] > 0.1
    one, small = (Perceptron(eta0=eta0, random_state=2).fit(X, y) for eta0 in (1.0, 0.25))
    np.testing.assert_allclose(small.coef_, one.coef_ / 4)


def test_parity_is_not_learnt_and_the_best_weights_are_kept():
    corners = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    with pytest.warns(ConvergenceWarning, match="of 4 samples are still wrong after 50 passes"):
        model = Perceptron(max_iter=50, random_state=3).fit(corners, [0, 1, 1, 0])
    assert 0.5 <= model.score(corners, [0, 1, 1, 0]) <= 0.75


@pytest.mark.filterwarnings("ignore::mlref.errors.ConvergenceWarning")
def test_more_passes_never_give_more_mistakes():
    rng = np.random.default_rng(5)
    X = rng.normal(size=(30, 2))
    y = X[:, 0] + rng.normal(size=30) > 0
    scores = [Perceptron(max_iter=n, random_state=5).fit(X, y).score(X, y) for n in range(1, 20)]
    assert np.all(np.diff(scores) >= 0)
    assert scores[-1] > scores[0]


def test_the_order_comes_from_random_state():
    rng = np.random.default_rng(4)
    X = rng.normal(size=(50, 2))
    y = X[:, 0] > 0
    first, again, other = (Perceptron(random_state=seed).fit(X, y).coef_ for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_bad_data_raise():
    with pytest.raises(ValueError, match="Only binary classification is supported"):
        Perceptron().fit(np.ones((3, 1)), [0, 1, 2])
    with pytest.raises(ValueError, match="eta0 is 0"):
        Perceptron(eta0=0).fit(np.ones((2, 1)), [0, 1])
    with pytest.raises(ShapeError, match="X has 2 rows but y has 3"):
        Perceptron().fit(np.ones((2, 1)), [0, 1, 1])
    with pytest.raises(NotFiniteError, match="X contains"):
        Perceptron().fit([[np.nan], [1.0]], [0, 1])
