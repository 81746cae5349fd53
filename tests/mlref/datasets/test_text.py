"""Generators of text."""

import numpy as np
import pytest

from mlref.datasets import make_markov_text


def counts_of_steps(text, order, alphabet):
    """How often each letter follows each past."""
    codes = [alphabet.index(letter) for letter in text]
    counts = np.zeros((len(alphabet) ** order, len(alphabet)))
    for t in range(order, len(codes)):
        past = 0
        for code in codes[t - order : t]:
            past = past * len(alphabet) + code
        counts[past, codes[t]] += 1
    return counts


@pytest.mark.parametrize(("order", "alphabet"), [(1, "abc"), (2, "ab"), (3, "ab")])
def test_letters_follow_with_their_chances(order, alphabet):
    text, transitions, _ = make_markov_text(
        20000, np.random.default_rng(order), order=order, alphabet=alphabet, concentration=2.0
    )
    counts = counts_of_steps(text, order, alphabet)
    visits = counts.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(transitions.sum(axis=1), 1)
    deviation = np.abs(counts / visits - transitions)
    assert np.all(deviation < 5 * np.sqrt(0.25 / visits))


@pytest.mark.parametrize("order", [1, 2])
def test_the_true_chances_reach_the_entropy_and_others_do_not(order):
    rng = np.random.default_rng(10 + order)
    text, transitions, entropy = make_markov_text(30000, rng, order=order, alphabet="abcd", concentration=1.0)
    counts = counts_of_steps(text, order, "abcd")
    chances = np.maximum(transitions, 1e-300)
    assert -np.sum(counts * np.log(chances)) / counts.sum() == pytest.approx(entropy, abs=0.03)
    blurred = 0.5 * transitions + 0.125
    assert -np.sum(counts * np.log(blurred)) / counts.sum() > entropy + 0.03


def test_concentration_goes_from_certain_to_equal():
    entropies = [
        make_markov_text(9, np.random.default_rng(5), alphabet="abcd", concentration=concentration)[2]
        for concentration in (0.01, 0.3, 1000.0)
    ]
    assert entropies == sorted(entropies)
    assert entropies[0] < 0.3
    assert entropies[-1] == pytest.approx(np.log(4), abs=0.01)


def test_one_letter_has_no_entropy():
    text, transitions, entropy = make_markov_text(4, np.random.default_rng(6), alphabet="a")
    assert (text, transitions.tolist(), entropy) == ("aaaa", [[1.0]], 0.0)


def test_bad_arguments_raise():
    rng = np.random.default_rng(7)
    for alphabet in ("", "aba"):
        with pytest.raises(ValueError, match="alphabet is"):
            make_markov_text(9, rng, alphabet=alphabet)
    with pytest.raises(ValueError, match="order is 0"):
        make_markov_text(9, rng, order=0)
