"""Far rows underflow: zero divided by zero gives nan."""

CAUGHT_BY = "test_far_and_near_rows_together"

import numpy as np


def {{ variant.kernel }}_weights(distances, bandwidth):
    distances = np.asarray(distances, dtype=float)
    if not bandwidth > 0:
        raise ValueError("bandwidth: expected a positive number")
{% if variant.kernel == "gaussian" %}
    kernel = np.exp(-((distances / bandwidth) ** 2) / 2)
{% else %}
{% if variant.kernel == "triangular" %}
    kernel = np.maximum(0, 1 - distances / bandwidth)
{% else %}
    kernel = np.maximum(0, 1 - (distances / bandwidth) ** 2)
{% endif %}
{% endif %}
    with np.errstate(all="ignore"):
        return kernel / kernel.sum(axis=1, keepdims=True)
