"""Autoencoders: through a narrow place and back; the variational one can be drawn from."""

from mlref.arrays import namespace
from mlref.errors import ShapeError, check_array, check_same_length
from mlref.generative.inputs import normal_noise, with_labels
from mlref.losses import mse_loss
from mlref.nn.joint import record_joint
from mlref.nn.linear import MLP
from mlref.nn.module import Module

__all__ = ["VAE", "Autoencoder", "gaussian_kl", "reparameterize", "vae_loss"]


def gaussian_kl(mu, logvar):
    """Kullback-Leibler divergence of independent normal distributions from the standard normal one.

    Parameters
    ----------
    mu : array of shape (n_samples, n_latent)
        Means.
    logvar : array of shape (n_samples, n_latent)
        Logarithms of the variances: any number is one.

    Returns
    -------
    divergence : array of shape (n_samples,)
        In nats, summed over the latent axes; zero for mean 0 and variance 1.

    Notes
    -----
    ``1/2 sum(mu^2 + exp(logvar) - logvar - 1)``.

    References
    ----------
    D. P. Kingma, M. Welling (2014), *Auto-encoding variational Bayes*, appendix B.

    Examples
    --------
    >>> import numpy as np
    >>> gaussian_kl(np.array([[0.0, 0.0], [2.0, 0.0]]), np.zeros((2, 2)))
    array([0., 2.])
    """
    _check_like(mu=mu, logvar=logvar)
    xp = namespace(mu, logvar)
    return 0.5 * xp.sum(mu**2 + xp.exp(logvar) - logvar - 1, axis=1)


def vae_loss(mu, logvar, x, x_hat, beta=1.0):
    """What a variational autoencoder minimises, and its gradients.

    Parameters
    ----------
    mu : array of shape (n_samples, n_latent)
    logvar : array of shape (n_samples, n_latent)
        What the encoder says about each sample.
    x : array of shape (n_samples, n_features)
    x_hat : array of shape (n_samples, n_features)
        What the decoder makes of a draw.
    beta : float
        Weight of the divergence.

    Returns
    -------
    loss : float or array of shape ()
        The negative evidence lower bound without its constant; a mean over the samples.
    gradients : tuple of arrays (d_mu, d_logvar, d_x_hat)
        Of their shapes. What reaches mu and logvar through x_hat comes on top, by `reparameterize`.

    Raises
    ------
    ShapeError
        If the arrays differ in n_samples.

    Notes
    -----
    ``mean(1/2 |x - x_hat|^2 + beta KL(N(mu, exp(logvar)) || N(0, 1)))``: for a decoder whose noise has
    variance one, sums over features and latent axes, and a mean over samples only. Averaged over the features
    instead, the first term would be too small, and the latent axes would carry nothing.

    References
    ----------
    D. P. Kingma, M. Welling (2014), *Auto-encoding variational Bayes*, section 2.3.

    Examples
    --------
    >>> import numpy as np
    >>> zeros = np.zeros((1, 2))
    >>> loss, (d_mu, d_logvar, d_x_hat) = vae_loss(zeros, zeros, np.ones((1, 3)), np.zeros((1, 3)))
    >>> float(loss), d_x_hat
    (1.5, array([[-1., -1., -1.]]))
    """
    _check_like(x=x, x_hat=x_hat)
    _check_like(mu=mu, logvar=logvar)
    check_same_length(mu=mu, x=x)
    xp = namespace(mu, logvar, x, x_hat)
    n, difference = x.shape[0], x_hat - x
    loss = 0.5 * xp.sum(difference**2) / n + beta * xp.mean(gaussian_kl(mu, logvar))
    return loss, (beta * mu / n, beta * 0.5 * (xp.exp(logvar) - 1) / n, difference / n)


def _check_like(**matrices):
    """Two matrices of the same shape; another one might be broadcast without a word."""
    (name, matrix), (other_name, other) = matrices.items()
    shape = tuple(check_array(matrix, name, ndim=2).shape)
    if tuple(check_array(other, other_name).shape) != shape:
        raise ShapeError(f"{name} has shape {shape} but {other_name} {tuple(other.shape)}; they must agree")


def reparameterize(mu, logvar, eps):
    """A draw from a normal distribution through which gradients flow.

    Parameters
    ----------
    mu : Tensor of shape (n_samples, n_latent)
    logvar : Tensor of shape (n_samples, n_latent)
    eps : array of shape (n_samples, n_latent)
        Standard normal noise, drawn beforehand: the draw itself has no derivative.

    Returns
    -------
    z : Tensor of shape (n_samples, n_latent)
        ``mu + exp(logvar / 2) eps``.

    Examples
    --------
    >>> import numpy as np
    >>> from mlref.autodiff import Tensor
    >>> reparameterize(Tensor([[1.0]]), Tensor([[np.log(4.0)]]), np.array([[0.5]])).data
    array([[2.]])
    """
    return mu + (logvar * 0.5).exp() * eps


