"""Principal components: the directions in which the data vary most."""

import numpy as np

from mlref.arrays import device, namespace
from mlref.base import Transformer
from mlref.decomposition.svd import component_signs, randomized_svd
from mlref.errors import ShapeError, check_choice, check_count, check_matrix, check_same_features

__all__ = ["PCA", "covariance_matrix", "principal_components"]

SOLVERS = ("auto", "covariance_eigh", "full", "randomized")


def covariance_matrix(X):
    """Covariance of the columns.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        At least two rows.

    Returns
    -------
    covariance : array of shape (n_features, n_features)
        With n_samples - 1 in the denominator.

    Raises
    ------
    ShapeError
        If X is not 2-D or has fewer than two rows.
    NotFiniteError
        If X holds NaN or infinity.

    Notes
    -----
    Memory beyond the result: a centred block of X, of ``2 n_features`` rows or about a megabyte.

    Examples
    --------
    >>> covariance_matrix(np.array([[0.0, 1.0], [2.0, 5.0]]))
    array([[2., 4.],
           [4., 8.]])
    """
    X = _checked_samples(X)
    return _covariance(X, _mean(X))


def principal_components(X, n_components=None, *, svd_solver="auto", rng=None):
    """Orthonormal directions, each with the most variance that those before it leave.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        At least two rows.
    n_components : int, optional
        How many; by default the smaller side of X.
    svd_solver : {"auto", "covariance_eigh", "full", "randomized"}
        Eigenvectors of the covariance, which loses the directions with a standard deviation below about
        1e-8 of the largest; singular vectors of the centred data, which does not; or an approximation of
        the largest of these. "auto" takes the first where there are at least five samples to a feature.
    rng : numpy.random.Generator, optional
        Needed by "randomized" only.

    Returns
    -------
    components : array of shape (n_components, n_features)
        Orthonormal rows; the entry of the largest size in each is positive.
    variances : array of shape (n_components,)
        Variance of the data along each, descending, with n_samples - 1 in the denominator.

    Raises
    ------
    ShapeError
        If X is not 2-D or has fewer than two rows.
    NotFiniteError
        If X holds NaN or infinity.
    ValueError
        If n_components is not from 1 to the smaller side of X, or the solver is unknown.

    Notes
    -----
    The variance along a unit vector v is ``v'Cv`` with the covariance C, largest for the eigenvector of the
    largest eigenvalue. The projection with the most variance is also the one with the smallest squared
    error: both sum to the total variance. From ``X = U diag(s) V'`` (centred) follows
    ``C = V diag(s^2 / (n - 1)) V'``: the same directions, without squaring the condition number. For those
    the triangle R of ``X = QR`` is enough, since ``X'X = R'R``.

    References
    ----------
    Jolliffe (2002), *Principal Component Analysis*, chapters 2 and 3.

    Examples
    --------
    >>> X = np.array([[-2.0, 0.0], [2.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
    >>> components, variances = principal_components(X, 1)
    >>> np.abs(components), variances.round(4)
    (array([[1., 0.]]), array([2.6667]))
    """
    X = _checked_samples(X)
    components, variances, _ = _principal_components(X, _mean(X), n_components, svd_solver, rng)
    return components, variances


class PCA(Transformer):
    """Projection onto the directions in which the data vary most.

    Parameters
    ----------
    n_components : int, float or None
        How many directions; a share of the variance, between 0 and 1, that they must explain; or as many as
        the smaller side of X.
    whiten : bool
        Whether the coordinates are divided by their standard deviations.
    svd_solver : {"auto", "covariance_eigh", "full", "randomized"}
        As in `principal_components`.
    random_state : int, numpy.random.Generator or None
        Used by "randomized" only.

    Attributes
    ----------
    mean_ : array of shape (n_features,)
        Mean of the samples in ``fit``.
    components_ : array of shape (n_components, n_features)
        Orthonormal rows; the entry of the largest size in each is positive.
    explained_variance_ : array of shape (n_components,)
        Variance along each, descending.
    explained_variance_ratio_ : array of shape (n_components,)
        Its share of the sum over all directions.
    singular_values_ : array of shape (n_components,)
        Of the centred samples.
    n_components_ : int
        How many there are.
    n_features_in_ : int
        Number of features seen in ``fit``.

    Examples
    --------
    >>> X = np.array([[-2.0, 0.0], [2.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
    >>> model = PCA(1).fit(X)
    >>> model.explained_variance_ratio_, np.abs(model.transform(X))[:, 0]
    (array([0.8]), array([2., 2., 0., 0.]))
    """

    def __init__(self, n_components=None, *, whiten=False, svd_solver="auto", random_state=None):
        self.n_components = n_components
        self.whiten = whiten
        self.svd_solver = svd_solver
        self.random_state = random_state

    def fit(self, X, y=None):
        """Find the directions.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
            At least two rows.
        y : None
            Not used; here because every estimator takes it.

        Returns
        -------
        self : PCA

        Raises
        ------
        ShapeError
            If X is not 2-D or has fewer than two rows.
        NotFiniteError
            If X holds NaN or infinity.
        ValueError
            If a parameter is not allowed.
        """
        X = _checked_samples(X)
        xp = namespace(X)
        rng = np.random.default_rng(self.random_state)
        share = isinstance(self.n_components, float)
        n_components = None if share else self.n_components
        self.mean_ = _mean(X)
        components, variances, total = _principal_components(
            X, self.mean_, n_components, self.svd_solver, rng
        )
        # Data without any variance: no direction explains a share of it.
        ratios = variances / total if float(total) > 0 else 0 * variances
        if share:
            n_components = _n_for_share(ratios, self.n_components)
            components, variances = components[:n_components, :], variances[:n_components]
            ratios = ratios[:n_components]
        self.components_, self.explained_variance_ = components, variances
        self.explained_variance_ratio_ = ratios
        self.singular_values_ = xp.sqrt(variances * (X.shape[0] - 1))
        self.n_components_ = components.shape[0]
        self.n_features_in_ = X.shape[1]
        return self

    def transform(self, X):
        """Coordinates of the samples along the directions, from the mean.

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
        coordinates = (X - self.mean_) @ self.components_.T
        return coordinates / self._scale() if self.whiten else coordinates

    def inverse_transform(self, X):
        """Samples with these coordinates: of all that have them, the nearest to the mean.

        Parameters
        ----------
        X : array of shape (n_samples, n_components)
            As ``transform`` returns them.

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
        coordinates = X * self._scale() if self.whiten else X
        return coordinates @ self.components_ + self.mean_

    def _scale(self):
        """Standard deviations; one where there is none, or so little that it is rounding."""
        xp = namespace(self.explained_variance_)
        scale = xp.sqrt(self.explained_variance_)
        tiny = 10 * xp.finfo(scale.dtype).eps * xp.max(scale)
        return xp.where(scale > tiny, scale, xp.ones_like(scale))


