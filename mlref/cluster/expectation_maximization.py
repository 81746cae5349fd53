"""Expectation maximisation of Gaussian mixtures, step by step."""

import math
import warnings

import numpy as np

from mlref.arrays import device, from_numpy, namespace
from mlref.cluster.k_means import k_means
from mlref.errors import (
    ConvergenceWarning,
    ShapeError,
    check_array,
    check_choice,
    check_count,
    check_matrix,
    check_same_features,
    check_same_length,
)

__all__ = ["e_step", "gaussian_mixture_em", "log_gaussian_densities", "m_step"]

COVARIANCE_TYPES = ("full", "tied", "diag", "spherical")


def log_gaussian_densities(X, means, covariances, covariance_type="full"):
    """Logarithm of the density of every component at every sample.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
    means : array of shape (n_components, n_features)
    covariances : array of shape (n_components, n_features, n_features)
        For "full"; (n_features, n_features) for "tied", (n_components, n_features) for "diag",
        (n_components,) for "spherical".
    covariance_type : {"full", "tied", "diag", "spherical"}

    Returns
    -------
    log_densities : array of shape (n_samples, n_components)

    Raises
    ------
    ShapeError
        If X and means differ in n_features.
    ValueError
        If the covariance type is unknown.
    LinAlgError
        If a covariance is not positive definite.

    Notes
    -----
    ``log N(x; m, S) = -1/2 (n_features log 2 pi + log det S + |L^-1 (x - m)|^2)`` with ``S = L L'``: no
    inverse of S, and the determinant is the squared product of the diagonal of L.

    References
    ----------
    Bishop (2006), *Pattern Recognition and Machine Learning*, section 2.3.

    Examples
    --------
    >>> log_gaussian_densities(np.array([[1.0]]), np.array([[0.0]]), np.array([1.0]), "spherical").round(4)
    array([[-1.4189]])
    """
    check_choice(covariance_type, COVARIANCE_TYPES, "covariance_type")
    X, means = check_array(X, "X", ndim=2), check_array(means, "means", ndim=2)
    check_same_features(X=X, means=means)
    xp = namespace(X, means, covariances)
    k, n_features = means.shape
    shapes = ((k, n_features, n_features), (n_features, n_features), (k, n_features), (k,))
    expected = shapes[COVARIANCE_TYPES.index(covariance_type)]
    if tuple(check_array(covariances, "covariances").shape) != expected:
        raise ShapeError(
            f"covariances has shape {tuple(covariances.shape)}; for {covariance_type!r} it must be {expected}"
        )
    columns = []
    for k in range(means.shape[0]):
        deviation = X - means[k, :]
        covariance = covariances if covariance_type == "tied" else covariances[k, ...]
        if covariance.ndim == 2:
            L = xp.linalg.cholesky(covariance)
            whitened = deviation @ xp.linalg.inv(L).T
            distances = xp.vecdot(whitened, whitened)
            log_determinant = 2 * xp.sum(xp.log(xp.linalg.diagonal(L)))
        else:
            variances = covariance * xp.ones_like(means[k, :])
            distances = deviation**2 @ (1 / variances)
            log_determinant = xp.sum(xp.log(variances))
        columns.append(-0.5 * (distances + log_determinant))
    return xp.stack(columns, axis=1) - 0.5 * n_features * math.log(2 * math.pi)


def e_step(X, weights, means, covariances, covariance_type="full"):
    """Responsibilities: how probable it is that a component made a sample.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
    weights : array of shape (n_components,)
        Positive; they sum to one.
    means : array of shape (n_components, n_features)
    covariances : array of shape (n_components, n_features, n_features)
        For "full"; for the other types as in `log_gaussian_densities`.
    covariance_type : {"full", "tied", "diag", "spherical"}

    Returns
    -------
    responsibilities : array of shape (n_samples, n_components)
        Each row sums to one.
    log_likelihoods : array of shape (n_samples,)
        Logarithm of the density of the mixture at each sample.

    Notes
    -----
    ``log sum_k exp(a_k) = m + log sum_k exp(a_k - m)`` with m the largest: far from all components, or in
    many dimensions, every density underflows to zero, and its logarithm does not.

    References
    ----------
    Bishop (2006), *Pattern Recognition and Machine Learning*, section 9.2.2.

    Examples
    --------
    >>> X, means = np.array([[0.0], [1000.0]]), np.array([[0.0], [10.0]])
    >>> responsibilities, _ = e_step(X, np.array([0.5, 0.5]), means, np.array([1.0, 1.0]), "spherical")
    >>> responsibilities.round(3)
    array([[1., 0.],
           [0., 1.]])
    """
    weights = check_array(weights, "weights", ndim=1)
    check_same_length(means=means, weights=weights)
    xp = namespace(X, weights, means, covariances)
    joint = log_gaussian_densities(X, means, covariances, covariance_type) + xp.log(weights)
    largest = xp.max(joint, axis=1, keepdims=True)
    scaled = xp.exp(joint - largest)
    total = xp.sum(scaled, axis=1, keepdims=True)
    return scaled / total, (largest + xp.log(total))[:, 0]


