"""Schedules and clipping against torch."""

import numpy as np
import pytest
import torch

from mlref.autodiff import Tensor
from mlref.optim import (
    clip_by_norm,
    clip_grad_norm,
    cosine_annealing,
    exponential_decay,
    global_norm,
    inverse_time_decay,
    step_decay,
    warm_up,
)

torch_schedules = torch.optim.lr_scheduler


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (step_decay(0.5, 3, 0.2), lambda o: torch_schedules.StepLR(o, 3, 0.2)),
        (exponential_decay(0.5, 0.9), lambda o: torch_schedules.ExponentialLR(o, 0.9)),
        (cosine_annealing(0.5, 10, 0.01), lambda o: torch_schedules.CosineAnnealingLR(o, 10, 0.01)),
        (inverse_time_decay(0.5, 0.3), lambda o: torch_schedules.LambdaLR(o, lambda t: 1 / (1 + 0.3 * t))),
        (warm_up(0.5, 3), lambda o: torch_schedules.LinearLR(o, 0.25, 1.0, 3)),
    ],
)
def test_schedules_match_torch(ours, theirs):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.5)
    schedule = theirs(optimizer)
    for t in range(10):
        assert ours(t) == pytest.approx(optimizer.param_groups[0]["lr"], rel=1e-12)
        optimizer.step()
        schedule.step()


def test_a_schedule_after_warming_up_starts_from_its_own_beginning():
    schedule = warm_up(cosine_annealing(1.0, 10), 4)
    assert [schedule(t) for t in (4, 9, 14, 30)] == pytest.approx([1.0, 0.5, 0.0, 0.0])
    assert schedule(0) == pytest.approx(0.2)


@pytest.mark.parametrize("limit", [0.5, 100.0])
def test_clipping_matches_torch_on_every_library(xp_backend, limit):
    rng = np.random.default_rng(0)
    arrays = [rng.normal(size=(3, 2)), rng.normal(size=4), rng.normal(size=())]
    reference = [torch.zeros(array.shape, requires_grad=True) for array in arrays]
    for parameter, array in zip(reference, arrays, strict=True):
        parameter.grad = torch.tensor(array, dtype=torch.float32).double().float()
    norm = torch.nn.utils.clip_grad_norm_(reference, limit)
    given = [xp_backend.asarray(array) for array in arrays]
    clipped, before = clip_by_norm(given, limit)
    assert float(before) == pytest.approx(norm.item(), rel=1e-6)
    for result, parameter, untouched, array in zip(clipped, reference, given, arrays, strict=True):
        xp_backend.check(result, parameter.grad.numpy(), rtol=1e-5, atol=1e-6)
        xp_backend.check(untouched, array)


def test_gradients_of_tensors_are_clipped_together():
    tensors = [Tensor([0.0]), Tensor([0.0]), Tensor([0.0])]
    tensors[0].grad, tensors[2].grad = np.array([3.0]), np.array([4.0])
    assert float(clip_grad_norm(tensors, 1.0)) == 5.0
    assert float(global_norm([tensors[0].grad, tensors[2].grad])) == pytest.approx(1.0, rel=1e-6)
    assert tensors[1].grad is None


def test_zero_and_float32_gradients_survive_clipping():
    clipped, norm = clip_by_norm([np.zeros(3, dtype=np.float32)], 1.0)
    assert norm == 0.0
    assert clipped[0].dtype == np.float32
    assert not clipped[0].any()
