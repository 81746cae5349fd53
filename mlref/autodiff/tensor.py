"""Reverse-mode differentiation of arrays: a tensor whose operations can be played backwards."""

import math
from types import EllipsisType

import numpy as np

from mlref.arrays import add_to_parts, namespace
from mlref.errors import ShapeError

__all__ = ["Tensor", "record", "unbroadcast"]


class Tensor:
    """An array that remembers how it was computed, so that it can be differentiated.

    Parameters
    ----------
    data : array of floats of any shape, float, or nested list of floats
        An array of numpy, torch or any other library of the array API standard is not copied; numbers
        and lists become numpy arrays.

    Attributes
    ----------
    data : array of any shape
        The numbers.
    grad : array of the shape and dtype of `data`, or None
        What `backward` has summed so far; None before. Only tensors made by the user have one, not the
        results of operations. Set it back to None to start anew.

    Raises
    ------
    TypeError
        If the dtype of `data` is not a real floating one: whole numbers and truth values have no derivative.

    Notes
    -----
    Every operation computes its result and says beside it, for each operand, how the gradient of the
    result becomes the gradient of that operand. An operand that is a plain array or number is a
    constant, and nothing is computed for it: wrap what you want the gradient of.

    References
    ----------
    A. G. Baydin et al. (2018), *Automatic differentiation in machine learning: a survey*, section 3.2.

    Examples
    --------
    >>> x = Tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> y = (x * x).sum()
    >>> y.backward()
    >>> x.grad
    array([[2., 4.],
           [6., 8.]])
    """

    # numpy then leaves `array * tensor` to Tensor.__rmul__ instead of looping over the elements.
    __array_ufunc__ = None

    def __init__(self, data):
        """Start a graph with an array that was not computed from other tensors.

        Parameters
        ----------
        data : array of floats of any shape, float, or nested list of floats
        """
        if not hasattr(data, "dtype") or isinstance(data, np.generic):
            data = np.asarray(data)
        xp = namespace(data)
        if not xp.isdtype(data.dtype, "real floating"):
            raise TypeError(
                f"Tensor: data has dtype {data.dtype}; a gradient needs a real floating dtype, as float64"
            )
        self.data = data
        self.grad = None
        self._inputs = ()

    def __repr__(self):
        """Text that shows the data."""
        return f"Tensor({self.data!r})"

    @property
    def shape(self):
        """The lengths of the axes, a tuple of ints."""
        return self.data.shape

    def __add__(self, other):
        """The sum with another tensor, array or number, broadcast as in numpy."""
        b = _array(other)
        return record(self.data + b, (self, lambda gradient: gradient), (other, lambda gradient: gradient))

    def __sub__(self, other):
        """The difference from another tensor, array or number, broadcast as in numpy."""
        b = _array(other)
        return record(self.data - b, (self, lambda gradient: gradient), (other, lambda gradient: -gradient))

    def __mul__(self, other):
        """The product, element by element, with another tensor, array or number, broadcast as in numpy."""
        a, b = self.data, _array(other)
        return record(
            a * b, (self, lambda gradient: gradient * b), (other, lambda gradient: gradient * a), fresh=True
        )

    def __truediv__(self, other):
        """The quotient, element by element, by another tensor, array or number, broadcast as in numpy."""
        b = _array(other)
        quotient = self.data / b
        return record(
            quotient,
            (self, lambda gradient: gradient / b),
            (other, lambda gradient: -gradient * quotient / b),
            fresh=True,
        )

    def __pow__(self, exponent):
        """The power, element by element.

        Parameters
        ----------
        exponent : float, array or Tensor
            Broadcast as in numpy. For the gradient of an exponent that is a tensor the base must be positive.

        Returns
        -------
        power : Tensor
        """
        a, b = self.data, _array(exponent)
        xp = namespace(a)
        power = a**b
        # x**0 is constant, also at x = 0, where b * x**(b - 1) would be 0 times infinity.
        if isinstance(b, (int, float)):
            lowered = b - 1 if b else 0
        else:
            lowered = xp.where(b == 0, xp.zeros_like(b), b - 1)
        return record(
            power,
            (self, lambda gradient: gradient * b * a**lowered),
            (exponent, lambda gradient: gradient * power * xp.log(a)),
            fresh=True,
        )

    def __neg__(self):
        """The tensor with every sign changed."""
        return record(-self.data, (self, lambda gradient: -gradient), fresh=True)

    def __matmul__(self, other):
        """The matrix product with another tensor or array.

        Parameters
        ----------
        other : Tensor or array
            Shapes as for ``numpy.matmul``: (..., n, k) @ (..., k, m), where either side may also be a
            vector of shape (k,), and leading axes are broadcast.

        Returns
        -------
        product : Tensor
        """
        return _matmul(self, other)

    def __radd__(self, other):
        """An array or number plus this tensor."""
        return self + other

    def __rsub__(self, other):
        """An array or number minus this tensor."""
        return -self + other

    def __rmul__(self, other):
        """An array or number times this tensor."""
        return self * other

    def __rtruediv__(self, other):
        """An array or number divided by this tensor."""
        b = self.data
        quotient = other / b
        return record(quotient, (self, lambda gradient: -gradient * quotient / b), fresh=True)

    def __rmatmul__(self, other):
        """The matrix product of an array with this tensor."""
        return _matmul(other, self)

    def sum(self, axis=None, keepdims=False):
        """The sum over some axes.

        Parameters
        ----------
        axis : int, tuple of ints or None
            None sums over all axes.
        keepdims : bool
            Whether the summed axes stay, with length 1.

        Returns
        -------
        total : Tensor
        """
        a = self.data
        xp = namespace(a)
        total = xp.sum(a, axis=axis, keepdims=keepdims)
        kept = _kept_shape(a.shape, axis)
        return record(
            total,
            (self, lambda gradient: xp.broadcast_to(xp.reshape(gradient, kept), a.shape)),
        )

    def mean(self, axis=None, keepdims=False):
        """The mean over some axes.

        Parameters
        ----------
        axis : int, tuple of ints or None
            None averages over all axes.
        keepdims : bool
            Whether the averaged axes stay, with length 1.

        Returns
        -------
        average : Tensor
        """
        total = self.sum(axis, keepdims)
        shape = self.data.shape
        kept = _kept_shape(shape, axis)
        count = math.prod([length for length, left in zip(shape, kept, strict=True) if length != left])
        return total / count

    def max(self, axis=None, keepdims=False, ties="share"):
        """The largest element along an axis.

        Parameters
        ----------
        axis : int or None
            None takes the largest of all elements.
        keepdims : bool
            Whether the axis stays, with length 1.
        ties : "share" or "first"
            Where several elements are the largest: "share" divides the gradient equally among them,
            "first" gives all of it to the one that comes first along the axis (in row-major order for
            ``axis=None``).

        Returns
        -------
        largest : Tensor

        Raises
        ------
        ValueError
            If `ties` is another word.
        """
        if ties not in ("share", "first"):
            raise ValueError(f"ties must be 'share' or 'first', got {ties!r}")
        if axis is None:
            largest = self.reshape(-1).max(0, ties=ties)
            return largest.reshape(_kept_shape(self.data.shape, None)) if keepdims else largest
        a = self.data
        xp = namespace(a)
        largest = xp.max(a, axis=axis, keepdims=True)
        is_largest = xp.astype(a == largest, a.dtype)
        if ties == "first":
            count = xp.cumulative_sum(is_largest, axis=axis)
            weight = xp.where(count == 1, is_largest, xp.zeros_like(a))
        else:
            weight = is_largest / xp.sum(is_largest, axis=axis, keepdims=True)
        return record(
            largest if keepdims else xp.squeeze(largest, axis=axis),
            (self, lambda gradient: xp.reshape(gradient, largest.shape) * weight),
            fresh=True,
        )

    def reshape(self, *shape):
        """The same elements in another shape.

        Parameters
        ----------
        *shape : ints, or one tuple of ints
            One length may be -1: it follows from the others.

        Returns
        -------
        reshaped : Tensor
        """
        a = self.data
        xp = namespace(a)
        new_shape = shape[0] if isinstance(shape[0], tuple) else shape
        return record(xp.reshape(a, new_shape), (self, lambda gradient: xp.reshape(gradient, a.shape)))

    def transpose(self, axes=None):
        """The axes in another order.

        Parameters
        ----------
        axes : tuple of ints or None
            Axis i of the result is axis ``axes[i]`` of this tensor; None reverses the order.

        Returns
        -------
        transposed : Tensor
        """
        a = self.data
        xp = namespace(a)
        axes = tuple(range(a.ndim))[::-1] if axes is None else tuple(axis % a.ndim for axis in axes)
        inverse = tuple(axes.index(axis) for axis in range(a.ndim))
        return record(xp.permute_dims(a, axes), (self, lambda gradient: xp.permute_dims(gradient, inverse)))

    T = property(transpose, doc="The tensor with its axes in reverse order.")

    def __getitem__(self, index):
        """Part of the tensor.

        Parameters
        ----------
        index : int, slice, None, Ellipsis, integer array, or a tuple of these
            As in numpy. An element that is taken several times gets the sum of their gradients.

        Returns
        -------
        part : Tensor
        """
        a = self.data
        return record(a[index], (self, lambda gradient: _scatter(gradient, index, a)), fresh=True)

    def exp(self):
        """The exponential function of every element.

        Returns
        -------
        result : Tensor
        """
        xp = namespace(self.data)
        result = xp.exp(self.data)
        return record(result, (self, lambda gradient: gradient * result), fresh=True)

    def log(self):
        """The natural logarithm of every element.

        Returns
        -------
        result : Tensor
        """
        a = self.data
        xp = namespace(a)
        return record(xp.log(a), (self, lambda gradient: gradient / a), fresh=True)

    def tanh(self):
        """The hyperbolic tangent of every element.

        Returns
        -------
        result : Tensor
        """
        xp = namespace(self.data)
        result = xp.tanh(self.data)
        return record(result, (self, lambda gradient: gradient * (1.0 - result * result)), fresh=True)

    def sigmoid(self):
        """The logistic function 1 / (1 + exp(-x)) of every element, without overflow for any x.

        Returns
        -------
        result : Tensor
        """
        a = self.data
        xp = namespace(a)
        # exp of a negative number cannot overflow.
        decay = xp.exp(-xp.abs(a))
        result = xp.where(a >= 0, 1.0 / (1.0 + decay), decay / (1.0 + decay))
        return record(result, (self, lambda gradient: gradient * (decay / (1.0 + decay) ** 2)), fresh=True)

    def relu(self):
        """Every element if it is positive, else 0; the slope at 0 is 0.

        Returns
        -------
        result : Tensor
        """
        a = self.data
        xp = namespace(a)
        result = xp.maximum(a, xp.zeros_like(a))
        # A product costs less than `where`, which asks for each element.
        return record(result, (self, lambda gradient: gradient * xp.astype(a > 0, a.dtype)), fresh=True)

    def backward(self, gradient=None):
        """Add the derivative of this tensor to the `grad` of every tensor that it was computed from.

        Gradients accumulate, as in torch: a second call adds the same derivatives again. Only tensors
        made by the user receive one, each as an array of its own.

        Parameters
        ----------
        gradient : array of the shape of this tensor, or None
            The derivative of the final result with respect to this tensor. May be left out if this
            tensor has one element: it is then the final result itself, and the derivative is 1.

        Raises
        ------
        ShapeError
            If `gradient` has another shape, or is missing while this tensor has several elements.

        Notes
        -----
        List the operations in an order in which each comes after its inputs, and play this tape
        backwards: when an operation is reached, everything computed from its result has handed its
        part of the gradient down.
        """
        xp = namespace(self.data)
        if gradient is None:
            if math.prod(self.data.shape) != 1:
                raise ShapeError(
                    f"backward() of a tensor of shape {self.data.shape} needs a gradient of that shape"
                )
            gradient = xp.ones_like(self.data)
        elif tuple(gradient.shape) != tuple(self.data.shape):
            raise ShapeError(f"gradient has shape {gradient.shape}; the tensor has shape {self.data.shape}")
        gradients = {self: gradient if self._inputs else xp.asarray(gradient, copy=True)}
        for node in reversed(_tape(self)):
            inherited = gradients.pop(node)
            if not node._inputs:
                own = xp.asarray(inherited, dtype=node.data.dtype)
                node.grad = own if node.grad is None else node.grad + own
            for parent, rule in node._inputs:
                part = rule(inherited)
                if part.shape != parent.data.shape:
                    part = unbroadcast(part, parent.data.shape)
                if parent in gradients:
                    part = gradients[parent] + part
                elif not (parent._inputs or node._fresh):
                    # The user's tensor keeps what it gets: memory that nothing else holds.
                    part = xp.asarray(part, copy=True)
                gradients[parent] = part


