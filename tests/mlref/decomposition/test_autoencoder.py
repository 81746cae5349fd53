"""The linear autoencoder."""

import numpy as np
import pytest

from mlref.autodiff import check_gradient
from mlref.decomposition import PCA, LinearAutoencoder, linear_autoencoder_loss, linear_autoencoder_step
from mlref.errors import ConvergenceWarning, NotFittedError, ShapeError


def setting(seed, n=20, d=5, k=2):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, d)) * np.arange(1, d + 1), rng.normal(size=(d, k)), rng.normal(size=(k, d))


def test_the_gradients_are_right():
    X, encoder, decoder = setting(0)
    _, (encoder_gradient, decoder_gradient) = linear_autoencoder_loss(X, encoder, decoder)
    report = check_gradient(
        lambda parameters: linear_autoencoder_loss(X, parameters["encoder"], parameters["decoder"])[0],
        {"encoder": encoder, "decoder": decoder},
        {"encoder": encoder_gradient, "decoder": decoder_gradient},
        seed=0,
    )
    assert report.verdict == "ok"


def test_every_library_gives_the_same_step(xp_backend):
    X, encoder, decoder = setting(1)
    ours = linear_autoencoder_step(*map(xp_backend.asarray, (X, encoder, decoder)), 0.01)
    expected = linear_autoencoder_step(X, encoder, decoder, 0.01)
    xp_backend.check(ours[0], expected[0])
    xp_backend.check(ours[1], expected[1])
    assert ours[2] == pytest.approx(np.mean(np.sum((X @ encoder @ decoder - X) ** 2, axis=1)))


def test_gradient_descent_reaches_the_error_of_pca():
    X, encoder, decoder = setting(2)
    X = X - X.mean(axis=0)
    for _ in range(6000):
        encoder, decoder, loss = linear_autoencoder_step(X, encoder, decoder, 0.002)
    pca = PCA(2).fit(X)
    best = np.mean(np.sum((X - pca.inverse_transform(pca.transform(X))) ** 2, axis=1))
    assert loss == pytest.approx(best, rel=1e-4)


def test_the_estimator_spans_the_space_of_the_principal_components():
    X = setting(3, n=60)[0] + 5
    model, pca = LinearAutoencoder(2, random_state=0).fit(X), PCA(2).fit(X)
    coordinates = model.decoder_ @ pca.components_.T
    np.testing.assert_allclose(coordinates @ pca.components_, model.decoder_, atol=1e-4)
    np.testing.assert_allclose(
        model.inverse_transform(model.transform(X)), pca.inverse_transform(pca.transform(X)), atol=1e-3
    )
    left_out = np.mean(np.sum((X - pca.inverse_transform(pca.transform(X))) ** 2, axis=1))
    assert model.loss_ == pytest.approx(left_out, rel=1e-6)


def test_scaling_the_samples_scales_the_loss():
    X = setting(4)[0]
    small, large = (LinearAutoencoder(1, random_state=0).fit(s * X).loss_ for s in (1.0, 1e4))
    assert large == pytest.approx(1e8 * small, rel=1e-5)


def test_it_warns_where_it_did_not_converge():
    with pytest.warns(ConvergenceWarning, match="max_iter = 1"):
        LinearAutoencoder(2, max_iter=1, random_state=0).fit(setting(5)[0])


def test_bad_arguments_raise():
    X = setting(6)[0]
    with pytest.raises(ValueError, match="n_components is 6 but X has n_features = 5"):
        LinearAutoencoder(6).fit(X)
    with pytest.raises(ShapeError, match=r"\(20, 5\), \(5, 2\) and \(5, 2\); they must be"):
        linear_autoencoder_loss(X, np.ones((5, 2)), np.ones((5, 2)))
    with pytest.raises(NotFittedError):
        LinearAutoencoder().transform(X)
