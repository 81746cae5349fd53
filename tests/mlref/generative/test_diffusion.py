"""Diffusion: the moments of the noisy data, and a network that finds its way back."""

import numpy as np
import pytest
import torch

from mlref.arrays import from_numpy
from mlref.autodiff import Tensor, check_gradient
from mlref.errors import ShapeError
from mlref.generative import (
    Denoiser,
    cosine_schedule,
    diffusion_forward,
    diffusion_loss,
    diffusion_sample,
    linear_schedule,
    signal_shares,
)
from mlref.optim import Adam

BETAS = linear_schedule(20, 0.01, 0.3)


def test_shares_are_the_products_of_all_factors_so_far():
    shares = signal_shares(BETAS)
    assert shares.shape == (21,)
    for t in range(21):
        assert shares[t] == pytest.approx(np.prod(1 - BETAS[:t]), rel=1e-12)


def test_a_jump_is_as_many_steps():
    """Step by step, the mean shrinks by the root of every factor, and the variances add up."""
    mean, variance = 1.5, 0.0
    for t, beta in enumerate(BETAS, start=1):
        mean, variance = np.sqrt(1 - beta) * mean, (1 - beta) * variance + beta
        x0, at = np.array([[1.5]]), np.array([t])
        assert diffusion_forward(x0, at, BETAS, np.zeros((1, 1))).item() == pytest.approx(mean, rel=1e-12)
        noise = diffusion_forward(0 * x0, at, BETAS, np.ones((1, 1))).item()
        assert noise**2 == pytest.approx(variance, rel=1e-12)


def test_data_of_variance_one_keep_it():
    rng = np.random.default_rng(0)
    x0, eps = rng.normal(size=(50_000, 1)), rng.normal(size=(50_000, 1))
    for t in (1, 7, 20):
        xt = diffusion_forward(x0, np.full(50_000, t), BETAS, eps)
        assert xt.var() == pytest.approx(1, abs=0.03)


def test_no_steps_leave_the_data_as_they_are():
    x0 = np.random.default_rng(1).normal(size=(3, 2, 2))
    assert np.array_equal(diffusion_forward(x0, np.zeros(3, dtype=int), BETAS, np.ones((3, 2, 2))), x0)


def test_every_array_library_gives_the_same(xp_backend):
    rng = np.random.default_rng(2)
    x0, eps, t = rng.normal(size=(4, 3)), rng.normal(size=(4, 3)), np.array([0, 1, 10, 20])
    xp_backend.check(
        diffusion_forward(*map(xp_backend.asarray, (x0, t, BETAS, eps))), diffusion_forward(x0, t, BETAS, eps)
    )


@pytest.mark.parametrize("schedule", [linear_schedule, cosine_schedule])
def test_schedules_end_in_noise(schedule):
    betas = schedule(1000)
    assert betas.shape == (1000,)
    assert np.all((betas > 0) & (betas < 1))
    assert np.all(np.diff(betas) >= 0)
    assert signal_shares(betas)[-1] < 1e-4


def test_the_cosine_schedule_has_the_shares_of_a_cosine():
    shares = signal_shares(cosine_schedule(100))
    t = np.arange(100) / 100
    expected = np.cos((t + 0.008) / 1.008 * np.pi / 2) ** 2
    np.testing.assert_allclose(shares[:100], expected / expected[0], rtol=1e-9)


def test_the_loss_is_one_for_a_network_that_sees_no_noise():
    x0 = np.zeros((20_000, 1))
    loss = diffusion_loss(lambda xt, t: Tensor(np.zeros_like(xt)), x0, BETAS, np.random.default_rng(3))
    assert float(loss.data) == pytest.approx(1, abs=0.05)


def test_the_loss_is_zero_for_a_network_that_knows_the_data():
    def knows(xt, t):
        return Tensor(xt / np.sqrt(1 - signal_shares(BETAS)[t])[:, None])

    loss = diffusion_loss(knows, np.zeros((50, 2)), BETAS, np.random.default_rng(4))
    assert float(loss.data) == pytest.approx(0, abs=1e-20)


def test_the_gradient_passes_the_checker():
    model = Denoiser(2, len(BETAS), 4, rng=np.random.default_rng(5))
    x0 = np.random.default_rng(6).normal(size=(8, 2))

    def loss(p):
        model.load_state_dict(p)
        return float(diffusion_loss(model, x0, BETAS, np.random.default_rng(7)).data)

    state = model.state_dict()
    diffusion_loss(model, x0, BETAS, np.random.default_rng(7)).backward()
    report = check_gradient(loss, state, {name: p.grad for name, p in model.named_parameters()})
    assert report.verdict == "ok", report.text


