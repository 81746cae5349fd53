"""Both arrays are flattened first, so a column beside a row is accepted."""

CAUGHT_BY = "test_a_column_beside_a_row_is_refused"
MAX_SHARE = 0.97

import numpy as np


def mean_error(y_true, y_pred, sample_weight=None):
    y_true = np.ravel(y_true).astype(float)
    y_pred = np.ravel(y_pred).astype(float)
    if y_true.shape != y_pred.shape:
        raise ValueError("lengths differ")
    return float(np.average(y_pred - y_true, weights=sample_weight))


def mean_squared_error(y_true, y_pred, sample_weight=None):
    y_true = np.ravel(y_true).astype(float)
    y_pred = np.ravel(y_pred).astype(float)
    if y_true.shape != y_pred.shape:
        raise ValueError("lengths differ")
    return float(np.average((y_pred - y_true) ** 2, weights=sample_weight))


def root_mean_squared_error(y_true, y_pred, sample_weight=None):
    return mean_squared_error(y_true, y_pred, sample_weight) ** 0.5


def mean_absolute_error(y_true, y_pred, sample_weight=None):
    y_true = np.ravel(y_true).astype(float)
    y_pred = np.ravel(y_pred).astype(float)
    if y_true.shape != y_pred.shape:
        raise ValueError("lengths differ")
    return float(np.average(np.abs(y_pred - y_true), weights=sample_weight))


def r2_score(y_true, y_pred, sample_weight=None):
    y_true = np.ravel(y_true).astype(float)
    y_pred = np.ravel(y_pred).astype(float)
    if y_true.shape != y_pred.shape:
        raise ValueError("lengths differ")
    error = np.average((y_pred - y_true) ** 2, weights=sample_weight)
    center = np.average(y_true, weights=sample_weight)
    spread = np.average((y_true - center) ** 2, weights=sample_weight)
    if spread == 0:
        return 1.0 if error == 0 else 0.0
    return float(1 - error / spread)
