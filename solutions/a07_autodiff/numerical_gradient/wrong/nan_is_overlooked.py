"""An entry that is nan is left out of the maximum."""

CAUGHT_BY = "test_zero_entries"
MAX_SHARE = 0.97

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
    if a.shape != np.asarray(x).shape:
        raise ValueError("gradient and x differ in shape")
    n = {{ variant.name }}(f, x)
    worst = 0.0
    for one, other in zip(a.ravel(), n.ravel()):
        worst = np.fmax(worst, abs(one - other) / max(1e-8, abs(one) + abs(other)))
    return float(worst)
