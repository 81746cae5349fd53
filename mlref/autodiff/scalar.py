"""Reverse-mode differentiation of numbers: the smallest program that backpropagates."""

import math

__all__ = ["Value"]


class Value:
    """A number that remembers how it was computed, so that it can be differentiated.

    Parameters
    ----------
    data : int or float
        The number; it is stored as a float.

    Attributes
    ----------
    data : float
        The number.
    grad : float
        The derivative that `backward` has summed so far; 0.0 at first. Set it back to 0.0 to start anew.

    Notes
    -----
    Every operation makes a new node that holds its inputs (called its parents) and, for each of them,
    the slope: the derivative of the result by that input alone. The chain rule needs nothing else.

    References
    ----------
    A. Griewank, A. Walther (2008), *Evaluating Derivatives*, chapter 3.

    Examples
    --------
    >>> x = Value(5)
    >>> y = 3 * x**2 + 2 * x
    >>> y.backward()
    >>> y.data, x.grad
    (85.0, 32.0)
    """

    def __init__(self, data):
        """Start a graph with a number that has no parents.

        Parameters
        ----------
        data : int or float

        Raises
        ------
        TypeError, ValueError
            If `data` is not a number.
        """
        self.data = float(data)
        self.grad = 0.0
        self._inputs = ()

    def __repr__(self):
        """Text that shows the number and its gradient."""
        return f"Value(data={self.data}, grad={self.grad})"

    def __add__(self, other):
        """The sum of this number and another `Value` or number."""
        other = other if isinstance(other, Value) else Value(other)
        return _node(self.data + other.data, (self, 1.0), (other, 1.0))

    def __mul__(self, other):
        """The product of this number and another `Value` or number."""
        other = other if isinstance(other, Value) else Value(other)
        return _node(self.data * other.data, (self, other.data), (other, self.data))

    def __sub__(self, other):
        """The difference from another `Value` or number."""
        other = other if isinstance(other, Value) else Value(other)
        return _node(self.data - other.data, (self, 1.0), (other, -1.0))

    def __truediv__(self, other):
        """The quotient by another `Value` or number."""
        other = other if isinstance(other, Value) else Value(other)
        quotient = self.data / other.data
        return _node(quotient, (self, 1.0 / other.data), (other, -quotient / other.data))

    def __pow__(self, exponent):
        """The power with a constant exponent.

        Parameters
        ----------
        exponent : int or float
            A plain number, not a `Value`.

        Returns
        -------
        power : Value

        Raises
        ------
        TypeError
            If `exponent` is not a plain number.
        ValueError
            If the power is not a real number, as in ``Value(-8) ** 0.5``.
        """
        if not isinstance(exponent, (int, float)):
            raise TypeError(
                f"Value ** exponent: exponent must be an int or a float, got {type(exponent).__name__}"
            )
        # x**0 is constant, also at 0, where the general rule would divide by zero.
        slope = exponent * math.pow(self.data, exponent - 1) if exponent else 0.0
        return _node(math.pow(self.data, exponent), (self, slope))

    def __neg__(self):
        """The number with the opposite sign."""
        return _node(-self.data, (self, -1.0))

    def __radd__(self, other):
        """A plain number plus this one."""
        return self + other

    def __rmul__(self, other):
        """A plain number times this one."""
        return self * other

    def __rsub__(self, other):
        """A plain number minus this one."""
        return Value(other) - self

    def __rtruediv__(self, other):
        """A plain number divided by this one."""
        return Value(other) / self

    def exp(self):
        """The exponential function.

        Returns
        -------
        result : Value
        """
        result = math.exp(self.data)
        return _node(result, (self, result))

    def log(self):
        """The natural logarithm.

        Returns
        -------
        result : Value

        Raises
        ------
        ValueError
            If the number is not positive.
        """
        return _node(math.log(self.data), (self, 1.0 / self.data))

    def sqrt(self):
        """The square root.

        Returns
        -------
        result : Value

        Raises
        ------
        ValueError
            If the number is negative.
        ZeroDivisionError
            If the number is 0, where the slope is infinite.
        """
        result = math.sqrt(self.data)
        return _node(result, (self, 0.5 / result))

    def sin(self):
        """The sine of this number in radians.

        Returns
        -------
        result : Value
        """
        return _node(math.sin(self.data), (self, math.cos(self.data)))

    def cos(self):
        """The cosine of this number in radians.

        Returns
        -------
        result : Value
        """
        return _node(math.cos(self.data), (self, -math.sin(self.data)))

    def tanh(self):
        """The hyperbolic tangent.

        Returns
        -------
        result : Value
        """
        result = math.tanh(self.data)
        return _node(result, (self, 1.0 - result * result))

    def sigmoid(self):
        """The logistic function 1 / (1 + exp(-x)), without overflow for any x.

        Returns
        -------
        result : Value
        """
        # exp of a negative number cannot overflow.
        decay = math.exp(-abs(self.data))
        result = 1.0 / (1.0 + decay) if self.data >= 0 else decay / (1.0 + decay)
        return _node(result, (self, decay / (1.0 + decay) ** 2))

    def relu(self):
        """The number itself if it is positive, else 0; the slope at 0 is 0.

        Returns
        -------
        result : Value
        """
        is_positive = self.data > 0
        return _node(self.data if is_positive else 0.0, (self, 1.0 if is_positive else 0.0))

    def backward(self):
        """Add the derivative of this number with respect to every node of its graph to the node's `grad`.

        The derivative of this number with respect to itself is 1. Gradients accumulate, as in torch: a
        second call adds the same derivatives again, and two results that share a node sum into it.

        Notes
        -----
        Go through the graph from this node to the leaves, so that a node is left only when everything
        computed from it has handed its part down. The graph is walked with a list, not by recursion:
        a chain may be longer than Python's stack. The derivatives of this call are kept apart from
        `grad`; otherwise what an earlier call left in an inner node would be handed down again.
        """
        order = _parents_first(self)
        for node in order:
            node._derivative = 0.0
        self._derivative = 1.0
        for node in reversed(order):
            derivative = node._derivative
            node.grad += derivative
            for parent, slope in node._inputs:
                parent._derivative += slope * derivative


def _node(data, *inputs):
    """A `Value` computed from others; each input is a pair of the other value and the slope along it."""
    node = Value.__new__(Value)
    node.data = data
    node.grad = 0.0
    node._inputs = inputs
    return node


def _parents_first(root):
    """Every node of the graph of `root` once, each after its parents."""
    order, seen, stack = [], set(), [root]
    while stack:
        node = stack.pop()
        if node is None:
            # Everything above the marker is done: the node below it comes next.
            order.append(stack.pop())
        elif node not in seen:
            seen.add(node)
            stack.append(node)
            stack.append(None)
            for parent, _ in node._inputs:
                stack.append(parent)
    return order
