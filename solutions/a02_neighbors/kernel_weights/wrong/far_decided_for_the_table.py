"""The rule for far rows is applied only if the whole table is far."""

CAUGHT_BY = "test_far_and_near_rows_together"
MAX_SHARE = 0.86
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
    if not kernel.any():
        kernel = (distances == distances.min(axis=1, keepdims=True)).astype(float)
{% endif %}
    with np.errstate(all="ignore"):
        return kernel / kernel.sum(axis=1, keepdims=True)
