"""Tokenizers: nothing is lost, and the merges are those of the definition."""

import itertools
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlref.language import BytePairTokenizer, CharTokenizer, bpe_decode, bpe_encode, bpe_train

TEXT = "the cat sat on the mat; the rat sat on the cat. aaaa aaaaa "


def simple_merge(ids, pair, new):
    merged, i = [], 0
    while i < len(ids):
        if tuple(ids[i : i + 2]) == pair:
            merged.append(new)
            i += 2
        else:
            merged.append(ids[i])
            i += 1
    return merged


def simple_train(text, n_merges):
    """The definition, token by token."""
    ids, merges = list(text.encode("utf-8")), []
    for i in range(n_merges):
        counts = Counter(itertools.pairwise(ids))
        if not counts or max(counts.values()) < 2:
            break
        pair = min(counts, key=lambda p: (-counts[p], p))
        merges.append(pair)
        ids = simple_merge(ids, pair, 256 + i)
    return merges, ids


def simple_encode(text, merges):
    """Again and again the merge that was learned first, until none is left."""
    ids, ranks = list(text.encode("utf-8")), {pair: i for i, pair in enumerate(merges)}
    while True:
        known = [pair for pair in itertools.pairwise(ids) if pair in ranks]
        if not known:
            return ids
        pair = min(known, key=ranks.get)
        ids = simple_merge(ids, pair, 256 + ranks[pair])


@settings(max_examples=40, deadline=None)
@given(text=st.text(alphabet="aab €😀", max_size=40), n_merges=st.integers(0, 12))
def test_merges_are_those_of_the_definition(text, n_merges):
    merges, ids = simple_train(text, n_merges)
    assert bpe_train(text, n_merges) == merges
    assert bpe_encode(text, merges).tolist() == ids


@settings(max_examples=40, deadline=None)
@given(text=st.text(max_size=40))
def test_no_text_loses_anything(text):
    merges = bpe_train(TEXT, 20)
    ids = bpe_encode(text, merges)
    assert bpe_decode(ids, merges) == text
    assert ids.size <= len(text.encode("utf-8"))
    assert ids.tolist() == simple_encode(text, merges)


def test_of_equally_frequent_pairs_the_smaller_comes_first():
    assert bpe_train("cdcd abab", 1) == [(ord("a"), ord("b"))]
    assert bpe_train("ba ba ca ca", 1) == [(ord("a"), ord(" "))]


def test_runs_are_merged_from_the_left():
    merges = [(97, 97)]
    assert bpe_encode("aaa", merges).tolist() == [256, 97]
    assert bpe_encode("aaaa b aaaaa", merges).tolist() == [256, 256, 32, 98, 32, 256, 256, 97]


def test_it_ends_when_no_pair_occurs_twice():
    assert bpe_train("abc", 10) == []
    assert bpe_train("", 10) == bpe_train("a", 10) == bpe_train("aa", 10) == []
    assert bpe_train("aaa", 10) == [(97, 97)]
    assert len(bpe_train("abab", 10)) == 1


def test_text_becomes_shorter():
    tokenizer = BytePairTokenizer(TEXT * 5, 30)
    assert tokenizer.n_tokens == 256 + len(tokenizer.merges) <= 286
    assert tokenizer.encode(TEXT).size < len(TEXT) / 2
    assert tokenizer.decode(tokenizer.encode(TEXT)) == TEXT


def test_bytes_that_are_no_text_are_replaced():
    assert bpe_decode([0xE2, 0x82], []) == "\N{REPLACEMENT CHARACTER}"


@settings(max_examples=30, deadline=None)
@given(text=st.text(min_size=1, max_size=40))
def test_characters_come_back(text):
    tokenizer = CharTokenizer(text)
    ids = tokenizer.encode(text)
    assert tokenizer.decode(ids) == text
    assert ids.shape == (len(text),)
    assert set(ids.tolist()) == set(range(tokenizer.n_tokens))


def test_tokens_of_characters_do_not_depend_on_the_order_of_the_text():
    assert CharTokenizer("cab").characters == CharTokenizer("bbac").characters == ["a", "b", "c"]


def test_an_unknown_character_is_named():
    with pytest.raises(ValueError, match="text holds 'z', which is not among the 3 characters"):
        CharTokenizer("abc").encode("a~z")


def test_tokens_are_whole_numbers_of_64_bits():
    assert CharTokenizer("ab").encode("").dtype == bpe_encode("ab", []).dtype == np.int64
