"""Operations whose backward pass computes the gradients of all operands at once."""

from mlref.autodiff.tensor import Tensor, record

__all__ = ["data_of", "record_joint"]


def data_of(operand):
    """The array in a tensor; anything else as it is.

    Parameters
    ----------
    operand : Tensor, array of any shape, number or None

    Returns
    -------
    data : array of any shape, number or None
    """
    return operand.data if isinstance(operand, Tensor) else operand


def record_joint(data, operands, backward):
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

    return record(data, *[(operands[i], rule(i)) for i in tensors])
