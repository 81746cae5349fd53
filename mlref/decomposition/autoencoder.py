"""The linear autoencoder: a narrow layer and back, which learns the space of the principal components."""

import warnings

import numpy as np
from scipy.optimize import minimize

from mlref.arrays import namespace, to_numpy
from mlref.base import Transformer
from mlref.errors import (
    ConvergenceWarning,
    ShapeError,
    check_array,
    check_count,
    check_matrix,
    check_same_features,
)

__all__ = ["LinearAutoencoder", "linear_autoencoder_loss", "linear_autoencoder_step"]


def linear_autoencoder_loss(X, encoder, decoder):
    """Reconstruction error of ``X encoder decoder``, and its gradients.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        Centred, if a comparison with PCA is meant.
    encoder : array of shape (n_features, n_components)
    decoder : array of shape (n_components, n_features)

    Returns
    -------
    loss : float
        Mean over the samples of the squared distance to their reconstruction.
    gradients : tuple of two arrays
        With respect to the encoder and the decoder, in their shapes.

    Raises
    ------
    ShapeError
        If the shapes do not fit together.

    Notes
    -----
    With ``Z = X encoder`` and ``E = Z decoder - X``: ``loss = |E|^2 / n``, and by the chain rule
    ``d loss / d decoder = 2 Z'E / n`` and ``d loss / d encoder = 2 X'(E decoder') / n``.

    Examples
    --------
    >>> X, half = np.array([[2.0, 0.0]]), np.array([[0.5], [0.0]])
    >>> loss, gradients = linear_autoencoder_loss(X, half, half.T)
    >>> loss, float(gradients[1][0, 0])
    (2.25, -3.0)
    """
    for name, matrix in (("X", X), ("encoder", encoder), ("decoder", decoder)):
        check_array(matrix, name, ndim=2)
    xp = namespace(X, encoder, decoder)
    if tuple(encoder.shape) != tuple(decoder.shape)[::-1] or X.shape[1] != encoder.shape[0]:
        raise ShapeError(
            f"X, encoder and decoder have shapes {tuple(X.shape)}, {tuple(encoder.shape)} and "
            f"{tuple(decoder.shape)}; they must be (n, d), (d, k) and (k, d)"
        )
    codes = X @ encoder
    error = codes @ decoder - X
    scale = 2 / X.shape[0]
    loss = float(xp.sum(error**2)) / X.shape[0]
    return loss, (scale * (X.T @ (error @ decoder.T)), scale * (codes.T @ error))


def linear_autoencoder_step(X, encoder, decoder, learning_rate):
    """One step of gradient descent on the reconstruction error.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
    encoder : array of shape (n_features, n_components)
    decoder : array of shape (n_components, n_features)
    learning_rate : float

    Returns
    -------
    encoder : array of shape (n_features, n_components)
    decoder : array of shape (n_components, n_features)
    loss : float
        Before the step.

    Raises
    ------
    ShapeError
        If the shapes do not fit together.

    Examples
    --------
    >>> X, half = np.array([[2.0, 0.0]]), np.array([[0.5], [0.0]])
    >>> encoder, decoder, loss = linear_autoencoder_step(X, half, half.T, 0.1)
    >>> loss, round(linear_autoencoder_loss(X, encoder, decoder)[0], 4)
    (2.25, 0.5184)
    """
    loss, (encoder_gradient, decoder_gradient) = linear_autoencoder_loss(X, encoder, decoder)
    return encoder - learning_rate * encoder_gradient, decoder - learning_rate * decoder_gradient, loss


class LinearAutoencoder(Transformer):
    """Encoder and decoder matrices with the smallest reconstruction error, by L-BFGS. Numpy only.

    The rows of its decoder span the space of the first principal components, but are neither orthonormal nor
    in any order.

    Parameters
    ----------
    n_components : int
        From 1 to the number of features.
    max_iter : int
    tol : float
        The iteration ends when no entry of the gradient, with X scaled to a mean squared norm of one, is
        larger.
    random_state : int, numpy.random.Generator or None
        Where the first matrices are drawn from.

    Attributes
    ----------
    mean_ : array of shape (n_features,)
        Mean of the samples in ``fit``.
    encoder_ : array of shape (n_features, n_components)
    decoder_ : array of shape (n_components, n_features)
    loss_ : float
        Mean squared distance of the samples in ``fit`` to their reconstruction.
    n_iter_ : int
    n_features_in_ : int
        Number of features seen in ``fit``.

    References
    ----------
    Baldi and Hornik (1989), Neural networks and principal component analysis: learning from examples without
    local minima, *Neural Networks* 2(1).

    Examples
    --------
    >>> X = np.array([[-2.0, 0.0], [2.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
    >>> round(LinearAutoencoder(1, random_state=0).fit(X).loss_, 6)
    0.5
    """

    def __init__(self, n_components=2, *, max_iter=1000, tol=1e-6, random_state=None):
        self.n_components = n_components
        self.max_iter = max_iter
        self.tol = tol
        self.random_state = random_state

    def fit(self, X, y=None):
        """Learn the two matrices.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
        y : None
            Not used; here because every estimator takes it.

        Returns
        -------
        self : LinearAutoencoder

        Raises
        ------
        ShapeError
            If X is not 2-D.
        NotFiniteError
            If X holds NaN or infinity.
        ValueError
            If a parameter is not allowed.

        Warns
        -----
        ConvergenceWarning
            If max_iter iterations were not enough.
        """
        X = to_numpy(check_matrix(X, "X"))
        d = X.shape[1]
        check_count(self.n_components, "n_components")
        if self.n_components > d:
            raise ValueError(
                f"n_components is {self.n_components} but X has n_features = {d}; choose n_components <= {d}"
            )
        k, rng = self.n_components, np.random.default_rng(self.random_state)
        self.mean_ = X.mean(axis=0)
        centred = (X - self.mean_).astype(np.float64)
        size = np.sqrt(np.mean(np.sum(centred**2, axis=1))) or 1.0

        def loss(weights):
            value, gradients = linear_autoencoder_loss(centred / size, *_unpacked(weights, d, k))
            return value, np.concatenate([gradient.ravel() for gradient in gradients])

        start = rng.normal(size=2 * d * k) / np.sqrt(d)
        options = {"maxiter": self.max_iter, "gtol": self.tol, "ftol": 0}
        found = minimize(loss, start, jac=True, method="L-BFGS-B", options=options)
        if found.status == 1:
            warnings.warn(
                f"no convergence in max_iter = {self.max_iter} iterations; raise max_iter or tol",
                ConvergenceWarning,
                stacklevel=2,
            )
        encoder, decoder = _unpacked(found.x, d, k)
        self.encoder_, self.decoder_ = encoder.astype(X.dtype), decoder.astype(X.dtype)
        self.loss_, self.n_iter_ = float(found.fun * size**2), found.nit
        self.n_features_in_ = d
        return self

    def transform(self, X):
        """Codes of the samples.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)

        Returns
        -------
        codes : array of shape (n_samples, n_components)

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
        X = to_numpy(check_matrix(X, "X"))
        self._check_features(X)
        return (X - self.mean_) @ self.encoder_

    def inverse_transform(self, X):
        """Reconstructions from codes.

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
        check_same_features(X=X, codes=self.decoder_.T)
        return X @ self.decoder_ + self.mean_


def _unpacked(weights, n_features, n_components):
    encoder, decoder = weights.reshape(2, -1)
    return encoder.reshape(n_features, n_components), decoder.reshape(n_components, n_features)
