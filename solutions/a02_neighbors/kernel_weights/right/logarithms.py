"""{% if variant.kernel == "gaussian" %}Log-sum-exp, then one exponential.{% else %}Boolean masks written into zeros.{% endif %}"""

import numpy as np


def {{ variant.kernel }}_weights(distances, bandwidth):
    if bandwidth <= 0:
        raise ValueError("the bandwidth must be positive")
    u = np.array(distances, dtype=np.float64) / bandwidth
{% if variant.kernel == "gaussian" %}
    logs = -0.5 * u * u
    total = np.logaddexp.reduce(logs, axis=1)
    return np.exp(logs - total[:, None])
{% else %}
    kernel = np.zeros(u.shape)
    inside = u < 1
{% if variant.kernel == "triangular" %}
    kernel[inside] = 1.0 - u[inside]
{% else %}
    kernel[inside] = (1.0 - u[inside]) * (1.0 + u[inside])
{% endif %}
    lonely = ~inside.any(axis=1)
    kernel[lonely] = u[lonely] <= u[lonely].min(axis=1, keepdims=True)
    return np.einsum("ij,i->ij", kernel, 1 / kernel.sum(axis=1))
{% endif %}
