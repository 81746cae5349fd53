"""The n-gram model: counts, and the entropy rate that it approaches."""

import numpy as np
import pytest

from mlref.datasets import make_markov_text
from mlref.errors import NotFittedError, ShapeError
from mlref.language import CharTokenizer, NGramModel


def simple_probability(ids, order, n_tokens, smoothing, context, token):
    """Counted with a loop."""
    followers = [ids[i + order] for i in range(len(ids) - order) if list(ids[i : i + order]) == list(context)]
    return (followers.count(token) + smoothing) / (len(followers) + smoothing * n_tokens)


@pytest.mark.parametrize("order", [0, 1, 2])
@pytest.mark.parametrize("smoothing", [0.5, 1.0])
def test_probabilities_are_smoothed_counts(order, smoothing):
    ids = np.random.default_rng(order).integers(3, size=200)
    model = NGramModel(3, order, smoothing).fit(ids)
    assert model.probabilities_.shape == (3**order, 3)
    np.testing.assert_allclose(model.probabilities_.sum(axis=1), 1, rtol=1e-12)
    for number in range(3**order):
        context = [number // 3**k % 3 for k in reversed(range(order))]
        for token in range(3):
            expected = simple_probability(ids.tolist(), order, 3, smoothing, context, token)
            assert model.probabilities_[number, token] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("order", [1, 2])
def test_it_approaches_the_entropy_of_the_source(order):
    """No model does better; one that looks back further gains nothing, one that looks back less loses."""
    text, transitions, entropy = make_markov_text(20_000, np.random.default_rng(order), order=order)
    ids = CharTokenizer(text).encode(text)
    train, test = ids[:10_000], ids[10_000:]
    model = NGramModel(4, order).fit(train)
    assert model.cross_entropy(test) == pytest.approx(entropy, abs=0.03)
    assert NGramModel(4, order + 1).fit(train).cross_entropy(test) == pytest.approx(entropy, abs=0.05)
    assert NGramModel(4, order - 1).fit(train).cross_entropy(test) > entropy + 0.1
    seen = model.counts_.sum(axis=1) > 500
    np.testing.assert_allclose(model.probabilities_[seen], transitions[seen], atol=0.05)


def test_maximum_likelihood_is_best_on_its_own_text():
    ids = np.random.default_rng(1).integers(4, size=300)
    exact = NGramModel(4, 1, smoothing=0.0).fit(ids).cross_entropy(ids)
    assert exact < NGramModel(4, 1, smoothing=1.0).fit(ids).cross_entropy(ids)


def test_a_context_that_was_never_seen_has_equal_probabilities():
    model = NGramModel(4, 1, smoothing=0.0).fit(np.array([0, 1, 0]))
    assert model.probabilities_[3].tolist() == [0.25] * 4


def test_a_context_that_was_seen_once_repeats_what_followed():
    assert NGramModel(2, 1, smoothing=0.0).fit(np.array([0, 1])).probabilities_[0].tolist() == [0.0, 1.0]


def test_the_impossible_costs_infinitely_much():
    model = NGramModel(2, 1, smoothing=0.0).fit(np.array([0, 1, 0, 1]))
    assert model.cross_entropy(np.array([0, 0])) == np.inf


def test_documents_are_counted_apart():
    model = NGramModel(2, 1, smoothing=0.0).fit([np.array([0, 0]), np.array([1, 1])])
    assert model.counts_.tolist() == [[1.0, 0.0], [0.0, 1.0]]


def test_samples_have_the_models_frequencies():
    model = NGramModel(3, 1, smoothing=0.0).fit(np.array([0, 1, 2, 0, 1, 1, 2, 0]))
    ids = model.sample(np.array([0]), 2000, np.random.default_rng(2))
    assert ids.shape == (2001,)
    again = NGramModel(3, 1, smoothing=0.0).fit(ids)
    np.testing.assert_allclose(again.probabilities_, model.probabilities_, atol=0.05)
    assert not np.any(again.counts_[model.counts_ == 0])


def test_an_unfitted_model_is_named():
    with pytest.raises(NotFittedError, match="not fitted"):
        NGramModel(2).cross_entropy(np.array([0, 1]))


def test_tokens_outside_the_vocabulary_are_named():
    with pytest.raises(ValueError, match="ids holds 0 to 2; tokens are 0 to 1"):
        NGramModel(2).fit(np.array([0, 2]))
    with pytest.raises(ValueError, match="ids holds -1 to 1"):
        NGramModel(2).fit(np.array([1, -1]))


def test_a_text_that_is_too_short_is_named():
    with pytest.raises(ShapeError, match="more than order = 2 tokens"):
        NGramModel(2, order=2).fit(np.array([0, 1]))
    model = NGramModel(2, order=2).fit(np.array([0, 1, 0]))
    with pytest.raises(ShapeError, match="start has 1 tokens"):
        model.sample(np.array([0]), 1, np.random.default_rng(0))


@pytest.mark.parametrize(
    "settings", [{"order": -1}, {"smoothing": -0.5}, {"smoothing": np.inf}, {"n_tokens": 0}]
)
def test_settings_without_meaning_are_named(settings):
    model = NGramModel(**{"n_tokens": 2, **settings})
    with pytest.raises(ValueError, match=next(iter(settings))):
        model.fit(np.array([0, 1, 0]))
