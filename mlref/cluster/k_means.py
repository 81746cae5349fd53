"""k-means: greedy seeding, Lloyd's iteration as two matrix products, restarts."""

import math
import warnings

import numpy as np

from mlref.arrays import device, from_numpy, namespace
from mlref.base import Clusterer, Transformer
from mlref.errors import (
    ConvergenceWarning,
    ShapeError,
    check_choice,
    check_count,
    check_matrix,
    check_same_features,
)
from mlref.metrics.pairwise import pairwise_distances

__all__ = ["KMeans", "k_means", "k_means_plus_plus", "lloyd_step", "nearest_centroid"]


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
    labels, distances = _nearest(_centred_with_ones(X, origin), centroids - origin)
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
    return _lloyd_step(_centred_with_ones(X, origin), centroids - origin) + origin


def k_means_plus_plus(X, n_clusters, rng):
    """Distant samples to start k-means from, chosen greedily.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
    n_clusters : int
        From 1 to n_samples.
    rng : numpy.random.Generator

    Returns
    -------
    indices : array of shape (n_clusters,)
        Row numbers in X.

    Raises
    ------
    ShapeError
        If X is not 2-D.
    NotFiniteError
        If X holds NaN or infinity.
    ValueError
        If n_clusters is not from 1 to n_samples.

    Notes
    -----
    The first sample is drawn uniformly. For each further one, ``2 + ln(n_clusters)`` candidates are drawn
    with probability in proportion to the squared distance to the nearest chosen sample, and the candidate
    that leaves the smallest sum of these is taken.

    References
    ----------
    Arthur and Vassilvitskii (2007), k-means++: the advantages of careful seeding, *SODA*.

    Examples
    --------
    >>> X = np.array([[0.0], [0.1], [9.0], [9.1]])
    >>> chosen = k_means_plus_plus(X, 2, np.random.default_rng(0))
    >>> sorted((chosen // 2).tolist())
    [0, 1]
    """
    X = check_matrix(X, "X")
    check_count(n_clusters, "n_clusters", maximum=X.shape[0])
    xp = namespace(X)
    X = X - xp.mean(X, axis=0)
    squares = xp.sum(X**2, axis=1)

    def squared_distances(rows):
        products = xp.take(X, rows, axis=0) @ X.T
        distances = squares - 2 * products + xp.take(squares, rows)[:, None]
        # Rounding can push the distance of a sample to itself below zero.
        return xp.maximum(distances, xp.zeros_like(distances))

    chosen = [from_numpy(rng.integers(X.shape[0], size=1), like=X)]
    closest = squared_distances(chosen[0])[0, :]
    for _ in range(n_clusters - 1):
        candidates = _draw(closest, rng.random(2 + int(math.log(n_clusters))))
        distances = xp.minimum(squared_distances(candidates), closest)
        best = int(xp.argmin(xp.sum(distances, axis=1)))
        chosen.append(candidates[best : best + 1])
        closest = distances[best, :]
    return xp.concat(chosen)


