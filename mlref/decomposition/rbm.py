"""The restricted Boltzmann machine: binary visible and hidden units, trained by contrastive divergence."""

import numpy as np

from mlref.arrays import from_numpy, namespace
from mlref.base import Transformer
from mlref.errors import ShapeError, check_array, check_count, check_matrix, check_positive
from mlref.losses.probability import _sigmoid_by_tanh

__all__ = [
    "BernoulliRBM",
    "rbm_cd1",
    "rbm_free_energy",
    "rbm_hidden_probabilities",
    "rbm_visible_probabilities",
]


def rbm_hidden_probabilities(v, W, b):
    """Probability that each hidden unit is on, given the visible ones.

    Parameters
    ----------
    v : array of shape (n_samples, n_visible)
        Between 0 and 1.
    W : array of shape (n_visible, n_hidden)
    b : array of shape (n_hidden,)
        Biases of the hidden units.

    Returns
    -------
    probabilities : array of shape (n_samples, n_hidden)

    Raises
    ------
    ShapeError
        If a last axis is not as long as W has visible, or hidden, units.

    Examples
    --------
    >>> rbm_hidden_probabilities(np.array([[1.0, 0.0]]), np.array([[0.0], [5.0]]), np.array([0.0]))
    array([[0.5]])
    """
    _check_units(W, v=v, b=b)
    return _sigmoid_by_tanh(v @ W + b)


def rbm_visible_probabilities(h, W, a):
    """Probability that each visible unit is on, given the hidden ones.

    Parameters
    ----------
    h : array of shape (n_samples, n_hidden)
        0 or 1.
    W : array of shape (n_visible, n_hidden)
    a : array of shape (n_visible,)
        Biases of the visible units.

    Returns
    -------
    probabilities : array of shape (n_samples, n_visible)

    Raises
    ------
    ShapeError
        If a last axis is not as long as W has visible, or hidden, units.

    Examples
    --------
    >>> rbm_visible_probabilities(np.array([[1.0]]), np.array([[0.0], [50.0]]), np.zeros(2)).round(3)
    array([[0.5, 1. ]])
    """
    _check_units(W, h=h, a=a)
    return _sigmoid_by_tanh(h @ W.T + a)


def rbm_free_energy(v, W, a, b):
    """Energy of visible units with the hidden ones summed out: low where the model puts probability.

    Parameters
    ----------
    v : array of shape (n_samples, n_visible)
    W : array of shape (n_visible, n_hidden)
    a : array of shape (n_visible,)
        Biases of the visible units.
    b : array of shape (n_hidden,)
        Biases of the hidden units.

    Returns
    -------
    energy : array of shape (n_samples,)

    Raises
    ------
    ShapeError
        If a last axis is not as long as W has visible, or hidden, units.

    Notes
    -----
    ``E(v, h) = -v.a - h.b - v.Wh`` and ``exp(-F(v)) = sum_h exp(-E(v, h))``, which factors over the hidden
    units: ``F(v) = -v.a - sum_j log(1 + exp(b_j + v.W_j))``. The probability of v is ``exp(-F(v)) / Z``.

    References
    ----------
    Hinton (2012), A practical guide to training restricted Boltzmann machines, section 16.

    Examples
    --------
    >>> rbm_free_energy(np.array([[1.0, 0.0]]), np.zeros((2, 1)), np.array([3.0, 1.0]), np.zeros(1)).round(4)
    array([-3.6931])
    """
    _check_units(W, v=v, a=a, b=b)
    xp = namespace(v, W, a, b)
    inputs = v @ W + b
    return -(v @ a) - xp.sum(xp.logaddexp(inputs, xp.zeros_like(inputs)), axis=1)


def rbm_cd1(v, W, a, b, rng):
    """Direction of contrastive divergence with one step of Gibbs sampling.

    Parameters
    ----------
    v : array of shape (n_samples, n_visible)
        A mini-batch; between 0 and 1.
    W : array of shape (n_visible, n_hidden)
    a : array of shape (n_visible,)
        Biases of the visible units.
    b : array of shape (n_hidden,)
        Biases of the hidden units.
    rng : numpy.random.Generator
        Draws ``random((n_samples, n_hidden))`` for the hidden units, then ``random((n_samples, n_visible))``
        for the visible ones; a unit is on where the number is below its probability.

    Returns
    -------
    dW : array of shape (n_visible, n_hidden)
        Add these, times a learning rate, to the parameters. Means over the batch.
    da : array of shape (n_visible,)
    db : array of shape (n_hidden,)

    Raises
    ------
    ShapeError
        If a last axis is not as long as W has visible, or hidden, units.

    Notes
    -----
    The gradient of the log-likelihood is the mean of ``v h`` under the data minus its mean under the model.
    For the second, one step from the data replaces sampling until equilibrium: hidden states drawn from the
    data, visible states drawn from these. The last hidden values, and those that meet the data, are
    probabilities and not samples: the same mean with less noise.

    References
    ----------
    Hinton (2002), Training products of experts by minimizing contrastive divergence, *Neural Computation*
    14(8).

    Examples
    --------
    >>> v, W = np.array([[1.0, 0.0]]), np.zeros((2, 3))
    >>> dW, da, db = rbm_cd1(v, W, np.zeros(2), np.zeros(3), np.random.default_rng(0))
    >>> dW.shape, da.shape, db.tolist()
    ((2, 3), (2,), [0.0, 0.0, 0.0])
    """
    hidden = rbm_hidden_probabilities(v, W, b)
    visible = _drawn(rbm_visible_probabilities(_drawn(hidden, rng), W, a), rng)
    again = rbm_hidden_probabilities(visible, W, b)
    xp, n = namespace(v, W), v.shape[0]
    dW = (v.T @ hidden - visible.T @ again) / n
    return dW, xp.sum(v - visible, axis=0) / n, xp.sum(hidden - again, axis=0) / n


