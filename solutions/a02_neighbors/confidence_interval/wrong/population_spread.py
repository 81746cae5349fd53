"""The spread is divided by n instead of n - 1 (ddof=0): 0.5590 instead of 0.6455 on 1, 2, 3, 4."""

CAUGHT_BY = "test_half_width"

from statistics import NormalDist

import numpy as np


def mean_confidence_interval(values, level=0.95, method="normal"):
    values = np.asarray(values, dtype=float)
    if values.ndim != 1 or len(values) < 2:
        raise ValueError("values: expected at least two numbers in one dimension")
    if not 0 < level < 1:
        raise ValueError("level: expected a number between 0 and 1")
    if method not in ("normal", "t"):
        raise ValueError("method: expected normal or t")
    n = len(values)
    standard_error = values.std(ddof=0) / np.sqrt(n)
    p = (1 + level) / 2
{% if variant.method == "t" %}
    q = t_quantile(p, n - 1)
{% else %}
    q = NormalDist().inv_cdf(p)
{% endif %}
    return float(values.mean()), float(q * standard_error)