def k_means(X, n_clusters, rng, *, init="k-means++", n_init=1, max_iter=300, tol=1e-4):
    """Clusters around means that make the sum of squared distances small.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
    n_clusters : int
        From 1 to n_samples.
    rng : numpy.random.Generator
    init : {"k-means++", "random"} or array of shape (n_clusters, n_features)
        Samples chosen by `k_means_plus_plus`, samples chosen uniformly, or the first centroids themselves.
    n_init : int
        How many times to start; the run with the smallest inertia is kept.
    max_iter : int
        The most steps of one run.
    tol : float
        A run ends when the squared moves of all centroids sum to no more than this share of the mean
        variance of the features.

    Returns
    -------
    centroids : array of shape (n_clusters, n_features)
    labels : array of shape (n_samples,)
        Number of the nearest centroid.
    inertia : float
        Sum of squared distances to the nearest centroid.
    n_iter : int
        Steps of the run that was kept.

    Raises
    ------
    ShapeError
        If X is not 2-D, or init has another shape than given above.
    NotFiniteError
        If X or init holds NaN or infinity.
    ValueError
        If n_clusters, n_init or max_iter is not a whole number of at least 1, n_clusters exceeds
        n_samples, or init is unknown.

    Warns
    -----
    ConvergenceWarning
        If the run that was kept used all its steps.

    Notes
    -----
    Both halves of a step, nearest centroid and mean, can only lower the inertia, so it falls until nothing
    moves: a local minimum, which is why the start matters. See `lloyd_step`.

    References
    ----------
    Hastie, Tibshirani and Friedman (2009), *The Elements of Statistical Learning*, section 14.3.6.

    Examples
    --------
    >>> X = np.array([[0.0], [1.0], [8.0], [9.0]])
    >>> centroids, labels, inertia, n_iter = k_means(X, 2, np.random.default_rng(0))
    >>> sorted(centroids[:, 0].tolist()), inertia
    ([0.5, 8.5], 1.0)
    """
    X = check_matrix(X, "X")
    check_count(n_clusters, "n_clusters", maximum=X.shape[0])
    check_count(n_init, "n_init")
    check_count(max_iter, "max_iter")
    xp = namespace(X)
    origin = xp.mean(X, axis=0)
    samples = _centred_with_ones(X, origin)
    centred = samples[:, :-1]
    limit = tol * float(xp.mean(xp.vecdot(centred, centred))) / X.shape[1]
    runs = []
    for _ in range(n_init):
        centroids = _first_centroids(X, n_clusters, rng, init) - origin
        n_iter, shift = 0, limit + 1
        while shift > limit and n_iter < max_iter:
            moved = _lloyd_step(samples, centroids)
            shift = float(xp.sum((moved - centroids) ** 2))
            centroids, n_iter = moved, n_iter + 1
        labels, distances = _nearest(samples, centroids)
        runs.append((centroids + origin, labels, float(xp.sum(distances)), n_iter, shift <= limit))
    *best, converged = min(runs, key=lambda run: run[2])
    if not converged:
        warnings.warn(
            f"k-means still moved after max_iter = {max_iter} steps; raise max_iter or tol",
            ConvergenceWarning,
            stacklevel=2,
        )
    return tuple(best)


class KMeans(Clusterer, Transformer):
    """Clusters around means, by Lloyd's iteration.

    Parameters
    ----------
    n_clusters : int
    init : {"k-means++", "random"} or array of shape (n_clusters, n_features)
        Samples chosen greedily far apart, samples chosen uniformly, or the first centroids themselves.
    n_init : int
        How many times to start; the run with the smallest inertia is kept.
    max_iter : int
        The most steps of one run.
    tol : float
        A run ends when the squared moves of all centroids sum to no more than this share of the mean
        variance of the features.
    random_state : int, numpy.random.Generator or None
        Where the start is drawn from; None draws another one each time.

    Attributes
    ----------
    cluster_centers_ : array of shape (n_clusters, n_features)
    labels_ : array of shape (n_samples,)
        Cluster of each sample in ``fit``.
    inertia_ : float
        Sum of squared distances to the nearest centroid.
    n_iter_ : int
        Steps of the run that was kept.
    n_features_in_ : int
        Number of features seen in ``fit``.

    Examples
    --------
    >>> X = np.array([[0.0], [1.0], [8.0], [9.0]])
    >>> model = KMeans(n_clusters=2, random_state=0).fit(X)
    >>> model.inertia_, model.predict(np.array([[0.2], [7.0]])).tolist() == model.labels_[1:3].tolist()
    (1.0, True)
    """

    def __init__(
        self, n_clusters=8, *, init="k-means++", n_init=1, max_iter=300, tol=1e-4, random_state=None
    ):
        self.n_clusters = n_clusters
        self.init = init
        self.n_init = n_init
        self.max_iter = max_iter
        self.tol = tol
        self.random_state = random_state

    def fit(self, X, y=None):
        """Find the centroids.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
        y : None
            Not used; here because every estimator takes it.

        Returns
        -------
        self : KMeans

        Raises
        ------
        ShapeError
            If X is not 2-D.
        NotFiniteError
            If X holds NaN or infinity.
        ValueError
            If a parameter is not allowed.
        """
        self.cluster_centers_, self.labels_, self.inertia_, self.n_iter_ = k_means(
            X,
            self.n_clusters,
            np.random.default_rng(self.random_state),
            init=self.init,
            n_init=self.n_init,
            max_iter=self.max_iter,
            tol=self.tol,
        )
        self.n_features_in_ = self.cluster_centers_.shape[1]
        return self

    def predict(self, X):
        """Number of the nearest centroid of each sample.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)

        Returns
        -------
        labels : array of shape (n_samples,)

        Raises
        ------
        NotFittedError
            If ``fit`` was not called.
        ShapeError
            If X is not 2-D or has another number of features than in ``fit``.
        NotFiniteError
            If X holds NaN or infinity.
        """
        return self._nearest(X)[0]

    def transform(self, X):
        """Distance of each sample to each centroid.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)

        Returns
        -------
        distances : array of shape (n_samples, n_clusters)

        Raises
        ------
        NotFittedError, ShapeError, NotFiniteError
            As in ``predict``.
        """
        self._check_fitted()
        X = check_matrix(X, "X")
        self._check_features(X)
        return pairwise_distances(X, self.cluster_centers_)

    def score(self, X, y=None):
        """Minus the sum of squared distances to the nearest centroids: larger is better.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
        y : None
            Not used.

        Returns
        -------
        score : float

        Raises
        ------
        NotFittedError, ShapeError, NotFiniteError
            As in ``predict``.
        """
        return -self._nearest(X)[1]

    def _nearest(self, X):
        self._check_fitted()
        X = check_matrix(X, "X")
        self._check_features(X)
        return nearest_centroid(X, self.cluster_centers_)


