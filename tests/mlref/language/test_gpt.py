"""The next-token model: what it may see, how it is drawn from, and that it learns what can be learned."""

import numpy as np
import pytest
import torch

from mlref.arrays import to_numpy
from mlref.autodiff import check_gradient
from mlref.errors import ShapeError
from mlref.language import (
    GPT,
    generate,
    next_token_probabilities,
)
from mlref.losses import softmax
from mlref.nn import count_parameters


@pytest.fixture
def model():
    return GPT(7, context_length=6, d_model=8, n_heads=2, n_layers=2, rng=np.random.default_rng(0))


def test_future_edits_leave_past_outputs(model):
    ids = np.random.default_rng(1).integers(7, size=(3, 6))
    before = model(ids).data
    ids[:, 4:] = (ids[:, 4:] + 1) % 7
    after = model(ids).data
    np.testing.assert_allclose(before[:, :4], after[:, :4], rtol=1e-12)
    assert not np.allclose(before[:, 4:], after[:, 4:])


def test_positions_matter(model):
    assert not np.allclose(model(np.array([[1, 2, 3]])).data[0, 2], model(np.array([[2, 1, 3]])).data[0, 2])


def test_vectors_of_tokens_and_positions_start_small():
    model = GPT(50, 40, 32, 2, 1, rng=np.random.default_rng(14))
    for table in (model.tokens.weight, model.positions):
        assert table.data.std() == pytest.approx(0.1, rel=0.05)
        assert abs(table.data.mean()) < 0.01


def test_the_loss_is_the_mean_of_minus_log_probabilities(model):
    rng = np.random.default_rng(2)
    inputs, targets = rng.integers(7, size=(2, 5)), rng.integers(7, size=(2, 5))
    p = softmax(model(inputs).data)
    expected = -np.mean([np.log(p[i, j, targets[i, j]]) for i in range(2) for j in range(5)])
    assert float(model.loss(inputs, targets).data) == pytest.approx(expected, rel=1e-12)


def test_the_gradient_passes_the_checker():
    model = GPT(5, context_length=4, d_model=4, n_heads=2, n_layers=1, rng=np.random.default_rng(3))
    rng = np.random.default_rng(4)
    inputs, targets = rng.integers(5, size=(3, 4)), rng.integers(5, size=(3, 4))

    def loss(p):
        model.load_state_dict(p)
        return float(model.loss(inputs, targets).data)

    state = model.state_dict()
    model.loss(inputs, targets).backward()
    report = check_gradient(loss, state, {name: p.grad for name, p in model.named_parameters()})
    assert report.verdict == "ok", report.text


def test_its_parameters_are_counted():
    d, v, c = 8, 7, 6
    block = 4 * (d * d + d) + (d * 4 * d + 4 * d) + (4 * d * d + d) + 4 * d
    model = GPT(v, c, d, 2, 3, rng=np.random.default_rng(0))
    assert count_parameters(model) == v * d + c * d + 3 * block + 2 * d + d * v


def test_a_text_that_is_too_long_is_named(model):
    with pytest.raises(ShapeError, match="ids has 7 tokens in a sequence; the model sees 6 at most"):
        model(np.zeros((1, 7), dtype=int))


def test_it_runs_on_torch(model):
    ids = np.array([[1, 2, 3]])
    expected = model(ids).data
    model.to(torch.ones(1, dtype=torch.float64))
    loss = model.loss(ids, ids)
    loss.backward()
    np.testing.assert_allclose(to_numpy(model(ids).data), expected, rtol=1e-10)
    assert generate(model, ids, 2, rng=np.random.default_rng(0)).shape == (1, 5)


LOGITS = np.array([1.0, 3.0, 2.0, 3.0])


def test_temperature_one_is_the_softmax():
    np.testing.assert_allclose(next_token_probabilities(LOGITS), softmax(LOGITS))


def test_temperature_divides_the_logits():
    np.testing.assert_allclose(next_token_probabilities(LOGITS, 0.5), softmax(2 * LOGITS))


def test_top_k_leaves_exactly_k():
    assert next_token_probabilities(LOGITS, top_k=1).tolist() == [0.0, 1.0, 0.0, 0.0]
    np.testing.assert_allclose(next_token_probabilities(LOGITS, top_k=2), [0.0, 0.5, 0.0, 0.5])
    np.testing.assert_allclose(next_token_probabilities(LOGITS, top_k=9), softmax(LOGITS))


def test_temperature_zero_takes_the_first_of_the_likeliest():
    assert next_token_probabilities(LOGITS, temperature=0).tolist() == [0.0, 1.0, 0.0, 0.0]


@pytest.mark.parametrize("options", [{"temperature": -1.0}, {"temperature": np.inf}, {"top_k": 0}])
def test_settings_without_meaning_are_refused(options):
    with pytest.raises(ValueError, match=next(iter(options))):
        next_token_probabilities(LOGITS, **options)


def test_generating_draws_from_the_models_probabilities(model):
    start = np.tile([[1, 2, 6, 0]], (4000, 1))
    drawn = generate(model, start, 1, rng=np.random.default_rng(5))[:, -1]
    expected = softmax(model(start[:1]).data[0, -1])
    np.testing.assert_allclose(np.bincount(drawn, minlength=7) / 4000, expected, atol=0.03)


def test_generating_keeps_what_was_there_and_goes_beyond_the_context(model):
    start = np.array([[1, 2, 3], [4, 5, 6]])
    ids = generate(model, start, 10, top_k=3, rng=np.random.default_rng(6))
    assert ids.shape == (2, 13)
    assert np.array_equal(ids[:, :3], start)
    assert np.array_equal(ids, generate(model, start, 10, top_k=3, rng=np.random.default_rng(6)))


def test_greedy_continuations_are_the_likeliest(model):
    start = np.random.default_rng(13).integers(7, size=(20, 3))
    ids = generate(model, start, 3, temperature=0, rng=np.random.default_rng(7))
    for length in range(3, 6):
        expected = np.argmax(model(ids[:, :length]).data[:, -1], axis=1)
        assert ids[:, length].tolist() == expected.tolist()
        assert np.unique(expected).size > 1