def record(data, *inputs, fresh=False):
    """The result of an operation, as a tensor that knows how to hand a gradient down.

    Parameters
    ----------
    data : array of any shape
        What the operation computed.
    *inputs : pairs (operand, rule)
        `rule` takes the gradient with respect to `data` and returns the one with respect to `operand`;
        axes along which the operand was broadcast need not be summed. Operands that are not tensors
        are constants and dropped.
    fresh : bool
        Whether what the rules return is always new memory, which nothing else holds. If not, a tensor made
        by the user keeps a copy of it.

    Returns
    -------
    result : Tensor
    """
    # Reductions and indexing in numpy return scalars that are not arrays.
    result = Tensor.__new__(Tensor)
    result.data = np.asarray(data) if isinstance(data, np.generic) else data
    result.grad = None
    result._inputs = [pair for pair in inputs if isinstance(pair[0], Tensor)]
    result._fresh = fresh
    return result


def unbroadcast(gradient, shape):
    """Sum a gradient over the axes along which an operand was broadcast.

    Parameters
    ----------
    gradient : array of any shape
        The gradient in the shape of the result.
    shape : tuple of ints
        The shape of the operand, which broadcasts to that of the gradient.

    Returns
    -------
    reduced : array of shape `shape`

    Examples
    --------
    >>> unbroadcast(np.ones((4, 3)), (1, 3))
    array([[4., 4., 4.]])
    >>> unbroadcast(np.ones((4, 3)), (3,))
    array([4., 4., 4.])
    """
    if gradient.shape == shape:
        return gradient
    xp = namespace(gradient)
    n_new = gradient.ndim - len(shape)
    stretched = [
        n_new + i for i, length in enumerate(shape) if length == 1 and gradient.shape[n_new + i] != 1
    ]
    return xp.reshape(xp.sum(gradient, axis=(*range(n_new), *stretched)), shape)


