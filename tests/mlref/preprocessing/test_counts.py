"""Bag of words and colour histogram."""

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer

from mlref.errors import ShapeError
from mlref.preprocessing import bag_of_words, build_vocabulary, color_histogram

TEXT = "the cat saw the other cat and the dog"


def test_bag_of_words_equals_scikit_learn():
    vectorizer = CountVectorizer().fit([TEXT])
    vocabulary = vectorizer.get_feature_names_out().tolist()
    expected = vectorizer.transform([TEXT]).toarray()[0]
    np.testing.assert_array_equal(bag_of_words(TEXT.split(), vocabulary), expected)


def test_counts_follow_the_order_of_the_vocabulary():
    assert bag_of_words(TEXT.split(), ["dog", "the", "bird"]).tolist() == [1, 3, 0]
    assert bag_of_words([], ["dog"]).tolist() == [0]


def test_the_order_of_words_does_not_matter():
    words = TEXT.split()
    vocabulary = build_vocabulary([words])
    np.testing.assert_array_equal(bag_of_words(words[::-1], vocabulary), bag_of_words(words, vocabulary))
    assert bag_of_words(words, vocabulary).sum() == len(words)


def test_the_vocabulary_holds_the_most_frequent_words():
    assert build_vocabulary([TEXT.split(), ["zebra", "cat"]], max_words=3) == ["cat", "the", "and"]


@pytest.mark.parametrize("bins", [1, 2, 3, 7, 100, 256])
def test_histogram_equals_numpy(bins):
    image = np.random.default_rng(bins).integers(0, 256, (9, 5, 3)).astype(np.uint8)
    edges = 256 * np.arange(bins + 1) / bins
    pixels = image.reshape(-1, 3).astype(float)
    expected = [np.histogram(pixels[:, channel], edges)[0] for channel in range(3)]
    np.testing.assert_array_equal(color_histogram(image, bins), np.concatenate(expected))
    if bins <= 7:
        expected = np.histogramdd(pixels, [edges] * 3)[0]
        np.testing.assert_array_equal(color_histogram(image, bins, joint=True), expected)


def test_every_pixel_is_counted_once_the_brightest_too():
    image = np.full((4, 5, 3), 255, dtype=np.uint8)
    assert color_histogram(image, 6).tolist() == ([0] * 5 + [20]) * 3
    assert color_histogram(image, 3, joint=True)[2, 2, 2] == 20
    # The sums over the other two channels are the histograms of one.
    image = np.random.default_rng(0).integers(0, 256, (8, 8, 3)).astype(np.uint8)
    joint = color_histogram(image, 4, joint=True)
    np.testing.assert_array_equal(joint.sum(axis=(1, 2)), color_histogram(image, 4)[:4])
    np.testing.assert_array_equal(joint.sum(axis=(0, 1)), color_histogram(image, 4)[8:])


def test_bad_arguments_raise():
    with pytest.raises(TypeError, match="tokens is one string"):
        bag_of_words("the cat", ["cat"])
    with pytest.raises(ValueError, match="same word twice"):
        bag_of_words(["cat"], ["cat", "cat"])
    with pytest.raises(ShapeError, match=r"image has shape \(2, 2\)"):
        color_histogram(np.zeros((2, 2), np.uint8), 4)
    with pytest.raises(TypeError, match="image has dtype float64"):
        color_histogram(np.zeros((2, 2, 3)), 4)
    for bins in (0, 257, 2.5):
        with pytest.raises(ValueError, match="bins is"):
            color_histogram(np.zeros((2, 2, 3), np.uint8), bins)