class BernoulliRBM(Transformer):
    """Restricted Boltzmann machine with binary units, trained by contrastive divergence.

    Parameters
    ----------
    n_components : int
        Number of hidden units.
    learning_rate : float
    batch_size : int
    n_iter : int
        Passes over the samples.
    random_state : int, numpy.random.Generator or None
        Where the first weights, the order of the samples and the states are drawn from.

    Attributes
    ----------
    components_ : array of shape (n_components, n_features)
        Weights, one row for each hidden unit.
    intercept_visible_ : array of shape (n_features,)
    intercept_hidden_ : array of shape (n_components,)
    n_features_in_ : int
        Number of features seen in ``fit``.

    Examples
    --------
    >>> X = np.array([[1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 1.0]] * 20)
    >>> model = BernoulliRBM(2, n_iter=100, random_state=0).fit(X)
    >>> energy = model.free_energy(np.array([[1.0, 1.0, 0.0, 0.0], [1.0, 0.0, 1.0, 0.0]]))
    >>> bool(energy[0] < energy[1])
    True
    """

    def __init__(self, n_components=256, *, learning_rate=0.1, batch_size=10, n_iter=10, random_state=None):
        self.n_components = n_components
        self.learning_rate = learning_rate
        self.batch_size = batch_size
        self.n_iter = n_iter
        self.random_state = random_state

    def fit(self, X, y=None):
        """Learn the weights.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
            Between 0 and 1: probabilities that a visible unit is on.
        y : None
            Not used; here because every estimator takes it.

        Returns
        -------
        self : BernoulliRBM

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
        for name in ("n_components", "batch_size", "n_iter"):
            check_count(getattr(self, name), name)
        check_positive(self.learning_rate, "learning_rate")
        xp = namespace(X)
        rng = np.random.default_rng(self.random_state)
        n, d = X.shape
        W = xp.astype(from_numpy(rng.normal(0, 0.01, size=(d, self.n_components)), like=X), X.dtype)
        a, b = xp.zeros_like(W[:, 0]), xp.zeros_like(W[0, :])
        for _ in range(self.n_iter):
            order = from_numpy(rng.permutation(n), like=X)
            for start in range(0, n, self.batch_size):
                batch = xp.take(X, order[start : min(start + self.batch_size, n)], axis=0)
                dW, da, db = rbm_cd1(batch, W, a, b, rng)
                W = W + self.learning_rate * dW
                a = a + self.learning_rate * da
                b = b + self.learning_rate * db
        self.components_, self.intercept_visible_, self.intercept_hidden_ = W.T, a, b
        self.n_features_in_ = d
        return self

    def transform(self, X):
        """Probability that each hidden unit is on.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)

        Returns
        -------
        probabilities : array of shape (n_samples, n_components)

        Raises
        ------
        NotFittedError
            If ``fit`` was not called.
        ShapeError
            If X is not 2-D or has another number of features than in ``fit``.
        NotFiniteError
            If X holds NaN or infinity.
        """
        return rbm_hidden_probabilities(self._checked(X), self.components_.T, self.intercept_hidden_)

    def free_energy(self, X):
        """Free energy of samples; its differences are those of minus the log-probability.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)

        Returns
        -------
        energy : array of shape (n_samples,)

        Raises
        ------
        NotFittedError, ShapeError, NotFiniteError
            As in ``transform``.
        """
        X = self._checked(X)
        return rbm_free_energy(X, self.components_.T, self.intercept_visible_, self.intercept_hidden_)

    def gibbs(self, X):
        """One step of Gibbs sampling: hidden states from the samples, new visible states from these.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)

        Returns
        -------
        samples : array of shape (n_samples, n_features)
            0 or 1.

        Raises
        ------
        NotFittedError, ShapeError, NotFiniteError
            As in ``transform``.
        """
        rng = np.random.default_rng(self.random_state)
        hidden = _drawn(self.transform(X), rng)
        return _drawn(rbm_visible_probabilities(hidden, self.components_.T, self.intercept_visible_), rng)

    def _checked(self, X):
        self._check_fitted()
        X = check_matrix(X, "X")
        self._check_features(X)
        return X


def _check_units(W, **units):
    """As many visible (v, a) and hidden (h, b) values as W has rows and columns."""
    n_visible, n_hidden = check_array(W, "W", ndim=2).shape
    for name, values in units.items():
        expected = n_visible if name in ("v", "a") else n_hidden
        if check_array(values, name).ndim == 0 or values.shape[-1] != expected:
            raise ShapeError(
                f"W has shape {tuple(W.shape)}, (n_visible, n_hidden), but {name} has {tuple(values.shape)}; "
                f"its last axis must have {expected} entries: W may be transposed, or the biases swapped"
            )


def _drawn(probabilities, rng):
    """Ones with these probabilities, zeros otherwise."""
    xp = namespace(probabilities)
    uniform = xp.astype(from_numpy(rng.random(probabilities.shape), like=probabilities), probabilities.dtype)
    return xp.astype(uniform < probabilities, probabilities.dtype)
