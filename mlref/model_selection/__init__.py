"""How good is a model on data that it has not seen, and which model is best?

Modules
-------
mlref.model_selection.splitting
    Training, validation and test rows; k folds, leave-one-out, stratified, grouped and sequential folds.
mlref.model_selection.validation
    Cross-validation, and an algorithm judged over many trials.
mlref.model_selection.search
    Grid search and random search of hyperparameters.
mlref.model_selection.pipeline
    Steps of preparation and a model as one estimator, so that nothing leaks from validation rows.
"""

from mlref.model_selection.pipeline import Pipeline
from mlref.model_selection.search import (
    Integers,
    LogUniform,
    SearchResult,
    Uniform,
    grid_points,
    grid_search,
    random_points,
    random_search,
)
from mlref.model_selection.splitting import (
    group_k_fold,
    k_fold,
    leave_one_out,
    split_sizes,
    stratified_k_fold,
    time_series_split,
    train_val_test_split,
)
from mlref.model_selection.validation import Scores, cross_validate, evaluate_algorithm

__all__ = [
    "Integers",
    "LogUniform",
    "Pipeline",
    "Scores",
    "SearchResult",
    "Uniform",
    "cross_validate",
    "evaluate_algorithm",
    "grid_points",
    "grid_search",
    "group_k_fold",
    "k_fold",
    "leave_one_out",
    "random_points",
    "random_search",
    "split_sizes",
    "stratified_k_fold",
    "time_series_split",
    "train_val_test_split",
]
