"""Embeddings: rows of a table, and the sums of their gradients."""

import numpy as np
import pytest
import torch

from mlref.arrays import to_numpy
from mlref.autodiff import Tensor, check_gradient
from mlref.nn.embedding import Embedding, embedding, embedding_backward

IDS = np.array([[2, 0, 2], [4, 2, 0]])


def test_vectors_and_gradient_are_torchs():
    rng = np.random.default_rng(0)
    table, upstream = rng.normal(size=(5, 3)), rng.normal(size=(2, 3, 3))
    oracle = torch.tensor(table, requires_grad=True)
    expected = torch.nn.functional.embedding(torch.tensor(IDS), oracle)
    (expected * torch.tensor(upstream)).sum().backward()
    weight = Tensor(table)
    vectors = embedding(IDS, weight)
    vectors.backward(upstream)
    np.testing.assert_array_equal(vectors.data, expected.detach())
    np.testing.assert_allclose(weight.grad, oracle.grad, rtol=1e-12)


def test_the_gradient_passes_the_checker():
    rng = np.random.default_rng(1)
    table, upstream = rng.normal(size=(5, 3)), rng.normal(size=(2, 3, 3))
    report = check_gradient(
        lambda p: float(np.sum(embedding(IDS, p["table"]).data * upstream)),
        {"table": table},
        {"table": embedding_backward(upstream, IDS, 5)},
    )
    assert report.verdict == "ok", report.text


def test_every_array_library_gives_the_same(xp_backend):
    rng = np.random.default_rng(2)
    table, upstream = rng.normal(size=(5, 3)), rng.normal(size=(2, 3, 3))
    weight = Tensor(xp_backend.asarray(table))
    vectors = embedding(xp_backend.asarray(IDS), weight)
    vectors.backward(xp_backend.asarray(upstream))
    xp_backend.check(vectors.data, table[IDS])
    xp_backend.check(weight.grad, embedding_backward(upstream, IDS, 5))


def test_it_is_a_one_hot_matrix_times_the_table():
    table = np.random.default_rng(3).normal(size=(5, 3))
    np.testing.assert_allclose(embedding(IDS, table).data, np.eye(5)[IDS] @ table)


def test_a_text_of_one_token_only():
    table = np.random.default_rng(5).normal(size=(5, 3))
    for token in (0, 4):
        assert np.array_equal(embedding(np.array([token, token]), table).data, table[[token, token]])


def test_an_empty_text_has_no_vectors_and_no_gradient():
    weight = Tensor(np.ones((5, 3)))
    vectors = embedding(np.zeros((2, 0), dtype=int), weight)
    vectors.sum().backward()
    assert vectors.shape == (2, 0, 3)
    assert not np.any(weight.grad)


def test_tokens_that_do_not_occur_get_no_gradient():
    gradient = embedding_backward(np.ones((2, 3, 1)), IDS, 6)
    assert gradient.ravel().tolist() == [2.0, 0.0, 3.0, 0.0, 1.0, 0.0]


@pytest.mark.parametrize("ids", [[5], [-1]])
def test_an_id_outside_the_table_is_named(ids):
    layer = Embedding(5, 2, rng=np.random.default_rng(0))
    with pytest.raises(IndexError, match=rf"ids holds {ids[0]} to {ids[0]}; the table has rows 0 to 4"):
        layer(np.array(ids))


def test_a_layer_on_torch_takes_numpys_ids():
    layer = Embedding(5, 2, rng=np.random.default_rng(4))
    expected = layer(IDS).data
    vectors = layer.to(torch.ones(1, dtype=torch.float64))(IDS)
    np.testing.assert_array_equal(to_numpy(vectors.data), expected)
