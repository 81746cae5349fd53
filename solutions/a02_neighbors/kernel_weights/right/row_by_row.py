"""Plain Python, one query after the other."""

SHARE = 0.9

import math

import numpy as np


def {{ variant.kernel }}_weights(distances, bandwidth):
    if bandwidth <= 0:
        raise ValueError("the bandwidth must be positive")
    result = []
    for row in distances:
        row = [float(d) for d in row]
        nearest = min(row)
{% if variant.kernel == "gaussian" %}
        kernel = [math.exp((nearest - d) * (nearest + d) / (2 * bandwidth**2)) for d in row]
{% elif variant.kernel == "triangular" %}
        kernel = [max(0.0, 1 - d / bandwidth) for d in row]
{% else %}
        kernel = [max(0.0, 1 - d * d / bandwidth / bandwidth) for d in row]
{% endif %}
        if sum(kernel) == 0:
            kernel = [float(d == nearest) for d in row]
        result.append([value / sum(kernel) for value in kernel])
    return np.array(result)
