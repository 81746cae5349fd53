"""The tape beside torch's autograd and HIPS autograd: what one small operation costs."""

from __future__ import annotations

import numpy as np

from benchmarks.mlref.timing import Row

N_OPERATIONS = 1000


def chain(x):
    """A thousand operations on four numbers, one after the other."""
    for _ in range(N_OPERATIONS // 2):
        x = x * 1.001
        x = x + 0.1
    return x.sum()


def ours_over(make):
    """Forward and backward through the chain, on arrays of a library."""
    from mlref.autodiff import Tensor

    values = make(np.ones(4, dtype=np.float32))

    def run():
        x = Tensor(values)
        chain(x).backward()
        return np.asarray(x.grad)

    return run


def check(ours, theirs):
    """The same derivative."""
    np.testing.assert_allclose(ours, theirs, rtol=1e-4)


def beside_torch(library):
    """Against torch's eager mode; ours on arrays of numpy or of torch."""

    def prepare():
        import torch

        values = torch.ones(4)

        def theirs():
            x = values.clone().requires_grad_(True)
            chain(x).backward()
            return x.grad.numpy()

        if library == "numpy":
            return ours_over(np.asarray), theirs, check
        # The tape is our own, so that torch need not keep one too.
        return torch.inference_mode()(ours_over(torch.tensor)), theirs, check

    return prepare


def beside_hips():
    """Against HIPS autograd."""
    from autograd import grad

    gradient = grad(chain)
    values = np.ones(4, dtype=np.float32)
    return ours_over(np.asarray), lambda: gradient(values), check


ROWS = [
    Row("chain of 1000 operations", "4 floats, on numpy", "torch eager", 0.7, beside_torch("numpy")),
    Row("chain of 1000 operations", "4 floats, on torch", "torch eager", 0.83, beside_torch("torch")),
    Row("chain of 1000 operations", "4 floats, on numpy", "HIPS autograd", 0.5, beside_hips),
]
