"""Clusters: groups of samples that are near each other.

Modules
-------
lloyd
    Means and the samples nearest to them, in turns.
k_means
    Greedy seeding, restarts, the estimator.
agglomerative
    A tree of merges, by chains of nearest neighbours.
dbscan
    Connected dense places, and noise.
expectation_maximization
    Soft clusters: responsibilities and Gaussians, in turns.
gaussian_mixture
    The estimator.
"""

from mlref.cluster.agglomerative import AgglomerativeClustering, agglomerative, agglomerative_simple, cut_tree
from mlref.cluster.dbscan import DBSCAN, dbscan, dbscan_simple
from mlref.cluster.expectation_maximization import (
    e_step,
    gaussian_mixture_em,
    log_gaussian_densities,
    m_step,
)
from mlref.cluster.gaussian_mixture import GaussianMixture
from mlref.cluster.k_means import KMeans, k_means, k_means_plus_plus
from mlref.cluster.lloyd import lloyd_step, nearest_centroid

__all__ = [
    "DBSCAN",
    "AgglomerativeClustering",
    "GaussianMixture",
    "KMeans",
    "agglomerative",
    "agglomerative_simple",
    "cut_tree",
    "dbscan",
    "dbscan_simple",
    "e_step",
    "gaussian_mixture_em",
    "k_means",
    "k_means_plus_plus",
    "lloyd_step",
    "log_gaussian_densities",
    "m_step",
    "nearest_centroid",
]
