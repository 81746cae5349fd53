"""Convolution and convolutional networks beside torch, in float32."""

from __future__ import annotations

import numpy as np

from benchmarks.mlref.timing import Row


def both_directions(n, n_in, size, n_out):
    """A convolution with kernels of 3 by 3 and padding, forwards and backwards with all three gradients."""

    def prepare():
        import torch

        from mlref.nn.conv import conv2d, conv2d_backward

        rng = np.random.default_rng(0)
        shapes = ((n, n_in, size, size), (n_out, n_in, 3, 3), (n_out,), (n, n_out, size, size))
        x, w, b, upstream = (rng.normal(size=shape).astype(np.float32) for shape in shapes)
        theirs = [torch.tensor(array, requires_grad=True) for array in (x, w, b)]
        their_upstream = torch.tensor(upstream)

        def ours():
            return conv2d(x, w, b, padding=1), *conv2d_backward(upstream, x, w, padding=1)

        def peer():
            for tensor in theirs:
                tensor.grad = None
            y = torch.conv2d(*theirs, padding=1)
            y.backward(their_upstream)
            return y.detach(), *(tensor.grad for tensor in theirs)

        def check(ours, theirs):
            for mine, other in zip(ours, theirs, strict=True):
                np.testing.assert_allclose(mine, other, rtol=1e-3, atol=1e-4 * float(other.abs().max()))

        return ours, peer, check

    return prepare


def products(n, n_in, size, n_out):
    """Operations of the three matrix products."""
    return 3 * 2 * n * size**2 * 9 * n_in * n_out


def training_step(make_ours, make_theirs, image, batch, library):
    """A step of gradient descent, ours on arrays of numpy or of torch, theirs in torch."""

    def prepare():
        import torch

        from benchmarks import torch_networks
        from mlref.nn import models

        rng = np.random.default_rng(0)
        x, target = rng.normal(size=(batch, *image)).astype(np.float32), rng.integers(10, size=batch)
        their_x, their_target = torch.tensor(x), torch.tensor(target)
        network = make_ours(models)
        peer = torch_networks.copy_parameters(network.to(their_x), make_theirs(torch_networks))
        if library == "numpy":
            network.to(x)
        our_x, our_target = (x, target) if library == "numpy" else (their_x, their_target)
        our_step = torch_networks.our_step(network, lr=1e-3)
        their_step = torch_networks.their_step(peer, lr=1e-3)

        def check(ours, theirs):
            np.testing.assert_allclose(ours, theirs, rtol=1e-3)

        return lambda: our_step(our_x, our_target), lambda: their_step(their_x, their_target), check

    return prepare


def lenet(batch, library):
    rng = np.random.default_rng(0)
    return training_step(
        lambda ours: ours.LeNet(rng=rng), lambda theirs: theirs.lenet(), (1, 28, 28), batch, library
    )


def resnet8(batch, library):
    rng = np.random.default_rng(0)
    return training_step(
        lambda ours: ours.ResNet(rng=rng), lambda theirs: theirs.resnet(), (3, 32, 32), batch, library
    )


THIN, THICK = (64, 3, 32, 32), (64, 32, 16, 64)

ROWS = [
    Row(
        *("conv2d, both directions", "64 x 3 x 32 x 32 -> 32 channels, float32", "torch", 1.3),
        both_directions(*THIN),
        flops=products(*THIN),
    ),
    Row(
        *("conv2d, both directions", "64 x 32 x 16 x 16 -> 64 channels, float32", "torch", 2.8),
        both_directions(*THICK),
        flops=products(*THICK),
    ),
    Row("LeNet step, numpy", "batch 64", "torch", 1.6, lenet(64, "numpy")),
    Row("LeNet step, numpy", "batch 256", "torch", 1.6, lenet(256, "numpy")),
    Row("LeNet step, torch arrays", "batch 1", "torch", 1.0, lenet(1, "torch")),
    Row("LeNet step, torch arrays", "batch 64", "torch", 1.0, lenet(64, "torch")),
    Row("ResNet-8 step, torch arrays", "batch 1", "torch", 1.05, resnet8(1, "torch")),
    Row("ResNet-8 step, torch arrays", "batch 64", "torch", 1.05, resnet8(64, "torch")),
]
