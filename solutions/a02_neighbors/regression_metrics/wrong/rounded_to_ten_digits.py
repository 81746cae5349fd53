"""Results are rounded to ten digits after the point."""

CAUGHT_BY = "test_errors_of_a_billionth"
MAX_SHARE = 0.97


import numpy as np


def round6(x):
    return round(float(x), 10)


def look_at(y_true, y_pred, weights):
    if y_true.shape != y_pred.shape:
        raise ValueError(f"shapes differ: {y_true.shape} and {y_pred.shape}")
    if weights is not None:
        weights = np.asarray(weights)
        if weights.shape != y_true.shape or (weights < 0).any() or not weights.any():
            raise ValueError(f"bad weights: {weights}")


def mean_error(y_true, y_pred, sample_weight=None):
    y_true = np.asarray(y_true, dtype=float)
    y_pred = np.asarray(y_pred, dtype=float)
    look_at(y_true, y_pred, sample_weight)
    return round6(np.average(y_pred - y_true, weights=sample_weight))


def mean_squared_error(y_true, y_pred, sample_weight=None):
    y_true = np.asarray(y_true, dtype=float)
    y_pred = np.asarray(y_pred, dtype=float)
    look_at(y_true, y_pred, sample_weight)
    return round6(np.average((y_pred - y_true) ** 2, weights=sample_weight))


def root_mean_squared_error(y_true, y_pred, sample_weight=None):
    return mean_squared_error(y_true, y_pred, sample_weight) ** 0.5


def mean_absolute_error(y_true, y_pred, sample_weight=None):
    y_true = np.asarray(y_true, dtype=float)
    y_pred = np.asarray(y_pred, dtype=float)
    look_at(y_true, y_pred, sample_weight)
    return round6(np.average(np.abs(y_pred - y_true), weights=sample_weight))


def r2_score(y_true, y_pred, sample_weight=None):
    y_true = np.asarray(y_true, dtype=float)
    y_pred = np.asarray(y_pred, dtype=float)
    look_at(y_true, y_pred, sample_weight)
    error = np.average((y_pred - y_true) ** 2, weights=sample_weight)
    center = np.average(y_true, weights=sample_weight)
    spread = np.average((y_true - center) ** 2, weights=sample_weight)
    counts = y_true if sample_weight is None else y_true[np.asarray(sample_weight) > 0]
    if counts.min() == counts.max():
        return 1.0 if error == 0 else 0.0
    return round6(1 - error / spread)
