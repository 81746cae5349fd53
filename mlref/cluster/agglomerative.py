"""Agglomerative clustering by chains of nearest neighbours. Numpy only."""

import numpy as np
from scipy.spatial.distance import pdist, squareform

from mlref.arrays import to_numpy
from mlref.base import Clusterer
from mlref.errors import ShapeError, check_choice, check_count, check_matrix

__all__ = ["AgglomerativeClustering", "agglomerative", "agglomerative_simple", "cut_tree"]

LINKAGES = ("single", "complete", "average", "ward")


def agglomerative(D, linkage="average"):
    """Merge the two closest clusters, again and again, until one is left. Numpy only.

    Parameters
    ----------
    D : array of shape (n_samples, n_samples)
        Distances: symmetric, zero on the diagonal; Euclidean for "ward".
    linkage : {"single", "complete", "average", "ward"}
        Distance of two clusters: the smallest, the largest or the mean distance of their samples, or what
        merging them adds to the sum of squared distances to the means, as the root of twice that sum.

    Returns
    -------
    merges : array of shape (n_samples - 1, 4)
        One row a merge, the lowest first: the two clusters (the smaller number first), their distance, and
        the size of the union. Samples are clusters 0 to n_samples - 1; row i makes cluster n_samples + i.

    Raises
    ------
    ShapeError
        If D is not square.
    NotFiniteError
        If D holds NaN or infinity.
    ValueError
        If D is not symmetric, its diagonal is not zero, or the linkage is unknown.

    Notes
    -----
    Walk from a cluster to its nearest neighbour, on to that one's nearest neighbour and so forth: the
    distances fall, so the walk ends at two clusters that are each other's nearest. These can be merged at
    once, because none of the four linkages brings a union nearer to a third cluster than its parts were;
    the rest of the walk stays valid. That takes about 3 n searches of a row, where looking for the smallest
    distance in the whole table before each merge takes n searches of n rows. Memory: one copy of D.

    References
    ----------
    Müllner (2011), Modern hierarchical, agglomerative clustering algorithms, arXiv:1109.2378.

    Examples
    --------
    >>> D = np.array([[0.0, 1.0, 5.0], [1.0, 0.0, 3.0], [5.0, 3.0, 0.0]])
    >>> agglomerative(D, "average")
    array([[0., 1., 1., 2.],
           [2., 3., 4., 3.]])
    """
    D = _checked_distances(D)
    check_choice(linkage, LINKAGES, "linkage")
    return _agglomerate(D.copy(), linkage)


def agglomerative_simple(D, linkage="average"):
    """The same as `agglomerative` for distinct distances: search the whole table before each merge.

    Parameters
    ----------
    D : array of shape (n_samples, n_samples)
    linkage : {"single", "complete", "average"}

    Returns
    -------
    merges : array of shape (n_samples - 1, 4)

    Examples
    --------
    >>> agglomerative_simple(np.array([[0.0, 1.0, 5.0], [1.0, 0.0, 3.0], [5.0, 3.0, 0.0]]), "single")
    array([[0., 1., 1., 2.],
           [2., 3., 3., 3.]])
    """
    ways = {"single": np.min, "complete": np.max, "average": np.mean}
    check_choice(linkage, ways, "linkage")
    D, between = _checked_distances(D), ways[linkage]
    clusters = {i: [i] for i in range(D.shape[0])}
    merges = []
    while len(clusters) > 1:
        distance, a, b = min(
            (between(D[np.ix_(clusters[a], clusters[b])]), a, b) for a in clusters for b in clusters if a < b
        )
        union = clusters.pop(a) + clusters.pop(b)
        clusters[D.shape[0] + len(merges)] = union
        merges.append([a, b, distance, len(union)])
    return np.array(merges, dtype=np.float64)


