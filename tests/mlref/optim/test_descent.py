"""Gradient descent, mini-batches and searches."""

import numpy as np
import pytest
import scipy.optimize

from mlref.errors import ConvergenceWarning, NotFiniteError, ShapeError
from mlref.losses import mse
from mlref.optim import (
    SGD,
    genetic_algorithm,
    gradient_descent,
    inverse_time_decay,
    local_search,
    minibatches,
    random_search,
    sgd_train,
)

RNG = np.random.default_rng(0)
A = RNG.normal(size=(8, 3))
HESSIAN, TARGET = A.T @ A, RNG.normal(size=3)


def test_descent_finds_the_solution_of_a_linear_system(xp_backend):
    hessian, target = xp_backend.asarray(HESSIAN), xp_backend.asarray(TARGET)
    rate = 1.0 / np.linalg.eigvalsh(HESSIAN)[-1]
    start = xp_backend.asarray(np.zeros(3))
    result = gradient_descent(lambda x: hessian @ x - target, start, float(rate), gradient_tol=1e-10)
    assert result.stopped_by == "gradient"
    xp_backend.check(result.x, np.linalg.solve(HESSIAN, TARGET), rtol=1e-8)
    xp_backend.check(start, np.zeros(3))
    assert len(result.path) == result.n_iter + 1


@pytest.mark.parametrize(("rate", "behaviour"), [(0.4, "monotone"), (0.9, "oscillates"), (1.1, "diverges")])
def test_the_step_size_decides(rate, behaviour):
    """f = x^2, second derivative 2: monotone below 1/2, oscillating below 1, divergent above"""
    path = np.array(gradient_descent(lambda x: 2 * x, 1.0, rate, max_iter=30).path)
    signs = np.sign(path[1:] * path[:-1])
    assert (behaviour == "diverges") == bool(abs(path[-1]) > 1)
    assert (behaviour == "monotone") == bool((signs > 0).all())


def test_stopping_rules():
    result = gradient_descent(lambda x: 2 * x, 1.0, 0.1, step_tol=1e-3)
    steps = np.abs(np.diff(result.path))
    assert result.stopped_by == "step"
    assert steps[-1] <= 1e-3 < steps[-2]
    assert result.n_iter == len(steps)
    assert gradient_descent(lambda x: 2 * x, 1.0, 0.1, max_iter=7).stopped_by == "max_iter"
    with pytest.warns(ConvergenceWarning, match="max_iter = 3 steps"):
        gradient_descent(lambda x: 2 * x, 1.0, 0.1, max_iter=3, step_tol=1e-9)
    assert gradient_descent(lambda x: 2 * x, 0.0, 0.1, gradient_tol=1e-9).n_iter == 0


def test_decaying_rates_reach_the_minimum_though_gradients_are_noisy():
    rng = np.random.default_rng(1)
    noisy = lambda x: x - 3.0 + rng.normal()  # noqa: E731
    decaying = gradient_descent(noisy, 0.0, inverse_time_decay(1.0, 1.0), max_iter=3000)
    assert decaying.x == pytest.approx(3.0, abs=0.1)


def test_descent_errors():
    with pytest.raises(NotFiniteError, match="choose a smaller learning_rate than 5"):
        gradient_descent(lambda x: -1e200 * x, 1.0, 5.0)
    with pytest.raises(ValueError, match="learning_rate is 0"):
        gradient_descent(lambda x: x, 1.0, 0.0)


@pytest.mark.parametrize(("n", "size"), [(1000, 500), (1000, 300), (3, 10), (5, 1)])
def test_every_row_once_in_each_epoch(n, size):
    batches = list(minibatches(n, size, np.random.default_rng(0)))
    assert sorted(np.concatenate(batches)) == list(range(n))
    assert [len(batch) for batch in batches[:-1]] == [size] * (len(batches) - 1)
    assert 1 <= len(batches[-1]) <= size


def test_each_epoch_has_an_order_of_its_own():
    rng = np.random.default_rng(0)
    first, second = (np.concatenate(list(minibatches(50, 7, rng))) for _ in range(2))
    assert (first != second).any()
    with pytest.raises(ValueError, match="batch_size is 0"):
        next(minibatches(5, 0, rng))


def test_stochastic_training_reaches_least_squares_and_weights_the_short_batch():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(50, 3))
    y = X @ np.array([1.0, -2.0, 0.5])
    params = {"w": np.zeros(3)}
    seen = []

    def loss_and_gradients(rows, targets):
        loss, gradient = mse(rows @ params["w"], targets)
        seen.append(loss * len(rows))
        return loss, {"w": rows.T @ gradient}

    history = sgd_train(loss_and_gradients, SGD(params, lr=0.1), X, y, epochs=60, batch_size=16, rng=rng)
    np.testing.assert_allclose(params["w"], [1.0, -2.0, 0.5], atol=1e-6)
    assert len(seen) == 60 * 4
    assert history[0] == pytest.approx(sum(seen[:4]) / 50)
    with pytest.raises(ShapeError, match="X has 50 rows but y has 49"):
        sgd_train(loss_and_gradients, SGD(params), X, y[:49], epochs=1, batch_size=5, rng=rng)


# Searches ---------------------------------------------------------------------------------------------------


def rastrigin(x):
    return 10 * len(x) + float((x**2 - 10 * np.cos(2 * np.pi * x)).sum())


def test_random_search_hits_a_set_as_often_as_its_probability_says():
    hits = [
        random_search(lambda x: -float(x[0] < 0.05), [0.0], [1.0], 20, np.random.default_rng(seed)).value
        for seed in range(300)
    ]
    assert -np.mean(hits) == pytest.approx(1 - 0.95**20, abs=0.08)


def test_searches_never_get_worse_and_repeat_with_the_seed():
    for search in (
        lambda rng: random_search(rastrigin, [-5, -5], [5, 5], 100, rng),
        lambda rng: local_search(rastrigin, [3.0, 3.0], 0.2, 100, rng),
        lambda rng: genetic_algorithm(rastrigin, [-5, -5], [5, 5], rng, n_generations=20),
    ):
        result, again = (search(np.random.default_rng(3)) for _ in range(2))
        assert (np.diff(result.history) <= 0).all()
        assert result.value == rastrigin(result.x) <= result.history[-1]
        np.testing.assert_array_equal(result.x, again.x)


def test_local_search_stays_in_its_valley_where_breeding_finds_the_lowest():
    local = local_search(rastrigin, [3.0, 3.0], 0.05, 500, np.random.default_rng(0))
    np.testing.assert_allclose(local.x, [3.0, 3.0], atol=0.1)
    bred = genetic_algorithm(rastrigin, [-5, -5], [5, 5], np.random.default_rng(0), n_generations=60)
    peer = scipy.optimize.differential_evolution(rastrigin, [(-5, 5)] * 2, seed=0)
    assert bred.value == pytest.approx(peer.fun, abs=0.05)
    assert (np.abs(bred.x) <= 5).all()


def test_search_errors():
    rng = np.random.default_rng(0)
    with pytest.raises(ShapeError, match=r"low has shape \(1,\), high \(2,\)"):
        random_search(rastrigin, [0.0], [1.0, 1.0], 5, rng)
    with pytest.raises(ValueError, match="low must nowhere exceed high"):
        genetic_algorithm(rastrigin, [1.0], [0.0], rng)
    with pytest.raises(ValueError, match="n_iter is 0"):
        local_search(rastrigin, [0.0], 1.0, 0, rng)
