"""Diffusion: noise is added in many small steps, and a network learns to take it out again."""

import math

import numpy as np

from mlref.arrays import device, from_numpy, namespace
from mlref.autodiff.tensor import Tensor
from mlref.errors import ShapeError, check_array, check_count
from mlref.generative.inputs import normal_noise
from mlref.losses import mse_loss
from mlref.nn.linear import MLP
from mlref.nn.module import Module

__all__ = [
    "Denoiser",
    "cosine_schedule",
    "diffusion_forward",
    "diffusion_loss",
    "diffusion_sample",
    "linear_schedule",
    "signal_shares",
]


def linear_schedule(n_steps, start=1e-4, stop=0.02):
    """Variances of the noise of every step, growing evenly.

    Parameters
    ----------
    n_steps : int
    start : float
    stop : float
        Variance of the first and of the last step. The usual values belong to 1000 steps; with fewer steps
        take larger ones, so that almost no signal is left in the end.

    Returns
    -------
    betas : array of shape (n_steps,)

    Raises
    ------
    ValueError
        If not ``0 < start <= stop < 1``.

    References
    ----------
    J. Ho, A. Jain, P. Abbeel (2020), *Denoising diffusion probabilistic models*, section 4.

    Examples
    --------
    >>> linear_schedule(3, 0.1, 0.3)
    array([0.1, 0.2, 0.3])
    """
    check_count(n_steps, "n_steps")
    if not 0 < start <= stop < 1:
        raise ValueError(f"start is {start} and stop {stop}; variances need 0 < start <= stop < 1")
    return np.linspace(start, stop, n_steps)


def cosine_schedule(n_steps, offset=0.008):
    """Variances under which the share of the signal falls like a squared cosine.

    Parameters
    ----------
    n_steps : int
    offset : float
        Keeps the first steps from being too small.

    Returns
    -------
    betas : array of shape (n_steps,)
        At most 0.999.

    Notes
    -----
    The share after t steps is ``f(t) / f(0)`` with
    ``f(t) = cos^2((t / n_steps + offset) / (1 + offset) * pi / 2)``.

    References
    ----------
    A. Nichol, P. Dhariwal (2021), *Improved denoising diffusion probabilistic models*, section 3.2.

    Examples
    --------
    >>> cosine_schedule(3).round(3)
    array([0.257, 0.668, 0.999])
    """
    check_count(n_steps, "n_steps")
    t = np.arange(n_steps + 1) / n_steps
    share = np.cos((t + offset) / (1 + offset) * math.pi / 2) ** 2
    return np.minimum(1 - share[1:] / share[:-1], 0.999)


def signal_shares(betas):
    """How much of the variance is still signal after every number of steps.

    Parameters
    ----------
    betas : array of shape (n_steps,)
        Variance of the noise of every step, between 0 and 1.

    Returns
    -------
    shares : array of shape (n_steps + 1,)
        Entry t, often written alpha-bar, is the product of the first t factors ``1 - beta``; entry 0 is one.

    Examples
    --------
    >>> signal_shares(np.array([0.5, 0.5]))
    array([1.  , 0.5 , 0.25])
    """
    xp, betas = namespace(betas), check_array(betas, "betas", ndim=1)
    return xp.concat([xp.ones_like(betas[:1]), xp.cumulative_prod(1 - betas)])


def diffusion_forward(x0, t, betas, eps):
    """Data after t steps of noise, in one go.

    Parameters
    ----------
    x0 : array of shape (n_samples, ...)
    t : array of ints, of shape (n_samples,)
        How many steps each sample has behind it, from 0 to n_steps; 0 leaves it as it is.
    betas : array of shape (n_steps,)
    eps : array of the same shape as `x0`
        Standard normal noise.

    Returns
    -------
    xt : array of the same shape as `x0`

    Raises
    ------
    ShapeError
        If eps or t do not fit x0.
    ValueError
        If t holds a number of steps that there are not (checked for numpy arrays).

    Notes
    -----
    A step is ``x_t = sqrt(1 - beta_t) x_{t-1} + sqrt(beta_t) eps_t``. Normal noise on normal noise is normal:
    together ``x_t = sqrt(a_t) x_0 + sqrt(1 - a_t) eps`` with the share ``a_t`` of `signal_shares`. Data of
    variance one keeps it.

    References
    ----------
    J. Ho, A. Jain, P. Abbeel (2020), *Denoising diffusion probabilistic models*, equation 4.

    Examples
    --------
    >>> diffusion_forward(np.ones((2, 1)), np.array([0, 2]), np.array([0.5, 0.5]), np.ones((2, 1))).round(4)
    array([[1.   ],
           [1.366]])
    """
    x0, t, eps = check_array(x0, "x0"), check_array(t, "t"), check_array(eps, "eps")
    betas = check_array(betas, "betas", ndim=1)
    if tuple(eps.shape) != tuple(x0.shape) or tuple(t.shape) != tuple(x0.shape[:1]):
        raise ShapeError(
            f"x0 has shape {tuple(x0.shape)}, eps {tuple(eps.shape)}, t {tuple(t.shape)}; "
            "eps must be shaped as x0, and t (n_samples,)"
        )
    if isinstance(t, np.ndarray) and t.size and not 0 <= t.min() <= t.max() <= len(betas):
        raise ValueError(f"t holds {t.min()} to {t.max()}; it counts steps, from 0 to {len(betas)}")
    xp = namespace(x0, t, betas, eps)
    share = xp.reshape(xp.take(signal_shares(betas), t), (-1, *[1] * (x0.ndim - 1)))
    share = xp.astype(share, x0.dtype)
    return xp.sqrt(share) * x0 + xp.sqrt(1 - share) * eps


