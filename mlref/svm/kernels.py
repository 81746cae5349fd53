"""Kernels: scalar products in a space of many features that is never built."""

from mlref.arrays import namespace
from mlref.errors import check_choice, check_matrix, check_same_features

__all__ = [
    "KERNELS",
    "from_products",
    "kernel_matrix",
]

KERNELS = ("linear", "poly", "rbf", "sigmoid")


def kernel_matrix(A, B, kernel="rbf", *, gamma=1.0, degree=3, coef0=0.0):
    """Kernel of every row of A with every row of B.

    Parameters
    ----------
    A : array of shape (n_a, n_features)
    B : array of shape (n_b, n_features)
    kernel : {"linear", "poly", "rbf", "sigmoid"}
    gamma : float
        Scale; for "rbf" one over twice the squared width.
    degree : int
        Of "poly".
    coef0 : float
        Constant of "poly" and "sigmoid".

    Returns
    -------
    kernel : array of shape (n_a, n_b)

    Raises
    ------
    ShapeError
        If A and B are not 2-D or differ in n_features.
    NotFiniteError
        If A or B holds NaN or infinity.
    ValueError
        If the kernel is unknown.

    Notes
    -----
    linear ``a.b``; poly ``(gamma a.b + coef0)^degree``; rbf ``exp(-gamma |a - b|^2)``; sigmoid ``tanh(gamma
    a.b + coef0)``. All start from one matrix product; the peak memory is three arrays of the result's size.

    References
    ----------
    Schölkopf and Smola (2002), *Learning with Kernels*, chapter 2.

    Examples
    --------
    >>> import numpy as np
    >>> kernel_matrix(np.array([[1.0, 0.0]]), np.array([[1.0, 0.0], [0.0, 1.0]])).round(4)
    array([[1.    , 0.1353]])
    """
    A, B = check_matrix(A, "A"), check_matrix(B, "B")
    check_same_features(A=A, B=B)
    check_choice(kernel, KERNELS, "kernel")
    if kernel == "rbf":
        # Distances do not change when both move, and near the origin their expansion cancels less.
        A, B = A - B[:1, :], B - B[:1, :]
    xp = namespace(A, B)
    squares = xp.sum(A**2, axis=1)[:, None], xp.sum(B**2, axis=1)[None, :]
    return from_products(A @ B.T, *squares, kernel=kernel, gamma=gamma, degree=degree, coef0=coef0)


def from_products(products, left, right, *, kernel, gamma, degree, coef0):
    """Kernel values from scalar products: all that a kernel of this kind knows about its arguments.

    Parameters
    ----------
    products : array of shape (...)
        a.b
    left : array of shape (...)
        a.a
    right : array of shape (...)
        b.b
    kernel : {"linear", "poly", "rbf", "sigmoid"}
    gamma : float
    degree : int
    coef0 : float

    Returns
    -------
    kernel : array of shape (...)
    """
    if kernel == "linear":
        return products
    xp = namespace(products)
    if kernel == "rbf":
        exponents = gamma * (2 * products - left - right)
        # Rounding can push the distance of equal rows below zero.
        return xp.exp(xp.minimum(exponents, xp.zeros_like(exponents)))
    scaled = gamma * products + coef0
    return xp.tanh(scaled) if kernel == "sigmoid" else scaled**degree