def m_step(X, responsibilities, covariance_type="full", reg_covar=1e-6):
    """Weights, means and covariances that are most likely, given the responsibilities.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
    responsibilities : array of shape (n_samples, n_components)
    covariance_type : {"full", "tied", "diag", "spherical"}
        A matrix for each component, one matrix for all, a variance for each component and feature, or one
        for each component.
    reg_covar : float
        Added to every variance, so that a component on a single sample keeps a density.

    Returns
    -------
    weights : array of shape (n_components,)
    means : array of shape (n_components, n_features)
    covariances : array of shape (n_components, n_features, n_features)
        For "full"; for the other types as in `log_gaussian_densities`.

    Raises
    ------
    ShapeError
        If X and responsibilities differ in n_samples.
    ValueError
        If the covariance type is unknown.

    Notes
    -----
    Each component is the Gaussian of all samples, weighted with its column of the responsibilities.

    References
    ----------
    Bishop (2006), *Pattern Recognition and Machine Learning*, section 9.2.2.

    Examples
    --------
    >>> m_step(np.array([[0.0], [2.0]]), np.array([[1.0], [1.0]]), "spherical", reg_covar=0.0)
    (array([1.]), array([[1.]]), array([1.]))
    """
    check_choice(covariance_type, COVARIANCE_TYPES, "covariance_type")
    X, responsibilities = (
        check_array(X, "X", ndim=2),
        check_array(responsibilities, "responsibilities", ndim=2),
    )
    check_same_length(X=X, responsibilities=responsibilities)
    xp = namespace(X, responsibilities)
    # A component that has lost all samples would divide by zero.
    sizes = xp.sum(responsibilities, axis=0) + 10 * xp.finfo(X.dtype).eps
    means = responsibilities.T @ X / sizes[:, None]
    covariances = []
    for k in range(means.shape[0]):
        deviation = X - means[k, :]
        if covariance_type in ("full", "tied"):
            weighted = responsibilities[:, k : k + 1] * deviation
            covariances.append(weighted.T @ deviation / sizes[k])
        else:
            covariances.append(responsibilities[:, k] @ deviation**2 / sizes[k])
    covariances = xp.stack(covariances)
    weights = sizes / xp.sum(sizes)
    if covariance_type == "tied":
        covariances = xp.sum(weights[:, None, None] * covariances, axis=0)
    if covariance_type in ("full", "tied"):
        covariances = covariances + reg_covar * xp.eye(X.shape[1], dtype=X.dtype, device=device(X))
    elif covariance_type == "diag":
        covariances = covariances + reg_covar
    else:
        covariances = xp.mean(covariances, axis=1) + reg_covar
    return weights, means, covariances


def gaussian_mixture_em(
    X,
    n_components,
    rng,
    *,
    covariance_type="full",
    responsibilities=None,
    reg_covar=1e-6,
    tol=1e-3,
    max_iter=100,
):
    """Fit a mixture of Gaussians by expectation maximisation.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
    n_components : int
        From 1 to n_samples.
    rng : numpy.random.Generator
    covariance_type : {"full", "tied", "diag", "spherical"}
        As in `m_step`.
    responsibilities : array of shape (n_samples, n_components), optional
        Where to start; by default the clusters of `k_means`.
    reg_covar : float
        Added to every variance.
    tol : float
        The iteration ends when the mean log-likelihood of a sample gains less.
    max_iter : int

    Returns
    -------
    weights : array of shape (n_components,)
    means : array of shape (n_components, n_features)
    covariances : array of shape (n_components, n_features, n_features)
        For "full"; for the other types as in `log_gaussian_densities`.
    log_likelihoods : list of float
        Mean over the samples before each M-step; it never falls, but for what reg_covar changes.

    Raises
    ------
    ShapeError
        If X is not 2-D.
    NotFiniteError
        If X holds NaN or infinity.
    ValueError
        If n_components is not from 1 to n_samples, or the covariance type is unknown.

    Warns
    -----
    ConvergenceWarning
        If it still gained more than tol at the end.

    Notes
    -----
    The responsibilities make a lower bound of the log-likelihood tight (`e_step`), and the parameters then
    raise that bound (`m_step`).

    References
    ----------
    Dempster, Laird and Rubin (1977), Maximum likelihood from incomplete data via the EM algorithm,
    *Journal of the Royal Statistical Society B* 39(1).

    Examples
    --------
    >>> X = np.array([[0.0], [1.0], [8.0], [9.0]])
    >>> weights, means, *_ = gaussian_mixture_em(X, 2, np.random.default_rng(0))
    >>> sorted(means[:, 0].round(3).tolist())
    [0.5, 8.5]
    """
    X = check_matrix(X, "X")
    check_count(n_components, "n_components", maximum=X.shape[0])
    check_count(max_iter, "max_iter")
    if responsibilities is None:
        responsibilities = _k_means_responsibilities(X, n_components, rng)
    xp = namespace(X, responsibilities)
    weights, means, covariances = m_step(X, responsibilities, covariance_type, reg_covar)
    history, gain = [], math.inf
    while gain >= tol and len(history) < max_iter:
        responsibilities, log_likelihoods = e_step(X, weights, means, covariances, covariance_type)
        weights, means, covariances = m_step(X, responsibilities, covariance_type, reg_covar)
        history.append(float(xp.mean(log_likelihoods)))
        gain = abs(history[-1] - history[-2]) if len(history) > 1 else math.inf
    if gain >= tol:
        warnings.warn(
            f"EM gained {gain:.1e} in the last of max_iter = {max_iter} steps, more than tol = {tol}; raise "
            "max_iter or tol",
            ConvergenceWarning,
            stacklevel=2,
        )
    return weights, means, covariances, history


def _k_means_responsibilities(X, n_components, rng):
    xp = namespace(X)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a start need not be a minimum
        _, labels, _, _ = k_means(X, n_components, rng)
    numbers = from_numpy(np.arange(n_components), like=X)
    return xp.astype(labels[:, None] == numbers, X.dtype)
