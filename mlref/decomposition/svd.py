"""Singular values: exact, randomised, by power iteration, and the projection onto the largest."""

import numpy as np

from mlref.arrays import from_numpy, namespace
from mlref.base import Transformer
from mlref.errors import ShapeError, check_choice, check_count, check_matrix, check_same_features

__all__ = ["TruncatedSVD", "power_iteration", "randomized_svd", "truncated_svd"]


def power_iteration(A, rng, *, max_iter=1000, tol=1e-10):
    """Largest eigenvalue of a symmetric positive semi-definite matrix, and its vector, by products alone.

    Parameters
    ----------
    A : array of shape (n, n)
    rng : numpy.random.Generator
        Draws the first direction.
    max_iter : int
    tol : float
        The iteration ends when ``|A v - value v|`` is at most this share of the value.

    Returns
    -------
    value : float
    vector : array of shape (n,)
        Of length one; its sign is arbitrary.

    Raises
    ------
    ShapeError
        If A is not 2-D.
    NotFiniteError
        If A holds NaN or infinity.

    Notes
    -----
    Each product stretches every eigenvector by its eigenvalue, so the largest takes over: the error falls by
    the ratio of the second to the first in each step.

    References
    ----------
    Golub and Van Loan (2013), *Matrix Computations*, section 7.3.1.

    Examples
    --------
    >>> value, vector = power_iteration(np.array([[4.0, 3.0], [3.0, 7.0]]), np.random.default_rng(0))
    >>> round(value, 6), np.abs(vector).round(6).tolist()
    (8.854102, [0.525731, 0.850651])
    """
    A = check_matrix(A, "A")
    if A.shape[0] != A.shape[1]:
        raise ShapeError(f"A has shape {tuple(A.shape)}; only a square matrix has eigenvalues: pass A.T @ A")
    xp = namespace(A)
    vector = xp.astype(from_numpy(rng.normal(size=A.shape[0]), like=A), A.dtype)
    vector = vector / xp.linalg.vector_norm(vector)
    for _ in range(max_iter):
        image = A @ vector
        value = vector @ image
        if float(xp.linalg.vector_norm(image - value * vector)) <= tol * float(value):
            break
        vector = image / xp.linalg.vector_norm(image)
    return float(value), vector


def truncated_svd(X, n_components):
    """The largest singular values of X and their vectors: the best approximation of that rank.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
    n_components : int
        From 1 to the smaller side of X.

    Returns
    -------
    U : array of shape (n_samples, n_components)
        Orthonormal columns.
    singular_values : array of shape (n_components,)
        Descending.
    Vt : array of shape (n_components, n_features)
        Orthonormal rows; the entry of the largest size in each is positive.

    Raises
    ------
    ShapeError
        If X is not 2-D.
    NotFiniteError
        If X holds NaN or infinity.
    ValueError
        If n_components is not from 1 to the smaller side of X.

    Notes
    -----
    No matrix of this rank is nearer to X than ``U diag(singular_values) Vt``, in the sum of squares; what it
    misses is the sum of the squares of the singular values left out.

    References
    ----------
    Eckart and Young (1936), The approximation of one matrix by another of lower rank, *Psychometrika* 1(3).

    Examples
    --------
    >>> U, s, Vt = truncated_svd(np.array([[3.0, 0.0], [0.0, 4.0], [0.0, 0.0]]), 1)
    >>> s, Vt
    (array([4.]), array([[0., 1.]]))
    """
    X = check_matrix(X, "X")
    _check_rank(n_components, X)
    U, s, Vt = namespace(X).linalg.svd(X, full_matrices=False)
    return _flipped(U[:, :n_components], s[:n_components], Vt[:n_components, :])


def randomized_svd(X, n_components, rng, *, n_oversamples=10, n_iter=7):
    """The largest singular values of X and their vectors, from a few products with X.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
    n_components : int
        From 1 to the smaller side of X.
    rng : numpy.random.Generator
    n_oversamples : int
        Directions beyond n_components that are tried.
    n_iter : int
        Power iterations; more are needed where the singular values fall slowly.

    Returns
    -------
    U : array of shape (n_samples, n_components)
    singular_values : array of shape (n_components,)
        Never above the true ones.
    Vt : array of shape (n_components, n_features)
        As `truncated_svd` returns them, nearly.

    Raises
    ------
    ShapeError
        If X is not 2-D.
    NotFiniteError
        If X holds NaN or infinity.
    ValueError
        If n_components is not from 1 to the smaller side of X.

    Notes
    -----
    The images under X of some random directions lean towards the largest singular vectors; multiplying with
    ``X X'`` again turns them further, as in `power_iteration`. An orthonormal basis Q of them makes the
    small matrix ``Q'X``, whose exact decomposition is the answer.

    References
    ----------
    Halko, Martinsson and Tropp (2011), Finding structure with randomness, *SIAM Review* 53(2).

    Examples
    --------
    >>> U, s, Vt = randomized_svd(np.diag([1.0, 5.0, 3.0]), 2, np.random.default_rng(0))
    >>> s.round(6)
    array([5., 3.])
    """
    X = check_matrix(X, "X")
    _check_rank(n_components, X)
    if X.shape[0] < X.shape[1]:  # the short side is cheaper to keep orthonormal
        V, s, Ut = _randomized_svd(X.T, n_components + n_oversamples, rng, n_iter)
        U, Vt = Ut.T, V.T
    else:
        U, s, Vt = _randomized_svd(X, n_components + n_oversamples, rng, n_iter)
    return _flipped(U[:, :n_components], s[:n_components], Vt[:n_components, :])


