"""Many trees instead of one: random forests and gradient boosting. Numpy only.

``forest``
    Trees of bootstrap samples, averaged; the samples that a tree has not seen judge it.
``boosting``
    Trees one after another, each fitted to what the sum of those before leaves over.
"""

from mlref.ensemble.boosting import (
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
)
from mlref.ensemble.forest import RandomForestClassifier, RandomForestRegressor, bootstrap_rows

__all__ = [
    "GradientBoostingClassifier",
    "GradientBoostingRegressor",
    "HistGradientBoostingClassifier",
    "HistGradientBoostingRegressor",
    "RandomForestClassifier",
    "RandomForestRegressor",
    "bootstrap_rows",
]
