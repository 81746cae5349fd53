"""Next-token pairs: targets are inputs one token later."""

import numpy as np
import pytest

from mlref.errors import ShapeError
from mlref.language import next_token_pairs


def test_targets_are_one_token_later():
    ids = np.arange(10) ** 2
    inputs, targets = next_token_pairs(ids, 4)
    assert inputs.shape == targets.shape == (6, 4)
    for i in range(6):
        assert inputs[i].tolist() == ids[i : i + 4].tolist()
        assert targets[i].tolist() == ids[i + 1 : i + 5].tolist()


def test_no_pair_crosses_documents():
    inputs, targets = next_token_pairs([np.arange(5), np.arange(100, 104), np.array([7])], 3)
    assert inputs.tolist() == [[0, 1, 2], [1, 2, 3], [100, 101, 102]]
    assert targets.tolist() == [[1, 2, 3], [2, 3, 4], [101, 102, 103]]


def test_one_document_takes_no_memory():
    ids = np.arange(100)
    inputs, targets = next_token_pairs(ids, 10)
    assert np.shares_memory(inputs, ids)
    assert np.shares_memory(targets, ids)
    assert not inputs.flags.writeable


def test_the_shortest_document_gives_one_pair():
    inputs, targets = next_token_pairs(np.array([3, 4]), 1)
    assert inputs.tolist() == [[3]]
    assert targets.tolist() == [[4]]


def test_documents_that_are_too_short_are_named():
    with pytest.raises(ShapeError, match="no document has more than context_length = 3 tokens"):
        next_token_pairs([np.arange(3), np.arange(2)], 3)


def test_a_matrix_is_refused():
    with pytest.raises(ShapeError, match="ids must be 1-D"):
        next_token_pairs(np.ones((4, 4), dtype=int), 2)
