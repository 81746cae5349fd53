"""Pooling: one number for each window of an image, its maximum or its mean.

Table of contents
-----------------
functions
    Maxima and means of arrays, forwards and backwards.
primitive
    The same by torch's own kernels.
operations
    The same on tensors.
layers
    `MaxPool2d`, `AvgPool2d`, `GlobalAvgPool2d`, `Flatten`: modules.
"""

from mlref.nn.pooling.functions import (
    avg_pool2d,
    avg_pool2d_backward,
    global_avg_pool2d,
    global_avg_pool2d_backward,
    max_pool2d,
    max_pool2d_backward,
)
from mlref.nn.pooling.layers import AvgPool2d, Flatten, GlobalAvgPool2d, MaxPool2d

__all__ = [
    "AvgPool2d",
    "Flatten",
    "GlobalAvgPool2d",
    "MaxPool2d",
    "avg_pool2d",
    "avg_pool2d_backward",
    "global_avg_pool2d",
    "global_avg_pool2d_backward",
    "max_pool2d",
    "max_pool2d_backward",
]