class Autoencoder(Module):
    """Two networks: one that squeezes samples into a few numbers, and one that restores them.

    Parameters
    ----------
    n_features : int
    n_latent : int
    hidden : int
        Units of the hidden layer on either side.
    rng : numpy.random.Generator

    Notes
    -----
    Without hidden layers it learns what principal components span: `mlref.decomposition` has that one.

    Examples
    --------
    >>> import numpy as np
    >>> model = Autoencoder(8, 2, rng=np.random.default_rng(0))
    >>> model(np.ones((5, 8))).shape
    (5, 8)
    """

    def __init__(self, n_features, n_latent, hidden=32, *, rng):
        self.encoder = MLP([n_features, hidden, n_latent], "tanh", rng=rng)
        self.decoder = MLP([n_latent, hidden, n_features], "tanh", rng=rng)

    def forward(self, x):
        """The samples, there and back.

        Parameters
        ----------
        x : Tensor or array of shape (n_samples, n_features)

        Returns
        -------
        x_hat : Tensor of shape (n_samples, n_features)
        """
        return self.decoder(self.encoder(x))

    def loss(self, x):
        """Mean squared error of the restored samples.

        Parameters
        ----------
        x : array of shape (n_samples, n_features)

        Returns
        -------
        loss : Tensor
            Without axes.
        """
        return mse_loss(self(x), x)


class VAE(Module):
    """Variational autoencoder, with labels if asked for.

    Parameters
    ----------
    n_features : int
    n_latent : int
    hidden : int
        Units of the hidden layer on either side.
    n_classes : int
        With more than zero, encoder and decoder both see the label, and samples can be drawn for one.
    rng : numpy.random.Generator

    References
    ----------
    K. Sohn, H. Lee, X. Yan (2015), *Learning structured output representation using deep conditional
    generative models*, for the labels.

    Examples
    --------
    >>> import numpy as np
    >>> model = VAE(8, 2, n_classes=3, rng=np.random.default_rng(0))
    >>> model.sample(4, np.random.default_rng(1), labels=np.array([0, 1, 2, 2])).shape
    (4, 8)
    """

    def __init__(self, n_features, n_latent, hidden=32, n_classes=0, *, rng):
        self.n_latent, self.n_classes = n_latent, n_classes
        self.encoder = MLP([n_features + n_classes, hidden, 2 * n_latent], "tanh", rng=rng)
        self.decoder = MLP([n_latent + n_classes, hidden, n_features], "tanh", rng=rng)

    def encode(self, x, labels=None):
        """Where the samples may lie in the latent space.

        Parameters
        ----------
        x : array of shape (n_samples, n_features)
        labels : array of ints, of shape (n_samples,), optional

        Returns
        -------
        mu : Tensor of shape (n_samples, n_latent)
        logvar : Tensor of shape (n_samples, n_latent)
        """
        both = self.encoder(with_labels(x, labels, self.n_classes))
        return both[:, : self.n_latent], both[:, self.n_latent :]

    def decode(self, z, labels=None):
        """The samples that points of the latent space stand for.

        Parameters
        ----------
        z : Tensor or array of shape (n_samples, n_latent)
        labels : array of ints, of shape (n_samples,), optional

        Returns
        -------
        x_hat : Tensor of shape (n_samples, n_features)
        """
        return self.decoder(with_labels(z, labels, self.n_classes))

    def loss(self, x, rng, labels=None, beta=1.0):
        """`vae_loss` with one draw for every sample.

        Parameters
        ----------
        x : array of shape (n_samples, n_features)
        rng : numpy.random.Generator
        labels : array of ints, of shape (n_samples,), optional
        beta : float

        Returns
        -------
        loss : Tensor
            Without axes.
        """
        mu, logvar = self.encode(x, labels)
        eps = normal_noise(mu.shape, rng, like=mu.data)
        x_hat = self.decode(reparameterize(mu, logvar, eps), labels)
        loss, gradients = vae_loss(mu.data, logvar.data, x, x_hat.data, beta)
        return record_joint(loss, (mu, logvar, x_hat), lambda upstream: [upstream * g for g in gradients])

    def sample(self, n_samples, rng, labels=None):
        """Draw new samples: the decoder's means at standard normal points.

        Parameters
        ----------
        n_samples : int
        rng : numpy.random.Generator
        labels : array of ints, of shape (n_samples,), optional

        Returns
        -------
        x : array of shape (n_samples, n_features)
        """
        weight = self.decoder.parameters()[0].data
        return self.decode(normal_noise((n_samples, self.n_latent), rng, like=weight), labels).data
