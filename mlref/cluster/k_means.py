"""k-means: greedy seeding, Lloyd's iteration, restarts."""

import math
import warnings

import numpy as np

from mlref.arrays import device, from_numpy, namespace
from mlref.base import Clusterer, Transformer
from mlref.cluster.lloyd import assign, centred_with_ones, move_centroids, nearest_centroid
from mlref.errors import ConvergenceWarning, ShapeError, check_choice, check_count, check_matrix
from mlref.metrics.pairwise import pairwise_distances

__all__ = ["KMeans", "k_means", "k_means_plus_plus"]


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
    samples = centred_with_ones(X, origin)
    centred = samples[:, :-1]
    limit = tol * float(xp.mean(xp.vecdot(centred, centred))) / X.shape[1]
    runs = []
    for _ in range(n_init):
        centroids = _first_centroids(X, n_clusters, rng, init) - origin
        n_iter, shift = 0, limit + 1
        while shift > limit and n_iter < max_iter:
            moved = move_centroids(samples, centroids)
            shift = float(xp.sum((moved - centroids) ** 2))
            centroids, n_iter = moved, n_iter + 1
        labels, distances = assign(samples, centroids)
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


def _draw(weights, uniform):
    """Row numbers with probability in proportion to the weights, one for each number from [0, 1)."""
    xp = namespace(weights)
    cumulative = xp.cumulative_sum(weights, dtype=xp.float64)
    drawn = xp.searchsorted(cumulative, from_numpy(uniform, like=weights) * cumulative[-1], side="right")
    return xp.minimum(drawn, xp.full_like(drawn, weights.shape[0] - 1))
