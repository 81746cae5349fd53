"""The standard library's exact fractions; no array at all."""

SHARE = 0.92

import statistics

import numpy as np


def mean_confidence_interval(values, level=0.95, method="normal"):
    if np.ndim(values) != 1 or len(values) == 1:
        raise ValueError("values")
    if not 0.0 < level < 1.0:
        raise ValueError("level")
    if method not in {"normal", "t"}:
        raise ValueError("method")
    numbers = [float(v) for v in values]
    p = 0.5 + level / 2
{% if variant.method == "t" %}
    q = t_quantile(p, len(numbers) - 1)
{% else %}
    q = statistics.NormalDist().inv_cdf(p)
{% endif %}
    return statistics.fmean(numbers), q * statistics.stdev(numbers) / len(numbers) ** 0.5
