"""Batch normalisation of images: the formula, and torch's kernels behind the same layer."""

import numpy as np
import pytest
import torch

from mlref.arrays import to_numpy
from mlref.autodiff import Tensor, check_gradient
from mlref.errors import ShapeError
from mlref.nn.batch_norm2d import BatchNorm2d

IMAGES = np.random.default_rng(0).normal(3.0, 2.0, size=(4, 3, 5, 2))


def layers():
    ours, theirs = BatchNorm2d(3), torch.nn.BatchNorm2d(3).double()
    rng = np.random.default_rng(1)
    weight, bias = rng.normal(size=(2, 3))
    ours.weight.data, ours.bias.data = weight, bias
    theirs.load_state_dict(
        {**theirs.state_dict(), "weight": torch.tensor(weight), "bias": torch.tensor(bias)}
    )
    return ours, theirs


@pytest.mark.parametrize("training", [True, False])
def test_values_gradients_and_running_averages_match_torch(training, xp_backend):
    ours, theirs = layers()
    ours.to(xp_backend.asarray(IMAGES))
    for step in range(3):
        # The last one in evaluation, by what the first two have left behind.
        ours.train(training or step < 2)
        theirs.train(training or step < 2)
        x = IMAGES * (step + 1)
        their_x, our_x = torch.tensor(x, requires_grad=True), Tensor(xp_backend.asarray(x))
        expected, y = theirs(their_x), ours(our_x)
        xp_backend.check(y.data, expected.detach().numpy())
    upstream = np.random.default_rng(2).normal(size=IMAGES.shape)
    expected.backward(torch.tensor(upstream))
    y.backward(xp_backend.asarray(upstream))
    xp_backend.check(our_x.grad, their_x.grad.numpy(), atol=1e-11)
    for name in ("weight", "bias"):
        xp_backend.check(getattr(ours, name).grad, theirs.get_parameter(name).grad.numpy(), atol=1e-11)
    for name in ("running_mean", "running_var"):
        xp_backend.check(getattr(ours, name), theirs.get_buffer(name).numpy())


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("make", [np.asarray, torch.asarray])
def test_gradients_pass_the_gradient_check(training, make):
    layer, _ = layers()
    layer.train(training)
    layer.to(make(IMAGES))
    params = {"x": IMAGES, "weight": to_numpy(layer.weight.data), "bias": to_numpy(layer.bias.data)}
    upstream = make(np.random.default_rng(3).normal(size=IMAGES.shape))

    def value(params):
        layer.weight.data, layer.bias.data = make(params["weight"]), make(params["bias"])
        x = Tensor(make(params["x"]))
        return x, (layer(x) * upstream).sum()

    x, total = value(params)
    layer.zero_grad()
    total.backward()
    grads = {"x": x.grad, "weight": layer.weight.grad, "bias": layer.bias.grad}
    report = check_gradient(
        lambda params: float(value(params)[1].data),
        params,
        {name: to_numpy(grad) for name, grad in grads.items()},
    )
    assert report.verdict == "ok", report.message


def test_all_pixels_of_a_channel_count_alike(xp_backend):
    """not one mean for each pixel, as a batch of vectors would have"""
    y = BatchNorm2d(3).to(xp_backend.asarray(IMAGES))(Tensor(xp_backend.asarray(IMAGES)))
    values = to_numpy(y.data)
    np.testing.assert_allclose(values.mean(axis=(0, 2, 3)), 0, atol=1e-12)
    np.testing.assert_allclose(values.var(axis=(0, 2, 3)), 1, rtol=1e-4)
    assert abs(values.mean(axis=0)).max() > 0.1


def test_evaluation_leaves_the_running_averages_alone(xp_backend):
    layer = BatchNorm2d(3).to(xp_backend.asarray(IMAGES)).eval()
    layer(Tensor(xp_backend.asarray(IMAGES)))
    xp_backend.check(layer.running_mean, np.zeros(3))
    xp_backend.check(layer.running_var, np.ones(3))


@pytest.mark.parametrize("make", [np.ones, lambda shape: torch.ones(shape, dtype=torch.float64)])
def test_what_cannot_be_normalised_is_refused(make):
    layer = BatchNorm2d(3).to(make(()))
    with pytest.raises(ShapeError, match="at least two values"):
        layer(Tensor(make((1, 3, 1, 1))))
    for shape in ((4, 3), (4, 2, 5, 5)):
        with pytest.raises(ShapeError, match=r"it must be \(n_images, 3, height, width\)"):
            layer(Tensor(make(shape)))
