"""Lloyd's iteration: the nearest centroid of every sample, and the mean of the samples of every centroid.

Inside, samples are moved to the origin and have a last column of ones.
"""

from mlref.arrays import device, namespace, scatter_add
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
    score ``x.c - |c|^2 / 2`` of every pair, largest for the nearest centroid. The sums of the ``[x, 1]`` with
    the same nearest centroid are the sums and the sizes of all clusters.

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
    for rows in _blocks(samples, 0):
        samples[rows, :-1] = X[rows, :] - origin
    return samples


def assign(samples, centroids):
    """Labels and squared distances, for samples that hold a last column of ones."""
    xp = namespace(samples)
    labels, distances = [], []
    for block, nearest in _nearest_by_block(samples, centroids):
        difference = block[:, :-1] - xp.take(centroids, nearest, axis=0)
        labels.append(nearest)
        distances.append(xp.vecdot(difference, difference))
    return xp.concat(labels), xp.concat(distances)


def move_centroids(samples, centroids):
    """`lloyd_step` for samples that hold a last column of ones."""
    xp, n_clusters = namespace(samples), centroids.shape[0]
    # The sums of the column of ones are the sizes.
    totals = sum(
        scatter_add(block, nearest, n_clusters) for block, nearest in _nearest_by_block(samples, centroids)
    )
    sizes = totals[:, -1:]
    moved = totals[:, :-1] / xp.maximum(sizes, xp.ones_like(sizes))
    is_empty = xp.astype(sizes == 0, xp.int64)
    n_empty = int(xp.sum(is_empty))
    if n_empty > 0:
        _, distances = assign(samples, centroids)
        farthest = xp.take(samples[:, :-1], xp.argsort(-distances)[:n_empty], axis=0)
        rank = xp.cumulative_sum(is_empty[:, 0]) - is_empty[:, 0]
        # What full clusters would take is not used; it only has to exist.
        candidates = xp.take(farthest, xp.minimum(rank, xp.full_like(rank, n_empty - 1)), axis=0)
        moved = xp.where(sizes == 0, candidates, moved)
    return moved


def _nearest_by_block(samples, centroids):
    """Blocks of samples, and the number of the nearest centroid of each sample."""
    xp = namespace(samples)
    half_squares = 0.5 * xp.sum(centroids**2, axis=1, keepdims=True)
    right = xp.concat([centroids, -half_squares], axis=1)
    for rows in _blocks(samples, right.shape[0]):
        block = samples[rows, :]
        yield block, _argmax_of_columns(right @ block.T)


def _argmax_of_columns(scores):
    """Row number of the largest entry of each column; several times as fast as `argmax`.

    A matrix has a one where an entry is the largest of its column. Row numbers times this matrix are the
    answer, and ones times it are one everywhere, unless there are ties.
    """
    xp = namespace(scores)
    largest = xp.astype(scores == xp.max(scores, axis=0), scores.dtype)
    numbers = xp.arange(scores.shape[0], dtype=scores.dtype, device=device(scores))
    answer = xp.stack([numbers, xp.ones_like(numbers)]) @ largest
    if float(xp.sum(answer[1, :])) > scores.shape[1]:
        return xp.argmax(scores, axis=0)  # the first of equal entries
    return xp.astype(answer[0, :], xp.int64)


def _blocks(samples, n_clusters):
    """Slices of rows: few enough that the scores stay in the cache, and many enough to be worth a call."""
    rows = max(2**10, 2**18 // (samples.shape[1] + n_clusters))
    return [slice(i, min(i + rows, samples.shape[0])) for i in range(0, samples.shape[0], rows)]
