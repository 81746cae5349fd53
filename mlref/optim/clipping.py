"""Gradient clipping: one bad batch must not throw the parameters far away."""

from mlref.arrays import namespace
from mlref.errors import check_array

__all__ = ["clip_by_norm", "clip_grad_norm", "global_norm"]


def global_norm(gradients):
    """The Euclidean length of several arrays taken as one vector.

    Parameters
    ----------
    gradients : list of arrays
        Of any shapes, all of one library.

    Returns
    -------
    norm : array of shape ()

    Examples
    --------
    >>> import numpy as np
    >>> float(global_norm([np.array([3.0]), np.array([[4.0]])]))
    5.0
    """
    if not gradients:
        raise ValueError("gradients is empty; compute some first, as with loss.backward()")
    for gradient in gradients:
        check_array(gradient, "gradients")
    xp = namespace(gradients[0])
    return xp.sqrt(sum(xp.sum(gradient * gradient) for gradient in gradients))


def clip_by_norm(gradients, max_norm):
    """Scale several arrays by one factor, so that together they are no longer than a limit.

    Parameters
    ----------
    gradients : list of arrays
        Of any shapes, all of one library; not changed.
    max_norm : float

    Returns
    -------
    clipped : list of arrays
        In the same direction.
    norm : array of shape ()
        The length before.

    References
    ----------
    R. Pascanu, T. Mikolov, Y. Bengio (2013), *On the difficulty of training recurrent neural networks*.

    Examples
    --------
    >>> import numpy as np
    >>> clip_by_norm([np.array([3.0, 4.0])], 1.0)[0][0].round(3)
    array([0.6, 0.8])
    """
    norm = global_norm(gradients)
    xp = namespace(gradients[0])
    # No comparison in Python: on an accelerator it would wait. The small number prevents 0 / 0.
    factor = xp.minimum(max_norm / (norm + 1e-6), xp.ones_like(norm))
    return [xp.asarray(gradient * factor) for gradient in gradients], norm


def clip_grad_norm(parameters, max_norm):
    """Clip the gradients of tensors together, by their joint length; see `clip_by_norm`.

    Parameters
    ----------
    parameters : list of Tensor
        Those without a gradient are left out.
    max_norm : float

    Returns
    -------
    norm : array of shape ()
        The length before.
    """
    used = [parameter for parameter in parameters if parameter.grad is not None]
    clipped, norm = clip_by_norm([parameter.grad for parameter in used], max_norm)
    for parameter, gradient in zip(used, clipped, strict=True):
        parameter.grad = gradient
    return norm
