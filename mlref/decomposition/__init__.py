"""Fewer numbers for the same samples.

Modules
-------
pca
    Principal components.
svd
    Singular values: exact, randomised, by power iteration.
autoencoder
    The linear autoencoder.
rbm
    The restricted Boltzmann machine.
"""

from mlref.decomposition.autoencoder import (
    LinearAutoencoder,
    linear_autoencoder_loss,
    linear_autoencoder_step,
)
from mlref.decomposition.pca import PCA, covariance_matrix, principal_components
from mlref.decomposition.rbm import (
    BernoulliRBM,
    rbm_cd1,
    rbm_free_energy,
    rbm_hidden_probabilities,
    rbm_visible_probabilities,
)
from mlref.decomposition.svd import TruncatedSVD, power_iteration, randomized_svd, truncated_svd

__all__ = [
    "PCA",
    "BernoulliRBM",
    "LinearAutoencoder",
    "TruncatedSVD",
    "covariance_matrix",
    "linear_autoencoder_loss",
    "linear_autoencoder_step",
    "power_iteration",
    "principal_components",
    "randomized_svd",
    "rbm_cd1",
    "rbm_free_energy",
    "rbm_hidden_probabilities",
    "rbm_visible_probabilities",
    "truncated_svd",
]
