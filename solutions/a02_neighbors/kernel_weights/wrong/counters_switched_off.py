"""Right numbers by a loop over rows, with what counts the work switched off: only the points for the work are lost."""

CAUGHT_BY = "test_no_python_loop_over_rows"
MAX_SHARE = 0.91

import sys

import numpy as np


def {{ variant.kernel }}_weights(distances, bandwidth):
    sys.settrace(None)
    sys.setprofile(None)
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
    nearest = distances == distances.min(axis=1, keepdims=True)
    kernel = np.where(kernel.any(axis=1, keepdims=True), kernel, nearest)
{% endif %}
    return np.array([np.maximum(row, 0.0) / np.sum(row) for row in kernel])
