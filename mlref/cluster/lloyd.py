"""Lloyd's iteration: the nearest centroid of every sample, and the mean of the samples of every centroid.

Inside, samples are moved to the origin and have a last column of ones.
"""

from mlref.arrays import device, namespace
from mlref.errors import check_matrix, check_same_features

__all__ = ["lloyd_step", "nearest_centroid"]


def nearest_centroid(X, centroids):
    """Number of the nearest centroid of every sample, and the sum of squared distances to them.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
    centroids : array of shape (n_clusters, n_features)

    Returns
    -------
    labels : array of shape (n_samples,)
        The smaller number where two centroids are equally near.
    inertia : float
        Sum over the samples of the squared distance to the nearest centroid.

    Raises
    ------
    ShapeError
        If an array is not 2-D, or they differ in n_features.
    NotFiniteError
        If an array holds NaN or infinity.

    Notes
    -----
    Of ``|x - c|^2 = |x|^2 - 2 (x.c - |c|^2 / 2)`` only the bracket depends on the centroid: its largest
    value marks the nearest. Memory beyond the result: a copy of X, and a block of it.

    Examples
    --------
    >>> nearest_centroid(np.array([[0.0], [1.0], [5.0]]), np.array([[0.0], [4.0]]))
    (array([0, 0, 1]), 2.0)
    """
    X, centroids = check_matrix(X, "X"), check_matrix(centroids, "centroids")
    check_same_features(X=X, centroids=centroids)
    xp = namespace(X, centroids)
    # Distances do not change when both move, and near the origin the products cancel less.
    origin = xp.mean(X, axis=0)
    labels, distances = assign(centred_with_ones(X, origin), centroids - origin)
    return labels, float(xp.sum(distances))


def lloyd_step(X, centroids):
    """One step of Lloyd's iteration: every centroid moves to the mean of the samples nearest to it.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
    centroids : array of shape (n_clusters, n_features)

    Returns
    -------
    centroids : array of shape (n_clusters, n_features)
        A centroid without samples moves to the sample that is farthest from its own centroid; a second one
        to the second farthest.

    Raises
    ------
    ShapeError
        If an array is not 2-D, or they differ in n_features.
    NotFiniteError
        If an array holds NaN or infinity.

    Notes
    -----
    With ``[x, 1]`` for the samples and ``[c, -|c|^2 / 2]`` for the centroids, one matrix product gives the
    score ``x.c - |c|^2 / 2`` of every pair, largest for the nearest centroid. The matrix H that has a one
    where a score is the largest of its sample turns ``H [X, 1]`` into the sums and the sizes of all
    clusters: a second product, and no gathering or scattering.

    References
    ----------
    Lloyd (1982), Least squares quantization in PCM, *IEEE Transactions on Information Theory* 28(2).

    Examples
    --------
    >>> lloyd_step(np.array([[0.0], [1.0], [5.0]]), np.array([[0.0], [4.0]]))
    array([[0.5],
           [5. ]])
    """
    X, centroids = check_matrix(X, "X"), check_matrix(centroids, "centroids")
    check_same_features(X=X, centroids=centroids)
    xp = namespace(X, centroids)
    origin = xp.mean(X, axis=0)
    return move_centroids(centred_with_ones(X, origin), centroids - origin) + origin


def centred_with_ones(X, origin):
    """Samples moved to the origin, and a last column of ones; filled block by block to save a second copy."""
    xp = namespace(X)
    samples = xp.ones((X.shape[0], X.shape[1] + 1), dtype=X.dtype, device=device(X))
    for block in _blocks(samples, origin):
        samples[block, :-1] = X[block, :] - origin
    return samples


def assign(samples, centroids):
    """Labels and squared distances, for samples that hold a last column of ones."""
    xp = namespace(samples)
    right = _with_half_squares(centroids)
    labels, distances = [], []
    for block in _blocks(samples, right):
        nearest = xp.argmax(right @ samples[block, :].T, axis=0)
        difference = samples[block, :-1] - xp.take(centroids, nearest, axis=0)
        labels.append(nearest)
        distances.append(xp.vecdot(difference, difference))
    return xp.concat(labels), xp.concat(distances)


def move_centroids(samples, centroids):
    """`lloyd_step` for samples that hold a last column of ones."""
    xp = namespace(samples)
    right = _with_half_squares(centroids)
    clusters = xp.arange(right.shape[0], device=device(right))[:, None]
    totals = xp.zeros_like(right)
    for block in _blocks(samples, right):
        scores = right @ samples[block, :].T
        nearest = xp.astype(scores == xp.max(scores, axis=0), samples.dtype)
        sums = nearest @ samples[block, :]
        if float(xp.sum(sums[:, -1])) > scores.shape[1]:  # a tie: the smaller number gets the sample
            nearest = xp.astype(clusters == xp.argmax(scores, axis=0), samples.dtype)
            sums = nearest @ samples[block, :]
        totals = totals + sums
    sizes = totals[:, -1:]
    moved = totals[:, :-1] / xp.maximum(sizes, xp.ones_like(sizes))
    n_empty = int(xp.sum(xp.astype(sizes == 0, xp.int64)))
    if n_empty > 0:
        _, distances = assign(samples, centroids)
        farthest = xp.take(samples[:, :-1], xp.argsort(-distances)[:n_empty], axis=0)
        rank = xp.cumulative_sum(xp.astype(sizes[:, 0] == 0, xp.int64)) - 1
        moved = xp.where(sizes == 0, xp.take(farthest, xp.maximum(rank, 0 * rank), axis=0), moved)
    return moved


def _with_half_squares(centroids):
    xp = namespace(centroids)
    return xp.concat([centroids, -0.5 * xp.sum(centroids**2, axis=1, keepdims=True)], axis=1)


def _blocks(samples, centroids):
    """Slices of rows; a block and its scores are a quarter of a million numbers, which stay in the cache."""
    rows = max(1, 2**18 // (samples.shape[1] + centroids.shape[0]))
    return [slice(i, min(i + rows, samples.shape[0])) for i in range(0, samples.shape[0], rows)]
