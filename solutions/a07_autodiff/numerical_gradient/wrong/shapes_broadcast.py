"""Shapes are not compared: numpy broadcasts."""

CAUGHT_BY = "test_broadcastable_shapes_are_refused"
MAX_SHARE = 0.9
import numpy as np

{% set stencil = "((1, 8 / 12), (-1, -8 / 12), (2, -1 / 12), (-2, 1 / 12))" if variant.order == 4 else "((1, 0.5), (-1, -0.5))" %}

def {{ variant.name }}(f, x, h={{ variant.step }}):
    start = np.asarray(x, dtype=float)
    slopes = []
    for i in range(start.size):
        slope = 0.0
        for k, weight in {{ stencil }}:
            point = start.copy()
            point.reshape(-1)[i] += k * h
            slope += weight * f(point)
        slopes.append(slope / h)
    return np.array(slopes, dtype=float).reshape(start.shape)


def gradient_error(f, gradient, x):
    a = np.asarray(gradient, dtype=float)
    n = {{ variant.name }}(f, x)
    worst = 0.0
    ratio = np.abs(a - n) / np.maximum(1e-8, np.abs(a) + np.abs(n))
    return float(np.max(ratio, initial=0.0))
