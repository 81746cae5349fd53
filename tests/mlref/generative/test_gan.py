"""Adversarial networks: values at known points, signs and strengths of gradients, and a small game."""

import numpy as np
import pytest
import torch

from mlref.autodiff import check_gradient
from mlref.generative import GAN, gan_losses
from mlref.optim import Adam


def logits(seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=5), rng.normal(size=7)


@pytest.mark.parametrize("kind", ["minimax", "non-saturating"])
def test_losses_and_gradients_are_torchs(kind, xp_backend):
    real, fake = (torch.tensor(array, requires_grad=True) for array in logits())
    log, d_real, d_fake = torch.log, torch.sigmoid(real), torch.sigmoid(fake)
    discriminator = -log(d_real).mean() - log(1 - d_fake).mean()
    generator = log(1 - d_fake).mean() if kind == "minimax" else -log(d_fake).mean()
    expected = torch.autograd.grad(discriminator, (real, fake), retain_graph=True)
    expected_generator = torch.autograd.grad(generator, fake)[0]
    (d_loss, d_gradients), (g_loss, g_gradient) = gan_losses(*map(xp_backend.asarray, logits()), kind)
    assert float(d_loss) == pytest.approx(float(discriminator.detach()), rel=1e-10)
    assert float(g_loss) == pytest.approx(float(generator.detach()), rel=1e-10)
    for ours, theirs in zip((*d_gradients, g_gradient), (*expected, expected_generator), strict=True):
        xp_backend.check(ours, theirs, rtol=1e-9)


@pytest.mark.parametrize("kind", ["minimax", "non-saturating"])
def test_gradients_pass_the_checker(kind):
    real, fake = logits(1)
    (_, (d_real, d_fake)), (_, g_fake) = gan_losses(real, fake, kind)
    of_discriminator = check_gradient(
        lambda p: float(gan_losses(p["real"], p["fake"], kind)[0][0]),
        {"real": real, "fake": fake},
        {"real": d_real, "fake": d_fake},
    )
    of_generator = check_gradient(
        lambda p: float(gan_losses(real, p["fake"], kind)[1][0]), {"fake": fake}, {"fake": g_fake}
    )
    assert of_discriminator.verdict == of_generator.verdict == "ok"


def test_a_detective_who_cannot_tell_pays_twice_log_two():
    (discriminator, _), (minimax, _) = gan_losses(np.zeros(3), np.zeros(4), "minimax")
    _, (non_saturating, _) = gan_losses(np.zeros(3), np.zeros(4))
    assert float(discriminator) == pytest.approx(2 * np.log(2))
    assert float(minimax) == pytest.approx(-np.log(2))
    assert float(non_saturating) == pytest.approx(np.log(2))


@pytest.mark.parametrize("kind", ["minimax", "non-saturating"])
def test_the_forger_always_wants_higher_logits(kind):
    assert np.all(gan_losses(*logits(), kind)[1][1] < 0)


def test_a_forgery_found_out_still_teaches_without_saturation():
    found_out = np.full(1, -20.0)
    assert abs(gan_losses(found_out, found_out, "minimax")[1][1][0]) < 1e-8
    assert gan_losses(found_out, found_out)[1][1][0] == pytest.approx(-1)


def test_certainty_does_not_overflow():
    sure = np.array([1e4, -1e4])
    for kind in ("minimax", "non-saturating"):
        for loss, gradients in gan_losses(sure, sure, kind):
            assert np.isfinite(loss)
            assert np.all(np.isfinite(gradients))


def test_an_unknown_kind_is_named():
    with pytest.raises(ValueError, match="kind is 'hinge'; it must be one of 'non-saturating', 'minimax'"):
        gan_losses(np.zeros(1), np.zeros(1), "hinge")


def test_the_detectives_loss_does_not_reach_the_forger():
    model = GAN(2, 3, 8, rng=np.random.default_rng(0))
    model.discriminator_loss(np.ones((4, 2)), np.random.default_rng(1)).backward()
    assert all(p.grad is None for p in model.generator.parameters())
    assert all(p.grad is not None for p in model.discriminator.parameters())


@pytest.mark.parametrize("n_classes", [0, 2])
def test_the_whole_model_passes_the_checker(n_classes):
    model = GAN(2, 3, 4, n_classes, rng=np.random.default_rng(2))
    x = np.random.default_rng(3).normal(size=(6, 2))
    labels = np.arange(6) % 2 if n_classes else None

    def loss(p):
        model.load_state_dict({**state, **p})
        return float(model.generator_loss(6, np.random.default_rng(4), labels).data)

    state = model.state_dict()
    model.generator_loss(6, np.random.default_rng(4), labels).backward()
    grads = {name: p.grad for name, p in model.named_parameters()}
    report = check_gradient(loss, state, grads)
    assert report.verdict == "ok", report.text
    model.load_state_dict(state)
    assert np.isfinite(model.discriminator_loss(x, np.random.default_rng(5), labels).data)


def test_the_forgeries_move_to_where_the_samples_are():
    """Samples of both classes lie on opposite sides; the forger learns which side a label means."""
    rng = np.random.default_rng(6)
    labels = np.arange(64) % 2
    x = np.where(labels == 1, 2.0, -2.0)[:, None] + 0.3 * rng.normal(size=(64, 1))
    model = GAN(1, 2, 16, 2, rng=rng)
    detective, forger = Adam(model.discriminator.parameters(), 1e-2), Adam(model.generator.parameters(), 1e-2)
    for _ in range(150):
        for optimizer, loss in (
            (detective, lambda: model.discriminator_loss(x, rng, labels)),
            (forger, lambda: model.generator_loss(64, rng, labels)),
        ):
            model.zero_grad()
            loss().backward()
            optimizer.step()
    forged = model.sample(200, rng, np.arange(200) % 2)[:, 0]
    assert forged[1::2].mean() > 1
    assert forged[::2].mean() < -1


def test_samples_come_from_their_generator_only():
    model = GAN(2, 3, rng=np.random.default_rng(0))
    a, b, c = (model.sample(4, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(a, b)
    assert not np.array_equal(a, c)


def test_it_runs_on_torch_alike():
    model = GAN(2, 3, 8, 2, rng=np.random.default_rng(7))
    x, labels = np.random.default_rng(8).normal(size=(4, 2)), np.array([0, 1, 1, 0])

    def losses(data):
        rng = np.random.default_rng(9)
        pair = model.discriminator_loss(data, rng, labels), model.generator_loss(4, rng, labels)
        pair[1].backward()
        return [float(loss.data) for loss in pair]

    expected = losses(x)
    model.to(torch.ones(1, dtype=torch.float64))
    assert losses(torch.tensor(x)) == pytest.approx(expected, rel=1e-10)
