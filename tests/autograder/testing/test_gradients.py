"""A gradient check accepts right gradients, names the class of a wrong one, and never blames a kink."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from autograder.testing import CheckFailed, Inconclusive, check_gradient


@pytest.fixture
def problem():
    """Ridge regression: the loss, a point and its gradient."""
    rng = np.random.default_rng(3)
    X, y = rng.normal(size=(17, 5)), rng.normal(size=(17, 3))

    def loss(params):
        residual = X @ params["W"] + params["b"] - y
        return float(np.sum(residual**2) + 0.5 * np.sum(params["W"] ** 2))

    params = {"W": rng.normal(size=(5, 3)), "b": rng.normal(size=3)}
    residual = X @ params["W"] + params["b"] - y
    grads = {"W": 2 * X.T @ residual + params["W"], "b": 2 * residual.sum(axis=0)}
    return loss, params, grads


def failure(*args, **kwargs) -> CheckFailed:
    with pytest.raises(CheckFailed) as caught:
        check_gradient(*args, **kwargs)
    return caught.value


def test_a_right_gradient_passes_for_any_seed(problem):
    for seed in range(20):
        check_gradient(*problem, seed=seed)


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        (lambda W, params: 0.5 * W, "factor"),
        (lambda W, params: 1.001 * W, "factor"),
        (lambda W, params: -W, "sign"),
        (lambda W, params: W - params["W"], "regulariser"),
        (lambda W, params: W + np.eye(5, 3), None),
    ],
)
def test_a_wrong_gradient_fails_with_its_cause(problem, change, cause):
    loss, params, grads = problem
    error = failure(loss, params, {**grads, "W": change(grads["W"], params)})
    assert (error.category, error.cause) == ("gradient", cause)
    assert str(error).startswith("W: your gradient and the numerical one disagree")


def test_one_wrong_entry_is_found(problem):
    loss, params, grads = problem
    wrong = grads["W"].copy()
    wrong[3, 1] *= -1
    error = failure(loss, params, {**grads, "W": wrong})
    assert (error.category, error.cause) == ("gradient", "entry")
    assert "W[3, 1]" in str(error)


def test_a_transposed_square_gradient_is_named():
    A = np.random.default_rng(0).normal(size=(4, 4))
    error = failure(lambda W: float(np.sum(A * W)), np.ones((4, 4)), A.T.copy())
    assert (error.category, error.cause) == ("gradient", "transposed")


@pytest.mark.parametrize(
    ("grad", "category", "words"),
    [
        ([1.0, 2.0, 3.0], "type", "expected numpy array of shape (3,), got list"),
        (np.ones((1, 3)), "shape", "expected shape (3,), got (1, 3)"),
        (np.ones(3, dtype=np.float32), "dtype", "expected dtype float64, got float32"),
        (np.array([1.0, np.nan, 1.0]), "not_finite", "is nan at [1]"),
    ],
)
def test_what_cannot_be_compared_has_its_own_category(grad, category, words):
    error = failure(lambda w: float(np.sum(w**2)), np.arange(3.0), grad)
    assert (error.category, error.cause) == (category, None)
    assert words in str(error)


def test_missing_gradients(problem):
    loss, params, grads = problem
    assert "none for 'b'" in str(failure(loss, params, {"W": grads["W"]}))
    assert failure(loss, params, (grads["W"], grads["b"])).category == "type"


def changes_its_point(w):
    w *= 2
    return float(np.sum(w))


@pytest.mark.parametrize(
    ("loss", "category"),
    [
        (lambda w: np.sum(w, keepdims=True), "type"),
        (lambda w: np.float32(np.sum(w)), "dtype"),
        (lambda w: None, "type"),
        (lambda w: float("nan"), "not_finite"),
        (lambda w: float(np.sum(w) + np.random.default_rng().normal()), "nondeterministic"),
        (changes_its_point, "side_effect"),
    ],
)
def test_a_loss_that_is_no_function_of_its_point(loss, category):
    assert failure(loss, np.ones(3), np.ones(3)).category == category


def every(number, odd):
    """A loss that goes wrong in one call of so many."""
    calls = itertools.count(1)

    def loss(w):
        return odd(w) if next(calls) % number == 0 else float(np.sum(w**2))

    return loss


@pytest.mark.parametrize("number", [3, 4, 5, 7, 11])
@pytest.mark.parametrize(
    ("odd", "category"),
    [
        (lambda w: float(np.sum(w**2)) + 0.1, "nondeterministic"),
        (lambda w: float("inf"), "not_finite"),
        (lambda w: None, "type"),
        (lambda w: np.float32(np.sum(w)), "dtype"),
        (changes_its_point, "side_effect"),
    ],
)
def test_a_loss_that_goes_wrong_now_and_then(number, odd, category):
    # Seldom enough it may pass, as its gradient is right; no fault of a grader may come of it.
    w = np.arange(1.0, 41.0)
    try:
        check_gradient(every(number, odd), w, 2 * w)
    except CheckFailed as error:
        assert error.category in (category, "nondeterministic")  # noqa: PT017
    else:
        assert number >= 5
        assert category == "nondeterministic"


@pytest.mark.parametrize("size", [1e-12, 1e-7, 1e-3])
def test_noise_in_every_call(size):
    noise = np.random.default_rng(0)
    w = np.arange(1.0, 41.0)
    error = failure(lambda w: float(np.sum(w**2)) * (1 + size * noise.normal()), w, 2 * w)
    assert error.category == "nondeterministic"


def test_noise_that_pauses_while_one_looks():
    # The same value three times in a row for the same point, and noise elsewhere.
    noise = np.random.default_rng(0)
    seen = {}

    def loss(w):
        value, uses = seen.get(w.tobytes(), (None, 9))
        if uses > 8:
            value, uses = float(np.sum(w**2)) + 1e-3 * noise.normal(), 0
        seen[w.tobytes()] = value, uses + 1
        return value

    w = np.arange(1.0, 41.0)
    assert failure(loss, w, 2 * w).category == "nondeterministic"


def test_a_rough_loss_decides_nothing():
    # A function of its point, but without a derivative at any scale.
    def rough(w):
        return float(np.sum(w**2)) + 1e-3 * (hash(w.tobytes()) % 97) / 97

    with pytest.raises(Inconclusive):
        check_gradient(rough, np.arange(1.0, 41.0), 2 * np.arange(1.0, 41.0))


def test_a_loss_in_single_precision():
    w = np.linspace(1.0, 2.0, 12)
    error = failure(lambda w: float(np.sum(w.astype(np.float32) ** 2)), w, 2 * w)
    assert (error.category, "single precision" in str(error)) == ("dtype", True)
    # A count is a value of single precision, too: that decides nothing.
    with pytest.raises(Inconclusive):
        check_gradient(lambda v: float(np.sum(v > w)), w, 2 * w)


def test_a_gradient_that_is_the_parameter_itself():
    w = np.ones(3)
    assert failure(lambda w: float(0.5 * np.sum(w**2)), w, w).category == "side_effect"


def kinked(w):
    return float(np.sum(np.abs(w)))


def test_a_kink_is_inconclusive_never_a_failure():
    with pytest.raises(Inconclusive):
        check_gradient(kinked, np.zeros(3), np.array([0.3, -0.2, 0.1]))
    assert not issubclass(Inconclusive, AssertionError)


def test_a_kink_is_redrawn():
    rng = np.random.default_rng(0)
    drawn = []

    def redraw():
        drawn.append(rng.normal(size=3) + 3)
        return kinked, drawn[-1], np.sign(drawn[-1])

    check_gradient(kinked, np.zeros(3), np.array([0.3, -0.2, 0.1]), redraw=redraw)
    assert len(drawn) == 1


def test_the_point_is_left_alone(problem):
    loss, params, grads = problem
    before = {name: value.tobytes() for name, value in params.items()}
    check_gradient(loss, params, grads)
    assert {name: value.tobytes() for name, value in params.items()} == before
