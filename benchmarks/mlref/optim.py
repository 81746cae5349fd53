"""Update rules beside torch's, on the parameters of a network of 784, 256 and 10 units."""

from __future__ import annotations

import numpy as np

from benchmarks.mlref.timing import Row

SHAPES = ((256, 784), (256,), (10, 256), (10,))


def step_of(name, library, **settings):
    """One step of a rule; ours on arrays of numpy or torch, theirs on torch's."""

    def prepare():
        import torch

        import mlref.optim
        from mlref.autodiff import Tensor

        rng = np.random.default_rng(0)
        values = [rng.normal(size=shape).astype(np.float32) for shape in SHAPES]
        gradients = [rng.normal(size=shape).astype(np.float32) for shape in SHAPES]
        make = np.array if library == "numpy" else torch.tensor
        tensors = [Tensor(make(value)) for value in values]
        theirs = [torch.tensor(value, requires_grad=True) for value in values]
        for tensor, parameter, gradient in zip(tensors, theirs, gradients, strict=True):
            tensor.grad, parameter.grad = make(gradient), torch.tensor(gradient)
        ours = getattr(mlref.optim, name)(tensors, **settings)
        peer = getattr(torch.optim, name)(theirs, **settings)

        def run_ours():
            ours.step()
            return tensors[0].data

        def run_theirs():
            peer.step()
            return theirs[0].detach()

        def check(result, expected):
            np.testing.assert_allclose(np.asarray(result), expected.numpy(), rtol=1e-5, atol=1e-6)

        return run_ours, run_theirs, check

    return prepare


ROWS = [
    Row("SGD, one step", "203530 parameters, float32, on numpy", "torch", 1.3, step_of("SGD", "numpy")),
    Row("SGD, one step", "203530 parameters, float32, on torch", "torch", 1.0, step_of("SGD", "torch")),
    Row("Adam, one step", "203530 parameters, float32, on numpy", "torch", 1.2, step_of("Adam", "numpy")),
    Row("Adam, one step", "203530 parameters, float32, on torch", "torch", 1.2, step_of("Adam", "torch")),
]
