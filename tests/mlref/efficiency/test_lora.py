"""Low-rank adaptation: starts as nothing, merges into one matrix, and leaves the large one alone."""

import numpy as np
import pytest

from mlref.autodiff import Tensor, check_gradient
from mlref.efficiency import LoRALinear, add_lora, lora_forward, lora_merge, merge_lora
from mlref.errors import ShapeError
from mlref.nn import count_parameters
from mlref.nn.linear import MLP, Linear

RANK, N_IN, N_OUT, ALPHA = 2, 5, 4, 6.0


def problem(seed=0):
    rng = np.random.default_rng(seed)
    return (
        rng.normal(size=(3, N_IN)),
        rng.normal(size=(N_OUT, N_IN)),
        rng.normal(size=(RANK, N_IN)),
        rng.normal(size=(N_OUT, RANK)),
    )


def test_one_merged_matrix_does_the_same(xp_backend):
    x, W, A, B = problem()
    expected = x @ (W + ALPHA / RANK * B @ A).T
    here = [xp_backend.asarray(array) for array in (x, W, A, B)]
    xp_backend.check(lora_forward(*here, ALPHA), expected)
    xp_backend.check(here[0] @ lora_merge(*here[1:], ALPHA).T, expected)


def test_with_b_at_zero_nothing_changes():
    x, W, A, _ = problem()
    assert np.array_equal(lora_forward(x, W, A, np.zeros((N_OUT, RANK)), ALPHA), x @ W.T)


def test_the_correction_has_at_most_this_rank():
    _, W, A, B = problem()
    assert np.linalg.matrix_rank(lora_merge(W, A, B, ALPHA) - W) == RANK


def test_the_matrix_stays_as_it_is():
    x, W, A, B = problem()
    before = W.copy()
    lora_forward(x, W, A, B, ALPHA)
    lora_merge(W, A, B, ALPHA)
    assert np.array_equal(W, before)


def test_gradients_pass_the_checker():
    x, W, A, B = problem()
    a, b = Tensor(A), Tensor(B)
    upstream = np.random.default_rng(1).normal(size=(3, N_OUT))
    lora_forward(x, W, a, b, ALPHA).backward(upstream)
    report = check_gradient(
        lambda p: float(np.sum(lora_forward(x, W, p["A"], p["B"], ALPHA) * upstream)),
        {"A": A, "B": B},
        {"A": a.grad, "B": b.grad},
    )
    assert report.verdict == "ok", report.text


def test_a_layer_learns_only_the_thin_matrices():
    layer = Linear(N_IN, N_OUT, rng=np.random.default_rng(2))
    adapted = LoRALinear(layer, RANK, ALPHA, rng=np.random.default_rng(3))
    x = np.random.default_rng(4).normal(size=(3, N_IN))
    np.testing.assert_allclose(adapted(x).data, layer(x).data, rtol=1e-12)
    assert [name for name, _ in adapted.named_parameters()] == ["A", "B"]
    assert count_parameters(adapted) == RANK * (N_IN + N_OUT)
    assert set(adapted.state_dict()) == {"A", "B", "weight", "bias"}


@pytest.mark.parametrize("bias", [True, False])
def test_an_adapted_network_merges_back(bias):
    rng = np.random.default_rng(5)
    model = MLP([N_IN, 8, N_OUT], rng=rng)
    if not bias:
        model.layers[0] = Linear(N_IN, 8, bias=False, rng=rng)
    x = rng.normal(size=(3, N_IN))
    before = model(x).data
    adapters = add_lora(model, RANK, ALPHA, rng=rng)
    assert len(adapters) == 4
    assert {id(p) for p in model.parameters()} == {id(p) for p in adapters}
    np.testing.assert_allclose(model(x).data, before, rtol=1e-12)
    for adapter in adapters:
        adapter.data[...] = rng.normal(size=adapter.shape)
    changed = model(x).data
    assert not np.allclose(changed, before)
    merge_lora(model)
    assert all(not isinstance(layer, LoRALinear) for layer in model.layers)
    np.testing.assert_allclose(model(x).data, changed, rtol=1e-10)


def test_single_precision_stays():
    layer = Linear(N_IN, N_OUT, rng=np.random.default_rng(0)).to(np.float32(0))
    adapted = LoRALinear(layer, RANK, ALPHA, rng=np.random.default_rng(0))
    y = adapted(np.ones((3, N_IN), np.float32))
    y.sum().backward()
    assert y.data.dtype == adapted.B.grad.dtype == np.float32


@pytest.mark.parametrize("swap", ["A", "B", "both"])
def test_matrices_that_do_not_fit_are_named(swap):
    x, W, A, B = problem()
    A, B = (A.T if swap != "B" else A), (B.T if swap != "A" else B)
    with pytest.raises(ShapeError, match=r"they must be \(rank, 5\) and \(4, rank\)"):
        lora_forward(x, W, A, B, ALPHA)
    with pytest.raises(ShapeError, match=r"they must be \(rank, 5\) and \(4, rank\)"):
        lora_merge(W, A, B, ALPHA)


def test_a_starts_small_and_b_at_zero():
    layer = Linear(400, 30, bias=False, rng=np.random.default_rng(6))
    adapted = LoRALinear(layer, 1, ALPHA, rng=np.random.default_rng(7))
    assert adapted.A.data.std() == pytest.approx(1 / 20, rel=0.1)
    assert not np.any(adapted.B.data)
    assert not np.any(adapted.bias)


def test_a_rank_of_zero_is_refused():
    with pytest.raises(ValueError, match="rank is 0"):
        LoRALinear(Linear(2, 2, rng=np.random.default_rng(0)), 0, 1.0, rng=np.random.default_rng(0))