def _principal_components(X, mean, n_components, svd_solver, rng):
    """`principal_components` of checked samples whose mean is known, and the variance of all directions."""
    xp = namespace(X)
    check_choice(svd_solver, SOLVERS, "svd_solver")
    n_samples, n_features = X.shape
    if n_components is None:
        n_components = min(X.shape)
    check_count(n_components, "n_components")
    if n_components > min(X.shape):
        raise ValueError(
            f"n_components is {n_components} but X has n_samples = {n_samples} and n_features = "
            f"{n_features}; choose n_components <= {min(X.shape)}"
        )
    if svd_solver == "auto":
        tall = n_samples >= 5 * n_features
        few = max(X.shape) > 500 and n_components < 0.2 * min(X.shape)
        svd_solver = "covariance_eigh" if tall else "randomized" if few else "full"
    if svd_solver == "covariance_eigh":
        C = _covariance(X, mean)
        components, variances = _largest_eigenvectors(C, n_components)
        total = xp.sum(xp.linalg.diagonal(C))
    else:
        centred = X - mean
        if svd_solver == "randomized":
            _, s, components = randomized_svd(centred, n_components, rng)
            total = xp.sum(xp.vecdot(centred, centred)) / (n_samples - 1)
        else:
            _, s, components = xp.linalg.svd(_triangle(centred), full_matrices=False)
            total = xp.sum(s**2) / (n_samples - 1)
        components, variances = components[:n_components, :], s[:n_components] ** 2 / (n_samples - 1)
    return components * component_signs(components)[:, None], variances, total


def _mean(X):
    """Mean of the rows: the product with a row of ones is the fastest sum."""
    xp = namespace(X)
    return xp.ones(X.shape[0], dtype=X.dtype, device=device(X)) @ X / X.shape[0]


def _covariance(X, mean):
    """Sum over blocks of rows, so that the centred copy stays in the cache."""
    rows = max(2**17 // X.shape[1], 2 * X.shape[1])
    total = 0
    for start in range(0, X.shape[0], rows):
        centred = X[start : min(start + rows, X.shape[0]), :] - mean
        total = total + centred.T @ centred
    return total / (X.shape[0] - 1)


def _largest_eigenvectors(C, n_components):
    """Rows of eigenvectors and their eigenvalues, the largest first."""
    xp = namespace(C)
    n = C.shape[0]
    if xp is np and n_components < n:
        from scipy.linalg import eigh

        values, vectors = eigh(C, subset_by_index=(n - n_components, n - 1), check_finite=False)
    else:
        values, vectors = xp.linalg.eigh(C)
    values, vectors = xp.flip(values)[:n_components], xp.flip(vectors.T, axis=0)[:n_components, :]
    # Rounding can push the eigenvalue of a direction without variance below zero.
    return vectors, xp.maximum(values, xp.zeros_like(values))


def _triangle(X):
    """A matrix with the singular values and right singular vectors of X, and no more rows than needed."""
    if X.shape[0] <= X.shape[1]:
        return X
    xp = namespace(X)
    if xp is np:  # the standard would compute Q as well, numpy would do it in float64
        from scipy.linalg import qr

        return qr(X, mode="r", check_finite=False)[0][: X.shape[1], :]
    return xp.linalg.qr(X)[1]


def _n_for_share(ratios, share):
    if not 0 < share < 1:
        raise ValueError(
            f"n_components is {share!r}; as a float it is the share of variance to explain, between 0 and 1: "
            "pass an int to choose how many components"
        )
    xp = namespace(ratios)
    reached = xp.astype(xp.cumulative_sum(ratios) <= share, xp.int64)
    return min(int(xp.sum(reached)) + 1, ratios.shape[0])


def _checked_samples(X):
    X = check_matrix(X, "X")
    if X.shape[0] < 2:
        raise ShapeError("X has n_samples = 1; a variance needs at least 2 samples: pass more of them")
    return X
