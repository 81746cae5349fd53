"""The restricted Boltzmann machine."""

from itertools import product

import numpy as np
import pytest
import sklearn.neural_network

from mlref.arrays import to_numpy
from mlref.decomposition import (
    BernoulliRBM,
    rbm_cd1,
    rbm_free_energy,
    rbm_hidden_probabilities,
    rbm_visible_probabilities,
)
from mlref.errors import NotFittedError, ShapeError


def parameters(seed=0, n_visible=4, n_hidden=3):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n_visible, n_hidden)), rng.normal(size=n_visible), rng.normal(size=n_hidden)


def states(n):
    return np.array(list(product([0.0, 1.0], repeat=n)))


def energies(W, a, b):
    """Of every visible state with every hidden one."""
    v, h = states(W.shape[0]), states(W.shape[1])
    return -(v @ a)[:, None] - h @ b - v @ W @ h.T


def test_free_energy_is_the_sum_over_all_hidden_states(xp_backend):
    W, a, b = parameters()
    expected = -np.log(np.exp(-energies(W, a, b)).sum(axis=1))
    given = map(xp_backend.asarray, (states(4), W, a, b))
    xp_backend.check(rbm_free_energy(*given), expected)


def test_free_energy_of_large_inputs_is_finite():
    assert rbm_free_energy(np.ones((1, 1)), np.full((1, 1), 1e4), np.zeros(1), np.zeros(1)) == [-1e4]


def test_conditional_probabilities_are_those_of_the_joint(xp_backend):
    W, a, b = parameters(1)
    joint = np.exp(-energies(W, a, b))
    hidden = joint @ states(3) / joint.sum(axis=1, keepdims=True)
    visible = joint.T @ states(4) / joint.T.sum(axis=1, keepdims=True)
    xp_backend.check(rbm_hidden_probabilities(*map(xp_backend.asarray, (states(4), W, b))), hidden)
    xp_backend.check(rbm_visible_probabilities(*map(xp_backend.asarray, (states(3), W, a))), visible)


def test_cd1_is_what_the_same_draws_give_by_hand(xp_backend):
    W, a, b = parameters(2)
    v = np.random.default_rng(3).integers(0, 2, size=(5, 4)).astype(float)
    rng = np.random.default_rng(4)
    sigmoid = lambda x: 1 / (1 + np.exp(-x))  # noqa: E731
    h = sigmoid(v @ W + b)
    sampled = (rng.random((5, 3)) < h).astype(float)
    new = (rng.random((5, 4)) < sigmoid(sampled @ W.T + a)).astype(float)
    again = sigmoid(new @ W + b)
    expected = np.mean([np.outer(v[i], h[i]) - np.outer(new[i], again[i]) for i in range(5)], axis=0)
    dW, da, db = rbm_cd1(*map(xp_backend.asarray, (v, W, a, b)), np.random.default_rng(4))
    xp_backend.check(dW, expected)
    xp_backend.check(da, (v - new).mean(axis=0))
    xp_backend.check(db, (h - again).mean(axis=0))


def test_training_raises_the_likelihood_of_the_data():
    X = np.repeat(np.array([[1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 1.0]]), 30, axis=0)
    model = BernoulliRBM(2, n_iter=150, random_state=0).fit(X)
    probability = np.exp(-model.free_energy(states(4)))
    probability /= probability.sum()
    assert probability[[3, 12]].sum() > 0.7  # 0011 and 1100; 1/8 before


def test_hidden_units_and_energies_equal_scikit_learns_with_its_weights():
    X = np.random.default_rng(5).integers(0, 2, size=(20, 6)).astype(float)
    theirs = sklearn.neural_network.BernoulliRBM(3, n_iter=5, random_state=0).fit(X)
    ours = BernoulliRBM(3, n_iter=1).fit(X)
    for name in ("components_", "intercept_visible_", "intercept_hidden_"):
        assert getattr(ours, name).shape == getattr(theirs, name).shape
        setattr(ours, name, getattr(theirs, name))
    np.testing.assert_allclose(ours.transform(X), theirs.transform(X))
    np.testing.assert_allclose(ours.free_energy(X), theirs._free_energy(X))


def test_every_library_learns_the_same(xp_backend):
    X = np.random.default_rng(6).integers(0, 2, size=(12, 5)).astype(float)
    expected = BernoulliRBM(3, n_iter=2, batch_size=5, random_state=0).fit(X)
    model = BernoulliRBM(3, n_iter=2, batch_size=5, random_state=0).fit(xp_backend.asarray(X))
    xp_backend.check(model.components_, expected.components_)
    assert set(to_numpy(model.gibbs(xp_backend.asarray(X))).ravel().tolist()) <= {0.0, 1.0}


def test_bad_arguments_raise():
    with pytest.raises(ValueError, match="batch_size is 0"):
        BernoulliRBM(batch_size=0).fit(np.ones((2, 2)))
    with pytest.raises(ValueError, match="learning_rate is -1"):
        BernoulliRBM(learning_rate=-1).fit(np.ones((2, 2)))
    W, a, b = parameters()
    with pytest.raises(ShapeError, match=r"a has \(3,\); its last axis must have 4 entries"):
        rbm_free_energy(states(4), W, b, a)
    with pytest.raises(ShapeError, match=r"W has shape \(3, 4\)"):
        rbm_hidden_probabilities(states(4), W.T, b)
    with pytest.raises(ShapeError, match="W may be transposed"):
        rbm_visible_probabilities(states(2), W, a)
    with pytest.raises(NotFittedError):
        BernoulliRBM().transform(np.ones((2, 2)))
