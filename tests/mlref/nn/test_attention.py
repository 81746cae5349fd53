"""Attention: torch is the oracle; what masks and permutations must do is written out."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mlref.autodiff import Tensor, check_gradient
from mlref.errors import ShapeError
from mlref.nn.attention import (
    MultiheadAttention,
    attention,
    attention_backward,
    causal_mask,
    scaled_dot_product_attention,
)


def problem(seed=0, lead=(2,), n_queries=4, n_keys=5, d=3, d_values=6):
    rng = np.random.default_rng(seed)
    Q = rng.normal(size=(*lead, n_queries, d))
    K, V = rng.normal(size=(*lead, n_keys, d)), rng.normal(size=(*lead, n_keys, d_values))
    return Q, K, V, rng.normal(size=(*lead, n_queries, d_values))


def random_mask(shape, seed=1):
    """About half True, and at least one in each row."""
    rng = np.random.default_rng(seed)
    return (rng.random(shape) < 0.5) | (np.arange(shape[-1]) == rng.integers(shape[-1]))


def simple_attention(Q, K, V, mask):
    """The formula, one query at a time."""
    output = np.zeros((len(Q), V.shape[1]))
    for i, query in enumerate(Q):
        allowed = np.flatnonzero(mask[i])
        scores = np.exp([query @ K[j] / np.sqrt(Q.shape[1]) for j in allowed])
        for weight, j in zip(scores / scores.sum(), allowed, strict=True):
            output[i] += weight * V[j]
    return output


@pytest.mark.parametrize("is_masked", [False, True])
def test_output_and_gradients_are_torchs(is_masked):
    Q, K, V, upstream = problem()
    mask = random_mask((4, 5)) if is_masked else None
    q, k, v = (torch.tensor(array, requires_grad=True) for array in (Q, K, V))
    expected = torch.nn.functional.scaled_dot_product_attention(
        q, k, v, None if mask is None else torch.tensor(mask)
    )
    (expected * torch.tensor(upstream)).sum().backward()
    output, weights = attention(Q, K, V, mask)
    np.testing.assert_allclose(output, expected.detach(), rtol=1e-10)
    for ours, theirs in zip(attention_backward(upstream, Q, K, V, weights), (q, k, v), strict=True):
        np.testing.assert_allclose(ours, theirs.grad, rtol=1e-9, atol=1e-12)


def test_the_fast_form_is_the_slow_one():
    Q, K, V, _ = problem(lead=())
    mask = random_mask((4, 5))
    np.testing.assert_allclose(attention(Q, K, V, mask)[0], simple_attention(Q, K, V, mask), rtol=1e-12)


def test_gradients_pass_the_checker():
    Q, K, V, upstream = problem(seed=2)
    mask = random_mask((2, 4, 5))
    mask[0, 1] = False  # a query that may look at nothing
    _, weights = attention(Q, K, V, mask)
    dQ, dK, dV = attention_backward(upstream, Q, K, V, weights)
    report = check_gradient(
        lambda p: float(np.sum(attention(p["Q"], p["K"], p["V"], mask)[0] * upstream)),
        {"Q": Q, "K": K, "V": V},
        {"Q": dQ, "K": dK, "V": dV},
    )
    assert report.verdict == "ok", report.text


def test_every_array_library_attends_alike(xp_backend):
    Q, K, V, upstream = problem()
    mask = random_mask((4, 5))
    mask[2] = False
    here = [xp_backend.asarray(array) for array in (Q, K, V)]
    output, weights = attention(*here, xp_backend.asarray(mask))
    expected, expected_weights = attention(Q, K, V, mask)
    xp_backend.check(output, expected)
    gradients = attention_backward(xp_backend.asarray(upstream), *here, weights)
    for ours, theirs in zip(gradients, attention_backward(upstream, Q, K, V, expected_weights), strict=True):
        xp_backend.check(ours, theirs)
    xp_backend.check(causal_mask(3, like=here[0]), np.tril(np.ones((3, 3), dtype=bool)))


def test_a_query_that_may_look_at_nothing_gets_zeros():
    Q, K, V, upstream = problem(lead=())
    mask = np.ones((4, 5), dtype=bool)
    mask[1] = False
    output, weights = attention(Q, K, V, mask)
    assert not np.any(output[1])
    assert not np.any(weights[1])
    gradients = attention_backward(upstream, Q, K, V, weights)
    assert all(np.all(np.isfinite(gradient)) for gradient in gradients)
    assert not np.any(gradients[0][1])


def test_weights_are_shares():
    _, weights = attention(*problem(seed=3)[:3], random_mask((4, 5)))
    assert np.all(weights >= 0)
    np.testing.assert_allclose(weights.sum(axis=-1), 1, rtol=1e-12)


def test_the_causal_mask_hides_the_future():
    Q, K, V, _ = problem(n_queries=5)
    mask = causal_mask(5, like=Q)
    before, _ = attention(Q, K, V, mask)
    K[:, 3:] += 1.0
    V[:, 3:] -= 1.0
    after, _ = attention(Q, K, V, mask)
    assert np.array_equal(before[:, :3], after[:, :3])
    assert not np.allclose(before[:, 3:], after[:, 3:])


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_keys_have_no_order_without_a_mask(seed):
    Q, K, V, _ = problem(seed)
    order = np.random.default_rng(seed).permutation(5)
    np.testing.assert_allclose(attention(Q, K[:, order], V[:, order])[0], attention(Q, K, V)[0], rtol=1e-9)
    rows = np.random.default_rng(seed).permutation(4)
    np.testing.assert_allclose(attention(Q[:, rows], K, V)[0], attention(Q, K, V)[0][:, rows], rtol=1e-9)


def test_large_scores_do_not_overflow():
    Q, K, V, _ = problem(lead=())
    output, weights = attention(1e4 * Q, K, V)
    assert np.all(np.isfinite(output))
    np.testing.assert_allclose(weights.max(axis=1), 1)


def test_products_of_many_features_are_scaled_down():
    """With d features the scores have variance one, whatever d is."""
    rng = np.random.default_rng(4)
    Q, K = rng.normal(size=(200, 400)), rng.normal(size=(200, 400))
    scores = np.log(attention(Q, K, K)[1])
    spread = np.std(scores - scores.mean(axis=1, keepdims=True))
    assert spread == pytest.approx(1, rel=0.05)


def test_single_precision_stays():
    output, weights = attention(*(array.astype(np.float32) for array in problem()[:3]), random_mask((4, 5)))
    assert output.dtype == weights.dtype == np.float32


def test_tensors_get_the_gradients_of_the_arrays():
    Q, K, V, upstream = problem()
    q, k = Tensor(Q), Tensor(K)
    output = scaled_dot_product_attention(q, k, V)
    output.backward(upstream)
    dQ, dK, _ = attention_backward(upstream, Q, K, V, attention(Q, K, V)[1])
    np.testing.assert_allclose(q.grad, dQ)
    np.testing.assert_allclose(k.grad, dK)


def test_one_tensor_in_three_roles_gets_the_sum():
    x = Tensor(np.random.default_rng(5).normal(size=(2, 4, 3)))
    scaled_dot_product_attention(x, x, x).sum().backward()

    def loss(p):
        return float(np.sum(attention(p["x"], p["x"], p["x"])[0]))

    report = check_gradient(loss, {"x": x.data}, {"x": x.grad})
    assert report.verdict == "ok", report.text


def test_a_second_backward_pass_starts_anew():
    Q, K, V, upstream = problem()
    q = Tensor(Q)
    output = scaled_dot_product_attention(q, K, V)
    output.backward(upstream)
    once, q.grad = q.grad, None
    output.backward(3 * upstream)
    np.testing.assert_allclose(q.grad, 3 * once)


@pytest.fixture
def layer():
    return MultiheadAttention(6, 2, rng=np.random.default_rng(6))


def test_multi_head_attention_is_torchs(layer):
    state = {name: torch.tensor(value) for name, value in layer.state_dict().items()}
    oracle = torch.nn.MultiheadAttention(6, 2, batch_first=True).double()
    oracle.load_state_dict(
        {
            "in_proj_weight": torch.cat([state[f"{name}_proj.weight"] for name in "qkv"]),
            "in_proj_bias": torch.cat([state[f"{name}_proj.bias"] for name in "qkv"]),
            "out_proj.weight": state["out_proj.weight"],
            "out_proj.bias": state["out_proj.bias"],
        }
    )
    rng = np.random.default_rng(7)
    query, memory, mask = rng.normal(size=(3, 4, 6)), rng.normal(size=(3, 5, 6)), random_mask((4, 5))
    x, m = (torch.tensor(array, requires_grad=True) for array in (query, memory))
    # Torch's layer, unlike its function, takes True as "hidden".
    expected, _ = oracle(x, m, m, attn_mask=torch.tensor(~mask))
    expected.sum().backward()
    ours, ours_memory = Tensor(query), Tensor(memory)
    output = layer(ours, ours_memory, ours_memory, mask)
    output.sum().backward()
    np.testing.assert_allclose(output.data, expected.detach(), rtol=1e-10)
    np.testing.assert_allclose(ours.grad, x.grad, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(ours_memory.grad, m.grad, rtol=1e-9, atol=1e-12)
    in_proj = torch.cat([torch.tensor(getattr(layer, f"{name}_proj").weight.grad) for name in "qkv"])
    np.testing.assert_allclose(in_proj, oracle.in_proj_weight.grad, rtol=1e-9, atol=1e-12)


def test_a_mask_of_its_own_for_every_sequence(layer):
    x = np.random.default_rng(8).normal(size=(2, 4, 6))
    masks = random_mask((2, 1, 4, 4))
    together = layer(x, x, x, masks).data
    for i in range(2):
        alone = layer(x[i : i + 1], x[i : i + 1], x[i : i + 1], masks[i, 0]).data
        np.testing.assert_allclose(together[i], alone[0], rtol=1e-12)


def test_heads_must_divide_the_features():
    with pytest.raises(ValueError, match="embed_dim is 6; it must be a multiple of num_heads = 4"):
        MultiheadAttention(6, 4, rng=np.random.default_rng(0))


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        (((4, 3), (5, 2), (5, 6), None), "Q has 3 features but K has 2"),
        (((4, 3), (5, 3), (4, 6), None), "K has 5 rows but V has 4"),
        (((4, 3), (5, 3), (5, 6), (5, 4)), r"mask has shape \(5, 4\).*\(4, 5\)"),
    ],
)
def test_shapes_that_do_not_fit_are_named(shapes, message):
    *arrays, mask = shapes
    with pytest.raises(ShapeError, match=message):
        attention(*map(np.ones, arrays), None if mask is None else np.ones(mask, dtype=bool))
