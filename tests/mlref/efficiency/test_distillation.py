"""Distillation: zero for a student that agrees, and as strong at every temperature."""

import numpy as np
import pytest
import torch

from mlref.autodiff import Tensor, check_gradient
from mlref.efficiency import distill_loss, distillation_loss


def problem(seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(5, 4)), rng.normal(size=(5, 4))


@pytest.mark.parametrize("temperature", [0.5, 1.0, 4.0])
def test_loss_and_gradient_are_torchs(temperature, xp_backend):
    student, teacher = problem()
    z = torch.tensor(student, requires_grad=True)
    log_student = torch.log_softmax(z / temperature, dim=1)
    soft = torch.softmax(torch.tensor(teacher) / temperature, dim=1)
    expected = temperature**2 * torch.nn.functional.kl_div(log_student, soft, reduction="batchmean")
    expected.backward()
    loss, gradient = distill_loss(xp_backend.asarray(student), xp_backend.asarray(teacher), temperature)
    assert float(loss) == pytest.approx(float(expected.detach()), rel=1e-10)
    xp_backend.check(gradient, z.grad, rtol=1e-9)


def test_the_gradient_passes_the_checker():
    student, teacher = problem(1)
    _, gradient = distill_loss(student, teacher, 3.0)
    report = check_gradient(
        lambda p: float(distill_loss(p["z"], teacher, 3.0)[0]), {"z": student}, {"z": gradient}
    )
    assert report.verdict == "ok", report.text


def test_a_student_that_agrees_has_nothing_to_learn():
    _, teacher = problem()
    loss, gradient = distill_loss(teacher + 7.0, teacher, 2.0)
    assert float(loss) == pytest.approx(0, abs=1e-12)
    np.testing.assert_allclose(gradient, 0, atol=1e-12)


def test_the_size_of_the_gradient_hardly_depends_on_a_high_temperature():
    """Its limit is the difference of the centred logits, divided by classes and rows."""
    student, teacher = problem()
    _, gradient = distill_loss(student, teacher, 1e4)
    difference = student - teacher
    limit = (difference - difference.mean(axis=1, keepdims=True)) / (4 * 5)
    np.testing.assert_allclose(gradient, limit, rtol=1e-2, atol=1e-4)


def test_a_tensor_gets_the_same_gradient():
    student, teacher = problem()
    z = Tensor(student)
    distillation_loss(z, Tensor(teacher), 2.0).backward()
    np.testing.assert_array_equal(z.grad, distill_loss(student, teacher, 2.0)[1])


def test_a_temperature_of_zero_is_refused():
    with pytest.raises(ValueError, match="temperature is 0"):
        distill_loss(*problem(), 0)
