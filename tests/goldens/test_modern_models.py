"""Golden numbers of the catalogue on language models and adaptation: G37, G42; twins of unequal sizes."""

import numpy as np
import pytest

from mlref.autodiff import Tensor
from mlref.efficiency import LoRALinear, quantize_int8
from mlref.language import GPT, NGramModel, next_token_pairs
from mlref.nn import count_parameters
from mlref.nn.linear import MLP, Linear


@pytest.mark.parametrize(
    ("n_out", "n_in", "rank", "full", "trainable"),
    [(1024, 1024, 8, 1_048_576, 16_384), (300, 200, 5, 60_000, 2_500)],
)
def test_g37_trainable_numbers_of_a_low_rank_adaptation(n_out, n_in, rank, full, trainable):
    rng = np.random.default_rng(37)
    layer = Linear(n_in, n_out, bias=False, rng=rng)
    assert count_parameters(layer) == full
    assert count_parameters(LoRALinear(layer, rank, 1.0, rng=rng)) == trainable


def test_g37_as_a_share():
    assert 16_384 / 1_048_576 == 0.015625


@pytest.mark.parametrize(("sizes", "count"), [([2, 10, 1], 41), ([3, 10, 2], 62)])
def test_g42_parameters_of_a_small_network(sizes, count):
    assert count_parameters(MLP(sizes, rng=np.random.default_rng(42))) == count


def test_g42_a_context_window_holds_three_quarters_as_many_words():
    inputs, _ = next_token_pairs(np.zeros(4097, dtype=int), 4096)
    assert inputs.shape == (1, 4096)
    assert inputs.size * 0.75 == 3072


def test_g42_bytes_of_a_parameter():
    """70e9 parameters in 140 GB are half precision; in int8 they would take 70 GB."""
    assert np.dtype(np.float16).itemsize == 140e9 / 70e9
    q, _ = quantize_int8(np.ones(70, dtype=np.float16))
    assert q.nbytes == 70


def test_classes_of_next_token_prediction_are_the_vocabulary():
    """Equal logits cost ln V, whatever the text is: G05 for language."""
    model = GPT(50, context_length=4, d_model=8, n_heads=2, n_layers=1, rng=np.random.default_rng(5))
    model.head.weight = Tensor(np.zeros((50, 8)))
    ids = np.random.default_rng(6).integers(50, size=(3, 4))
    assert float(model.loss(ids, ids).data) == pytest.approx(np.log(50), rel=1e-12)
    untrained = NGramModel(50, 0, smoothing=1e9).fit(ids[0])
    assert untrained.cross_entropy(ids[1]) == pytest.approx(np.log(50), rel=1e-6)
