"""Back-propagation through time that is cut every few steps."""

from mlref.autodiff.tensor import Tensor
from mlref.errors import check_count

__all__ = ["detach", "truncated_backward"]


def detach(state):
    """The same numbers without the memory of how they were computed.

    Parameters
    ----------
    state : Tensor, or list or tuple of states
        As a recurrent layer returns it.

    Returns
    -------
    state : of the same form
        No gradient flows through it.

    Examples
    --------
    >>> x = Tensor([1.0])
    >>> (detach(x * 2) * x).sum().backward()
    >>> x.grad
    array([2.])
    """
    if isinstance(state, list | tuple):
        return type(state)([detach(part) for part in state])
    return Tensor(state.data)


def truncated_backward(layer, x, loss, length, state=None):
    """Add the gradients of a loss over a long sequence, cut every ``length`` steps, to the parameters.

    Parameters
    ----------
    layer : RNN, GRU or LSTM
    x : array of shape (T, n_sequences, input_size)
    loss : callable
        ``loss(output, start)`` takes the states of the steps from ``start`` on, as many as there are, and
        returns their part of the loss: a Tensor with one element. Parts are summed.
    length : int
        Steps between two cuts. With T or more nothing is cut.
    state : list, optional
        From the steps before x.

    Returns
    -------
    total : float
        The whole loss.
    state : list
        After the last step, without its past, for what follows.

    Notes
    -----
    The state is carried over every cut, the gradient over none: time stays O(T), but memory is that of
    ``length`` steps, and no gradient passes through more than ``length`` matrix products, in which it would
    vanish or explode. What the loss owes to inputs further back than the cut is lost.

    References
    ----------
    R. J. Williams and J. Peng (1990), *An efficient gradient-based algorithm for on-line training of
    recurrent network trajectories*.

    Examples
    --------
    >>> import numpy as np
    >>> from mlref.nn.recurrent.layers import RNN
    >>> layer, x = RNN(1, 4, rng=np.random.default_rng(0)), np.ones((100, 1, 1))
    >>> total, state = truncated_backward(layer, x, lambda output, start: (output * output).sum(), 10)
    >>> layer.cells[0].weight_ih.grad.shape
    (4, 1)
    """
    check_count(length, "length")
    total = 0.0
    for start in range(0, x.shape[0], length):
        output, state = layer(x[start : start + length], state)
        part = loss(output, start)
        part.backward()
        total = total + part.data
        state = detach(state)
    return float(total), state
