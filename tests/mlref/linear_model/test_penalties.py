"""L1 and L2: values, gradients, thresholds."""

import numpy as np
import scipy.optimize
import torch

from mlref.autodiff import check_gradient
from mlref.linear_model import l1_penalty, l2_penalty, soft_threshold


def test_values_and_gradients_on_every_library(xp_backend):
    w = np.random.default_rng(0).normal(size=(3, 2))
    w[0, 0] = 0
    value, slope = l1_penalty(xp_backend.asarray(w))
    xp_backend.check(xp_backend.xp.reshape(value, (1,)), [np.sum(np.abs(w))])
    xp_backend.check(slope, np.sign(w))
    value, slope = l2_penalty(xp_backend.asarray(w))
    xp_backend.check(xp_backend.xp.reshape(value, (1,)), [np.sum(w**2)])
    xp_backend.check(slope, 2 * w)


def test_gradients_equal_differences():
    w = np.random.default_rng(1).normal(size=5)
    for penalty in (l1_penalty, l2_penalty):
        report = check_gradient(lambda p, f=penalty: float(f(p["w"])[0]), {"w": w}, {"w": penalty(w)[1]})
        assert report.verdict == "ok", report.message


def test_threshold_equals_torch_and_minimises(xp_backend):
    z = np.array([-3.0, -0.5, 0.0, 0.2, 4.0])
    shrunk = soft_threshold(xp_backend.asarray(z), 0.5)
    xp_backend.check(shrunk, torch.nn.functional.softshrink(torch.asarray(z), 0.5).numpy())
    for z_i in z:
        best = scipy.optimize.minimize_scalar(lambda u, z_i=z_i: (u - z_i) ** 2 / 2 + 0.5 * abs(u)).x
        np.testing.assert_allclose(soft_threshold(np.array([z_i]), 0.5), best, atol=1e-6)


def test_threshold_gives_exact_zeros():
    assert soft_threshold(np.array([0.3, -0.3, 0.1]), 0.3).tolist() == [0, 0, 0]
