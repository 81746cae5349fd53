"""One row after the other, with sums in plain Python."""

SHARE = 0.92

import numpy as np


def mean_error(y_true, y_pred, sample_weight=None):
    if np.shape(y_true) != np.shape(y_pred):
        raise ValueError("the shapes differ")
    total = weight_sum = 0.0
    for i in range(len(y_true)):
        w = 1.0 if sample_weight is None else float(sample_weight[i])
        total += w * (float(y_pred[i]) - float(y_true[i]))
        weight_sum += w
    return total / weight_sum


def mean_squared_error(y_true, y_pred, sample_weight=None):
    if np.shape(y_true) != np.shape(y_pred):
        raise ValueError("the shapes differ")
    total = weight_sum = 0.0
    for i in range(len(y_true)):
        w = 1.0 if sample_weight is None else float(sample_weight[i])
        total += w * (float(y_pred[i]) - float(y_true[i])) ** 2
        weight_sum += w
    return total / weight_sum


def root_mean_squared_error(y_true, y_pred, sample_weight=None):
    return mean_squared_error(y_true, y_pred, sample_weight) ** 0.5


def mean_absolute_error(y_true, y_pred, sample_weight=None):
    if np.shape(y_true) != np.shape(y_pred):
        raise ValueError("the shapes differ")
    total = weight_sum = 0.0
    for i in range(len(y_true)):
        w = 1.0 if sample_weight is None else float(sample_weight[i])
        total += w * abs(float(y_pred[i]) - float(y_true[i]))
        weight_sum += w
    return total / weight_sum


def r2_score(y_true, y_pred, sample_weight=None):
    mse = mean_squared_error(y_true, y_pred, sample_weight)
    center = mean_error([0.0] * len(y_true), y_true, sample_weight)
    variance = mean_squared_error([center] * len(y_true), y_true, sample_weight)
    if variance == 0:
        return float(mse == 0)
    return 1 - mse / variance