class TruncatedSVD(Transformer):
    """Projection onto the largest singular vectors; unlike PCA it does not centre.

    Parameters
    ----------
    n_components : int
        From 1 to the smaller side of X.
    algorithm : {"randomized", "exact"}
    n_iter : int
        Power iterations of the randomised algorithm.
    random_state : int, numpy.random.Generator or None
        Where its directions are drawn from.

    Attributes
    ----------
    components_ : array of shape (n_components, n_features)
        Orthonormal rows.
    singular_values_ : array of shape (n_components,)
    n_features_in_ : int
        Number of features seen in ``fit``.

    Examples
    --------
    >>> X = np.array([[3.0, 0.0], [0.0, 4.0], [0.0, 0.0]])
    >>> TruncatedSVD(1, algorithm="exact").fit_transform(X)[:, 0]
    array([0., 4., 0.])
    """

    def __init__(self, n_components=2, *, algorithm="randomized", n_iter=5, random_state=None):
        self.n_components = n_components
        self.algorithm = algorithm
        self.n_iter = n_iter
        self.random_state = random_state

    def fit(self, X, y=None):
        """Find the singular vectors.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
        y : None
            Not used; here because every estimator takes it.

        Returns
        -------
        self : TruncatedSVD

        Raises
        ------
        ShapeError
            If X is not 2-D.
        NotFiniteError
            If X holds NaN or infinity.
        ValueError
            If a parameter is not allowed.
        """
        X = check_matrix(X, "X")
        check_choice(self.algorithm, ("randomized", "exact"), "algorithm")
        if self.algorithm == "exact":
            _, self.singular_values_, self.components_ = truncated_svd(X, self.n_components)
        else:
            rng = np.random.default_rng(self.random_state)
            _, self.singular_values_, self.components_ = randomized_svd(
                X, self.n_components, rng, n_iter=self.n_iter
            )
        self.n_features_in_ = X.shape[1]
        return self

    def transform(self, X):
        """Coordinates along the singular vectors.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)

        Returns
        -------
        coordinates : array of shape (n_samples, n_components)

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
        return X @ self.components_.T

    def inverse_transform(self, X):
        """Samples with these coordinates.

        Parameters
        ----------
        X : array of shape (n_samples, n_components)

        Returns
        -------
        samples : array of shape (n_samples, n_features)

        Raises
        ------
        NotFittedError
            If ``fit`` was not called.
        """
        self._check_fitted()
        X = check_matrix(X, "X")
        check_same_features(X=X, components=self.components_.T)
        return X @ self.components_


def _randomized_svd(X, n_directions, rng, n_iter):
    xp = namespace(X)
    n_directions = min(n_directions, X.shape[1])
    V = xp.astype(from_numpy(rng.normal(size=(X.shape[1], n_directions)), like=X), X.dtype)
    for _ in range(n_iter):
        # Orthonormal again each time: else all columns would turn into the largest vector.
        V = xp.linalg.qr(X.T @ (X @ V))[0]
    Q = xp.linalg.qr(X @ V)[0]
    U, s, Vt = xp.linalg.svd(Q.T @ X, full_matrices=False)
    return Q @ U, s, Vt


def _flipped(U, s, Vt):
    """Signs chosen so that the entry of the largest size in each row of Vt is positive."""
    signs = component_signs(Vt)
    return U * signs, s, Vt * signs[:, None]


def component_signs(components):
    """1 or -1 for each row: the sign of its entry of the largest size."""
    xp = namespace(components)
    positive = xp.max(components, axis=1) >= -xp.min(components, axis=1)
    return 2 * xp.astype(positive, components.dtype) - 1


def _check_rank(n_components, X):
    check_count(n_components, "n_components")
    if n_components > min(X.shape):
        raise ValueError(
            f"n_components is {n_components} but X has shape {tuple(X.shape)}, so its rank is at most "
            f"{min(X.shape)}; choose n_components <= {min(X.shape)}"
        )
