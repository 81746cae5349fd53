"""Exponents are rounded to three digits after the point."""

CAUGHT_BY = "test_powers"
MAX_SHARE = 0.96


import math


class Value:
    counter = 0

    def __init__(self, data):
        self.data = float(data)
        self.grad = 0.0
        self.edges = []
        self.share = 0.0
        self.pull = lambda: None
        Value.counter += 1
        self.number = Value.counter

    def __repr__(self):
        return f"Value({self.data})"

    def new(self, data, *edges):
        node = Value(data)
        node.edges = list(edges)

        def pull():
            for parent, slope in edges:
                parent.share += slope * node.share

        node.pull = pull
        return node

    def lift(self, other):
        return other if isinstance(other, Value) else Value(other)

    def __add__(self, other):
        other = self.lift(other)
        return self.new(self.data + other.data, (self, 1.0), (other, 1.0))

    def __mul__(self, other):
        other = self.lift(other)
        return self.new(self.data * other.data, (self, other.data), (other, self.data))

    def __sub__(self, other):
        other = self.lift(other)
        return self.new(self.data - other.data, (self, 1.0), (other, -1.0))

    def __truediv__(self, other):
        other = self.lift(other)
        return self.new(self.data / other.data, (self, 1 / other.data), (other, -self.data / other.data**2))

    def __pow__(self, exponent):
        if isinstance(exponent, Value):
            raise TypeError("the exponent has to be a constant")
        exponent = round(exponent, 3)
        slope = exponent * self.data ** (exponent - 1) if exponent != 0 else 0.0
        return self.new(math.pow(self.data, exponent), (self, slope))

    def __neg__(self):
        return self.new(-self.data, (self, -1.0))

    def __radd__(self, other):
        return self + other

    def __rmul__(self, other):
        return self * other

    def __rsub__(self, other):
        return self.lift(other) - self

    def __rtruediv__(self, other):
        return self.lift(other) / self

    def exp(self):
        result = math.exp(self.data)
        return self.new(result, (self, result))
{% if "log" in variant.functions %}

    def log(self):
        return self.new(math.log(self.data), (self, 1 / self.data))
{% endif %}
{% if "sqrt" in variant.functions %}

    def sqrt(self):
        root = math.sqrt(self.data)
        return self.new(root, (self, 1 / (2 * root)))
{% endif %}
{% if "sin" in variant.functions %}

    def sin(self):
        return self.new(math.sin(self.data), (self, math.cos(self.data)))
{% endif %}
{% if "cos" in variant.functions %}

    def cos(self):
        return self.new(math.cos(self.data), (self, -math.sin(self.data)))
{% endif %}
{% if "tanh" in variant.functions %}

    def tanh(self):
        result = math.tanh(self.data)
        return self.new(result, (self, 1 - result**2))
{% endif %}
{% if "sigmoid" in variant.functions %}

    def sigmoid(self):
        result = 0.5 * (1 + math.tanh(0.5 * self.data))
        return self.new(result, (self, result * (1 - result)))
{% endif %}
{% if "relu" in variant.functions %}

    def relu(self):
        return self.new(max(self.data, 0.0), (self, float(self.data > 0)))
{% endif %}

    def backward(self):
        order, seen = [], {id(self)}
        stack = [(self, iter(self.edges))]
        while stack:
            node, rest = stack[-1]
            for parent, _ in rest:
                if id(parent) not in seen:
                    seen.add(id(parent))
                    stack.append((parent, iter(parent.edges)))
                    break
            else:
                order.append(node)
                stack.pop()
        for node in order:
            node.share = 0.0
        self.share = 1.0
        for node in reversed(order):
            node.pull()
            node.grad += node.share
