"""`Value` beside the style of micrograd: a closure and a set a node, the order found by recursion."""

from __future__ import annotations

import math
import random
from itertools import pairwise

from benchmarks.mlref.timing import Row


class ClosureNode:
    """A number whose way back is a function; written here in that style, to be timed against."""

    def __init__(self, data, children=(), operation=""):
        self.data = data
        self.grad = 0.0
        self.hand_down = lambda: None
        self.children = set(children)
        self.operation = operation

    def __add__(self, other):
        """Sum."""
        other = other if isinstance(other, ClosureNode) else ClosureNode(other)
        total = ClosureNode(self.data + other.data, (self, other), "+")

        def hand_down():
            self.grad += total.grad
            other.grad += total.grad

        total.hand_down = hand_down
        return total

    def __mul__(self, other):
        """Product."""
        other = other if isinstance(other, ClosureNode) else ClosureNode(other)
        product = ClosureNode(self.data * other.data, (self, other), "*")

        def hand_down():
            self.grad += other.data * product.grad
            other.grad += self.data * product.grad

        product.hand_down = hand_down
        return product

    def tanh(self):
        """Hyperbolic tangent."""
        value = math.tanh(self.data)
        result = ClosureNode(value, (self,), "tanh")

        def hand_down():
            self.grad += (1 - value**2) * result.grad

        result.hand_down = hand_down
        return result

    def backward(self):
        """Every node hands its gradient down, the result first."""
        order, seen = [], set()

        def visit(node):
            if node not in seen:
                seen.add(node)
                for child in node.children:
                    visit(child)
                order.append(node)

        visit(self)
        self.grad = 1.0
        for node in reversed(order):
            node.hand_down()


def network(node, widths=(16, 16, 16, 1)):
    """A step of a small tanh network whose every number is a node: forward, then back; its gradients."""
    rng = random.Random(0)
    layers = [
        [([node(rng.uniform(-1, 1)) for _ in range(n_in)], node(0.0)) for _ in range(n_out)]
        for n_in, n_out in pairwise(widths)
    ]
    inputs = [node(rng.uniform(-1, 1)) for _ in range(widths[0])]
    weights = [weight for layer in layers for neuron, _ in layer for weight in neuron]

    def step():
        for weight in weights:
            weight.grad = 0.0
        values = inputs
        for layer in layers:
            sums = []
            for neuron, bias in layer:
                total = bias
                for weight, value in zip(neuron, values, strict=True):
                    total = total + weight * value
                sums.append(total.tanh())
            values = sums
        values[0].backward()
        return [weight.grad for weight in weights]

    return step


def scalar_graph():
    """Forward and back through 1089 operations."""
    from mlref.autodiff import Value

    def check(ours, theirs):
        assert all(math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-15) for a, b in zip(ours, theirs, strict=True))

    return network(Value), network(ClosureNode), check


# At least 1.5 times its speed is at most 0.67 of its time.
ROWS = [Row("scalar graph, forward and back", "1089 operations", "micrograd's style", 0.667, scalar_graph)]
