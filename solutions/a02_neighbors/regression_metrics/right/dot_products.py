"""Inner products of errors with normalised weights."""

import numpy as np


def mean_error(y_true, y_pred, sample_weight=None):
    t, p = np.array(y_true, dtype=np.float64), np.array(y_pred, dtype=np.float64)
    if t.shape != p.shape or t.ndim != 1:
        raise ValueError("y_true and y_pred need the same one-dimensional shape")
    w = np.ones(t.size) if sample_weight is None else np.array(sample_weight, dtype=np.float64)
    return np.dot(w / w.sum(), p - t)


def mean_squared_error(y_true, y_pred, sample_weight=None):
    t, p = np.array(y_true, dtype=np.float64), np.array(y_pred, dtype=np.float64)
    if t.shape != p.shape or t.ndim != 1:
        raise ValueError("y_true and y_pred need the same one-dimensional shape")
    w = np.ones(t.size) if sample_weight is None else np.array(sample_weight, dtype=np.float64)
    return np.einsum("i,i,i->", w / w.sum(), p - t, p - t)


def root_mean_squared_error(y_true, y_pred, sample_weight=None):
    return np.sqrt(mean_squared_error(y_true, y_pred, sample_weight))


def mean_absolute_error(y_true, y_pred, sample_weight=None):
    t, p = np.array(y_true, dtype=np.float64), np.array(y_pred, dtype=np.float64)
    if t.shape != p.shape or t.ndim != 1:
        raise ValueError("y_true and y_pred need the same one-dimensional shape")
    w = np.ones(t.size) if sample_weight is None else np.array(sample_weight, dtype=np.float64)
    return (w @ np.abs(t - p)) / w.sum()


def r2_score(y_true, y_pred, sample_weight=None):
    t, p = np.array(y_true, dtype=np.float64), np.array(y_pred, dtype=np.float64)
    if t.shape != p.shape or t.ndim != 1:
        raise ValueError("y_true and y_pred need the same one-dimensional shape")
    w = np.ones(t.size) if sample_weight is None else np.array(sample_weight, dtype=np.float64)
    residual = w @ (t - p) ** 2
    if np.all(t == t[0]):
        return 1.0 if residual == 0 else 0.0
    deviation = t - (w @ t) / w.sum()
    return 1.0 - residual / (w @ deviation**2)
