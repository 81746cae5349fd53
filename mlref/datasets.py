"""Data to learn from: seeded generators, and two small data sets that ship with the package (see NOTICE).

Generators return numpy arrays. The same ``n`` and a generator in the same state give the same values.
"""

import csv
import math
from importlib.resources import files

import numpy as np

from mlref.errors import check_count

__all__ = [
    "load_diabetes",
    "load_iris",
    "make_blobs",
    "make_gpa_like",
    "make_line",
    "make_moons",
    "make_sine",
]


def load_iris():
    """Measures of 150 iris flowers of three species.

    Returns
    -------
    X : array of shape (150, 4)
        Length and width of the sepals, length and width of the petals, in cm.
    y : array of shape (150,)
        0 setosa, 1 versicolor, 2 virginica; 50 of each, in this order.

    References
    ----------
    Fisher (1936), The use of multiple measurements in taxonomic problems, *Annals of Eugenics* 7(2).

    Examples
    --------
    >>> X, y = load_iris()
    >>> X.shape, np.bincount(y).tolist()
    ((150, 4), [50, 50, 50])
    """
    rows = _read_table("iris.csv")
    X = np.array([row[:4] for row in rows], dtype=np.float64)
    species = np.array([row[4] for row in rows])
    return X, np.searchsorted(["setosa", "versicolor", "virginica"], species)


def load_diabetes(*, scaled=True):
    """Ten measures of 442 diabetes patients and how their disease progressed in a year.

    Parameters
    ----------
    scaled : bool
        True gives every column mean zero and a sum of squares of one; False gives the measures as taken.

    Returns
    -------
    X : array of shape (442, 10)
        Age in years, sex (1 or 2), body mass index, mean blood pressure, and six values of the blood serum.
    y : array of shape (442,)
        Progression after one year, from 25 to 346.

    References
    ----------
    Efron, Hastie, Johnstone and Tibshirani (2004), Least angle regression, *Annals of Statistics* 32(2).

    Examples
    --------
    >>> X, y = load_diabetes(scaled=False)
    >>> X.shape, float(X[0, 0]), float(y[0])
    ((442, 10), 59.0, 151.0)
    """
    table = np.array(_read_table("diabetes.csv"), dtype=np.float64)
    X, y = table[:, :-1], table[:, -1]
    if scaled:
        X = X - X.mean(axis=0)
        X = X / np.sqrt(np.sum(X**2, axis=0))
    return X, y


def make_line(n, rng, *, slope=2.0, intercept=1.0, noise=0.5):
    """Points around a straight line.

    Parameters
    ----------
    n : int
        Number of samples.
    rng : numpy.random.Generator
    slope, intercept : float
    noise : float
        Standard deviation of the normal errors of y.

    Returns
    -------
    X : array of shape (n, 1)
        Uniform from -1 to 1.
    y : array of shape (n,)

    Raises
    ------
    ValueError
        If n is not a whole number of at least 1.

    Examples
    --------
    >>> X, y = make_line(3, np.random.default_rng(0), noise=0.0)
    >>> bool(np.all(y == 1 + 2 * X[:, 0]))
    True
    """
    check_count(n, "n")
    x = rng.uniform(-1, 1, size=n)
    return x[:, None], intercept + slope * x + noise * rng.normal(size=n)


def make_sine(n, rng, *, noise=0.3):
    """Points around one period of a sine.

    Parameters
    ----------
    n : int
        Number of samples.
    rng : numpy.random.Generator
    noise : float
        Standard deviation of the normal errors of y.

    Returns
    -------
    X : array of shape (n, 1)
        Uniform from 0 to 1.
    y : array of shape (n,)
        ``sin(2 pi x)`` and the error.

    Raises
    ------
    ValueError
        If n is not a whole number of at least 1.

    Examples
    --------
    >>> X, y = make_sine(100, np.random.default_rng(0), noise=0.0)
    >>> bool(np.all(np.abs(y) <= 1))
    True
    """
    check_count(n, "n")
    x = rng.uniform(0, 1, size=n)
    return x[:, None], np.sin(2 * math.pi * x) + noise * rng.normal(size=n)


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


def make_gpa_like(n, rng):
    """Nine entrance-exam scores and the grade point average that students reach later.

    The scores share one hidden ability, each with noise of its own; the grade depends on the same ability
    but mostly on chance, so that the best prediction explains only about a seventh of its variance. One
    neighbour is then far worse than predicting the mean, a hundred are better, and weighting the hundred
    changes nothing that the error bars would show. The numbers are made up.

    Parameters
    ----------
    n : int
        Number of students.
    rng : numpy.random.Generator

    Returns
    -------
    X : array of shape (n, 9)
        Scores from 0 to 1000 with one decimal.
    y : array of shape (n,)
        Grades from 0 to 4 with two decimals.

    Raises
    ------
    ValueError
        If n is not a whole number of at least 1.

    Examples
    --------
    >>> X, y = make_gpa_like(4, np.random.default_rng(0))
    >>> X.shape, bool(np.all((y >= 0) & (y <= 4)))
    ((4, 9), True)
    """
    check_count(n, "n")
    ability = rng.normal(size=n)
    # Correlation of each exam with the ability.
    loading = np.linspace(0.5, 0.9, 9)
    talent = loading * ability[:, None] + np.sqrt(1 - loading**2) * rng.normal(size=(n, 9))
    grade = 2.8 + 0.35 * ability + 0.8 * rng.normal(size=n)
    return np.round(np.clip(520 + 100 * talent, 0, 1000), 1), np.round(np.clip(grade, 0, 4), 2)


def _read_table(name):
    """Rows of a CSV of this package as text, without the header."""
    with files("mlref").joinpath("data", name).open(encoding="utf-8", newline="") as lines:
        return list(csv.reader(lines))[1:]
