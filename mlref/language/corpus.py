"""A small world to write about: texts whose best possible cross-entropy is known exactly."""

import math

__all__ = ["make_questions", "make_stories", "stories_entropy"]

ADJECTIVES = ("small", "old", "quiet", "hungry", "brown", "clever")
HOMES = {
    "fox": "in the forest",
    "duck": "on the pond",
    "mouse": "under the barn",
    "goat": "on the hill",
    "owl": "in the tower",
    "crab": "by the sea",
    "mole": "below the meadow",
    "cat": "beside the stove",
}
VERBS = ("sleep", "wait", "sing", "play")


def make_stories(n_sentences, rng):
    """Sentences about animals, each drawn by itself.

    Parameters
    ----------
    n_sentences : int
    rng : numpy.random.Generator

    Returns
    -------
    text : str
        An adjective, an animal, a verb, and the place where this animal lives.

    Examples
    --------
    >>> import numpy as np
    >>> make_stories(2, np.random.default_rng(0))
    'the clever crab sings by the sea. the old mouse sleeps under the barn. '
    """
    sentences = []
    for _ in range(n_sentences):
        adjective, animal, verb = (_draw(words, rng) for words in (ADJECTIVES, tuple(HOMES), VERBS))
        sentences.append(f"the {adjective} {animal} {verb}s {HOMES[animal]}. ")
    return "".join(sentences)


def make_questions(n_questions, rng):
    """Questions about the same animals, with answers: another text about the same world.

    Parameters
    ----------
    n_questions : int
    rng : numpy.random.Generator

    Returns
    -------
    text : str

    Examples
    --------
    >>> import numpy as np
    >>> make_questions(1, np.random.default_rng(0))
    'where does the mole sing? below the meadow! '
    """
    questions = []
    for _ in range(n_questions):
        animal, verb = _draw(tuple(HOMES), rng), _draw(VERBS, rng)
        questions.append(f"where does the {animal} {verb}? {HOMES[animal]}! ")
    return "".join(questions)


def stories_entropy():
    """What the best model of `make_stories` pays for a character.

    Returns
    -------
    entropy : float
        In nats per character, over long texts.

    Notes
    -----
    A sentence is three draws among equally likely words, ln(6 * 8 * 4) nats; all its other characters
    follow from these. Divided by the mean length of a sentence this is the entropy rate.

    Examples
    --------
    >>> round(stories_entropy(), 4)
    0.1466
    """

    def mean_length(words):
        return sum(map(len, words)) / len(words)

    places = [animal + place for animal, place in HOMES.items()]
    length = len("the   s . ") + mean_length(ADJECTIVES) + mean_length(places) + mean_length(VERBS)
    return math.log(len(ADJECTIVES) * len(HOMES) * len(VERBS)) / length


def _draw(words, rng):
    return words[rng.integers(len(words))]
