"""Transformer blocks: torch is the oracle."""

import inspect
import re

import numpy as np
import pytest
import torch

import mlref.nn
from mlref.autodiff import Tensor, check_gradient
from mlref.losses import cross_entropy
from mlref.nn.attention import causal_mask
from mlref.nn.embedding import Embedding
from mlref.nn.joint import concat
from mlref.nn.linear import Linear
from mlref.nn.transformer import (
    Transformer,
    TransformerDecoderLayer,
    TransformerEncoderLayer,
    positional_encoding,
)
from mlref.optim import Adam

OPTIONS = {"dropout": 0.0, "batch_first": True, "norm_first": True, "dtype": torch.float64}


def as_torch(state):
    """Our names and arrays as torch's: the three projections lie in one matrix there."""
    renamed = {}
    for name, value in state.items():
        name = re.sub(r"^(encoder|decoder)\.(\d)", r"\1.layers.\2", name)
        name = re.sub(r"^(encoder|decoder)_norm", r"\1.norm", name)
        name = re.sub(r"[qkv]_proj\.", "in_proj_", name)
        renamed.setdefault(name, []).append(torch.tensor(value))
    return {name: torch.cat(parts) for name, parts in renamed.items()}


def check_against(layer, oracle, shapes, **masks):
    """Results and gradients of inputs and parameters agree with torch's."""
    rng = np.random.default_rng(1)
    arrays = [rng.normal(size=shape) for shape in shapes]
    ours = [Tensor(array) for array in arrays]
    theirs = [torch.tensor(array, requires_grad=True) for array in arrays]
    oracle.load_state_dict(as_torch(layer.state_dict()))
    output, expected = layer(*ours), oracle(*theirs, **masks)
    np.testing.assert_allclose(output.data, expected.detach(), rtol=1e-9, atol=1e-12)
    upstream = rng.normal(size=output.shape)
    output.backward(upstream)
    expected.backward(torch.tensor(upstream))
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a.grad, b.grad, rtol=1e-8, atol=1e-11)
    gradients = as_torch({name: parameter.grad for name, parameter in layer.named_parameters()})
    for name, parameter in oracle.named_parameters():
        np.testing.assert_allclose(gradients[name], parameter.grad, rtol=1e-8, atol=1e-11)


def test_an_encoder_block_is_torchs():
    layer = TransformerEncoderLayer(6, 2, 10, 0.0, rng=np.random.default_rng(0))
    check_against(layer, torch.nn.TransformerEncoderLayer(6, 2, 10, **OPTIONS), [(3, 4, 6)])


def test_a_decoder_block_is_torchs():
    layer = TransformerDecoderLayer(6, 2, 10, 0.0, rng=np.random.default_rng(0))
    check_against(layer, torch.nn.TransformerDecoderLayer(6, 2, 10, **OPTIONS), [(3, 4, 6), (3, 5, 6)])


@pytest.mark.filterwarnings("ignore:enable_nested_tensor")  # torch says which of its fast ways it leaves
def test_encoder_and_decoder_are_torchs():
    layer = Transformer(6, 2, 2, 1, 10, 0.0, rng=np.random.default_rng(0))
    oracle = torch.nn.Transformer(6, 2, 2, 1, 10, **OPTIONS)
    hidden = torch.nn.Transformer.generate_square_subsequent_mask(4, dtype=torch.float64)
    check_against(layer, oracle, [(3, 5, 6), (3, 4, 6)], tgt_mask=hidden)


@pytest.mark.parametrize("name", ["TransformerEncoderLayer", "TransformerDecoderLayer", "Transformer"])
def test_order_and_defaults_of_the_parameters_are_torchs(name):
    ours, theirs = (inspect.signature(getattr(module, name)).parameters for module in (mlref.nn, torch.nn))
    assert list(ours)[:-1] == list(theirs)[: len(ours) - 1]
    for parameter in ours.values():
        if parameter.default is not inspect.Parameter.empty:
            assert parameter.default == theirs[parameter.name].default


def test_the_decoder_does_not_see_what_follows():
    layer = Transformer(6, 2, 1, 2, 10, 0.0, rng=np.random.default_rng(2))
    rng = np.random.default_rng(3)
    src, tgt = rng.normal(size=(2, 5, 6)), rng.normal(size=(2, 4, 6))
    before = layer(Tensor(src), Tensor(tgt)).data
    tgt[:, 2:] = rng.normal(size=(2, 2, 6))
    after = layer(Tensor(src), Tensor(tgt)).data
    np.testing.assert_allclose(before[:, :2], after[:, :2], rtol=1e-12)
    assert not np.allclose(before[:, 2:], after[:, 2:])
    assert not np.allclose(before, layer(Tensor(src[:, ::-1] ** 2), Tensor(tgt)).data)


