"""From a thousand values on 1.96 is used whatever the level."""

CAUGHT_BY = "test_half_width_at_other_levels"
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
    standard_error = values.std(ddof=1) / np.sqrt(n)
    p = 0.975 if n >= 1000 else (1 + level) / 2
{% if variant.method == "t" %}
    q = t_quantile(p, n - 1)
{% else %}
    q = NormalDist().inv_cdf(p)
{% endif %}
    return float(values.mean()), float(q * standard_error)
