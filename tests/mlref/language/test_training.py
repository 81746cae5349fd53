"""Training of language models: it comes down to what can be reached, and changes only what it may."""

import numpy as np
import pytest

from mlref.datasets import make_markov_text
from mlref.efficiency import add_lora, merge_lora
from mlref.language import (
    GPT,
    CharTokenizer,
    NGramModel,
    make_questions,
    make_stories,
    next_token_pairs,
    train_language_model,
)


def test_it_approaches_the_entropy_of_its_source():
    """No model can do better in expectation, and a model of single tokens does much worse."""
    rng = np.random.default_rng(8)
    text, _, entropy = make_markov_text(3000, rng)
    ids = CharTokenizer(text).encode(text)
    model = GPT(4, context_length=8, d_model=16, n_heads=2, n_layers=1, rng=rng).to(np.float32(0))
    losses = train_language_model(model, ids, n_steps=120, batch_size=32, lr=1e-2, rng=rng)
    assert losses[0] > entropy + 0.4
    assert entropy - 0.1 < np.mean(losses[-20:]) < entropy + 0.1
    assert NGramModel(4, 0).fit(ids).cross_entropy(ids) > entropy + 0.2


def test_fine_tuning_a_few_parameters_leaves_the_others():
    text = make_stories(50, np.random.default_rng(9))
    questions = make_questions(50, np.random.default_rng(10))
    tokenizer = CharTokenizer(text + questions)
    rng = np.random.default_rng(11)
    model = GPT(tokenizer.n_tokens, 16, 16, 2, 1, rng=rng).to(np.float32(0))
    first = train_language_model(model, tokenizer.encode(text), n_steps=60, rng=rng)
    assert np.mean(first[-5:]) < 0.8 * first[0]
    frozen = {name: value for name, value in model.state_dict().items() if "linear" in name}
    inputs, targets = next_token_pairs(tokenizer.encode(questions), 16)
    before = float(model.loss(inputs, targets).data)
    adapters = add_lora(model, 2, 4.0, rng=rng)
    assert float(model.loss(inputs, targets).data) == pytest.approx(before, rel=1e-5)
    questions = tokenizer.encode(questions)
    train_language_model(model, questions, n_steps=40, lr=2e-2, parameters=adapters, rng=rng)
    after = float(model.loss(inputs, targets).data)
    assert after < before - 0.2
    for name, value in frozen.items():
        assert np.array_equal(model.state_dict()[name], value)
    merge_lora(model)
    assert float(model.loss(inputs, targets).data) == pytest.approx(after, rel=1e-4)


def test_the_same_draws_give_the_same_model():
    ids = np.random.default_rng(15).integers(5, size=100)

    def trained():
        model = GPT(5, 4, 8, 2, 1, rng=np.random.default_rng(16))
        return train_language_model(model, ids, n_steps=5, rng=np.random.default_rng(17)), model.state_dict()

    (losses, state), (again, other) = trained(), trained()
    assert losses == again
    assert len(losses) == 5
    assert all(np.array_equal(state[name], other[name]) for name in state)


def test_dropout_is_off_after_training():
    model = GPT(5, 4, 8, 2, 1, dropout=0.5, rng=np.random.default_rng(18))
    ids = np.random.default_rng(19).integers(5, size=50)
    train_language_model(model, ids, n_steps=1, rng=np.random.default_rng(20))
    assert np.array_equal(model(ids[None, :4]).data, model(ids[None, :4]).data)


def test_no_steps_are_refused():
    model = GPT(5, 4, 8, 2, 1, rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match="n_steps is 0"):
        train_language_model(model, np.zeros(9, dtype=int), n_steps=0, rng=np.random.default_rng(0))