def test_with_perfect_knowledge_samples_have_the_distribution_of_the_data():
    """For normal data the noise to be expected in x_t is known exactly."""
    mean, sd, betas = 2.0, 0.5, linear_schedule(100, 1e-3, 0.1)
    shares = signal_shares(betas)

    def knows(xt, t):
        a = shares[t][:, None]
        expected_x0 = mean + np.sqrt(a) * sd**2 / (a * sd**2 + 1 - a) * (xt - np.sqrt(a) * mean)
        return Tensor((xt - np.sqrt(a) * expected_x0) / np.sqrt(1 - a))

    samples = diffusion_sample(knows, (20_000, 1), betas, np.random.default_rng(8))
    assert samples.mean() == pytest.approx(mean, abs=0.02)
    assert samples.std() == pytest.approx(sd, rel=0.05)


def test_the_last_step_adds_no_noise():
    """A network that knows the data to be one point leads there exactly."""

    def knows(xt, t):
        a = signal_shares(BETAS)[t][:, None]
        return Tensor((xt - np.sqrt(a) * 1.7) / np.sqrt(1 - a))

    samples = diffusion_sample(knows, (10, 1), BETAS, np.random.default_rng(16))
    np.testing.assert_allclose(samples, 1.7, rtol=1e-12)


def test_a_small_network_learns_two_heaps():
    rng = np.random.default_rng(9)
    x0 = np.where(rng.random((256, 1)) < 0.5, -1.0, 1.0) + 0.1 * rng.normal(size=(256, 1))
    betas = linear_schedule(30, 1e-3, 0.3)
    model = Denoiser(1, 30, 32, rng=rng)
    optimizer = Adam(model.parameters(), 1e-2)
    for step in range(600):
        optimizer.lr = 1e-2 * (1 - step / 600)
        model.zero_grad()
        diffusion_loss(model, x0, betas, rng).backward()
        optimizer.step()
    samples = diffusion_sample(model, (300, 1), betas, rng)
    assert np.mean(np.abs(np.abs(samples) - 1) < 0.3) > 0.9
    assert 0.3 < np.mean(samples > 0) < 0.7


def test_all_steps_can_be_kept():
    model = Denoiser(2, len(BETAS), 4, rng=np.random.default_rng(10))
    steps = diffusion_sample(model, (3, 2), BETAS, np.random.default_rng(11), keep_steps=True)
    assert steps.shape == (21, 3, 2)
    assert np.array_equal(steps[-1], diffusion_sample(model, (3, 2), BETAS, np.random.default_rng(11)))


def test_it_trains_and_draws_on_torch_alike():
    model = Denoiser(2, len(BETAS), 4, rng=np.random.default_rng(12))
    x0 = np.random.default_rng(13).normal(size=(5, 2))

    def loss_and_samples(like):
        data = from_numpy(x0, like)
        loss = diffusion_loss(model, data, BETAS, np.random.default_rng(14))
        loss.backward()
        samples = diffusion_sample(model, (3, 2), BETAS, np.random.default_rng(15), like=like)
        return float(loss.data), samples

    loss, samples = loss_and_samples(np.ones(1))
    there = torch.ones(1, dtype=torch.float64)
    model.to(there)
    torch_loss, torch_samples = loss_and_samples(there)
    assert torch_loss == pytest.approx(loss, rel=1e-10)
    np.testing.assert_allclose(torch_samples.numpy(), samples, rtol=1e-9)


def test_samples_keep_single_precision():
    model = Denoiser(2, len(BETAS), 4, rng=np.random.default_rng(0)).to(np.float32(0))
    samples = diffusion_sample(model, (3, 2), BETAS, np.random.default_rng(0), like=np.float32(0))
    assert samples.dtype == np.float32
    x0 = np.ones((4, 2), np.float32)
    assert diffusion_loss(model, x0, BETAS, np.random.default_rng(0)).data.dtype == np.float32


def test_shapes_that_do_not_fit_are_named():
    with pytest.raises(ShapeError, match="eps must be shaped as x0"):
        diffusion_forward(np.ones((2, 1)), np.array([1, 1]), BETAS, np.ones(2))
    with pytest.raises(ShapeError, match=r"t \(n_samples,\)"):
        diffusion_forward(np.ones((2, 1)), np.array([1]), BETAS, np.ones((2, 1)))


@pytest.mark.parametrize("t", [-1, 21])
def test_steps_that_there_are_not_are_named(t):
    with pytest.raises(ValueError, match=f"t holds {t} to {t}; it counts steps, from 0 to 20"):
        diffusion_forward(np.ones((1, 1)), np.array([t]), BETAS, np.ones((1, 1)))


@pytest.mark.parametrize("ends", [(0.0, 0.5), (0.3, 0.1), (0.1, 1.0)])
def test_variances_outside_are_refused(ends):
    with pytest.raises(ValueError, match="0 < start <= stop < 1"):
        linear_schedule(3, *ends)
