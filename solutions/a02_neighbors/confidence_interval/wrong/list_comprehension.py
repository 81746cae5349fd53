"""Right numbers, but the squares are summed in a Python loop: only the points for the work are lost."""

CAUGHT_BY = "test_no_python_loop_over_values"
MAX_SHARE = 0.93

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
    mean = values.mean()
    standard_error = (sum((v - mean) ** 2 for v in values) / (n - 1) / n) ** 0.5
    p = (1 + level) / 2
{% if variant.method == "t" %}
    q = t_quantile(p, n - 1)
{% else %}
    q = NormalDist().inv_cdf(p)
{% endif %}
    return float(values.mean()), float(q * standard_error)
