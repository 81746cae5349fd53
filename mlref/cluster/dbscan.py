"""DBSCAN: clusters are the dense parts of space, whatever their shape. Numpy only."""

import numpy as np

from mlref.arrays import to_numpy
from mlref.base import Clusterer
from mlref.errors import check_count, check_matrix, check_positive

__all__ = ["DBSCAN", "dbscan", "dbscan_simple"]


def dbscan(X, eps, min_samples):
    """Clusters of samples that reach each other in steps through dense places. Numpy only.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
    eps : float
        Samples are neighbours at a Euclidean distance of eps or less; in the units of the features.
    min_samples : int
        A sample is a core sample if at least so many, itself included, are its neighbours.

    Returns
    -------
    labels : array of shape (n_samples,)
        Clusters from 0 in the order of their first core sample; -1 for noise.
    core : array of shape (n_samples,)
        Whether the sample is a core sample.

    Raises
    ------
    ShapeError
        If X is not 2-D.
    NotFiniteError
        If X holds NaN or infinity.
    ValueError
        If eps is not positive and finite, or min_samples is not a whole number of at least 1.

    Notes
    -----
    Core samples that are neighbours belong together: the clusters are the connected components of their
    graph. A sample that is not core but has core neighbours is at the border; it goes to the lowest numbered
    of their clusters and does not extend it. All others are noise. Only the labels of border samples depend
    on the order of the rows. Memory: 16 bytes for each pair of neighbours.

    References
    ----------
    Ester, Kriegel, Sander and Xu (1996), A density-based algorithm for discovering clusters in large spatial
    databases with noise, *KDD*.

    Examples
    --------
    >>> labels, core = dbscan(np.array([[0.0], [1.0], [2.0], [9.0]]), eps=1.0, min_samples=3)
    >>> labels.tolist(), core.tolist()
    ([0, 0, 0, -1], [False, True, False, False])
    """
    # Imported here: these parts of scipy load slowly, and nothing else in the package needs them.
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import cKDTree

    X = to_numpy(check_matrix(X, "X"))
    check_positive(eps, "eps")
    check_count(min_samples, "min_samples")
    n = X.shape[0]
    a, b = cKDTree(X).query_pairs(eps, output_type="ndarray").T
    n_neighbors = 1 + np.bincount(a, minlength=n) + np.bincount(b, minlength=n)
    core = n_neighbors >= min_samples

    both = core[a] & core[b]
    graph = coo_array((np.ones(both.sum(), dtype=bool), (a[both], b[both])), shape=(n, n))
    _, component = connected_components(graph, directed=False)
    _, first, number = np.unique(component[core], return_index=True, return_inverse=True)
    labels = np.full(n, n)
    labels[core] = np.argsort(np.argsort(first))[number]

    one = core[a] != core[b]
    inner, border = np.where(core[a[one]], (a[one], b[one]), (b[one], a[one]))
    np.minimum.at(labels, border, labels[inner])
    return np.where(labels == n, -1, labels), core


def dbscan_simple(X, eps, min_samples):
    """The same labels as `dbscan`, one sample after the other.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
    eps : float
    min_samples : int

    Returns
    -------
    labels : array of shape (n_samples,)

    Examples
    --------
    >>> dbscan_simple(np.array([[0.0], [1.0], [2.0], [9.0]]), eps=1.0, min_samples=3).tolist()
    [0, 0, 0, -1]
    """
    X = check_matrix(X, "X")
    check_positive(eps, "eps")
    check_count(min_samples, "min_samples")
    neighbors = [np.flatnonzero(np.sqrt(np.sum((X - x) ** 2, axis=1)) <= eps) for x in X]
    labels, cluster = np.full(len(X), -1), 0
    for i in range(len(X)):
        if labels[i] == -1 and len(neighbors[i]) >= min_samples:
            labels[i], waiting = cluster, [i]
            while waiting:
                j = waiting.pop()
                if len(neighbors[j]) >= min_samples:
                    fresh = [k for k in neighbors[j] if labels[k] == -1]
                    labels[fresh] = cluster
                    waiting += fresh
            cluster += 1
    return labels


class DBSCAN(Clusterer):
    """Clusters of any shape where samples are dense, and noise elsewhere. Numpy only.

    Parameters
    ----------
    eps : float
        Samples are neighbours at a Euclidean distance of eps or less; in the units of the features.
    min_samples : int
        A sample is a core sample if at least so many, itself included, are its neighbours.

    Attributes
    ----------
    labels_ : array of shape (n_samples,)
        Cluster of each sample in ``fit``, from 0; -1 for noise.
    core_sample_indices_ : array of shape (n_core_samples,)
        Rows of the core samples.
    components_ : array of shape (n_core_samples, n_features)
        The core samples.
    n_features_in_ : int
        Number of features seen in ``fit``.

    Examples
    --------
    >>> DBSCAN(eps=1.0, min_samples=3).fit(np.array([[0.0], [1.0], [2.0], [9.0]])).labels_.tolist()
    [0, 0, 0, -1]
    """

    def __init__(self, eps=0.5, *, min_samples=5):
        self.eps = eps
        self.min_samples = min_samples

    def fit(self, X, y=None):
        """Find the clusters.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
        y : None
            Not used; here because every estimator takes it.

        Returns
        -------
        self : DBSCAN

        Raises
        ------
        ShapeError
            If X is not 2-D.
        NotFiniteError
            If X holds NaN or infinity.
        ValueError
            If a parameter is not allowed.
        """
        X = check_matrix(X, "X")
        self.labels_, core = dbscan(X, self.eps, self.min_samples)
        self.core_sample_indices_ = np.flatnonzero(core)
        self.components_ = to_numpy(X)[core]
        self.n_features_in_ = X.shape[1]
        return self
