"""Generators of regression problems whose truth is known."""

import math

import numpy as np

from mlref.errors import check_count

__all__ = [
    "make_gpa_like",
    "make_line",
    "make_poly",
    "make_sine",
]


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


def make_poly(n, rng, *, coefficients=(0.0, -1.0, 0.0, 2.0), noise=0.1):
    """Points around a polynomial.

    Parameters
    ----------
    n : int
        Number of samples.
    rng : numpy.random.Generator
    coefficients : sequence of float
        Of 1, x, x^2 ...
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
    >>> X, y = make_poly(3, np.random.default_rng(0), coefficients=(1.0, 0.0, 2.0), noise=0.0)
    >>> bool(np.allclose(y, 1 + 2 * X[:, 0] ** 2))
    True
    """
    check_count(n, "n")
    x = rng.uniform(-1, 1, size=n)
    return x[:, None], np.polynomial.polynomial.polyval(x, coefficients) + noise * rng.normal(size=n)


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