def test_an_encoder_without_positions_sees_a_set():
    layer = TransformerEncoderLayer(6, 2, 10, 0.0, rng=np.random.default_rng(4))
    x, order = np.random.default_rng(5).normal(size=(2, 4, 6)), [2, 0, 3, 1]
    np.testing.assert_allclose(layer(Tensor(x[:, order])).data, layer(Tensor(x)).data[:, order], rtol=1e-9)


def test_a_block_under_a_causal_mask_passes_the_checker():
    layer = TransformerEncoderLayer(4, 2, 6, 0.0, rng=np.random.default_rng(6))
    x, mask = np.random.default_rng(7).normal(size=(2, 3, 4)), causal_mask(3, like=np.ones(1))

    def loss(p):
        layer.load_state_dict({**state, **p})
        return float((layer(Tensor(x), mask) ** 2).sum().data)

    state = layer.state_dict()
    (layer(Tensor(x), mask) ** 2).sum().backward()
    grads = {name: parameter.grad for name, parameter in layer.named_parameters()}
    report = check_gradient(loss, state, grads)
    assert report.verdict == "ok", report.text


def test_dropout_is_drawn_in_training_only():
    layer = TransformerEncoderLayer(4, 2, 6, 0.5, rng=np.random.default_rng(8))
    x = Tensor(np.random.default_rng(9).normal(size=(2, 3, 4)))
    assert not np.array_equal(layer(x).data, layer(x).data)
    layer.eval()
    assert np.array_equal(layer(x).data, layer(x).data)


def test_single_precision_stays():
    layer = TransformerEncoderLayer(4, 2, 6, 0.5, rng=np.random.default_rng(0)).to(np.float32(0))
    y = layer(Tensor(np.ones((2, 3, 4), np.float32)))
    y.sum().backward()
    assert {y.data.dtype, *(p.grad.dtype for p in layer.parameters())} == {np.dtype(np.float32)}


def test_the_codes_of_positions_are_the_formula():
    encoding = positional_encoding(7, 6)
    for t in range(7):
        for i in range(3):
            angle = t / 10000 ** (2 * i / 6)
            np.testing.assert_allclose(encoding[t, 2 * i : 2 * i + 2], [np.sin(angle), np.cos(angle)])


def test_codes_take_the_place_and_precision_of_an_array(xp_backend):
    codes = positional_encoding(3, 4, like=xp_backend.asarray(np.ones(1, np.float32)))
    assert codes.dtype == xp_backend.asarray(np.ones(1, np.float32)).dtype
    xp_backend.check(codes, positional_encoding(3, 4), rtol=1e-6)


def test_codes_of_positions_know_distances_only():
    encoding = positional_encoding(50, 8)
    products = encoding @ encoding.T
    for k in (1, 5):
        np.testing.assert_allclose(np.diag(products, k), products[0, k], rtol=1e-10)


def test_an_odd_number_of_features_is_refused():
    with pytest.raises(ValueError, match="d_model is 5; it must be even"):
        positional_encoding(3, 5)


def test_joined_tensors_get_their_parts_of_the_gradient(xp_backend):
    rng = np.random.default_rng(10)
    arrays = [rng.normal(size=(2, n, 3)) for n in (1, 4, 2)]
    upstream = rng.normal(size=(2, 7, 3))
    a, b, c = (xp_backend.asarray(array) for array in arrays)
    a, c = Tensor(a), Tensor(c)
    joined = concat([a, b, c], axis=1)
    joined.backward(xp_backend.asarray(upstream))
    xp_backend.check(joined.data, np.concat(arrays, axis=1))
    xp_backend.check(a.grad, upstream[:, :1])
    xp_backend.check(c.grad, upstream[:, 5:])


def test_encoder_and_decoder_learn_to_reverse():
    """The decoder must find, for each position, the one of the source that it has to copy."""
    rng, length, n_tokens = np.random.default_rng(11), 4, 5
    model = Transformer(16, 2, 1, 1, 32, 0.0, rng=rng)
    source, target = Embedding(n_tokens, 16, rng=rng), Embedding(n_tokens + 1, 16, rng=rng)
    head, places = Linear(16, n_tokens, rng=rng), positional_encoding(length, 16)
    optimizer = Adam([p for part in (model, source, target, head) for p in part.parameters()], 1e-2)

    def logits(ids):
        shifted = np.concat([np.full((len(ids), 1), n_tokens), ids[:, :0:-1]], axis=1)
        return head(model(source(ids) + places, target(shifted) + places))

    for _ in range(150):
        ids = rng.integers(n_tokens, size=(32, length))
        optimizer.zero_grad()
        cross_entropy(logits(ids), ids[:, ::-1]).backward()
        optimizer.step()
    ids = rng.integers(n_tokens, size=(100, length))
    assert np.mean(np.argmax(logits(ids).data, axis=2) == ids[:, ::-1]) > 0.95


def test_tensors_are_joined_along_the_last_axis_unless_told_otherwise():
    a, b = np.ones((2, 3, 1)), np.zeros((2, 3, 4))
    assert np.array_equal(concat([Tensor(a), b]).data, np.concat([a, b], axis=2))
