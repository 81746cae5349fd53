"""What large coefficients cost: the sum of their sizes (L1) or of their squares (L2)."""

from mlref.arrays import namespace
from mlref.errors import check_array

__all__ = [
    "l1_penalty",
    "l2_penalty",
    "soft_threshold",
]


def l1_penalty(w):
    """Sum of the absolute values, and a subgradient.

    Parameters
    ----------
    w : array of any shape

    Returns
    -------
    penalty : float or array of shape ()
    subgradient : array of the same shape as `w`
        The sign; 0 at 0, where every number from -1 to 1 is a subgradient.

    Notes
    -----
    Its slope does not fade near zero, so that coefficients which help less than it costs become exactly 0.

    Examples
    --------
    >>> penalty, subgradient = l1_penalty(np.array([0.75, 0.0, -0.25]))
    >>> float(penalty), subgradient
    (1.0, array([ 1.,  0., -1.]))
    """
    xp, w = namespace(w), check_array(w, "w")
    return xp.sum(xp.abs(w)), xp.sign(w)


def l2_penalty(w):
    """Sum of the squares, and its gradient.

    Parameters
    ----------
    w : array of any shape

    Returns
    -------
    penalty : float or array of shape ()
    gradient : array of the same shape as `w`

    Notes
    -----
    Two halves cost less than one whole: it spreads the weight over coefficients that can stand for each
    other, where the L1 penalty does not care. Many texts halve it, which leaves w as its gradient.

    Examples
    --------
    >>> penalty, gradient = l2_penalty(np.array([0.25, 0.5, 0.25]))
    >>> float(penalty), gradient
    (0.375, array([0.5, 1. , 0.5]))
    """
    xp, w = namespace(w), check_array(w, "w")
    return xp.sum(w * w), 2 * w


def soft_threshold(z, threshold):
    """Move every number towards zero by the threshold, and not beyond.

    Parameters
    ----------
    z : array of any shape
    threshold : float
        Not negative.

    Returns
    -------
    shrunk : array of the same shape as `z`

    Notes
    -----
    What is left is ``sign(z) max(0, |z| - threshold)``, the u with the smallest
    ``(u - z)^2 / 2 + threshold |u|``.

    References
    ----------
    Donoho and Johnstone (1994), Ideal spatial adaptation by wavelet shrinkage, *Biometrika* 81(3).

    Examples
    --------
    >>> soft_threshold(np.array([-3.0, 0.5, 2.0]), 1.0)
    array([-2.,  0.,  1.])
    """
    z = check_array(z, "z")
    return z - namespace(z).clip(z, -threshold, threshold)
