"""Pruning: exactly as many weights as asked for, the smallest first."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.utils import prune

from mlref.efficiency import prune_magnitude, pruning_mask


def test_it_removes_what_torch_removes():
    W = np.random.default_rng(0).normal(size=(6, 5))
    layer = torch.nn.Linear(5, 6, dtype=torch.float64)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor(W))
    prune.l1_unstructured(layer, "weight", amount=11)
    np.testing.assert_array_equal(prune_magnitude(W, 11 / 30), layer.weight.detach())


@settings(max_examples=30, deadline=None)
@given(
    values=st.lists(st.integers(-2, 2), min_size=1, max_size=20), sparsity=st.floats(0, 1, allow_nan=False)
)
def test_sparsity_is_exact_with_ties_too(values, sparsity):
    W = np.array(values, dtype=float)
    mask = pruning_mask(W, sparsity)
    assert np.sum(~mask) == round(sparsity * W.size)
    if np.any(mask) and np.any(~mask):
        assert np.max(np.abs(W[~mask])) <= np.min(np.abs(W[mask]))


def test_of_equal_weights_the_first_go():
    assert pruning_mask(np.array([[1.0, -1.0], [1.0, -1.0]]), 0.75).tolist() == [
        [False, False],
        [False, True],
    ]


def test_what_stays_keeps_its_value(xp_backend):
    W = np.random.default_rng(1).normal(size=(4, 3))
    pruned = prune_magnitude(xp_backend.asarray(W), 0.5)
    expected = np.where(np.abs(W) >= np.sort(np.abs(W).ravel())[6], W, 0.0)
    xp_backend.check(pruned, expected)


@pytest.mark.parametrize(("sparsity", "kept"), [(0.0, 6), (1.0, 0)])
def test_nothing_and_everything(sparsity, kept):
    W = np.random.default_rng(2).normal(size=(2, 3))
    assert np.count_nonzero(prune_magnitude(W, sparsity)) == kept


@pytest.mark.parametrize("sparsity", [-0.1, 1.1, float("nan")])
def test_a_share_outside_is_refused(sparsity):
    with pytest.raises(ValueError, match="sparsity is"):
        prune_magnitude(np.ones(3), sparsity)
