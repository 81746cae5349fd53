"""Texts and images as histograms: how often each word, or each colour, occurs."""

import numpy as np

from mlref.errors import ShapeError, check_count

__all__ = [
    "bag_of_words",
    "build_vocabulary",
    "color_histogram",
]


def build_vocabulary(documents, max_words=None):
    """Words of some documents, the most frequent first.

    Parameters
    ----------
    documents : iterable of iterable of str
        Each a sequence of words.
    max_words : int, optional
        How many to keep; all by default.

    Returns
    -------
    vocabulary : list of str
        Words of equal frequency in alphabetical order.

    Examples
    --------
    >>> build_vocabulary([["to", "be", "or"], ["not", "to", "be"]])
    ['be', 'to', 'not', 'or']
    """
    counts = {}
    for document in documents:
        for word in document:
            counts[word] = counts.get(word, 0) + 1
    ordered = sorted(counts, key=lambda word: (-counts[word], word))
    return ordered[:max_words]


def bag_of_words(tokens, vocabulary):
    """How often each word of a vocabulary occurs in one text.

    Parameters
    ----------
    tokens : iterable of str
        The words of the text. Those that the vocabulary does not hold are not counted.
    vocabulary : sequence of str
        Different words.

    Returns
    -------
    counts : array of shape (n_words,)
        int64, in the order of the vocabulary.

    Raises
    ------
    TypeError
        If tokens is one string: its letters would be counted.
    ValueError
        If the vocabulary holds a word twice.

    Examples
    --------
    >>> bag_of_words(["this", "is", "is", "new"], ["this", "that", "is"])
    array([1, 0, 2])
    """
    if isinstance(tokens, str):
        raise TypeError("tokens is one string; split it into words first, for example with tokens.split()")
    position = {word: i for i, word in enumerate(vocabulary)}
    if len(position) != len(vocabulary):
        raise ValueError("vocabulary holds the same word twice; every one needs its own place")
    found = [position[token] for token in tokens if token in position]
    return np.bincount(np.array(found, dtype=np.int64), minlength=len(vocabulary))


def color_histogram(image, bins, *, joint=False):
    """How many pixels of an image have which colour.

    Parameters
    ----------
    image : array of shape (height, width, 3)
        Red, green and blue as uint8, from 0 to 255.
    bins : int
        Into how many intervals of equal width the range from 0 to 256 is cut; from 1 to 256.
    joint : bool
        False counts every channel by itself, True the triples of intervals.

    Returns
    -------
    counts : array of shape (3 * bins,) or (bins, bins, bins)
        int64. The counts of red, then green, then blue; or those of (red, green, blue).

    Raises
    ------
    ShapeError
        If the image is not (height, width, 3).
    TypeError
        If it does not hold uint8.
    ValueError
        If bins is not a whole number from 1 to 256.

    Notes
    -----
    Numpy only. The interval of a value v is ``v * bins // 256``.

    References
    ----------
    Swain and Ballard (1991), Color indexing, *International Journal of Computer Vision* 7(1).

    Examples
    --------
    >>> color_histogram(np.array([[[255, 0, 0], [130, 0, 90]]], dtype=np.uint8), 2)
    array([0, 2, 2, 0, 2, 0])
    """
    image = np.asarray(image)
    if image.ndim != 3 or image.shape[2] != 3:
        raise ShapeError(f"image has shape {image.shape}; it must be (height, width, 3)")
    if image.dtype != np.uint8:
        raise TypeError(f"image has dtype {image.dtype}; it must be uint8, with values from 0 to 255")
    check_count(bins, "bins", maximum=256, limit="the number of different values")
    # In int64, because 255 * bins does not fit into uint8.
    interval = image.reshape(-1, 3).astype(np.int64) * bins // 256
    if joint:
        place = (interval[:, 0] * bins + interval[:, 1]) * bins + interval[:, 2]
        return np.bincount(place, minlength=bins**3).reshape(bins, bins, bins)
    return np.bincount((interval + bins * np.arange(3)).ravel(), minlength=3 * bins)
