"""Generative adversarial networks: one network forges samples, the other tells them from real ones."""

from mlref.arrays import namespace
from mlref.errors import check_array, check_choice
from mlref.generative.inputs import normal_noise, with_labels
from mlref.losses import bce_with_logits
from mlref.nn.joint import record_joint
from mlref.nn.linear import MLP
from mlref.nn.module import Module

__all__ = ["GAN", "gan_losses"]


def gan_losses(real_logits, fake_logits, kind="non-saturating"):
    """Losses of both networks, and their gradients.

    Parameters
    ----------
    real_logits : array of shape (n_real,)
    fake_logits : array of shape (n_fake,)
        The discriminator's logits for "real": of real samples and of forged ones.
    kind : {"non-saturating", "minimax"}
        What the generator minimises.

    Returns
    -------
    discriminator : pair (loss, (d_real, d_fake))
        The loss, and its gradients with respect to both logits.
    generator : pair (loss, d_fake)

    Raises
    ------
    ValueError
        If the kind is unknown.

    Notes
    -----
    With D the logistic function of the logits, the discriminator minimises ``-mean log D(real) - mean log(1 -
    D(fake))``: 2 ln 2 if it cannot tell. In the game of minimax the generator minimises ``mean log(1 -
    D(fake))``, whose gradient vanishes where the forgery is found out; "non-saturating" is ``-mean log
    D(fake)``, with the same fixed point and a strong gradient there. All are computed from logits, so that
    none overflows.

    References
    ----------
    I. Goodfellow et al. (2014), *Generative adversarial nets*, section 3.

    Examples
    --------
    >>> import numpy as np
    >>> (loss, _), (generator_loss, gradient) = gan_losses(np.zeros(4), np.zeros(4))
    >>> round(float(loss), 4), round(float(generator_loss), 4), gradient
    (1.3863, 0.6931, array([-0.125, -0.125, -0.125, -0.125]))
    """
    check_choice(kind, ("non-saturating", "minimax"), "kind")
    real_logits = check_array(real_logits, "real_logits")
    fake_logits = check_array(fake_logits, "fake_logits")
    xp = namespace(real_logits, fake_logits)
    real, d_real = bce_with_logits(real_logits, xp.ones_like(real_logits))
    fake, d_fake = bce_with_logits(fake_logits, xp.zeros_like(fake_logits))
    generator = (
        (-fake, -d_fake) if kind == "minimax" else bce_with_logits(fake_logits, xp.ones_like(fake_logits))
    )
    return (real + fake, (d_real, d_fake)), generator


class GAN(Module):
    """A generator and a discriminator, with labels if asked for.

    Parameters
    ----------
    n_features : int
    n_latent : int
        Numbers of noise that a sample is made from.
    hidden : int
        Units of each of two hidden layers, in both networks.
    n_classes : int
        With more than zero, both networks see the label, and samples can be drawn for one.
    rng : numpy.random.Generator

    Notes
    -----
    Train in turns: a step of `discriminator_loss` on the discriminator's parameters, a step of
    `generator_loss` on the generator's.

    References
    ----------
    M. Mirza, S. Osindero (2014), *Conditional generative adversarial nets*, for the labels.

    Examples
    --------
    >>> import numpy as np
    >>> model = GAN(2, 4, rng=np.random.default_rng(0))
    >>> model.sample(5, np.random.default_rng(1)).shape
    (5, 2)
    """

    def __init__(self, n_features, n_latent, hidden=64, n_classes=0, *, rng):
        self.n_latent, self.n_classes = n_latent, n_classes
        self.generator = MLP([n_latent + n_classes, hidden, hidden, n_features], "relu", rng=rng)
        self.discriminator = MLP([n_features + n_classes, hidden, hidden, 1], "leaky_relu", rng=rng)

    def generate(self, n_samples, rng, labels=None):
        """Forge samples.

        Parameters
        ----------
        n_samples : int
        rng : numpy.random.Generator
        labels : array of ints, of shape (n_samples,), optional

        Returns
        -------
        x : Tensor of shape (n_samples, n_features)
        """
        weight = self.generator.parameters()[0].data
        noise = normal_noise((n_samples, self.n_latent), rng, like=weight)
        return self.generator(with_labels(noise, labels, self.n_classes))

    def judge(self, x, labels=None):
        """The discriminator's logits for "real".

        Parameters
        ----------
        x : Tensor or array of shape (n_samples, n_features)
        labels : array of ints, of shape (n_samples,), optional

        Returns
        -------
        logits : Tensor of shape (n_samples,)
        """
        return self.discriminator(with_labels(x, labels, self.n_classes)).reshape(-1)

    def discriminator_loss(self, x, rng, labels=None):
        """Loss of telling real samples from as many forged ones.

        Parameters
        ----------
        x : array of shape (n_samples, n_features)
        rng : numpy.random.Generator
        labels : array of ints, of shape (n_samples,), optional

        Returns
        -------
        loss : Tensor
            Without axes. No gradient reaches the generator.
        """
        forged = self.generate(x.shape[0], rng, labels).data
        real, fake = self.judge(x, labels), self.judge(forged, labels)
        (loss, gradients), _ = gan_losses(real.data, fake.data)
        return record_joint(loss, (real, fake), lambda upstream: [upstream * g for g in gradients])

    def generator_loss(self, n_samples, rng, labels=None, kind="non-saturating"):
        """Loss of being found out.

        Parameters
        ----------
        n_samples : int
        rng : numpy.random.Generator
        labels : array of ints, of shape (n_samples,), optional
        kind : {"non-saturating", "minimax"}

        Returns
        -------
        loss : Tensor
            Without axes. Its gradient reaches the discriminator's parameters too: step the generator's only.
        """
        fake = self.judge(self.generate(n_samples, rng, labels), labels)
        _, (loss, gradient) = gan_losses(fake.data, fake.data, kind)
        return record_joint(loss, (fake,), lambda upstream: [upstream * gradient])

    def sample(self, n_samples, rng, labels=None):
        """Draw new samples.

        Parameters
        ----------
        n_samples : int
        rng : numpy.random.Generator
        labels : array of ints, of shape (n_samples,), optional

        Returns
        -------
        x : array of shape (n_samples, n_features)
        """
        return self.generate(n_samples, rng, labels).data
