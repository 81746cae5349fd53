"""One row after the other, with sums in plain Python."""

SHARE = 0.923

import numpy as np


def check(y_true, y_pred, sample_weight):
    if np.shape(y_true) != np.shape(y_pred):
        raise ValueError("the shapes differ")
    if sample_weight is not None:
        if np.shape(sample_weight) != np.shape(y_true):
            raise ValueError("one weight for each row is needed")
        if min(sample_weight) < 0 or max(sample_weight) <= 0:
            raise ValueError("weights must be positive, some may be zero")


def mean_error(y_true, y_pred, sample_weight=None):
    check(y_true, y_pred, sample_weight)
    total = weight_sum = 0.0
    for i in range(len(y_true)):
        w = 1.0 if sample_weight is None else float(sample_weight[i])
        total += w * (float(y_pred[i]) - float(y_true[i]))
        weight_sum += w
    return total / weight_sum


def mean_squared_error(y_true, y_pred, sample_weight=None):
    check(y_true, y_pred, sample_weight)
    total = weight_sum = 0.0
    for i in range(len(y_true)):
        w = 1.0 if sample_weight is None else float(sample_weight[i])
        total += w * (float(y_pred[i]) - float(y_true[i])) ** 2
        weight_sum += w
    return total / weight_sum


def root_mean_squared_error(y_true, y_pred, sample_weight=None):
    return mean_squared_error(y_true, y_pred, sample_weight) ** 0.5


def mean_absolute_error(y_true, y_pred, sample_weight=None):
    check(y_true, y_pred, sample_weight)
    total = weight_sum = 0.0
    for i in range(len(y_true)):
        w = 1.0 if sample_weight is None else float(sample_weight[i])
        total += w * abs(float(y_pred[i]) - float(y_true[i]))
        weight_sum += w
    return total / weight_sum


def r2_score(y_true, y_pred, sample_weight=None):
    mse = mean_squared_error(y_true, y_pred, sample_weight)
    if sample_weight is not None:
        y_true = [y for y, w in zip(y_true, sample_weight) if w > 0]
        sample_weight = [w for w in sample_weight if w > 0]
    if min(y_true) == max(y_true):
        return float(mse == 0)
    center = mean_error([0.0] * len(y_true), y_true, sample_weight)
    variance = mean_squared_error([center] * len(y_true), y_true, sample_weight)
    return 1 - mse / variance
