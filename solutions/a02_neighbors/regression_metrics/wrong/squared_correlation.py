"""R squared is computed as the squared correlation, which ignores bias and scale."""

CAUGHT_BY = "test_r2_score"

import numpy as np


def mean_error(y_true, y_pred, sample_weight=None):
    y_true = np.asarray(y_true, dtype=float)
    y_pred = np.asarray(y_pred, dtype=float)
    if y_true.shape != y_pred.shape:
        raise ValueError(f"shapes differ: {y_true.shape} and {y_pred.shape}")
    return float(np.average(y_pred - y_true, weights=sample_weight))


def mean_squared_error(y_true, y_pred, sample_weight=None):
    y_true = np.asarray(y_true, dtype=float)
    y_pred = np.asarray(y_pred, dtype=float)
    if y_true.shape != y_pred.shape:
        raise ValueError(f"shapes differ: {y_true.shape} and {y_pred.shape}")
    return float(np.average((y_pred - y_true) ** 2, weights=sample_weight))


def root_mean_squared_error(y_true, y_pred, sample_weight=None):
    return mean_squared_error(y_true, y_pred, sample_weight) ** 0.5


def mean_absolute_error(y_true, y_pred, sample_weight=None):
    y_true = np.asarray(y_true, dtype=float)
    y_pred = np.asarray(y_pred, dtype=float)
    if y_true.shape != y_pred.shape:
        raise ValueError(f"shapes differ: {y_true.shape} and {y_pred.shape}")
    return float(np.average(np.abs(y_pred - y_true), weights=sample_weight))


def r2_score(y_true, y_pred, sample_weight=None):
    y_true = np.asarray(y_true, dtype=float)
    y_pred = np.asarray(y_pred, dtype=float)
    if y_true.shape != y_pred.shape:
        raise ValueError(f"shapes differ: {y_true.shape} and {y_pred.shape}")
    if np.ptp(y_true) == 0:
        return 1.0 if np.array_equal(y_true, y_pred) else 0.0
    if np.ptp(y_pred) == 0:
        return 0.0
    table = np.cov(y_true, y_pred, aweights=sample_weight)
    return float(table[0, 1] ** 2 / (table[0, 0] * table[1, 1]))
