"""Autoencoders: the evidence bound against torch, and what the latent space must be good for."""

import numpy as np
import pytest
import torch

from mlref.arrays import to_numpy
from mlref.autodiff import Tensor, check_gradient
from mlref.errors import ShapeError
from mlref.generative import VAE, Autoencoder, gaussian_kl, reparameterize, vae_loss
from mlref.optim import Adam


def problem(seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(5, 2)), rng.normal(size=(5, 2)), rng.normal(size=(5, 4)), rng.normal(size=(5, 4))


def test_the_divergence_is_torchs(xp_backend):
    mu, logvar, *_ = problem()
    normal = torch.distributions.Normal
    given = normal(torch.tensor(mu), torch.exp(torch.tensor(logvar) / 2))
    expected = torch.distributions.kl_divergence(given, normal(0.0, 1.0)).sum(dim=1)
    xp_backend.check(gaussian_kl(xp_backend.asarray(mu), xp_backend.asarray(logvar)), expected, rtol=1e-10)


def test_the_divergence_is_zero_for_the_standard_normal_only():
    assert gaussian_kl(np.zeros((1, 3)), np.zeros((1, 3))).tolist() == [0.0]
    mu, logvar, *_ = problem()
    assert np.all(gaussian_kl(mu, logvar) > 0)


def test_the_divergence_is_the_mean_of_log_ratios():
    rng = np.random.default_rng(1)
    mu, logvar = 0.7, -0.4
    z = mu + np.exp(logvar / 2) * rng.normal(size=200_000)
    log_ratio = -0.5 * (logvar + (z - mu) ** 2 / np.exp(logvar)) + 0.5 * z**2
    assert gaussian_kl(np.array([[mu]]), np.array([[logvar]]))[0] == pytest.approx(log_ratio.mean(), abs=0.01)


@pytest.mark.parametrize("beta", [1.0, 0.3])
def test_loss_and_gradients_are_torchs(beta, xp_backend):
    arrays = problem()
    mu, logvar, x, x_hat = (torch.tensor(array, requires_grad=True) for array in arrays)
    divergence = -0.5 * (1 + logvar - mu**2 - logvar.exp()).sum()
    expected = (0.5 * ((x_hat - x) ** 2).sum() + beta * divergence) / 5
    expected.backward()
    loss, gradients = vae_loss(*map(xp_backend.asarray, arrays), beta)
    assert float(loss) == pytest.approx(float(expected.detach()), rel=1e-12)
    for ours, theirs in zip(gradients, (mu, logvar, x_hat), strict=True):
        xp_backend.check(ours, theirs.grad, rtol=1e-10)


def test_the_divergence_counts_fully_unless_told_otherwise():
    assert vae_loss(*problem())[0] == vae_loss(*problem(), beta=1.0)[0] != vae_loss(*problem(), beta=0.9)[0]


def test_gradients_pass_the_checker():
    mu, logvar, x, x_hat = problem(1)
    _, gradients = vae_loss(mu, logvar, x, x_hat, 0.5)
    report = check_gradient(
        lambda p: float(vae_loss(p["mu"], p["logvar"], x, p["x_hat"], 0.5)[0]),
        {"mu": mu, "logvar": logvar, "x_hat": x_hat},
        dict(zip(("mu", "logvar", "x_hat"), gradients, strict=True)),
    )
    assert report.verdict == "ok", report.text


def test_a_draw_has_the_gradient_of_its_formula():
    mu, logvar, *_ = problem(2)
    rng = np.random.default_rng(3)
    eps, upstream = rng.normal(size=(5, 2)), rng.normal(size=(5, 2))
    m, v = Tensor(mu), Tensor(logvar)
    reparameterize(m, v, eps).backward(upstream)
    report = check_gradient(
        lambda p: float(np.sum((p["mu"] + np.exp(p["logvar"] / 2) * eps) * upstream)),
        {"mu": mu, "logvar": logvar},
        {"mu": m.grad, "logvar": v.grad},
    )
    assert report.verdict == "ok", report.text


