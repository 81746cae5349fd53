"""Operations on several tensors whose backward pass computes the gradients of all of them at once."""

from itertools import accumulate, pairwise

from mlref.arrays import namespace
from mlref.autodiff.tensor import Tensor, _array, record
from mlref.errors import check_array

__all__ = ["concat", "data_of", "record_joint"]


def data_of(operand, name, ndim=None):
    """The array in a tensor, or an array as it is, after a look at its type and its number of axes.

    Parameters
    ----------
    operand : Tensor or array of any shape
    name : str
        What the caller calls it, for the message.
    ndim : int, optional
        How many axes it must have.

    Returns
    -------
    data : array of any shape

    Raises
    ------
    TypeError
        If it is no array of numbers.
    ShapeError
        If it has another number of axes.
    """
    return check_array(_array(operand), name, ndim)


def record_joint(data, operands, backward, *, fresh=False):
    """The result of an operation whose gradients share most of their work.

    Attention and recurrent layers walk back once and have the gradients of everything; one rule for each
    operand, as `record` takes them, would walk back once for each.

    Parameters
    ----------
    data : array of any shape
        What the operation computed.
    operands : sequence of Tensor, array or None
    backward : callable
        Takes the gradient with respect to `data` and returns the gradients with respect to the operands, in
        their order.
    fresh : bool
        Whether these are always new memory, as in `record`.

    Returns
    -------
    result : Tensor
    """
    tensors = [i for i, operand in enumerate(operands) if isinstance(operand, Tensor)]
    shared = []

    def rule(i):
        def part(gradient):
            # A backward pass asks for the operands in order: the first computes, the last clears away.
            if i == tensors[0]:
                shared[:] = backward(gradient)
            result = shared[i]
            if i == tensors[-1]:
                shared.clear()
            return result

        return part

    return record(data, *[(operands[i], rule(i)) for i in tensors], fresh=fresh)


def concat(operands, axis=-1):
    """Tensors one after the other along an axis.

    Parameters
    ----------
    operands : sequence of Tensor or array
        Alike in all other axes.
    axis : int

    Returns
    -------
    joined : Tensor

    Examples
    --------
    >>> concat([Tensor([[1.0]]), Tensor([[2.0, 3.0]])]).data
    array([[1., 2., 3.]])
    """
    arrays = [data_of(operand, "operands") for operand in operands]
    joined = namespace(*arrays).concat(arrays, axis=axis)
    ends = list(accumulate(array.shape[axis] for array in arrays))
    before = (slice(None),) * (axis % joined.ndim)

    def split(gradient):
        return [gradient[(*before, slice(start, stop), ...)] for start, stop in pairwise([0, *ends])]

    return record_joint(joined, operands, split)
