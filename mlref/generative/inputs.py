"""What generative networks are fed with: noise, and labels beside the features."""

import numpy as np

from mlref.arrays import device, from_numpy, namespace
from mlref.nn.joint import concat, data_of

__all__ = ["normal_noise", "with_labels"]


def normal_noise(shape, rng, like):
    """Standard normal noise.

    Parameters
    ----------
    shape : tuple of int
    rng : numpy.random.Generator
        The same noise in every library.
    like : array of any shape
        Its library, device and dtype are used.

    Returns
    -------
    noise : array of shape `shape`
    """
    return namespace(like).astype(from_numpy(rng.normal(size=shape), like), like.dtype)


def with_labels(x, labels, n_classes):
    """Features with the one-hot codes of labels beside them.

    Parameters
    ----------
    x : Tensor or array of shape (n_samples, n_features)
    labels : array of ints, of shape (n_samples,), or None
    n_classes : int
        Zero for a model without labels, which returns x as it is.

    Returns
    -------
    inputs : Tensor of shape (n_samples, n_features + n_classes), or x

    Raises
    ------
    ValueError
        If labels are missing, or given to a model that was built without, or no classes (checked for numpy).

    Examples
    --------
    >>> with_labels(np.array([[0.5], [0.7]]), np.array([1, 0]), 2).data
    array([[0.5, 0. , 1. ],
           [0.7, 1. , 0. ]])
    """
    if (labels is None) != (n_classes == 0):
        told = "needs labels" if labels is None else "was built without labels"
        raise ValueError(f"this model has n_classes = {n_classes}: it {told}")
    if labels is None:
        return x
    if isinstance(labels, np.ndarray) and labels.size and not 0 <= labels.min() <= labels.max() < n_classes:
        raise ValueError(f"labels holds {labels.min()} to {labels.max()}; classes are 0 to {n_classes - 1}")
    data = data_of(x, "x", ndim=2)
    xp = namespace(data)
    labels = from_numpy(labels, data)
    one_hot = labels[:, None] == xp.arange(n_classes, device=device(data))
    return concat([x, xp.astype(one_hot, data.dtype)])
