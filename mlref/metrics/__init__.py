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
    Accuracy, zero-one loss, confusion matrix, precision, recall, F1.
mlref.metrics.ranking
    ROC curve and the area under it.
mlref.metrics.clustering
    Silhouette, inertia, elbow.
mlref.metrics.pairwise
    Distances between all rows of two matrices.
"""

from mlref.metrics.classification import (
    accuracy_score,
    confusion_matrix,
    f1_score,
    precision_recall_fscore_support,
    precision_score,
    recall_score,
    zero_one_loss,
)
from mlref.metrics.clustering import elbow, inertia, silhouette_samples, silhouette_score
from mlref.metrics.intervals import mean_confidence_interval, t_quantile
from mlref.metrics.pairwise import pairwise_distances
from mlref.metrics.ranking import auc, roc_auc_score, roc_curve
from mlref.metrics.regression import (
    mean_absolute_error,
    mean_error,
    mean_squared_error,
    r2_score,
    root_mean_squared_error,
)

__all__ = [
    "accuracy_score",
    "auc",
    "confusion_matrix",
    "elbow",
    "f1_score",
    "inertia",
    "mean_absolute_error",
    "mean_confidence_interval",
    "mean_error",
    "mean_squared_error",
    "pairwise_distances",
    "precision_recall_fscore_support",
    "precision_score",
    "r2_score",
    "recall_score",
    "roc_auc_score",
    "roc_curve",
    "root_mean_squared_error",
    "silhouette_samples",
    "silhouette_score",
    "t_quantile",
    "zero_one_loss",
]
