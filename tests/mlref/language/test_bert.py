"""The gap-filling model: what is hidden, what it sees, and that it uses both sides."""

import re

import numpy as np
import pytest

from mlref.autodiff import check_gradient
from mlref.language import BERT, mask_tokens
from mlref.losses import softmax
from mlref.optim import Adam


def test_hidden_tokens_meet_their_three_fates():
    ids = np.full((400, 100), 3)
    inputs, is_hidden = mask_tokens(ids, 9, 9, np.random.default_rng(0), share=0.3)
    assert np.mean(is_hidden) == pytest.approx(0.3, abs=0.01)
    assert np.array_equal(inputs[~is_hidden], ids[~is_hidden])
    fates = np.bincount(inputs[is_hidden], minlength=10) / is_hidden.sum()
    assert fates[9] == pytest.approx(0.8, abs=0.02)
    # One in ten keeps its token; of the random ones every ninth has it by chance.
    assert fates[3] == pytest.approx(0.1 + 0.1 / 9, abs=0.02)
    np.testing.assert_allclose(np.delete(fates, [3, 9]), 0.1 / 9, atol=0.005)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_nothing_and_everything(share):
    _, is_hidden = mask_tokens(np.zeros((5, 5), dtype=int), 1, 1, np.random.default_rng(0), share)
    assert np.all(is_hidden == (share == 1.0))


def test_the_text_itself_stays():
    ids = np.arange(20).reshape(2, 10)
    mask_tokens(ids, 20, 20, np.random.default_rng(1), 0.9)
    assert np.array_equal(ids, np.arange(20).reshape(2, 10))


@pytest.mark.parametrize("share", [-0.5, 1.5])
def test_a_share_outside_is_refused(share):
    with pytest.raises(ValueError, match=re.escape(f"share is {share}")):
        mask_tokens(np.zeros((1, 1), dtype=int), 1, 1, np.random.default_rng(0), share)


def test_fifteen_percent_are_hidden_unless_told_otherwise():
    _, is_hidden = mask_tokens(np.zeros((200, 100), dtype=int), 1, 1, np.random.default_rng(8))
    assert np.mean(is_hidden) == pytest.approx(0.15, abs=0.01)


def test_every_position_sees_both_sides():
    model = BERT(6, context_length=5, d_model=8, n_heads=2, n_layers=1, rng=np.random.default_rng(2))
    ids = np.array([[0, 1, 2, 3, 4]])
    for changed in range(5):
        other = ids.copy()
        other[0, changed] = 5
        difference = np.abs(model(other).data - model(ids).data).max(axis=2)[0]
        assert np.all(difference > 1e-6)


def test_the_loss_is_a_mean_over_hidden_tokens_only():
    model = BERT(6, context_length=5, d_model=8, n_heads=2, n_layers=1, rng=np.random.default_rng(3))
    rng = np.random.default_rng(4)
    targets = rng.integers(5, size=(3, 5))
    inputs, is_hidden = mask_tokens(targets, 5, 5, rng, 0.4)
    p = softmax(model(inputs).data)
    rows, columns = np.nonzero(is_hidden)
    expected = -np.mean(np.log(p[rows, columns, targets[rows, columns]]))
    assert float(model.loss(inputs, targets, is_hidden).data) == pytest.approx(expected, rel=1e-12)


def test_the_gradient_passes_the_checker():
    model = BERT(5, context_length=4, d_model=4, n_heads=2, n_layers=1, rng=np.random.default_rng(5))
    rng = np.random.default_rng(6)
    targets = rng.integers(4, size=(3, 4))
    inputs, is_hidden = mask_tokens(targets, 4, 4, rng, 0.5)

    def loss(p):
        model.load_state_dict(p)
        return float(model.loss(inputs, targets, is_hidden).data)

    state = model.state_dict()
    model.loss(inputs, targets, is_hidden).backward()
    report = check_gradient(loss, state, {name: p.grad for name, p in model.named_parameters()})
    assert report.verdict == "ok", report.text


def test_it_fills_a_gap_from_what_follows():
    """In a text of pairs a, a + 3 the first of a pair is known from the second, and from nothing before."""
    rng = np.random.default_rng(7)
    model = BERT(7, context_length=2, d_model=16, n_heads=2, n_layers=1, rng=rng).to(np.float32(0))
    optimizer = Adam(model.parameters(), 1e-2)
    for _ in range(120):
        first = rng.integers(3, size=32)
        targets = np.stack([first, first + 3], axis=1)
        inputs, is_hidden = targets.copy(), np.zeros((32, 2), dtype=bool)
        inputs[:, 0], is_hidden[:, 0] = 6, True
        model.zero_grad()
        model.loss(inputs, targets, is_hidden).backward()
        optimizer.step()
    filled = np.argmax(model(np.array([[6, 3], [6, 4], [6, 5]])).data[:, 0], axis=1)
    assert filled.tolist() == [0, 1, 2]
