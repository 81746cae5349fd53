"""Generators of classification problems: some that a straight line separates, some that none can."""

import math
from statistics import NormalDist

import numpy as np

from mlref.errors import check_count

__all__ = [
    "make_blobs",
    "make_imbalanced_scores",
    "make_moons",
    "make_parity",
    "make_ring",
    "make_three_modes",
]

# Centres and radius of the three discs in the square from -1 to 1.
MODES = np.array([[0.0, 0.6], [-0.6, -0.4], [0.6, -0.4]])
MODE_RADIUS = 0.3


def make_blobs(n, rng, *, centers=3, n_features=2, std=1.0):
    """Normal clouds of points around random centres, one class each.

    Parameters
    ----------
    n : int
        Number of samples; class sizes differ by at most one.
    rng : numpy.random.Generator
    centers : int or array of shape (n_classes, n_features)
        How many centres to draw uniformly from -10 to 10, or the centres themselves.
    n_features : int
        Not used where centers is an array.
    std : float
        Standard deviation of every cloud in every direction.

    Returns
    -------
    X : array of shape (n, n_features)
    y : array of shape (n,)
        Number of the centre, from 0; rows come in random order.

    Raises
    ------
    ValueError
        If n, centers or n_features is not a whole number of at least 1.

    Examples
    --------
    >>> X, y = make_blobs(7, np.random.default_rng(0))
    >>> X.shape, np.bincount(y).tolist()
    ((7, 2), [3, 2, 2])
    """
    check_count(n, "n")
    if np.ndim(centers) == 0:
        check_count(centers, "centers")
        check_count(n_features, "n_features")
        centers = rng.uniform(-10, 10, size=(centers, n_features))
    centers = np.asarray(centers, dtype=np.float64)
    y = rng.permutation(np.arange(n) % centers.shape[0])
    return centers[y] + std * rng.normal(size=(n, centers.shape[1])), y


def make_moons(n, rng, *, noise=0.1):
    """Two interleaved half circles, which no straight line separates.

    Parameters
    ----------
    n : int
        Number of samples; class sizes differ by at most one.
    rng : numpy.random.Generator
    noise : float
        Standard deviation of the normal errors of both coordinates.

    Returns
    -------
    X : array of shape (n, 2)
    y : array of shape (n,)
        0 for the upper moon, 1 for the lower; rows come in random order.

    Raises
    ------
    ValueError
        If n is not a whole number of at least 1.

    Examples
    --------
    >>> X, y = make_moons(5, np.random.default_rng(0))
    >>> X.shape, np.bincount(y).tolist()
    ((5, 2), [3, 2])
    """
    check_count(n, "n")
    y = rng.permutation(np.arange(n) % 2)
    angle = rng.uniform(0, math.pi, size=n)
    upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    lower = np.stack([1 - np.cos(angle), 0.5 - np.sin(angle)], axis=1)
    return np.where(y[:, None] == 0, upper, lower) + noise * rng.normal(size=(n, 2)), y


def make_ring(n, rng, *, noise=0.0):
    """A ring, and what lies inside and outside of it.

    Parameters
    ----------
    n : int
        Number of samples; class sizes differ by at most one.
    rng : numpy.random.Generator
    noise : float
        Standard deviation of the normal errors of both coordinates.

    Returns
    -------
    X : array of shape (n, 2)
    y : array of shape (n,)
        1 at a distance from 1 to 2 of the origin, 0 nearer or up to 3; rows come in random order.

    Raises
    ------
    ValueError
        If n is not a whole number of at least 1.

    Examples
    --------
    >>> X, y = make_ring(5, np.random.default_rng(0))
    >>> radius = np.sqrt(np.sum(X**2, axis=1))
    >>> bool(np.all((y == 1) == ((radius >= 1) & (radius <= 2))))
    True
    """
    check_count(n, "n")
    y = rng.permutation(np.arange(n) % 2)
    angle, radius = rng.uniform(0, 2 * math.pi, size=n), rng.uniform(0, 1, size=n)
    radius = np.where(y == 1, 1 + radius, radius + 2 * (rng.random(n) < 0.5))
    points = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return points + noise * rng.normal(size=(n, 2)), y


