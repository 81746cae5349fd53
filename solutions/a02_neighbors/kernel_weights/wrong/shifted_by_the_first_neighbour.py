"""The exponent of the first neighbour is subtracted, which may be the farthest one."""

CAUGHT_BY = "test_far_and_near_rows_together"
MAX_SHARE = 0.99
VARIANTS = {"kernel": ["gaussian"]}

import numpy as np


def {{ variant.kernel }}_weights(distances, bandwidth):
    distances = np.asarray(distances, dtype=float)
    if not bandwidth > 0:
        raise ValueError("bandwidth: expected a positive number")
{% if variant.kernel == "gaussian" %}
    exponents = -((distances / bandwidth) ** 2) / 2
    kernel = np.exp(exponents - exponents[:, :1])
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
