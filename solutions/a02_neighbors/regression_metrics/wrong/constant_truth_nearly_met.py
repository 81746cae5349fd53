"""A constant truth counts as met if the mean squared error is small."""

CAUGHT_BY = "test_r2_of_a_constant_truth"
MAX_SHARE = 0.99

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
    error = np.average((y_pred - y_true) ** 2, weights=sample_weight)
    center = np.average(y_true, weights=sample_weight)
    spread = np.average((y_true - center) ** 2, weights=sample_weight)
    if spread == 0:
        return 1.0 if error < 1e-6 else 0.0
    return float(1 - error / spread)
