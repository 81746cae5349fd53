"""Scores on rows that a model was not fitted to, and how sure they are."""

import math
from typing import NamedTuple

import numpy as np

from mlref.arrays import namespace
from mlref.base import clone
from mlref.errors import check_count, check_same_length
from mlref.model_selection.splitting import _rows

__all__ = [
    "Scores",
    "cross_validate",
    "evaluate_algorithm",
]


class Scores(NamedTuple):
    """Scores of several fits and what they say together.

    Attributes
    ----------
    mean : float
    standard_error : float
        Standard deviation of the scores, with n - 1 in the denominator, over the root of their number.
    scores : array of shape (n_fits,)
    """

    mean: float
    standard_error: float
    scores: np.ndarray


def cross_validate(estimator, X, y, folds, metric=None):
    """Fit a new copy of an estimator to the training rows of each fold and score its validation rows.

    Parameters
    ----------
    estimator : Estimator
        Stays as it is. Whatever learns from data, scaling and imputation too, belongs into it: see
        `mlref.model_selection.Pipeline`.
    X : array of shape (n_samples, n_features)
    y : array of shape (n_samples,)
    folds : iterable of (array of shape (n_train,), array of shape (n_val,))
        At least two; see `k_fold`.
    metric : callable, optional
        ``metric(y_true, y_pred)``; by default the estimator's own ``score``.

    Returns
    -------
    mean : float
    standard_error : float
        Of the mean over the folds. Their training rows overlap, so that the scores are not independent: take
        it as a rough guide.
    scores : array of shape (n_folds,)

    Raises
    ------
    ShapeError
        If X and y differ in length.
    ValueError
        If there are fewer than two folds.

    References
    ----------
    Bengio and Grandvalet (2004), No unbiased estimator of the variance of k-fold cross-validation, *Journal
    of Machine Learning Research* 5.

    Examples
    --------
    >>> from mlref.datasets import load_iris
    >>> from mlref.model_selection import k_fold
    >>> from mlref.neighbors import KNeighborsClassifier
    >>> X, y = load_iris()
    >>> mean, standard_error, scores = cross_validate(
    ...     KNeighborsClassifier(), X, y, k_fold(150, 5, np.random.default_rng(0))
    ... )
    >>> mean > 0.9, len(scores)
    (True, 5)
    """
    xp = namespace(X, y)
    X, y = xp.asarray(X), xp.asarray(y)
    check_same_length(X=X, y=y)
    scores = []
    for train, val in folds:
        model = clone(estimator).fit(_rows(X, train), _rows(y, train))
        scores.append(_score(model, _rows(X, val), _rows(y, val), metric))
    return _summary(scores, "folds")


def evaluate_algorithm(estimator, sampler, n_trials, rng, metric=None):
    """Judge an algorithm, not one model of it: new data, a new fit and a new test in every trial.

    The error of one fitted model depends on the rows that it happened to see. Over many independent trials
    the mean says what the algorithm is worth, and the standard error how sure that is.

    Parameters
    ----------
    estimator : Estimator
        Stays as it is; a copy is fitted in every trial.
    sampler : callable
        ``sampler(rng)`` returns new ``X_train, y_train, X_test, y_test``.
    n_trials : int
        At least 2.
    rng : numpy.random.Generator
        Handed to the sampler.
    metric : callable, optional
        ``metric(y_true, y_pred)``; by default the estimator's own ``score``.

    Returns
    -------
    mean : float
    standard_error : float
        Of the mean over the trials, which are independent.
    scores : array of shape (n_trials,)

    Raises
    ------
    ValueError
        If n_trials is not a whole number of at least 2.

    Examples
    --------
    >>> from mlref.datasets import make_sine
    >>> from mlref.neighbors import KNeighborsRegressor
    >>> def sampler(rng):
    ...     return *make_sine(50, rng), *make_sine(50, rng)
    >>> mean, standard_error, scores = evaluate_algorithm(
    ...     KNeighborsRegressor(), sampler, 4, np.random.default_rng(0)
    ... )
    >>> mean > 0.5, scores.shape
    (True, (4,))
    """
    check_count(n_trials, "n_trials")
    scores = []
    for _ in range(n_trials):
        X_train, y_train, X_test, y_test = sampler(rng)
        scores.append(_score(clone(estimator).fit(X_train, y_train), X_test, y_test, metric))
    return _summary(scores, "n_trials")


def _score(model, X, y, metric):
    return float(model.score(X, y) if metric is None else metric(y, model.predict(X)))


def _summary(scores, name):
    if len(scores) < 2:
        raise ValueError(f"{name} gave {len(scores)} score; a standard error needs at least 2")
    scores = np.array(scores)
    return Scores(float(scores.mean()), float(scores.std(ddof=1)) / math.sqrt(scores.size), scores)
