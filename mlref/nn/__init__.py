"""Neural networks on the package's own `Tensor`.

Table of contents
-----------------
module
    `Module` (parameters, buffers, training and evaluation, state), `Sequential`, parameter counting.
"""

from mlref.nn.module import Module, Sequential, count_parameters

__all__ = [
    "Module",
    "Sequential",
    "count_parameters",
]