def _array(operand):
    """The data of a tensor; a plain array or number as it is."""
    return operand.data if isinstance(operand, Tensor) else operand


def _kept_shape(shape, axis):
    """The shape that a reduction over `axis` has when the reduced axes stay, with length 1."""
    axes = range(len(shape)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    reduced = {i % len(shape) for i in axes}
    return tuple(1 if i in reduced else length for i, length in enumerate(shape))


def _matmul(left, right):
    """The matrix product of two operands of which at least one is a tensor."""
    a, b = _array(left), _array(right)
    xp = namespace(a)
    product = a @ b
    # A vector on the left counts as one row, on the right as one column.
    rows = a[None, :] if a.ndim == 1 else a
    columns = b[:, None] if b.ndim == 1 else b
    full_shape = (rows @ columns).shape if a.ndim == 1 or b.ndim == 1 else product.shape

    def left_rule(gradient):
        return xp.reshape(gradient, full_shape) @ xp.matrix_transpose(columns)

    def right_rule(gradient):
        full = xp.matrix_transpose(rows) @ xp.reshape(gradient, full_shape)
        return full[..., 0] if b.ndim == 1 else full

    return record(product, (left, left_rule), (right, right_rule), fresh=True)


def _scatter(gradient, index, like):
    """Zeros shaped as `like`, with the gradient of ``like[index]`` added where the elements came from."""
    xp = namespace(like)
    total = xp.zeros_like(like)
    parts = index if isinstance(index, tuple) else (index,)
    if all(part is None or isinstance(part, int | slice | EllipsisType) for part in parts):
        places = tuple(part for part in parts if part is not None)
        total[places] = xp.reshape(gradient, total[places].shape)
        return total
    return add_to_parts(total, index, gradient)


def _tape(root):
    """Every tensor that `root` was computed from, once, each after its inputs; `root` is the last."""
    tape, seen, stack = [], set(), [root]
    while stack:
        node = stack.pop()
        if node is None:
            # Everything above the marker is done: the node below it comes next.
            tape.append(stack.pop())
        elif node not in seen:
            seen.add(node)
            stack += (node, None, *[parent for parent, _ in node._inputs])
    return tape
