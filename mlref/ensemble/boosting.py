"""Gradient boosting: every tree is fitted to what the sum of those before it leaves over. Numpy only."""

from dataclasses import replace

import numpy as np

from mlref.losses import bce_with_logits, mse, softmax_cross_entropy
from mlref.tree.growing import grow_tree

__all__ = [
    "binary_log_loss",
    "boost",
    "multiclass_log_loss",
    "squared_error",
]


def boost(bins, y, loss, start, *, n_rounds, learning_rate, limit, second_order):
    """Add trees, each a step down the gradient of the loss with respect to the predictions.

    Parameters
    ----------
    bins : Bins
        The features.
    y : array of shape (n_samples,)
        Numbers, 0 and 1, or class numbers: what the loss takes.
    loss : function
        ``loss(scores, y) -> (mean loss, residual, curvature)``: for each sample minus the derivative of its
        loss with respect to its scores, and the second derivative, or None if that is 1. All of shape
        (n_scores, n_samples), as are the scores.
    start : array of shape (n_scores,)
        The scores before the first tree.
    n_rounds : int
        Rounds of one tree for each score.
    learning_rate : float
        How much of each step is taken.
    limit : dict
        Limits of a tree, for `grow_tree`.
    second_order : bool
        Whether the trees are also grown by the curvature, not only by the residuals.

    Returns
    -------
    rounds : list of lists of Tree
        The value of a leaf is what it adds to the score.
    losses : array of shape (n_rounds,)
        Mean training loss after each round.

    Notes
    -----
    In a leaf the best constant step, by Newton's rule, is ``sum residual / sum curvature``. Of second order,
    the tree itself is that of weighted least squares with the curvature h as weight, whose gain is that of
    ``(sum r)^2 / sum h``.

    References
    ----------
    Friedman (2001), Greedy function approximation: a gradient boosting machine, *Annals of Statistics* 29.
    Chen and Guestrin (2016), XGBoost: a scalable tree boosting system (the second order).
    """
    scores = np.repeat(start[:, None], y.size, axis=1)
    rounds, losses = [], []
    _, residual, curvature = loss(scores, y)
    for _ in range(n_rounds):
        trees = []
        for k, r in enumerate(residual):
            h = None if curvature is None else curvature[k]
            tree, leaf = grow_tree(bins, r[None, :], weights=h if second_order else None, **limit)
            n_nodes = tree.feature.size
            weight = np.bincount(leaf, h, minlength=n_nodes)
            # Inner nodes hold no samples.
            step = np.bincount(leaf, r, minlength=n_nodes) / np.where(weight > 0, weight, 1.0)
            tree = replace(tree, value=learning_rate * step[:, None])
            scores[k] += tree.value[leaf, 0]
            trees.append(tree)
        rounds.append(trees)
        mean_loss, residual, curvature = loss(scores, y)
        losses.append(mean_loss)
    return rounds, np.array(losses)


def squared_error(scores, y):
    """Squared error as `boost` takes it: the residual is what it is called after.

    Parameters
    ----------
    scores : array of shape (1, n_samples)
    y : array of shape (n_samples,)

    Returns
    -------
    loss : float
        Its mean.
    residual : array of shape (1, n_samples)
    curvature : None
        That of half the squared error is 1.
    """
    mean_loss, gradient = mse(scores[0], y)
    return mean_loss, -y.size / 2 * gradient[None, :], None


def binary_log_loss(scores, y):
    """Cross-entropy of two classes as `boost` takes it.

    Parameters
    ----------
    scores : array of shape (1, n_samples)
        Logits of class 1.
    y : array of shape (n_samples,)
        0 or 1.

    Returns
    -------
    loss : float
    residual : array of shape (1, n_samples)
        Label minus probability p.
    curvature : array of shape (1, n_samples)
        ``p (1 - p)``
    """
    mean_loss, gradient = bce_with_logits(scores[0], y)
    residual = -y.size * gradient
    return mean_loss, residual[None, :], _curvature(y - residual)[None, :]


def multiclass_log_loss(scores, y):
    """Cross-entropy of several classes as `boost` takes it.

    Parameters
    ----------
    scores : array of shape (n_classes, n_samples)
        Logits.
    y : array of shape (n_samples,)
        Class, an int from 0.

    Returns
    -------
    loss : float
    residual : array of shape (n_classes, n_samples)
        One-hot label minus probability p.
    curvature : array of shape (n_classes, n_samples)
        ``p (1 - p)``, the diagonal of the second derivatives.
    """
    mean_loss, gradient = softmax_cross_entropy(scores.T, y)
    residual = -y.size * gradient.T
    own = y == np.arange(scores.shape[0])[:, None]
    return mean_loss, residual, _curvature(own - residual)


def _curvature(p):
    # A sample that is fitted to the last digit still has a weight.
    return np.maximum(p * (1 - p), 1e-15)
