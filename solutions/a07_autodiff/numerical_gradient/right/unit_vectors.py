"""Rows of the identity matrix as directions; every point is made anew."""

import numpy as np


def {{ variant.name }}(f, x, h={{ variant.step }}):
    x = np.array(x, dtype=np.float64)
    directions = np.eye(x.size).reshape(x.size, *x.shape)

    def at(direction, k):
        return f(np.where(direction == 1, x + k * h, x))

{% if variant.order == 4 %}
    slopes = [(8 * (at(d, 1) - at(d, -1)) - (at(d, 2) - at(d, -2))) / (12 * h) for d in directions]
{% else %}
    slopes = [(at(d, 1) - at(d, -1)) / (2 * h) for d in directions]
{% endif %}
    return np.reshape(np.array(slopes, dtype=np.float64), x.shape)


def gradient_error(f, gradient, x):
    gradient, x = np.asarray(gradient, dtype=float), np.asarray(x)
    if gradient.shape != x.shape:
        raise ValueError("shapes differ")
    if x.size == 0:
        return 0.0
    numerical = {{ variant.name }}(f, x)
    size = np.clip(np.abs(gradient) + np.abs(numerical), 1e-8, None)
    return (np.abs(gradient - numerical) / size).max()
