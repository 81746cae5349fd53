"""Small texts: their entropy is that of their draws, and both tell of one world."""

import re

import numpy as np
import pytest

from mlref.language import make_questions, make_stories, stories_entropy


def test_stories_cost_what_their_draws_cost():
    """Coded word by word, a long text takes the entropy of its draws, divided by its characters."""
    text = make_stories(4000, np.random.default_rng(12))
    nats = 4000 * np.log(6 * 8 * 4)
    assert nats / len(text) == pytest.approx(stories_entropy(), rel=0.01)


def test_texts_come_from_their_generator_only():
    assert make_stories(5, np.random.default_rng(1)) == make_stories(5, np.random.default_rng(1))
    assert make_stories(5, np.random.default_rng(1)) != make_stories(5, np.random.default_rng(2))


def test_questions_have_the_answers_of_the_stories():
    stories, questions = (
        make_stories(300, np.random.default_rng(3)),
        make_questions(300, np.random.default_rng(4)),
    )
    homes = dict(re.findall(r"the \w+ (\w+) \w+s ([a-z ]+)\. ", stories))
    answers = dict(re.findall(r"where does the (\w+) \w+\? ([a-z ]+)! ", questions))
    assert len(homes) == 8
    assert answers == homes
