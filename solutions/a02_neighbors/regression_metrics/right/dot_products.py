"""Inner products of errors with normalised weights."""

import numpy as np


def table(y_true, y_pred, sample_weight):
    t, p = np.array(y_true, dtype=np.float64), np.array(y_pred, dtype=np.float64)
    if t.shape != p.shape or t.ndim != 1:
        raise ValueError("y_true and y_pred need the same one-dimensional shape")
    if sample_weight is None:
        return t, p, np.full(t.size, 1 / t.size)
    w = np.array(sample_weight, dtype=np.float64)
    if w.shape != t.shape or w.min() < 0 or w.max() == 0:
        raise ValueError("these are no weights for the rows")
    counts = np.flatnonzero(w)
    return t[counts], p[counts], w[counts] / w.sum()


def mean_error(y_true, y_pred, sample_weight=None):
    t, p, w = table(y_true, y_pred, sample_weight)
    return np.dot(w, p - t)


def mean_squared_error(y_true, y_pred, sample_weight=None):
    t, p, w = table(y_true, y_pred, sample_weight)
    return np.einsum("i,i,i->", w, p - t, p - t)


def root_mean_squared_error(y_true, y_pred, sample_weight=None):
    return np.sqrt(mean_squared_error(y_true, y_pred, sample_weight))


def mean_absolute_error(y_true, y_pred, sample_weight=None):
    t, p, w = table(y_true, y_pred, sample_weight)
    return w @ np.abs(t - p)


def r2_score(y_true, y_pred, sample_weight=None):
    t, p, w = table(y_true, y_pred, sample_weight)
    residual = w @ (t - p) ** 2
    if np.all(t == t[0]):
        return 1.0 if residual == 0 else 0.0
    return 1.0 - residual / (w @ (t - w @ t) ** 2)
