"""Numerical gradients, and how often check_gradient errs in either direction."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlref.autodiff import (
    check_gradient,
    gradient_error,
    numerical_gradient,
    numerical_gradient_fourth_order,
)

PENALTY = 1e-2


def mlp(seed, n_rows=32):
    """A 40-24-24-6 ReLU network with cross-entropy and an L2 penalty: loss, parameters, true gradients."""
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(n_rows, 40)), rng.integers(0, 6, size=n_rows)
    sizes = [40, 24, 24, 6]
    params = {}
    for i in range(3):
        params[f"W{i + 1}"] = rng.normal(size=(sizes[i], sizes[i + 1])) * math.sqrt(2 / sizes[i])
        params[f"b{i + 1}"] = 0.1 * rng.normal(size=sizes[i + 1])

    def forward(p):
        layers = [X]
        for i in (1, 2):
            layers.append(np.maximum(layers[-1] @ p[f"W{i}"] + p[f"b{i}"], 0))
        scores = layers[-1] @ p["W3"] + p["b3"]
        shifted = scores - scores.max(axis=1, keepdims=True)
        log_probabilities = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        return layers, log_probabilities

    def loss(p):
        log_probabilities = forward(p)[1]
        penalty = sum(np.sum(p[f"W{i}"] ** 2) for i in (1, 2, 3))
        return float(-log_probabilities[np.arange(n_rows), y].mean() + PENALTY / 2 * penalty)

    layers, log_probabilities = forward(params)
    delta = np.exp(log_probabilities)
    delta[np.arange(n_rows), y] -= 1
    delta /= n_rows
    grads = {}
    for i in (3, 2, 1):
        grads[f"W{i}"] = layers[i - 1].T @ delta + PENALTY * params[f"W{i}"]
        grads[f"b{i}"] = delta.sum(axis=0)
        delta = delta @ params[f"W{i}"].T * (layers[i - 1] > 0)
    return loss, {name: params[name] for name in sorted(params)}, grads


def all_one_percent_off(params, grads, rng):
    return {name: 1.01 * gradient for name, gradient in grads.items()}


def all_a_thousandth_off(params, grads, rng):
    return {name: 1.001 * gradient for name, gradient in grads.items()}


def without_penalty(params, grads, rng):
    return {name: g - PENALTY * params[name] if name[0] == "W" else g for name, g in grads.items()}


def one_wrong_sign(params, grads, rng):
    return _with_one_entry_times(-1.0, grads, rng)


def one_entry_one_percent_off(params, grads, rng):
    return _with_one_entry_times(1.01, grads, rng)


def sign_of_a_layer(params, grads, rng):
    return {**grads, "W2": -grads["W2"]}


def transposed_layer(params, grads, rng):
    return {**grads, "W2": grads["W2"].T.copy()}


def sum_for_mean_in_bias(params, grads, rng):
    return {**grads, "b2": 32 * grads["b2"]}


def _with_one_entry_times(factor, grads, rng):
    """One entry changed that is not dead: of those above a tenth of the typical size."""
    name = ["W1", "W2", "W3"][rng.integers(3)]
    changed = grads[name].copy()
    alive = np.flatnonzero(np.abs(changed) > 0.1 * np.sqrt(np.mean(changed**2)))
    changed.flat[rng.choice(alive)] *= factor
    return {**grads, name: changed}


MISTAKES = {
    all_one_percent_off: "factor",
    all_a_thousandth_off: "factor",
    without_penalty: "regulariser",
    one_wrong_sign: "entry",
    one_entry_one_percent_off: "entry",
    sign_of_a_layer: "sign",
    transposed_layer: "transposed",
    sum_for_mean_in_bias: "factor",
}


# check_gradient: error rates -----------------------------------------------------------------------


def test_right_gradients_are_never_rejected():
    verdicts = [check_gradient(*mlp(seed), seed=seed).verdict for seed in range(400)]
    assert verdicts == ["ok"] * 400


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.__name__)
def test_wrong_gradients_are_rejected_and_the_cause_is_named(mistake):
    reports = []
    for seed in range(60):
        loss, params, grads = mlp(seed)
        wrong = mistake(params, grads, np.random.default_rng(1000 + seed))
        reports.append(check_gradient(loss, params, wrong, seed=seed))
    assert sum(report.verdict == "wrong" for report in reports) >= 59
    assert sum(report.category == MISTAKES[mistake] for report in reports) >= 59


def test_kinks_all_around_reject_nobody():
    """128 ReLUs on 256 rows: one direction in twenty-five crosses a kink within the step."""
    for seed in range(40):
        rng = np.random.default_rng(seed)
        X = rng.normal(size=(256, 20))
        W, upstream = rng.normal(size=(20, 128)), rng.normal(size=(256, 128))

        def f(p, X=X, upstream=upstream):
            return float(np.sum(np.maximum(X @ p["W"], 0) * upstream))

        grads = {"W": X.T @ (upstream * (X @ W > 0))}
        assert check_gradient(f, {"W": W}, grads, seed=seed).verdict == "ok"


def test_a_kink_at_the_point_itself_is_inconclusive_and_never_wrong():
    def f(p):
        return float(np.sum(np.maximum(p["x"], 0)))

    params = {"x": np.array([1.5, 0.0, -0.7])}
    report = check_gradient(f, params, {"x": np.array([1.0, 0.0, 0.0])})
    assert (report.verdict, report.block, report.category) == ("inconclusive", "x", None)


def test_a_wrong_entry_beside_a_kink_is_still_found():
    def f(p):
        return float(np.sum(np.maximum(p["x"], 0)))

    report = check_gradient(f, {"x": np.array([1.5, 0.0, -0.7])}, {"x": np.array([2.0, 0.0, 0.0])})
    assert report.verdict == "wrong"


@pytest.mark.parametrize("scale", [1e-6, 1e6])
def test_the_scale_of_the_loss_does_not_matter(scale):
    for seed in range(10):
        loss, params, grads = mlp(seed)
        scaled = {name: scale * gradient for name, gradient in grads.items()}
        off = {name: 1.01 * gradient for name, gradient in scaled.items()}
        assert check_gradient(lambda p, f=loss: scale * f(p), params, scaled, seed=seed).verdict == "ok"
        assert check_gradient(lambda p, f=loss: scale * f(p), params, off, seed=seed).category == "factor"


def test_an_embedding_of_which_few_rows_are_used():
    rng = np.random.default_rng(3)
    table, upstream = rng.normal(size=(500, 4)), rng.normal(size=(6, 4))
    rows = np.array([7, 7, 40, 8, 99, 7])
    right, lost = np.zeros_like(table), np.zeros_like(table)
    np.add.at(right, rows, upstream)
    lost[rows] += upstream

    def f(p):
        return float(np.sum(p["table"][rows] * upstream))

    assert check_gradient(f, {"table": table}, {"table": right}).verdict == "ok"
    assert check_gradient(f, {"table": table}, {"table": lost}).verdict == "wrong"


# check_gradient: reports ---------------------------------------------------------------------------


def squares(p):
    return float(np.sum(p["w"] ** 2))


POINT = {"w": np.array([[1.0, 2.0, 3.0], [0.5, -1.0, 4.0]])}


def test_one_wrong_entry_is_located():
    given = 2 * POINT["w"]
    given[1, 2] = 5.0
    report = check_gradient(squares, POINT, {"w": given})
    assert (report.verdict, report.block, report.category) == ("wrong", "w", "entry")
    assert "w[1, 2]: yours 5, numerical 8" in report.message
    assert type(report.worst) is float


@pytest.mark.parametrize(
    ("factor", "category", "words"),
    [
        (2.0, "factor", "2 times"),
        (0.25, "factor", "1/4 of"),
        (-1.0, "sign", "opposite sign"),
        (0.0, "factor", "zero everywhere"),
    ],
)
def test_a_constant_factor_is_named(factor, category, words):
    report = check_gradient(squares, POINT, {"w": factor * 2 * POINT["w"]})
    assert (report.verdict, report.category) == ("wrong", category)
    assert words in report.message


def test_a_gradient_that_is_wrong_everywhere_is_unknown():
    given = np.random.default_rng(0).normal(size=(2, 3))
    report = check_gradient(squares, POINT, {"w": given})
    assert (report.verdict, report.category) == ("wrong", "unknown")


def test_the_transpose_of_a_matrix_that_is_not_square_is_named():
    report = check_gradient(squares, POINT, {"w": 2 * POINT["w"].T})
    assert (report.verdict, report.category) == ("wrong", "transposed")
    assert "(3, 2), expected (2, 3)" in report.message


@pytest.mark.parametrize(
    ("gradient", "words"),
    [
        (None, "there is no gradient"),
        (np.ones(3), "shape (3,), expected (2, 3)"),
        (np.ones((2, 3), dtype=np.float32), "dtype float32, expected float64"),
        (np.full((2, 3), np.nan), "6 entries of the gradient are not finite"),
        (POINT["w"], "shares memory"),
    ],
)
def test_a_gradient_that_cannot_be_compared_says_why(gradient, words):
    report = check_gradient(squares, POINT, {"w": gradient})
    assert (report.verdict, report.category) == ("wrong", None)
    assert words in report.message
    assert report.block == "w"


def test_parameters_must_be_float64_arrays():
    with pytest.raises(TypeError, match="must be a float64 array, got float32"):
        check_gradient(squares, {"w": np.ones(2, dtype=np.float32)}, {"w": np.ones(2)})


def test_a_random_function_is_refused():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="not deterministic"):
        check_gradient(lambda p: float(rng.normal()), POINT, {"w": POINT["w"] * 2})


def test_a_function_that_changes_its_argument_is_refused_and_the_point_is_kept():
    def f(p):
        p["w"] *= 1.0 + 1e-9
        return 1.0

    before = POINT["w"].tobytes()
    with pytest.raises(ValueError, match="changes params"):
        check_gradient(f, POINT, {"w": POINT["w"] * 2})
    assert POINT["w"].tobytes() == before


def test_single_precision_inside_is_inconclusive_and_said():
    def f(p):
        return float(np.sum(p["w"].astype(np.float32) ** 2))

    report = check_gradient(f, POINT, {"w": POINT["w"] * 2})
    assert report.verdict == "inconclusive"
    assert "float32" in report.message


@pytest.mark.parametrize("result", [np.float32(1.0), 1, np.array(1.0)])
def test_a_function_must_return_a_float(result):
    with pytest.raises(TypeError, match="must return a float"):
        check_gradient(lambda p: result, POINT, {"w": POINT["w"] * 2})


def test_a_loss_that_is_not_finite_is_refused():
    with pytest.raises(ValueError, match="finite"):
        check_gradient(lambda p: math.nan, POINT, {"w": POINT["w"] * 2})


def test_the_same_seed_gives_the_same_report():
    loss, params, grads = mlp(5)
    wrong = one_wrong_sign(params, grads, np.random.default_rng(0))
    assert check_gradient(loss, params, wrong, seed=9) == check_gradient(loss, params, wrong, seed=9)


def test_an_empty_block_and_a_scalar_block_are_fine():
    params = {"empty": np.empty((0, 3)), "scalar": np.array(2.0)}
    grads = {"empty": np.empty((0, 3)), "scalar": np.array(4.0)}
    report = check_gradient(lambda p: float(p["scalar"] ** 2), params, grads)
    assert report.verdict == "ok"


# numerical gradients -------------------------------------------------------------------------------


@pytest.mark.parametrize("gradient", [numerical_gradient, numerical_gradient_fourth_order])
@given(st.integers(0, 2**32 - 1))
@settings(max_examples=25, deadline=None, derandomize=True)
def test_matches_the_exact_gradient(gradient, seed):
    rng = np.random.default_rng(seed)
    A, x = rng.normal(size=(3, 4)), rng.normal(size=(2, 3))
    exact = np.cos(x @ A) @ A.T
    np.testing.assert_allclose(gradient(lambda x: np.sum(np.sin(x @ A)), x), exact, rtol=1e-6, atol=1e-8)


def test_the_fourth_order_is_exact_for_polynomials_of_degree_four_and_the_second_is_not():
    x = np.array([1.0])
    assert numerical_gradient_fourth_order(lambda x: x[0] ** 4, x, h=0.5)[0] == pytest.approx(4.0, abs=1e-12)
    # h^2 f'''/6 with f''' = 24
    assert numerical_gradient(lambda x: x[0] ** 4, x, h=0.5)[0] == pytest.approx(5.0, abs=1e-12)


@pytest.mark.parametrize("gradient", [numerical_gradient, numerical_gradient_fourth_order])
def test_the_point_is_left_alone_bit_for_bit(gradient):
    x = np.array([0.1, 1e-17, -1e17, -0.0])
    x.flags.writeable = False
    seen = []
    gradient(lambda x: seen.append(x.copy()) or 0.0, x)
    # Every point that f saw differs from x in one place at most: nothing drifted.
    assert all(np.sum(point != x) <= 1 for point in seen)
    assert x.tobytes() == np.array([0.1, 1e-17, -1e17, -0.0]).tobytes()


@pytest.mark.parametrize("gradient", [numerical_gradient, numerical_gradient_fourth_order])
def test_whole_numbers_are_not_truncated(gradient):
    result = gradient(lambda x: np.sum(x**2), np.array([[1, 2], [3, 4]]))
    assert result.dtype == np.float64
    np.testing.assert_allclose(result, [[2, 4], [6, 8]], rtol=1e-8)


@pytest.mark.parametrize("gradient", [numerical_gradient, numerical_gradient_fourth_order])
def test_scalars_and_empty_arrays_keep_their_shape(gradient):
    assert gradient(lambda x: 3 * x, 2.0).shape == ()
    assert gradient(lambda x: 0.0, np.empty((0, 2))).shape == (0, 2)


def test_golden_differences_of_a_loss():
    """G07: the loss 1.25347 and its values after a step of 1e-4 in each of three weights, one-sided"""
    losses = {0: 1.25322, 1: 1.25353, 2: 1.25347}
    slopes = [(losses[i] - 1.25347) / 1e-4 for i in range(3)]
    np.testing.assert_allclose(slopes, [-2.5, 0.6, 0.0], atol=1e-9)
    # The plane with these slopes has the same central differences.
    plane = numerical_gradient(lambda w: 1.25347 + w @ slopes, np.array([0.34, -1.11, 0.78]), h=1e-4)
    np.testing.assert_allclose(plane, [-2.5, 0.6, 0.0], atol=1e-9)


def test_gradient_error_by_hand():
    x = np.array([1.0, 2.0, 0.0])
    error = gradient_error(lambda x: np.sum(x**2), np.array([2.0, 5.0, 0.0]), x)
    assert error == pytest.approx(1 / 9, rel=1e-8)


def test_gradient_error_is_zero_where_both_are_zero():
    assert gradient_error(lambda x: 0.0, np.zeros(3), np.ones(3)) == 0.0
    assert gradient_error(lambda x: 0.0, np.zeros((0,)), np.ones(0)) == 0.0


def test_gradient_error_of_a_wrong_sign_is_one():
    assert gradient_error(lambda x: np.sum(x), -np.ones(3), np.ones(3)) == pytest.approx(1.0)


def test_gradient_error_refuses_other_shapes():
    with pytest.raises(ValueError, match=r"shape \(2, 1\) but x has shape \(2,\)"):
        gradient_error(lambda x: np.sum(x), np.ones((2, 1)), np.ones(2))


def test_it_costs_two_evaluations_for_each_direction_and_coordinate():
    calls = []

    def f(params):
        calls.append(1)
        return float(np.sum(params["w"] ** 2))

    w = np.linspace(1.0, 2.0, 50)
    for how, trials in (({}, 6), ({"directions": 3, "coordinates": 0}, 3), ({"coordinates": 5}, 7)):
        calls.clear()
        assert check_gradient(f, {"w": w}, {"w": 2 * w}, **how).verdict == "ok"
        # Twice for the same value, once in single precision, then above and below.
        assert len(calls) == 3 + 2 * trials


def test_single_coordinates_are_tried_the_largest_and_some_that_are_in_use():
    w, rows = np.linspace(1.0, 2.0, 1000), [10, 500, 900]

    def f(params):
        return float(np.sum(params["w"][rows] ** 2))

    def verdicts(wrong):
        gradient = np.zeros(1000)
        gradient[rows] = 2 * w[rows]
        gradient[wrong] *= 1.01
        runs = [
            check_gradient(f, {"w": w}, {"w": gradient}, directions=0, coordinates=4, seed=seed)
            for seed in range(12)
        ]
        return {run.verdict for run in runs}

    assert verdicts(900) == {"wrong"}
    assert verdicts(10) == {"wrong", "ok"}  # the third largest: found where it is drawn


def test_nothing_to_check_uses_nothing_of_the_limit():
    report = check_gradient(lambda params: 1.0 / 3.0, {"w": np.ones(0)}, {"w": np.ones(0)})
    assert (report.verdict, report.worst, report.used) == ("ok", 0.0, 0.0)
