"""What generative networks are fed with: noise, and labels beside the features."""

import numpy as np
import pytest

from mlref.autodiff import Tensor
from mlref.generative.inputs import normal_noise, with_labels


def test_labels_become_one_hot_columns(xp_backend):
    x = np.random.default_rng(0).normal(size=(4, 2))
    labels = np.array([2, 0, 1, 2])
    inputs = with_labels(xp_backend.asarray(x), xp_backend.asarray(labels), 3)
    xp_backend.check(inputs.data, np.concat([x, np.eye(3)[labels]], axis=1))


def test_the_gradient_of_the_features_passes():
    x = Tensor(np.ones((2, 3)))
    upstream = np.random.default_rng(1).normal(size=(2, 5))
    with_labels(x, np.array([0, 1]), 2).backward(upstream)
    assert np.array_equal(x.grad, upstream[:, :3])


@pytest.mark.parametrize("label", [0, 2])
def test_all_labels_may_be_the_same(label):
    inputs = with_labels(np.zeros((3, 1)), np.full(3, label), 3).data
    assert np.array_equal(inputs[:, 1:], np.eye(3)[[label] * 3])


def test_without_labels_nothing_changes():
    x = np.ones((2, 2))
    assert with_labels(x, None, 0) is x


@pytest.mark.parametrize("label", [-1, 3])
def test_a_label_that_is_no_class_is_named(label):
    with pytest.raises(ValueError, match=f"labels holds {label} to {label}; classes are 0 to 2"):
        with_labels(np.ones((1, 1)), np.array([label]), 3)


def test_noise_is_the_same_in_every_library(xp_backend):
    like = xp_backend.asarray(np.ones(1, np.float32))
    noise = normal_noise((50, 40), np.random.default_rng(2), like)
    assert noise.dtype == like.dtype
    expected = np.random.default_rng(2).normal(size=(50, 40))
    xp_backend.check(noise, expected, rtol=1e-6)
    assert expected.std() == pytest.approx(1, abs=0.05)
