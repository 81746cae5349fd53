"""Losses: values against torch and scipy, gradients against differences."""

import numpy as np
import pytest
import scipy.special
import scipy.stats
import torch

from mlref import losses
from mlref.arrays import to_numpy
from mlref.autodiff import Tensor, check_gradient
from mlref.errors import ShapeError

F = torch.nn.functional


def logits_and_targets(n=5, n_classes=4, seed=0):
    rng = np.random.default_rng(seed)
    z, y = rng.normal(size=(n, n_classes)) * 3, rng.integers(n_classes, size=n)
    soft = rng.dirichlet(np.ones(n_classes), size=n)
    return z, y, soft


def binary(seed=1):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(5, 2)) * 3, rng.uniform(size=(5, 2))


Z, Y, SOFT = logits_and_targets()
Z2, T2 = binary()

# name: (array function, its arguments, Tensor function, torch's on the same arguments)
CASES = {
    "mse": (losses.mse, (Z, SOFT), losses.mse_loss, F.mse_loss),
    "mae": (losses.mae, (Z, SOFT), losses.l1_loss, F.l1_loss),
    "hinge": (
        losses.multiclass_hinge,
        (Z, Y),
        losses.multiclass_hinge_loss,
        lambda z, y: F.multi_margin_loss(z, y) * z.shape[1],
    ),
    "squared hinge, margin 0.7": (
        lambda z, y: losses.multiclass_hinge(z, y, 0.7, True),
        (Z, Y),
        lambda z, y: losses.multiclass_hinge_loss(z, y, margin=0.7, squared=True),
        lambda z, y: F.multi_margin_loss(z, y, p=2, margin=0.7) * z.shape[1],
    ),
    "cross-entropy": (losses.softmax_cross_entropy, (Z, Y), losses.cross_entropy, F.cross_entropy),
    "cross-entropy, soft": (
        losses.softmax_cross_entropy,
        (Z, SOFT),
        losses.cross_entropy,
        F.cross_entropy,
    ),
    "cross-entropy, smoothed": (
        lambda z, y: losses.softmax_cross_entropy(z, y, 0.2),
        (Z, Y),
        lambda z, y: losses.cross_entropy(z, y, label_smoothing=0.2),
        lambda z, y: F.cross_entropy(z, y, label_smoothing=0.2),
    ),
    "cross-entropy, soft and smoothed": (
        lambda z, y: losses.softmax_cross_entropy(z, y, 0.2),
        (Z, SOFT),
        lambda z, y: losses.cross_entropy(z, y, label_smoothing=0.2),
        lambda z, y: F.cross_entropy(z, y, label_smoothing=0.2),
    ),
    "binary cross-entropy, weighted": (
        lambda z, t: losses.bce_with_logits(z, t, 3.5),
        (Z2, T2),
        lambda z, t: losses.binary_cross_entropy_with_logits(z, t, pos_weight=3.5),
        lambda z, t: F.binary_cross_entropy_with_logits(z, t, pos_weight=torch.tensor(3.5)),
    ),
    "binary cross-entropy": (
        losses.bce_with_logits,
        (Z2, T2),
        losses.binary_cross_entropy_with_logits,
        F.binary_cross_entropy_with_logits,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_losses_and_gradients_match_torch_on_every_library(name, xp_backend):
    on_arrays, (z, target), on_tensors, theirs = CASES[name]
    reference = torch.tensor(z, requires_grad=True)
    expected = theirs(reference, torch.tensor(target))
    expected.backward()
    make = xp_backend.asarray
    loss, gradient = on_arrays(make(z), make(target))
    assert float(loss) == pytest.approx(expected.item(), rel=1e-13)
    xp_backend.check(gradient, reference.grad.numpy(), rtol=1e-12, atol=1e-15)
    tensor = Tensor(make(z))
    result = on_tensors(tensor, make(target))
    assert float(result.data) == float(loss)
    (result * 3.0).backward()
    xp_backend.check(tensor.grad, 3 * to_numpy(gradient), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("name", CASES)
def test_gradients_pass_the_gradient_check(name):
    on_arrays, (z, target), _, _ = CASES[name]
    report = check_gradient(
        lambda p: float(on_arrays(p["z"], target)[0]), {"z": z}, {"z": on_arrays(z, target)[1]}
    )
    assert report.verdict == "ok", report.message


@pytest.mark.parametrize("name", CASES)
def test_float32_stays_float32(name, xp_backend):
    on_arrays, (z, target), _, _ = CASES[name]
    z = xp_backend.asarray(z.astype(np.float32))
    loss, gradient = on_arrays(z, xp_backend.asarray(target))
    assert loss.dtype == gradient.dtype == z.dtype


def test_arguments_are_left_as_they_are():
    for on_arrays, arguments, _, _ in CASES.values():
        before = [argument.copy() for argument in arguments]
        on_arrays(*arguments)
        for argument, copy in zip(arguments, before, strict=True):
            np.testing.assert_array_equal(argument, copy)


@pytest.mark.parametrize("shape", [(4,), (3, 4), (2, 3, 4)])
@pytest.mark.parametrize("axis", [0, -1])
def test_softmax_matches_scipy(xp_backend, shape, axis):
    z = np.random.default_rng(0).normal(size=shape) * 10
    xp_backend.check(losses.softmax(xp_backend.asarray(z), axis), scipy.special.softmax(z, axis))
    xp_backend.check(losses.log_softmax(xp_backend.asarray(z), axis), scipy.special.log_softmax(z, axis))


def test_softmax_does_not_see_a_shift_and_does_not_overflow():
    np.testing.assert_allclose(losses.softmax(Z + 1000), losses.softmax(Z), rtol=1e-12)
    assert losses.log_softmax(np.array([-1000.0, 0.0])).tolist() == [-1000.0, 0.0]
    tiny = losses.softmax(np.array([0.0, 89.0], dtype=np.float32))
    assert np.isfinite(tiny).all()
    loss, gradient = losses.bce_with_logits(np.array([1e4, -1e4]), np.array([0.0, 1.0]))
    assert (loss, gradient.tolist()) == (1e4, [0.5, -0.5])


def test_the_logistic_function_matches_scipy(xp_backend):
    z = np.array([-1000.0, -40.0, -1.5, 0.0, 2.0, 40.0, 1000.0])
    xp_backend.check(losses.sigmoid(xp_backend.asarray(z)), scipy.special.expit(z), rtol=1e-14, atol=0)
    expected = -scipy.special.log_expit(-z)
    xp_backend.check(losses.softplus(xp_backend.asarray(z)), expected, rtol=1e-14, atol=0)


def test_entropy_and_divergence_match_scipy(xp_backend):
    p, q = SOFT, np.roll(SOFT, 1, axis=0)
    make = xp_backend.asarray
    xp_backend.check(losses.entropy(make(p)), scipy.stats.entropy(p, axis=-1))
    xp_backend.check(losses.kl(make(p), make(q)), scipy.stats.entropy(p, q, axis=-1))
    assert (losses.kl(p, q) > 0).all()


def test_zero_probabilities():
    p = np.array([[1.0, 0.0], [0.5, 0.5], [0.0, 1.0]])
    q = np.array([[0.5, 0.5], [1.0, 0.0], [0.0, 1.0]])
    np.testing.assert_allclose(losses.kl(p, q), [np.log(2), np.inf, 0.0])
    np.testing.assert_allclose(losses.entropy(p), [0.0, np.log(2), 0.0])


def test_divergence_is_cross_entropy_minus_entropy():
    z = Tensor(Z)
    loss = losses.kl_loss(z, SOFT)
    assert float(loss.data) == pytest.approx(losses.kl(SOFT, losses.softmax(Z)).mean(), rel=1e-12)
    loss.backward()
    np.testing.assert_allclose(z.grad, losses.softmax_cross_entropy(Z, SOFT)[1])


def test_two_classes_are_the_binary_case():
    z, t = Z2[:, 0], T2[:, 0]
    pair = np.stack([np.zeros_like(z), z], axis=1)
    loss, gradient = losses.softmax_cross_entropy(pair, np.stack([1 - t, t], axis=1))
    expected, slope = losses.bce_with_logits(z, t)
    assert loss == pytest.approx(expected, rel=1e-12)
    np.testing.assert_allclose(gradient[:, 1], slope, rtol=1e-12)


def test_a_sequence_is_many_rows(xp_backend):
    z, y = np.stack([Z, Z + Z[::-1]]), np.stack([Y, Y[::-1]])
    make = xp_backend.asarray
    loss, gradient = losses.softmax_cross_entropy(make(z), make(y), 0.1)
    expected, rows = losses.softmax_cross_entropy(z.reshape(-1, 4), y.reshape(-1), 0.1)
    assert float(loss) == pytest.approx(expected)
    xp_backend.check(gradient, rows.reshape(z.shape))


def test_the_hinge_does_not_see_a_shift_of_all_scores():
    loss, gradient = losses.multiclass_hinge(Z, Y)
    shifted, same = losses.multiclass_hinge(Z + 100, Y)
    assert shifted == pytest.approx(loss)
    np.testing.assert_array_equal(gradient, same)


def test_targets_that_are_tensors():
    prediction, target = Tensor(Z), Tensor(SOFT)
    losses.mse_loss(prediction, target).backward()
    np.testing.assert_array_equal(target.grad, -prediction.grad)
    with pytest.raises(TypeError, match=r"pass target\.data"):
        losses.cross_entropy(prediction, target)


def test_bad_input():
    with pytest.raises(ShapeError, match=r"prediction has shape \(3,\) but the target \(3, 1\)"):
        losses.mse(np.ones(3), np.ones((3, 1)))
    with pytest.raises(TypeError, match="dtype int64; a gradient needs a floating one"):
        losses.mse(np.ones(3, dtype=np.int64), np.ones(3))
    with pytest.raises(
        ShapeError, match=r"target must have shape \(5,\), one class for each row; it has \(4,\)"
    ):
        losses.softmax_cross_entropy(Z, Y[:4])
    with pytest.raises(ValueError, match="y holds -1 to 3; the classes are 0 to 3"):
        losses.multiclass_hinge(Z, np.array([-1, 0, 3, 1, 2]))
    with pytest.raises(ValueError, match="target holds 0 to 4"):
        losses.softmax_cross_entropy(Z, np.array([0, 4, 3, 1, 2]))
    with pytest.raises(ShapeError, match="nothing to average"):
        losses.softmax_cross_entropy(np.ones((0, 3)), np.ones(0, dtype=int))