def _nearest(samples, centroids):
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


def _lloyd_step(samples, centroids):
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
        _, distances = _nearest(samples, centroids)
        farthest = xp.take(samples[:, :-1], xp.argsort(-distances)[:n_empty], axis=0)
        rank = xp.cumulative_sum(xp.astype(sizes[:, 0] == 0, xp.int64)) - 1
        moved = xp.where(sizes == 0, xp.take(farthest, xp.maximum(rank, 0 * rank), axis=0), moved)
    return moved


def _first_centroids(X, n_clusters, rng, init):
    """The start of one run, by its name or as given."""
    xp = namespace(X)
    if not isinstance(init, str):
        centroids = check_matrix(xp.asarray(init, dtype=X.dtype, device=device(X)), "init")
        if centroids.shape != (n_clusters, X.shape[1]):
            raise ShapeError(
                f"init has shape {tuple(centroids.shape)}; it must be (n_clusters, n_features) = "
                f"{(n_clusters, X.shape[1])}"
            )
        return centroids
    check_choice(init, ("k-means++", "random"), "init")
    if init == "k-means++":
        return xp.take(X, k_means_plus_plus(X, n_clusters, rng), axis=0)
    rows = rng.choice(X.shape[0], size=n_clusters, replace=False)
    return xp.take(X, from_numpy(rows, like=X), axis=0)


def _blocks(samples, centroids):
    """Slices of rows; a block and its scores are a quarter of a million numbers, which stay in the cache."""
    rows = max(1, 2**18 // (samples.shape[1] + centroids.shape[0]))
    return [slice(i, min(i + rows, samples.shape[0])) for i in range(0, samples.shape[0], rows)]


def _centred_with_ones(X, origin):
    """Samples moved to the origin, and a last column of ones; filled block by block to save a second copy."""
    xp = namespace(X)
    samples = xp.ones((X.shape[0], X.shape[1] + 1), dtype=X.dtype, device=device(X))
    for block in _blocks(samples, origin):
        samples[block, :-1] = X[block, :] - origin
    return samples


def _with_half_squares(centroids):
    xp = namespace(centroids)
    return xp.concat([centroids, -0.5 * xp.sum(centroids**2, axis=1, keepdims=True)], axis=1)


def _draw(weights, uniform):
    """Row numbers with probability in proportion to the weights, one for each number from [0, 1)."""
    xp = namespace(weights)
    cumulative = xp.cumulative_sum(weights, dtype=xp.float64)
    drawn = xp.searchsorted(cumulative, from_numpy(uniform, like=weights) * cumulative[-1], side="right")
    return xp.minimum(drawn, xp.full_like(drawn, weights.shape[0] - 1))
