"""Basis functions: columns that make a linear model bend.

The columns stand in a fixed order, so that a coefficient can be told by its number.
"""

import itertools
import math

import numpy as np  # noqa: F401 (the examples use it)

from mlref.arrays import namespace
from mlref.base import Transformer
from mlref.errors import check_count, check_matrix, check_positive, check_vector

__all__ = [
    "PolynomialFeatures",
    "fourier_basis",
    "hermite_basis",
    "legendre_basis",
    "polynomial_basis",
    "polynomial_exponents",
]


def polynomial_exponents(n_features, degree, *, interactions=True):
    """Exponents of every feature in every monomial, in the order of `polynomial_basis`.

    Parameters
    ----------
    n_features : int
    degree : int
        Largest sum of exponents; at least 0.
    interactions : bool
        Whether features are multiplied with one another.

    Returns
    -------
    exponents : list of tuple of int
        One for each monomial: by the sum of exponents, and among equal sums by the features they hold, the
        first feature before the second: 1, a, b, a^2, ab, b^2, a^3 ...

    Examples
    --------
    >>> polynomial_exponents(2, 2)
    [(0, 0), (1, 0), (0, 1), (2, 0), (1, 1), (0, 2)]
    """
    check_count(n_features, "n_features")
    _check_degree(degree)
    factors = (
        combination
        for size in range(degree + 1)
        for combination in itertools.combinations_with_replacement(range(n_features), size)
        if interactions or len(set(combination)) <= 1
    )
    return [tuple(combination.count(j) for j in range(n_features)) for combination in factors]


def polynomial_basis(X, degree, *, interactions=True):
    """All monomials of the features up to a degree.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
    degree : int
        Largest sum of exponents; at least 0.
    interactions : bool
        True multiplies features with one another too; False keeps the powers of single features only.

    Returns
    -------
    Phi : array of shape (n_samples, n_columns)
        ``C(n_features + degree, degree)`` columns, without interactions ``1 + n_features * degree``, in the
        order of `polynomial_exponents`: 1, a, b, a^2, ab, b^2 for two features and degree 2.

    Raises
    ------
    ShapeError
        If X is not 2-D or is empty.
    NotFiniteError
        If X holds NaN or infinity.
    ValueError
        If degree is not a whole number of at least 0.

    Notes
    -----
    Every column is one feature times a column that is already there, so each costs one product.

    Examples
    --------
    >>> polynomial_basis(np.array([[2.0, 3.0]]), 2)
    array([[1., 2., 3., 4., 6., 9.]])
    """
    X = check_matrix(X, "X")
    xp = namespace(X)
    columns = {}
    for exponents in polynomial_exponents(X.shape[1], degree, interactions=interactions):
        if not any(exponents):
            columns[exponents] = xp.ones_like(X[:, 0])
            continue
        j = next(j for j, exponent in enumerate(exponents) if exponent)
        lower = (*exponents[:j], exponents[j] - 1, *exponents[j + 1 :])
        columns[exponents] = columns[lower] * X[:, j]
    return xp.stack(list(columns.values()), axis=1)


class PolynomialFeatures(Transformer):
    """`polynomial_basis` as a step of a pipeline.

    Parameters
    ----------
    degree : int
        Largest sum of exponents; at least 0.
    include_bias : bool
        Whether the constant column is there; a model with an intercept of its own does without.

    Attributes
    ----------
    powers_ : list of tuple of int
        Exponents of every feature in every column.
    n_features_in_ : int
        Number of features seen in ``fit``.

    Examples
    --------
    >>> PolynomialFeatures(degree=2, include_bias=False).fit_transform(np.array([[2.0, 3.0]]))
    array([[2., 3., 4., 6., 9.]])
    """

    def __init__(self, degree=2, *, include_bias=True):
        self.degree = degree
        self.include_bias = include_bias

    def fit(self, X, y=None):
        """Look at the number of features.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
        y : object, optional
            Ignored.

        Returns
        -------
        self : PolynomialFeatures

        Raises
        ------
        ShapeError
            If X is not 2-D or is empty.
        NotFiniteError
            If X holds NaN or infinity.
        ValueError
            If degree is not a whole number of at least 0.
        """
        X = check_matrix(X, "X")
        self.powers_ = polynomial_exponents(X.shape[1], self.degree)[0 if self.include_bias else 1 :]
        self.n_features_in_ = X.shape[1]
        return self

    def transform(self, X):
        """Monomials of the features.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)

        Returns
        -------
        Phi : array of shape (n_samples, n_columns)

        Raises
        ------
        NotFittedError
            If ``fit`` was not called.
        ShapeError
            If X is not 2-D or has another number of features than in ``fit``.
        NotFiniteError
            If X holds NaN or infinity.
        """
        self._check_fitted()
        X = check_matrix(X, "X")
        self._check_features(X)
        return polynomial_basis(X, self.degree)[:, 0 if self.include_bias else 1 :]


