"""In far rows all neighbours get the same weight."""

CAUGHT_BY = "test_far_and_near_rows_together"

import numpy as np


def {{ variant.kernel }}_weights(distances, bandwidth):
    distances = np.asarray(distances, dtype=float)
    if not bandwidth > 0:
        raise ValueError("bandwidth: expected a positive number")
{% if variant.kernel == "gaussian" %}
    kernel = np.exp(-((distances / bandwidth) ** 2) / 2)
    kernel = np.where(kernel.sum(axis=1, keepdims=True) == 0, 1.0, kernel)
{% else %}
{% if variant.kernel == "triangular" %}
    kernel = np.maximum(0, 1 - distances / bandwidth)
{% else %}
    kernel = np.maximum(0, 1 - (distances / bandwidth) ** 2)
{% endif %}
    kernel = np.where(kernel.any(axis=1, keepdims=True), kernel, 1.0)
{% endif %}
    return kernel / kernel.sum(axis=1, keepdims=True)
