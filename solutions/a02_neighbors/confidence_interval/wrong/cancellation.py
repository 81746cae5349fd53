"""The variance is the mean of the squares minus the squared mean, which cancels far from zero."""

CAUGHT_BY = "test_values_far_from_zero"
MAX_SHARE = 0.97

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
    standard_error = np.sqrt(max(0.0, np.mean(values**2) - np.mean(values) ** 2) / (n - 1))
    p = (1 + level) / 2
{% if variant.method == "t" %}
    q = t_quantile(p, n - 1)
{% else %}
    q = NormalDist().inv_cdf(p)
{% endif %}
    return float(values.mean()), float(q * standard_error)
