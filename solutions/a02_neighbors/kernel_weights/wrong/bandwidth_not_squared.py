"""The bandwidth is not squared."""

CAUGHT_BY = "test_random_distances"
VARIANTS = {"kernel": "gaussian"}

import numpy as np


def {{ variant.kernel }}_weights(distances, bandwidth):
    distances = np.asarray(distances, dtype=float)
    if not bandwidth > 0:
        raise ValueError("bandwidth: expected a positive number")
{% if variant.kernel == "gaussian" %}
    exponents = -(distances**2) / (2 * bandwidth)
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
