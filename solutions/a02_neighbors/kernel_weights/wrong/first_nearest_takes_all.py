"""In far rows the first of several equally near neighbours gets everything."""

CAUGHT_BY = "test_far_neighbours_at_the_same_distance"
MAX_SHARE = 0.96
VARIANTS = {"kernel": ["triangular", "epanechnikov"]}

import numpy as np


def {{ variant.kernel }}_weights(distances, bandwidth):
    distances = np.asarray(distances, dtype=float)
    if not bandwidth > 0:
        raise ValueError("bandwidth: expected a positive number")
{% if variant.kernel == "gaussian" %}
    exponents = -((distances / bandwidth) ** 2) / 2
    kernel = np.exp(exponents - exponents.max(axis=1, keepdims=True))
{% else %}
{% if variant.kernel == "triangular" %}
    kernel = np.maximum(0, 1 - distances / bandwidth)
{% else %}
    kernel = np.maximum(0, 1 - (distances / bandwidth) ** 2)
{% endif %}
    nearest = np.arange(distances.shape[1]) == distances.argmin(axis=1)[:, None]
    kernel = np.where(kernel.any(axis=1, keepdims=True), kernel, nearest)
{% endif %}
    return kernel / kernel.sum(axis=1, keepdims=True)
