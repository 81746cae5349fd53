"""The numbers are summed in their own integer type, which overflows."""

CAUGHT_BY = "test_integer_values"
MAX_SHARE = 0.97

from statistics import NormalDist

import numpy as np


def mean_confidence_interval(values, level=0.95, method="normal"):
    values = np.asarray(values)
    if values.ndim != 1 or len(values) < 2:
        raise ValueError("values: expected at least two numbers in one dimension")
    if not 0 < level < 1:
        raise ValueError("level: expected a number between 0 and 1")
    if method not in ("normal", "t"):
        raise ValueError("method: expected normal or t")
    n = len(values)
    mean = np.add.reduce(values, dtype=values.dtype) / n
    standard_error = np.sqrt(np.sum((values - mean) ** 2) / (n - 1) / n)
    p = (1 + level) / 2
{% if variant.method == "t" %}
    q = t_quantile(p, n - 1)
{% else %}
    q = NormalDist().inv_cdf(p)
{% endif %}
    return float(mean), float(q * standard_error)
