"""A bandwidth below a thousandth is raised to it."""

CAUGHT_BY = "test_units_of_length"
MAX_SHARE = 0.99

import numpy as np


def {{ variant.kernel }}_weights(distances, bandwidth):
    distances = np.asarray(distances, dtype=float)
    if not bandwidth > 0:
        raise ValueError("bandwidth: expected a positive number")
    bandwidth = max(bandwidth, 1e-3)
{% if variant.kernel == "gaussian" %}
    exponents = -((distances / bandwidth) ** 2) / 2
    kernel = np.exp(exponents - exponents.max(axis=1, keepdims=True))
{% else %}
{% if variant.kernel == "triangular" %}
    kernel = np.maximum(0, 1 - distances / bandwidth)
{% else %}
    kernel = np.maximum(0, 1 - (distances / bandwidth) ** 2)
{% endif %}
    nearest = distances == distances.min(axis=1, keepdims=True)
    kernel = np.where(kernel.any(axis=1, keepdims=True), kernel, nearest)
{% endif %}
    return kernel / kernel.sum(axis=1, keepdims=True)
