"""Windows as columns."""

import numpy as np
import pytest
import torch
from torch.nn.functional import fold, unfold

from mlref.nn.conv import col2im, im2col, pad_images

SETTINGS = [(2, 1, 0, 1), ((3, 2), (2, 1), (1, 0), (1, 2)), (3, 2, 2, 2)]


@pytest.mark.parametrize("how", SETTINGS)
def test_columns_match_torch(how, xp_backend):
    kernel, stride, padding, dilation = how
    x = np.random.default_rng(0).normal(size=(2, 3, 6, 7))
    expected = unfold(torch.tensor(x), kernel, dilation, padding, stride)
    xp_backend.check(im2col(xp_backend.asarray(x), *how), expected.numpy())
    columns = np.random.default_rng(1).normal(size=tuple(expected.shape))
    images = fold(torch.tensor(columns), (6, 7), kernel, dilation, padding, stride)
    xp_backend.check(col2im(xp_backend.asarray(columns), (6, 7), *how), images.numpy())


@pytest.mark.parametrize("how", SETTINGS)
def test_col2im_is_the_transpose_of_im2col(how):
    """<im2col(x), c> = <x, col2im(c)>"""
    rng = np.random.default_rng(2)
    x = rng.normal(size=(2, 3, 6, 7))
    columns = im2col(x, *how)
    c = rng.normal(size=columns.shape)
    assert np.sum(columns * c) == pytest.approx(np.sum(x * col2im(c, (6, 7), *how)), rel=1e-12)


def test_padding_holds_the_value_and_keeps_the_images():
    x = np.ones((1, 2, 2, 3))
    padded = pad_images(x, (1, 2), value=-np.inf)
    assert padded.shape == (1, 2, 4, 7)
    assert np.sum(padded == -np.inf) == padded.size - x.size
    np.testing.assert_array_equal(padded[:, :, 1:3, 2:5], x)
