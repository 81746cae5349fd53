"""The transpose of a convolution."""

import numpy as np
import pytest
import torch

from mlref.autodiff import check_gradient
from mlref.errors import ShapeError
from mlref.nn.conv import conv_transpose2d, conv_transpose2d_backward

TRANSPOSED = {"plain": (1, 0, 0), "doubled": (2, 1, 1), "uneven": ((3, 1), (1, 0), (2, 0))}


@pytest.mark.parametrize("how", TRANSPOSED.values(), ids=TRANSPOSED)
def test_transposed_convolution_matches_torch(how, xp_backend):
    rng = np.random.default_rng(0)
    inputs = [rng.normal(size=s) for s in ((2, 4, 5, 6), (4, 3, 3, 4), (3,))]
    theirs = [torch.tensor(array, requires_grad=True) for array in inputs]
    expected = torch.conv_transpose2d(*theirs, *how)
    upstream = rng.normal(size=tuple(expected.shape))
    expected.backward(torch.tensor(upstream))
    x, w, b = map(xp_backend.asarray, inputs)
    xp_backend.check(conv_transpose2d(x, w, b, *how), expected.detach().numpy())
    gradients = conv_transpose2d_backward(xp_backend.asarray(upstream), x, w, *how[:2])
    for gradient, tensor in zip(gradients, theirs, strict=True):
        xp_backend.check(gradient, tensor.grad.numpy())


def test_gradients_of_the_transpose_pass_the_gradient_check():
    rng = np.random.default_rng(4)
    params = {"x": rng.normal(size=(2, 3, 4, 4)), "w": rng.normal(size=(3, 2, 3, 3)), "b": rng.normal(size=2)}
    upstream = rng.normal(size=conv_transpose2d(**params, stride=2, padding=1).shape)
    gradients = conv_transpose2d_backward(upstream, params["x"], params["w"], stride=2, padding=1)

    def f(params):
        return float(np.sum(conv_transpose2d(**params, stride=2, padding=1) * upstream))

    report = check_gradient(f, params, dict(zip("xwb", gradients, strict=True)))
    assert report.verdict == "ok", report.message


@pytest.mark.parametrize("make", [np.zeros, torch.zeros])
def test_the_transpose_refuses_what_no_convolution_gives(make):
    with pytest.raises(ShapeError, match="keep output_padding below stride"):
        conv_transpose2d(make((1, 2, 4, 4)), make((2, 1, 2, 2)), output_padding=1)
    with pytest.raises(ShapeError, match="lower padding"):
        conv_transpose2d(make((1, 2, 1, 1)), make((2, 1, 2, 2)), padding=2)
    with pytest.raises(ShapeError, match="in_channels"):
        conv_transpose2d(make((1, 2, 4, 4)), make((3, 1, 2, 2)))