def make_parity(n, rng, *, n_features=2):
    """Whether the number of positive coordinates is odd: opposite corners belong together.

    Parameters
    ----------
    n : int
        Number of samples.
    rng : numpy.random.Generator
    n_features : int
        With two features the classes are the quadrants crosswise.

    Returns
    -------
    X : array of shape (n, n_features)
        Uniform from -1 to 1.
    y : array of shape (n,)
        1 where an odd number of features is positive. No feature alone says anything about it.

    Raises
    ------
    ValueError
        If n or n_features is not a whole number of at least 1.

    Examples
    --------
    >>> X, y = make_parity(9, np.random.default_rng(0))
    >>> bool(np.all((y == 1) == (X[:, 0] * X[:, 1] < 0)))
    True
    """
    check_count(n, "n")
    check_count(n_features, "n_features")
    X = rng.uniform(-1, 1, size=(n, n_features))
    return X, np.sum(X > 0, axis=1) % 2


def make_three_modes(n, rng):
    """Three discs, and the rest of the square around them.

    Parameters
    ----------
    n : int
        Number of samples; class sizes differ by at most one.
    rng : numpy.random.Generator

    Returns
    -------
    X : array of shape (n, 2)
        Uniform in each class, from -1 to 1.
    y : array of shape (n,)
        1 in one of the discs, 0 elsewhere; rows come in random order.

    Raises
    ------
    ValueError
        If n is not a whole number of at least 1.

    Examples
    --------
    >>> X, y = make_three_modes(6, np.random.default_rng(0))
    >>> X.shape, np.bincount(y).tolist()
    ((6, 2), [3, 3])
    """
    check_count(n, "n")
    y = rng.permutation(np.arange(n) % 2)
    X = np.empty((n, 2))
    wrong = np.arange(n)
    # Drawn again until every point lies where its label says.
    while wrong.size:
        X[wrong] = rng.uniform(-1, 1, size=(wrong.size, 2))
        distance = np.sqrt(np.sum((X[wrong, None, :] - MODES) ** 2, axis=2))
        inside = np.any(distance <= MODE_RADIUS, axis=1)
        wrong = wrong[inside != (y[wrong] == 1)]
    return X, y


def make_imbalanced_scores(n, rng, *, auc=0.8, positive_share=0.1):
    """Scores of a detector of a rare class, with a known area under the ROC curve.

    Parameters
    ----------
    n : int
        Number of samples, at least 2.
    rng : numpy.random.Generator
    auc : float
        The area that a very large sample has, between 0 and 1.
    positive_share : float
        Share of positive samples, between 0 and 1.

    Returns
    -------
    y : array of shape (n,)
        1 positive, 0 negative; at least one of each. Rows come in random order.
    scores : array of shape (n,)

    Raises
    ------
    ValueError
        If n is not a whole number of at least 2, or auc or positive_share does not lie between 0 and 1.

    Notes
    -----
    Negative scores are standard normal, positive ones normal around ``d`` with the same spread. The
    difference of two is normal around d with variance 2, so that ``auc = Phi(d / sqrt(2))``.

    Examples
    --------
    >>> y, scores = make_imbalanced_scores(20, np.random.default_rng(0))
    >>> np.bincount(y).tolist()
    [18, 2]
    """
    check_count(n, "n")
    if n < 2:
        raise ValueError(f"n is {n}; both classes need a sample: choose at least 2")
    for value, name in ((auc, "auc"), (positive_share, "positive_share")):
        if not 0 < value < 1:
            raise ValueError(f"{name} is {value!r}; it must lie strictly between 0 and 1")
    n_positive = min(max(1, round(positive_share * n)), n - 1)
    y = rng.permutation(np.repeat([1, 0], [n_positive, n - n_positive]))
    return y, rng.normal(size=n) + math.sqrt(2) * NormalDist().inv_cdf(auc) * y
