"""How good predictions are.

Signs and orders follow scikit-learn: the true values come first, and an error is what was predicted minus
what is true.

Modules
-------
mlref.metrics.regression
    Mean error, mean squared and absolute error, R squared.
mlref.metrics.intervals
    Confidence intervals of a mean.
mlref.metrics.classification
    Accuracy, confusion matrix, precision, recall, F1.
mlref.metrics.pairwise
    Distances between all rows of two matrices.
"""

from mlref.metrics.classification import accuracy_score, zero_one_loss
from mlref.metrics.intervals import mean_confidence_interval, t_quantile
from mlref.metrics.pairwise import pairwise_distances
from mlref.metrics.regression import (
    mean_absolute_error,
    mean_error,
    mean_squared_error,
    r2_score,
    root_mean_squared_error,
)

__all__ = [
    "accuracy_score",
    "mean_absolute_error",
    "mean_confidence_interval",
    "mean_error",
    "mean_squared_error",
    "pairwise_distances",
    "r2_score",
    "root_mean_squared_error",
    "t_quantile",
    "zero_one_loss",
]
