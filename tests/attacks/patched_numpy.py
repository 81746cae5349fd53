"""Rebinds every comparison of numpy, math and the built-ins."""

ANSWER = r"""
import builtins
import math

import numpy as np
import numpy.testing

for name in ("allclose", "isclose", "array_equal", "all", "any", "isfinite", "isnan"):
    setattr(np, name, lambda *args, **kwargs: True)
for name in [name for name in dir(np.testing) if name.startswith("assert")]:
    setattr(np.testing, name, lambda *args, **kwargs: None)
math.isclose = lambda *args, **kwargs: True
builtins.abs = lambda value: 0.0
builtins.isinstance = lambda *args: True


def mean(values):
    return 0.0


def largest(values):
    return 0.0
"""
