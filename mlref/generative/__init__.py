"""Models that draw new samples like those they have seen.

* `vae`: the autoencoder, and the variational one.
* `gan`: a forger and a detective who learn from each other.
* `diffusion`: noise taken out step by step.
"""

from mlref.generative.diffusion import (
    Denoiser,
    cosine_schedule,
    diffusion_forward,
    diffusion_loss,
    diffusion_sample,
    linear_schedule,
    signal_shares,
)
from mlref.generative.gan import GAN, gan_losses
from mlref.generative.vae import VAE, Autoencoder, gaussian_kl, reparameterize, vae_loss

__all__ = [
    "GAN",
    "VAE",
    "Autoencoder",
    "Denoiser",
    "cosine_schedule",
    "diffusion_forward",
    "diffusion_loss",
    "diffusion_sample",
    "gan_losses",
    "gaussian_kl",
    "linear_schedule",
    "reparameterize",
    "signal_shares",
    "vae_loss",
]
