"""Nearest neighbours: kernel weights, search, k-NN estimators and a k-d tree.

Everywhere, neighbours come in the order of (distance, row number): of two points at the same distance the
one with the smaller row number is nearer.

Modules
-------
mlref.neighbors.weights
    Kernel weights: the nearer a neighbour, the more it counts.
mlref.neighbors.brute
    The nearest points of every query, found by comparing it with every point.
mlref.neighbors.knn
    Estimators that predict from the nearest training samples.
mlref.neighbors.kd_tree
    A k-d tree: neighbours found without looking at most points.
"""

from mlref.metrics.pairwise import pairwise_distances
from mlref.neighbors.brute import nearest_neighbors, nearest_neighbors_simple
from mlref.neighbors.kd_tree import KDTree, nearest_neighbors_tree
from mlref.neighbors.knn import KNeighborsClassifier, KNeighborsRegressor
from mlref.neighbors.weights import epanechnikov_weights, gaussian_weights, triangular_weights

__all__ = [
    "KDTree",
    "KNeighborsClassifier",
    "KNeighborsRegressor",
    "epanechnikov_weights",
    "gaussian_weights",
    "nearest_neighbors",
    "nearest_neighbors_simple",
    "nearest_neighbors_tree",
    "pairwise_distances",
    "triangular_weights",
]
