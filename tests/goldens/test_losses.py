"""Golden numbers of the lectures on losses: recomputed by hand, slides corrected."""

import numpy as np
import pytest

from mlref.losses import kl, multiclass_hinge, softmax, softmax_cross_entropy

# Rows are images whose right classes are cat, car and frog.
SCORES = np.array([[3.2, 5.1, -1.7], [1.3, 4.9, 2.0], [2.2, 2.5, -3.1]])
CLASSES = np.array([0, 1, 2])


def test_g01_hinge_losses_of_three_images():
    each = [multiclass_hinge(SCORES[i : i + 1], CLASSES[i : i + 1])[0] for i in range(3)]
    np.testing.assert_allclose(each, [2.9, 0.0, 12.9], rtol=1e-14, atol=1e-14)
    assert multiclass_hinge(SCORES, CLASSES)[0] == pytest.approx(5.266667, abs=5e-7)


def test_g02_squared_hinge_and_equal_scores():
    """and not the forms that count the right class, or divide by the number of classes"""
    each = [multiclass_hinge(SCORES[i : i + 1], CLASSES[i : i + 1], squared=True)[0] for i in range(3)]
    np.testing.assert_allclose(each, [8.41, 0.0, 83.25], rtol=1e-13, atol=1e-14)
    assert multiclass_hinge(SCORES, CLASSES, squared=True)[0] == pytest.approx(30.553333, abs=5e-7)
    assert multiclass_hinge(np.zeros((4, 3)), np.array([0, 1, 2, 0]))[0] == 2.0
    for wrong in (6.266667, 5.266667 / 2, 1.755556):
        assert multiclass_hinge(SCORES, CLASSES)[0] != pytest.approx(wrong, abs=1e-3)


def test_g03_softmax_of_one_image():
    """with the natural logarithm of the probability itself, not of 0.13, and not to base 10 (0.886)"""
    exponentials = np.exp(SCORES[0])
    np.testing.assert_allclose(exponentials, [24.532530, 164.021907, 0.182684], atol=5e-7)
    assert exponentials.sum() == pytest.approx(188.737121, abs=5e-7)
    np.testing.assert_allclose(softmax(SCORES[0]), [0.129983, 0.869050, 0.000968], atol=5e-7)
    assert softmax_cross_entropy(SCORES[:1], CLASSES[:1])[0] == pytest.approx(2.040355, abs=5e-7)


def test_g04_cross_entropy_of_three_images():
    each = [softmax_cross_entropy(SCORES[i : i + 1], CLASSES[i : i + 1])[0] for i in range(3)]
    np.testing.assert_allclose(each, [2.040355, 0.079132, 6.156477], atol=5e-7)
    assert softmax_cross_entropy(SCORES, CLASSES)[0] == pytest.approx(2.758655, abs=5e-7)


def test_g05_equal_scores_of_ten_classes():
    loss, _ = softmax_cross_entropy(np.full((3, 10), 7.0), np.array([0, 4, 9]))
    assert loss == pytest.approx(np.log(10), rel=1e-14)


def test_g06_is_no_distribution_until_it_is_renormalised():
    """nine numbers for ten entries, with the sum 1.01: only ratios can be used"""
    slide = np.array([0.5, *[0.01] * 6, 0.15, 0.3])
    assert slide.sum() == pytest.approx(1.01)
    target = np.eye(9)[0]
    assert kl(target, slide / slide.sum()) == pytest.approx(-np.log(0.5 / 1.01))