def test_draws_have_the_mean_and_the_variance_asked_for():
    eps = np.random.default_rng(4).normal(size=(100_000, 1))
    z = reparameterize(Tensor([[2.0]]), Tensor([[np.log(9.0)]]), eps).data
    assert z.mean() == pytest.approx(2, abs=0.05)
    assert z.var() == pytest.approx(9, rel=0.02)


@pytest.mark.parametrize("n_classes", [0, 3])
def test_the_whole_model_passes_the_checker(n_classes):
    model = VAE(4, 2, 5, n_classes, rng=np.random.default_rng(5))
    x = np.random.default_rng(6).normal(size=(6, 4))
    labels = np.arange(6) % 3 if n_classes else None

    def loss(p):
        model.load_state_dict(p)
        return float(model.loss(x, np.random.default_rng(7), labels).data)

    state = model.state_dict()
    model.loss(x, np.random.default_rng(7), labels).backward()
    report = check_gradient(loss, state, {name: p.grad for name, p in model.named_parameters()})
    assert report.verdict == "ok", report.text


def train(model, loss, n_steps=150, lr=1e-2):
    optimizer = Adam(model.parameters(), lr)
    for _ in range(n_steps):
        model.zero_grad()
        current = loss()
        current.backward()
        optimizer.step()
    return float(current.data)


def test_a_conditional_model_draws_what_it_is_asked_for():
    rng = np.random.default_rng(8)
    centers = np.array([[3.0, 0.0], [-3.0, 3.0], [0.0, -3.0]])
    labels = np.arange(150) % 3
    x = centers[labels] + 0.3 * rng.normal(size=(150, 2))
    model = VAE(2, 1, 16, 3, rng=rng)
    train(model, lambda: model.loss(x, rng, labels))
    wanted = np.repeat([0, 1, 2], 50)
    samples = model.sample(150, rng, wanted)
    nearest = np.argmin(((samples[:, None] - centers) ** 2).sum(axis=2), axis=1)
    assert np.mean(nearest == wanted) > 0.95


def test_an_autoencoder_restores_a_curve_from_one_number():
    t = np.linspace(-1, 1, 60)
    x = np.stack([t, t**2, -t], axis=1)
    model = Autoencoder(3, 1, 16, rng=np.random.default_rng(9))
    before = float(model.loss(x).data)
    assert train(model, lambda: model.loss(x), n_steps=300) < 0.02 * before
    assert model.encoder(x).shape == (60, 1)


def test_samples_come_from_their_generator_and_keep_the_precision():
    model = VAE(4, 2, rng=np.random.default_rng(0)).to(np.float32(0))
    a, b = (model.sample(3, np.random.default_rng(1)) for _ in range(2))
    assert np.array_equal(a, b)
    assert a.dtype == np.float32


def test_it_runs_on_torch():
    model = VAE(4, 2, n_classes=2, rng=np.random.default_rng(0))
    x, labels = np.random.default_rng(1).normal(size=(3, 4)), np.array([0, 1, 1])
    expected = float(model.loss(x, np.random.default_rng(2), labels).data)
    model.to(torch.ones(1, dtype=torch.float64))
    loss = model.loss(torch.tensor(x), np.random.default_rng(2), labels)
    loss.backward()
    assert float(to_numpy(loss.data)) == pytest.approx(expected, rel=1e-12)


def test_labels_that_are_missing_or_too_much_are_named():
    x, rng = np.ones((2, 4)), np.random.default_rng(0)
    with pytest.raises(ValueError, match="n_classes = 3: it needs labels"):
        VAE(4, 2, n_classes=3, rng=rng).loss(x, rng)
    with pytest.raises(ValueError, match="n_classes = 0: it was built without labels"):
        VAE(4, 2, rng=rng).loss(x, rng, np.array([0, 1]))


def test_a_label_that_is_no_class_is_named():
    model = VAE(4, 2, n_classes=3, rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match="labels holds 0 to 3; classes are 0 to 2"):
        model.sample(2, np.random.default_rng(0), np.array([0, 3]))


def test_rows_that_do_not_match_are_named():
    mu, logvar, x, x_hat = problem()
    with pytest.raises(ShapeError, match="mu has 5 rows but x has 4"):
        vae_loss(mu, logvar, x[:4], x_hat[:4])