def cut_tree(merges, n_clusters):
    """Labels of the samples when the last merges are undone. Numpy only.

    Parameters
    ----------
    merges : array of shape (n_samples - 1, 4)
        As `agglomerative` returns them.
    n_clusters : int
        From 1 to n_samples.

    Returns
    -------
    labels : array of shape (n_samples,)
        From 0, numbered in the order in which the clusters appear in the rows.

    Raises
    ------
    ValueError
        If n_clusters is not from 1 to n_samples.

    Examples
    --------
    >>> cut_tree(np.array([[0.0, 1.0, 1.0, 2.0], [2.0, 3.0, 4.0, 3.0]]), 2)
    array([0, 0, 1])
    """
    merges = check_matrix(merges, "merges")
    if merges.shape[1] != 4:
        raise ShapeError(
            f"merges has shape {merges.shape}; it must be (n_samples - 1, 4), from agglomerative"
        )
    n = merges.shape[0] + 1
    check_count(n_clusters, "n_clusters", maximum=n)
    parent = np.arange(2 * n - 1)
    # From the top down, so that the parent of a cluster already points at its root.
    for i in reversed(range(n - n_clusters)):
        parent[merges[i, :2].astype(np.int64)] = parent[n + i]
    _, first, labels = np.unique(parent[:n], return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[labels]


class AgglomerativeClustering(Clusterer):
    """Clusters grown by merging the closest two, with Euclidean distances. Numpy only.

    Parameters
    ----------
    n_clusters : int
        How many are left when the merging stops; from 1 to the number of samples.
    linkage : {"ward", "complete", "average", "single"}
        Distance of two clusters, as in `agglomerative`.

    Attributes
    ----------
    labels_ : array of shape (n_samples,)
        Cluster of each sample in ``fit``, numbered in the order of the rows.
    children_ : array of shape (n_samples - 1, 2)
        The two clusters of each merge of the full tree.
    distances_ : array of shape (n_samples - 1,)
        Their distance.
    merges_ : array of shape (n_samples - 1, 4)
        Both and the sizes, as `agglomerative` returns them.
    n_features_in_ : int
        Number of features seen in ``fit``.

    Examples
    --------
    >>> X = np.array([[0.0], [1.0], [8.0], [9.5]])
    >>> AgglomerativeClustering(n_clusters=2).fit(X).labels_
    array([0, 0, 1, 1])
    """

    def __init__(self, n_clusters=2, *, linkage="ward"):
        self.n_clusters = n_clusters
        self.linkage = linkage

    def fit(self, X, y=None):
        """Build the tree and cut it.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
        y : None
            Not used; here because every estimator takes it.

        Returns
        -------
        self : AgglomerativeClustering

        Raises
        ------
        ShapeError
            If X is not 2-D or has only one row.
        NotFiniteError
            If X holds NaN or infinity.
        ValueError
            If a parameter is not allowed.
        """
        X = to_numpy(check_matrix(X, "X"))
        if X.shape[0] < 2:
            raise ShapeError("X has n_samples = 1; merging takes at least 2 samples: pass more of them")
        check_choice(self.linkage, LINKAGES, "linkage")
        self.merges_ = _agglomerate(squareform(pdist(X)), self.linkage)
        self.labels_ = cut_tree(self.merges_, self.n_clusters)
        self.children_ = self.merges_[:, :2].astype(np.int64)
        self.distances_ = self.merges_[:, 2]
        self.n_features_in_ = X.shape[1]
        return self


def _agglomerate(D, linkage):
    """`agglomerative` without the checks; D is used up."""
    n = D.shape[0]
    if linkage == "ward":
        np.square(D, out=D)
    np.fill_diagonal(D, np.inf)
    # Added to a row, it hides the clusters that are gone.
    gone = np.zeros(n)
    sizes = np.ones(n)
    pairs, heights, chain = np.empty((n - 1, 2), dtype=np.int64), np.empty(n - 1), []
    for step in range(n - 1):
        if not chain:
            chain.append(int(gone.argmin()))
        while True:
            row = D[chain[-1]] + gone
            nearest = int(row.argmin())
            # Of equal distances the way back: else the walk could go in circles.
            if len(chain) > 1 and row[chain[-2]] <= row[nearest]:
                break
            chain.append(nearest)
        a, b = chain.pop(), chain.pop()
        pairs[step], heights[step] = (a, b), D[a, b]
        row = _union_distances(D, sizes, a, b, linkage)
        row[b] = np.inf
        D[b], D[:, b] = row, row
        gone[a] = np.inf
        sizes[b] += sizes[a]
    return _numbered(pairs, np.sqrt(heights) if linkage == "ward" else heights)


def _union_distances(D, sizes, a, b, linkage):
    """Distance of the union of clusters a and b to every other cluster; squared for "ward"."""
    if linkage == "single":
        return np.minimum(D[a], D[b])
    if linkage == "complete":
        return np.maximum(D[a], D[b])
    if linkage == "average":
        return (sizes[a] * D[a] + sizes[b] * D[b]) / (sizes[a] + sizes[b])
    total = sizes[a] + sizes[b] + sizes
    return ((sizes[a] + sizes) * D[a] + (sizes[b] + sizes) * D[b] - sizes * D[a, b]) / total


def _numbered(pairs, heights):
    """Merges in the order of their heights, with every cluster called by its number."""
    n = pairs.shape[0] + 1
    order = np.argsort(heights, stable=True)
    number, parent, size = list(range(n)), list(range(n)), [1] * n

    def root(i):
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    merges = np.empty((n - 1, 4))
    for step, pair in enumerate(pairs[order].tolist()):
        a, b = map(root, pair)
        parent[a] = b
        size[b] += size[a]
        merges[step] = min(number[a], number[b]), max(number[a], number[b]), heights[order[step]], size[b]
        number[b] = n + step
    return merges


def _checked_distances(D):
    D = to_numpy(check_matrix(D, "D")).astype(np.float64)
    if D.shape[0] != D.shape[1]:
        raise ShapeError(f"D has shape {D.shape}; it must be square, one row and one column per sample")
    slack = 1e-6 * D.max()
    if np.abs(D - D.T).max() > slack or np.abs(D.diagonal()).max() > slack or D.min() < 0:
        raise ValueError(
            "D is not a table of distances: it must be symmetric, never negative and zero on the diagonal; "
            "build it with mlref.neighbors.pairwise_distances"
        )
    return D