def fourier_basis(x, n_frequencies, *, period=1.0, sine=True):
    """Constant, cosines and sines of one variable.

    Parameters
    ----------
    x : array of shape (n_samples,)
    n_frequencies : int
        Number m of frequencies besides the constant; at least 1.
    period : float
        Length after which every column repeats, in the units of x.
    sine : bool
        False leaves the sines out: what is left can only fit functions that are even around 0.

    Returns
    -------
    Phi : array of shape (n_samples, n_columns)
        1, cos(w x), sin(w x), cos(2 w x), sin(2 w x) ... with w = 2 pi / period: 1 + 2m columns, or 1 + m
        without sines. The sine of frequency zero is not among them: it is zero everywhere.

    Raises
    ------
    ShapeError
        If x is not 1-D or is empty.
    NotFiniteError
        If x holds NaN or infinity.
    ValueError
        If n_frequencies is not a whole number of at least 1, or period is not positive and finite.

    Examples
    --------
    >>> fourier_basis(np.array([0.0, 0.25]), 1).round(12) + 0.0
    array([[1., 1., 0.],
           [1., 0., 1.]])
    """
    x = check_vector(x, "x")
    check_count(n_frequencies, "n_frequencies")
    check_positive(period, "period")
    xp = namespace(x)
    columns = [xp.ones_like(x)]
    for k in range(1, n_frequencies + 1):
        angle = 2 * math.pi * k / period * x
        columns += [xp.cos(angle), xp.sin(angle)] if sine else [xp.cos(angle)]
    return xp.stack(columns, axis=1)


def legendre_basis(x, degree):
    """Legendre polynomials P_0 ... P_degree: orthogonal under the integral from -1 to 1.

    Parameters
    ----------
    x : array of shape (n_samples,)
        Best from -1 to 1; outside they grow fast.
    degree : int
        At least 0.

    Returns
    -------
    Phi : array of shape (n_samples, degree + 1)

    Raises
    ------
    ShapeError
        If x is not 1-D or is empty.
    NotFiniteError
        If x holds NaN or infinity.
    ValueError
        If degree is not a whole number of at least 0.

    Notes
    -----
    ``(k + 1) P_{k+1} = (2k + 1) x P_k - k P_{k-1}``. They span the same functions as 1, x, x^2 ..., but a
    least-squares problem in them is far better conditioned.

    References
    ----------
    Abramowitz and Stegun (1964), *Handbook of Mathematical Functions*, 22.7.10.

    Examples
    --------
    >>> legendre_basis(np.array([0.5]), 2)
    array([[ 1.   ,  0.5  , -0.125]])
    """
    return _three_term_basis(
        x, degree, lambda x, k, last, before: ((2 * k + 1) * x * last - k * before) / (k + 1)
    )


def hermite_basis(x, degree):
    """Hermite polynomials He_0 ... He_degree: orthogonal under the standard normal density.

    Parameters
    ----------
    x : array of shape (n_samples,)
    degree : int
        At least 0.

    Returns
    -------
    Phi : array of shape (n_samples, degree + 1)

    Raises
    ------
    ShapeError
        If x is not 1-D or is empty.
    NotFiniteError
        If x holds NaN or infinity.
    ValueError
        If degree is not a whole number of at least 0.

    Notes
    -----
    ``He_{k+1} = x He_k - k He_{k-1}``

    References
    ----------
    Abramowitz and Stegun (1964), *Handbook of Mathematical Functions*, 22.7.14.

    Examples
    --------
    >>> hermite_basis(np.array([2.0]), 3)
    array([[1., 2., 3., 2.]])
    """
    return _three_term_basis(x, degree, lambda x, k, last, before: x * last - k * before)


def _three_term_basis(x, degree, following):
    """Polynomials 1, x and then, for k = 1, 2 ..., following(x, k, P_k, P_{k-1})."""
    x = check_vector(x, "x")
    _check_degree(degree)
    columns = [namespace(x).ones_like(x), x]
    for k in range(1, degree):
        columns.append(following(x, k, columns[k], columns[k - 1]))
    return namespace(x).stack(columns[: degree + 1], axis=1)


def _check_degree(degree):
    if isinstance(degree, bool) or not hasattr(degree, "__index__") or degree < 0:
        raise ValueError(f"degree is {degree!r}; it must be a whole number of at least 0")
