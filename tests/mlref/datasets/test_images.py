"""Generators of small images."""

import numpy as np
import pytest

from mlref.datasets import make_shapes
from mlref.datasets.images import SHAPES
from mlref.neighbors import KNeighborsClassifier


def drawn(shape, seed=0, size=12):
    images, _ = make_shapes(8, np.random.default_rng(seed), size=size, shapes=(shape,), noise=0.0)
    return images[:, 0]


@pytest.mark.parametrize("size", [8, 12, 17])
def test_bars_have_their_direction_and_lie_within_the_image(size):
    length = 2 * (size // 4) + 1
    for image in drawn("horizontal", size=size):
        assert sorted(np.unique(image.sum(axis=1))) == [0, length]
        assert image.sum() == length
    for image in drawn("falling", size=size):
        down, right = np.nonzero(image)
        assert len(down) == length
        assert np.ptp(down - right) == 0


def test_shapes_are_mirror_images_or_sums_of_one_another():
    for seed in range(3):
        horizontal, vertical, cross = (drawn(shape, seed) for shape in ("horizontal", "vertical", "cross"))
        np.testing.assert_array_equal(cross, np.maximum(horizontal, vertical))
        for image in drawn("rising", seed):
            down, right = np.nonzero(image)
            assert np.ptp(down + right) == 0
    for image in drawn("blob"):
        down, right = np.nonzero(image)
        assert image.sum() == 29  # pixels within a distance of 3
        assert np.ptp(down) == np.ptp(right) == 6


def test_places_vary_and_classes_are_balanced():
    images, y = make_shapes(60, np.random.default_rng(1))
    assert images.shape == (60, 1, 12, 12)
    assert np.bincount(y).tolist() == [10] * len(SHAPES)
    centers = {tuple(np.argwhere(image > 0).mean(axis=0)) for image in drawn("blob")}
    assert len(centers) > 3


def test_pixels_have_the_noise_that_was_asked_for():
    noisy, y = make_shapes(300, np.random.default_rng(2), noise=0.2)
    clean, same = make_shapes(300, np.random.default_rng(2), noise=0.0)
    np.testing.assert_array_equal(y, same)
    assert np.std(noisy - clean) == pytest.approx(0.2, abs=0.005)


def test_shapes_can_be_told_apart():
    images, y = make_shapes(1500, np.random.default_rng(3))
    flat = images.reshape(1500, -1)
    model = KNeighborsClassifier(1).fit(flat[:1200], y[:1200])
    assert model.score(flat[1200:], y[1200:]) > 0.9


def test_bad_arguments_raise():
    rng = np.random.default_rng(4)
    with pytest.raises(ValueError, match="size is 7"):
        make_shapes(3, rng, size=7)
    with pytest.raises(ValueError, match="shape is 'star'"):
        make_shapes(3, rng, shapes=("star",))
