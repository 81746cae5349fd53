"""Many models instead of one: random forests, boosting, votes.

``forest``
    Trees of bootstrap samples, averaged; the samples that a tree has not seen judge it.
``boosting``, ``gradient_boosting``
    Trees one after another, each fitted to what the sum of those before leaves over; the algorithm, and the
    estimators.
``adaboost``
    Trees one after another, each on samples weighted by how those before failed on them.
``voting``
    Different models, asked together.
"""

from mlref.ensemble.adaboost import AdaBoostClassifier
from mlref.ensemble.forest import RandomForestClassifier, RandomForestRegressor, bootstrap_rows
from mlref.ensemble.gradient_boosting import (
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
)
from mlref.ensemble.voting import VotingClassifier, VotingRegressor

__all__ = [
    "AdaBoostClassifier",
    "GradientBoostingClassifier",
    "GradientBoostingRegressor",
    "HistGradientBoostingClassifier",
    "HistGradientBoostingRegressor",
    "RandomForestClassifier",
    "RandomForestRegressor",
    "VotingClassifier",
    "VotingRegressor",
    "bootstrap_rows",
]