def diffusion_loss(model, x0, betas, rng):
    """How far a network is from naming the noise in noisy data.

    Parameters
    ----------
    model : callable
        ``model(xt, t)`` returns a Tensor of the shape of xt.
    x0 : array of shape (n_samples, ...)
    betas : array of shape (n_steps,)
    rng : numpy.random.Generator
        Draws the number of steps of every sample, 1 to n_steps, and the noise.

    Returns
    -------
    loss : Tensor
        Without axes: the mean squared error over all elements, about 1 for a network that knows nothing.
    """
    t = from_numpy(rng.integers(1, len(betas) + 1, size=x0.shape[0]), like=x0)
    eps = normal_noise(x0.shape, rng, like=x0)
    return mse_loss(model(diffusion_forward(x0, t, from_numpy(betas, x0), eps), t), eps)


def diffusion_sample(model, shape, betas, rng, *, like=None, keep_steps=False):
    """Draw from the model: from noise, back through all steps.

    Parameters
    ----------
    model : callable
        ``model(xt, t)`` returns a Tensor: the noise that it sees in xt after t steps.
    shape : tuple of int
        (n_samples, ...).
    betas : array of shape (n_steps,)
        As in training; of numpy.
    rng : numpy.random.Generator
    like : array of any shape, optional
        Its library, device and dtype are used, as the model's parameters have them; else numpy's float64.
    keep_steps : bool
        Whether to return what was there after every step, too.

    Returns
    -------
    samples : array of shape `shape`
        With ``keep_steps`` one such array for every step, stacked, from noise to data.

    Notes
    -----
    Given x_t and the noise eps in it, the step before is normal with mean ``(x_t - beta_t / sqrt(1 - a_t)
    eps) / sqrt(1 - beta_t)`` and, as the data were fixed, variance ``beta_t (1 - a_{t-1}) / (1 - a_t)``:
    zero at the last step.

    References
    ----------
    J. Ho, A. Jain, P. Abbeel (2020), *Denoising diffusion probabilistic models*, algorithm 2.
    """
    like = np.zeros(1) if like is None else like
    xp, share = namespace(like), signal_shares(betas)
    x = normal_noise(shape, rng, like)
    steps = [x]
    for t in range(len(betas), 0, -1):
        # Python's floats leave the dtype of arrays as it is.
        beta, now, before = float(betas[t - 1]), float(share[t]), float(share[t - 1])
        eps = model(x, xp.full((shape[0],), t, device=device(like))).data
        mean = (x - beta / math.sqrt(1 - now) * eps) / math.sqrt(1 - beta)
        spread = math.sqrt(beta * (1 - before) / (1 - now))
        x = mean + spread * normal_noise(shape, rng, like)
        steps.append(x)
    return xp.stack(steps) if keep_steps else x


class Denoiser(Module):
    """A small network that names the noise in points of a few dimensions.

    Parameters
    ----------
    n_features : int
    n_steps : int
        Of the diffusion: the network sees t / n_steps through sines and cosines.
    width : int
        Units of each of three hidden layers.
    rng : numpy.random.Generator

    Examples
    --------
    >>> model = Denoiser(2, n_steps=50, rng=np.random.default_rng(0))
    >>> model(np.zeros((5, 2)), np.full(5, 50)).shape
    (5, 2)
    """

    n_frequencies = 4

    def __init__(self, n_features, n_steps, width=64, *, rng):
        self.n_steps = n_steps
        self.net = MLP([n_features + 2 * self.n_frequencies, *[width] * 3, n_features], rng=rng)

    def forward(self, xt, t):
        """The noise that the network sees.

        Parameters
        ----------
        xt : array of shape (n_samples, n_features)
        t : array of ints, of shape (n_samples,)

        Returns
        -------
        eps : Tensor of shape (n_samples, n_features)
        """
        xt = xt.data if isinstance(xt, Tensor) else xt
        xp = namespace(xt, t)
        angle = xp.astype(t, xt.dtype)[:, None] / self.n_steps * (math.pi / 2)
        waves = [f(2**k * angle) for k in range(self.n_frequencies) for f in (xp.sin, xp.cos)]
        return self.net(xp.concat([xt, *waves], axis=1))
