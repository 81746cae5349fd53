"""Networks with most weights at zero."""

from mlref.arrays import namespace
from mlref.errors import check_array

__all__ = ["prune_magnitude", "pruning_mask"]


def pruning_mask(W, sparsity):
    """Which weights stay when the smallest are removed.

    Parameters
    ----------
    W : array of any shape
    sparsity : float
        Share of the weights to remove, from 0 to 1.

    Returns
    -------
    mask : array of the same shape as `W`
        False for exactly ``round(sparsity * size)`` weights.

    Raises
    ------
    ValueError
        If sparsity is not between 0 and 1.

    Notes
    -----
    Weights are removed in the order of their magnitude, equal ones in the order in which they lie in memory
    (row by row). A threshold would remove all of the equal ones, or none.

    Examples
    --------
    >>> import numpy as np
    >>> pruning_mask(np.array([1.0, -1.0, 1.0, 3.0]), 0.5)
    array([False, False,  True,  True])
    """
    if not 0 <= sparsity <= 1:
        raise ValueError(f"sparsity is {sparsity!r}; it is the share of weights to remove, from 0 to 1")
    xp, W = namespace(W), check_array(W, "W")
    flat = xp.reshape(xp.abs(W), (-1,))
    # Sorting the order again gives every weight its rank.
    rank = xp.argsort(xp.argsort(flat, stable=True))
    return xp.reshape(rank >= round(sparsity * flat.shape[0]), W.shape)


def prune_magnitude(W, sparsity):
    """The weights with the smallest ones set to zero.

    Parameters
    ----------
    W : array of any shape
    sparsity : float
        Share of the weights to set to zero, from 0 to 1.

    Returns
    -------
    pruned : array of the same shape as `W`
        A copy; what stays keeps its value.

    Notes
    -----
    To train a pruned network further, multiply weights or gradients with `pruning_mask` after each step:
    otherwise the removed weights grow back.

    References
    ----------
    S. Han et al. (2015), *Learning both weights and connections for efficient neural networks*.

    Examples
    --------
    >>> import numpy as np
    >>> prune_magnitude(np.array([[0.5, -2.0], [0.1, 1.0]]), 0.5)
    array([[ 0., -2.],
           [ 0.,  1.]])
    """
    xp, W = namespace(W), check_array(W, "W")
    return xp.where(pruning_mask(W, sparsity), W, xp.zeros_like(W))
