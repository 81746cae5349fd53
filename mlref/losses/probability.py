"""From scores to probabilities, and what probabilities say. Logarithms are natural."""

from mlref.arrays import namespace
from mlref.errors import ShapeError, check_array

__all__ = ["entropy", "kl", "log_softmax", "sigmoid", "softmax", "softplus"]


def softmax(z, axis=-1):
    """Positive numbers that sum to one, in the proportions of exp(z).

    Parameters
    ----------
    z : array of any shape
    axis : int
        The axis of the classes.

    Returns
    -------
    probabilities : array of the same shape

    Notes
    -----
    ``exp(z_c) / sum_k exp(z_k)``. The largest z is subtracted first, which changes nothing but keeps
    exp from overflowing (from z = 710 on in float64, 89 in float32).

    References
    ----------
    C. M. Bishop (2006), *Pattern Recognition and Machine Learning*, section 4.3.4.

    Examples
    --------
    >>> softmax(np.array([1000.0, 1001.0])).round(6)
    array([0.268941, 0.731059])
    """
    _, exponentials, total = _exponentials(check_array(z, "z"), axis)
    return exponentials / total


def log_softmax(z, axis=-1):
    """The logarithm of `softmax`, finite where the probability itself rounds to zero.

    Parameters
    ----------
    z : array of any shape
    axis : int
        The axis of the classes.

    Returns
    -------
    log_probabilities : array of the same shape

    Notes
    -----
    ``z_c - log sum_k exp(z_k)``, after the largest z is subtracted.

    Examples
    --------
    >>> log_softmax(np.array([-1000.0, 0.0]))
    array([-1000.,     0.])
    """
    z = check_array(z, "z")
    shifted, _, total = _exponentials(z, axis)
    return shifted - namespace(z).log(total)


def entropy(p, axis=-1):
    """How uncertain a distribution is, in nats: the mean of -log p.

    Parameters
    ----------
    p : array of any shape
        Probabilities that sum to one along the axis.
    axis : int
        The axis of the classes.

    Returns
    -------
    entropy : array of any shape
        Of the shape of `p` without the axis. ``0 log 0`` counts as 0.

    Examples
    --------
    >>> bool(np.isclose(entropy(np.array([0.5, 0.5])), np.log(2)))
    True
    """
    xp, p = namespace(p), check_array(p, "p")
    return -xp.sum(p * _safe_log(xp, p), axis=axis)


def kl(p, q, axis=-1):
    """Kullback-Leibler divergence: how much worse q describes draws from p than p itself, in nats.

    Parameters
    ----------
    p : array of any shape
        Probabilities that sum to one along the axis.
    q : array of the same shape as `p`
        Probabilities likewise.
    axis : int
        The axis of the classes.

    Returns
    -------
    divergence : array of any shape
        Of the shape of `p` without the axis. Infinite if q is 0 where p is not; else at least 0, up to
        rounding.

    Notes
    -----
    ``sum_c p_c log(p_c / q_c)``: cross-entropy minus entropy. Not symmetric. ``0 log 0`` counts as 0.

    References
    ----------
    T. M. Cover, J. A. Thomas (2006), *Elements of Information Theory*, section 2.3.

    Examples
    --------
    >>> kl(np.array([[1.0, 0.0]]), np.array([[0.5, 0.5]])).round(6)
    array([0.693147])
    """
    p, q = check_array(p, "p"), check_array(q, "q")
    if tuple(p.shape) != tuple(q.shape):
        raise ShapeError(f"p has shape {tuple(p.shape)} but q {tuple(q.shape)}; they must agree: reshape one")
    xp = namespace(p, q)
    impossible = (q == 0) & (p > 0)
    ratio = _safe_log(xp, p) - _safe_log(xp, q)
    return xp.sum(xp.where(impossible, xp.full_like(p, xp.inf), p * ratio), axis=axis)


def sigmoid(z):
    """The logistic function ``1 / (1 + exp(-z))``, without overflow for any z.

    Parameters
    ----------
    z : array of any shape

    Returns
    -------
    p : array of the same shape
        Between 0 and 1; ``sigmoid(-z)`` is ``1 - p``, also where p rounds to 1.

    Examples
    --------
    >>> sigmoid(np.array([-1000.0, 0.0, 1000.0]))
    array([0. , 0.5, 1. ])
    """
    z = check_array(z, "z")
    return _sigmoid(z, _decay(z))


def softplus(z):
    """The smooth maximum of z and 0, ``log(1 + exp(z))``; minus the logarithm of ``sigmoid(-z)``.

    Parameters
    ----------
    z : array of any shape

    Returns
    -------
    y : array of the same shape

    Notes
    -----
    ``max(z, 0) + log(1 + exp(-|z|))``, where nothing overflows.

    Examples
    --------
    >>> softplus(np.array([-1000.0, 0.0, 10.0])).round(6)
    array([ 0.      ,  0.693147, 10.000045])
    """
    z = check_array(z, "z")
    return _softplus(z, _decay(z))


def _exponentials(z, axis):
    """Scores minus their largest along the axis, the exponentials of that, and their sum."""
    xp = namespace(z)
    shifted = z - xp.max(z, axis=axis, keepdims=True)
    exponentials = xp.exp(shifted)
    return shifted, exponentials, xp.sum(exponentials, axis=axis, keepdims=True)


def _decay(z):
    """exp(-|z|): the exponential that cannot overflow, from which the next two functions go on."""
    xp = namespace(z)
    return xp.exp(-xp.abs(z))


def _sigmoid(z, decay):
    xp = namespace(z)
    return xp.where(z >= 0, xp.ones_like(z), decay) / (1.0 + decay)


def _sigmoid_by_tanh(z):
    """For gates and coins: a fourth of the work, but what is below 1e-16 rounds to zero."""
    return 0.5 + 0.5 * namespace(z).tanh(0.5 * z)


def _softplus(z, decay):
    xp = namespace(z)
    return xp.maximum(z, xp.zeros_like(z)) + xp.log1p(decay)


def _safe_log(xp, p):
    """The logarithm; 0 where p is 0."""
    return xp.log(xp.where(p == 0, xp.ones_like(p), p))
