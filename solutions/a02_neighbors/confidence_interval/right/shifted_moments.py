"""Population spread over the root of n - 1, which is the same standard error; the normal quantile by bisection."""

import math

import numpy as np


def mean_confidence_interval(values, level=0.95, method="normal"):
    z = np.array(values, dtype=np.float64)
    if z.ndim != 1:
        raise ValueError("one dimension, please")
    n = z.shape[0]
    if n < 2:
        raise ValueError("two values at least")
    if level <= 0 or level >= 1:
        raise ValueError("the level is a share")
    if method != "normal" and method != "t":
        raise ValueError("unknown method")
    center = z.sum() / n
    deviation = z - center
    standard_error = math.sqrt(np.dot(deviation, deviation) / n) / math.sqrt(n - 1)
{% if variant.method == "t" %}
    quantile = t_quantile(1 - (1 - level) / 2, n - 1)
{% else %}
    low, high = 0.0, 40.0
    for _ in range(80):
        middle = (low + high) / 2
        if math.erf(middle / math.sqrt(2)) < level:
            low = middle
        else:
            high = middle
    quantile = (low + high) / 2
{% endif %}
    return center, quantile * standard_error
