"""Hyperparameters: which values are tried, and which are best on validation rows.

A space is a dictionary from the name of a parameter to its values: a sequence, or for random search also one
of `Uniform`, `LogUniform` and `Integers`.
"""

import itertools
import math
from dataclasses import dataclass

import numpy as np

from mlref.base import Estimator, clone
from mlref.errors import check_count
from mlref.model_selection.validation import Scores, cross_validate

__all__ = [
    "Integers",
    "LogUniform",
    "SearchResult",
    "Uniform",
    "grid_points",
    "grid_search",
    "random_points",
    "random_search",
]


@dataclass(frozen=True)
class Uniform:
    """Any number between two bounds, all equally likely.

    Attributes
    ----------
    low : float
    high : float
        Above low.
    """

    low: float
    high: float

    def __post_init__(self):
        if not self.low < self.high:
            raise ValueError(f"{self}: low must lie below high")

    def draw(self, rng):
        """One value.

        Parameters
        ----------
        rng : numpy.random.Generator

        Returns
        -------
        value : float
        """
        return float(rng.uniform(self.low, self.high))


@dataclass(frozen=True)
class LogUniform:
    """Any positive number between two bounds, every order of magnitude equally likely.

    Attributes
    ----------
    low : float
        Above zero.
    high : float
        Above low.

    Notes
    -----
    The logarithm is uniform: between 0.001 and 1 one third of the values lie below 0.01.
    """

    low: float
    high: float

    def __post_init__(self):
        if not 0 < self.low < self.high:
            raise ValueError(f"{self}: low must lie above zero and below high")

    def draw(self, rng):
        """One value.

        Parameters
        ----------
        rng : numpy.random.Generator

        Returns
        -------
        value : float
        """
        return math.exp(rng.uniform(math.log(self.low), math.log(self.high)))


@dataclass(frozen=True)
class Integers:
    """Any whole number between two bounds, both included.

    Attributes
    ----------
    low : int
    high : int
        Not below low.
    """

    low: int
    high: int

    def __post_init__(self):
        if not self.low <= self.high:
            raise ValueError(f"{self}: low must not lie above high")

    def draw(self, rng):
        """One value.

        Parameters
        ----------
        rng : numpy.random.Generator

        Returns
        -------
        value : int
        """
        return int(rng.integers(self.low, self.high, endpoint=True))


@dataclass(frozen=True)
class SearchResult:
    """What a search tried and found.

    Attributes
    ----------
    best_params : dict
        The point with the best mean; of equal ones the first that was tried.
    best_score : float
        Its mean over the folds. The best of many is a little lucky: judge the final model on test rows.
    best_estimator : Estimator
        Fitted with best_params to all the rows that were searched on.
    points : list of dict
        In the order in which they were tried.
    scores : list of Scores
        Mean, standard error and scores of each point.
    """

    best_params: dict
    best_score: float
    best_estimator: Estimator
    points: list
    scores: list[Scores]


def grid_points(space):
    """Every combination of the values, each once.

    Parameters
    ----------
    space : dict of sequence

    Returns
    -------
    points : list of dict
        The last parameter changes fastest.

    Examples
    --------
    >>> grid_points({"k": [1, 3], "p": ["l1", "l2"]})
    [{'k': 1, 'p': 'l1'}, {'k': 1, 'p': 'l2'}, {'k': 3, 'p': 'l1'}, {'k': 3, 'p': 'l2'}]
    """
    return [dict(zip(space, values, strict=True)) for values in itertools.product(*space.values())]


def random_points(space, n_points, rng):
    """Points drawn at random, every parameter by itself.

    Parameters
    ----------
    space : dict of sequence, Uniform, LogUniform or Integers
        Of a sequence every value is equally likely.
    n_points : int
        At least 1.
    rng : numpy.random.Generator

    Returns
    -------
    points : list of dict

    Raises
    ------
    ValueError
        If n_points is not a whole number of at least 1.

    Examples
    --------
    >>> space = {"k": Integers(1, 9), "rate": LogUniform(1e-4, 1.0)}
    >>> points = random_points(space, 3, np.random.default_rng(0))
    >>> [list(point) for point in points]
    [['k', 'rate'], ['k', 'rate'], ['k', 'rate']]
    """
    check_count(n_points, "n_points")
    return [{name: _draw(values, rng) for name, values in space.items()} for _ in range(n_points)]


def grid_search(estimator, X, y, space, folds, metric=None, *, maximize=True):
    """Try every point of a grid by cross-validation, and fit the best one to all rows.

    Parameters
    ----------
    estimator : Estimator
        Stays as it is.
    X : array of shape (n_samples, n_features)
        Training and validation rows; test rows must not be among them.
    y : array of shape (n_samples,)
    space : dict of sequence
        Values of each parameter; ``step__name`` reaches into a pipeline.
    folds : sequence of (array of shape (n_train,), array of shape (n_val,))
        The same for every point; see `k_fold`.
    metric : callable, optional
        ``metric(y_true, y_pred)``; by default the estimator's own ``score``.
    maximize : bool
        False where the metric is a loss.

    Returns
    -------
    result : SearchResult

    Raises
    ------
    ValueError
        If there is no point to try, or a parameter is unknown.

    Examples
    --------
    >>> from mlref.datasets import make_sine
    >>> from mlref.model_selection import k_fold
    >>> from mlref.neighbors import KNeighborsRegressor
    >>> rng = np.random.default_rng(0)
    >>> X, y = make_sine(60, rng)
    >>> grid_search(KNeighborsRegressor(), X, y, {"n_neighbors": [1, 5, 40]}, k_fold(60, 5, rng)).best_params
    {'n_neighbors': 5}
    """
    return _search(estimator, X, y, grid_points(space), folds, metric, maximize)


def random_search(estimator, X, y, space, n_points, folds, metric=None, *, maximize=True, rng):
    """Try points drawn at random by cross-validation, and fit the best one to all rows.

    Where few of many parameters matter, it tries more values of those than a grid of the same cost.

    Parameters
    ----------
    estimator : Estimator
        Stays as it is.
    X : array of shape (n_samples, n_features)
        Training and validation rows; test rows must not be among them.
    y : array of shape (n_samples,)
    space : dict of sequence, Uniform, LogUniform or Integers
        What each parameter is drawn from; ``step__name`` reaches into a pipeline.
    n_points : int
        How many points are tried.
    folds : sequence of (array of shape (n_train,), array of shape (n_val,))
        The same for every point; see `k_fold`.
    metric : callable, optional
        ``metric(y_true, y_pred)``; by default the estimator's own ``score``.
    maximize : bool
        False where the metric is a loss.
    rng : numpy.random.Generator

    Returns
    -------
    result : SearchResult

    Raises
    ------
    ValueError
        If n_points is not a whole number of at least 1, or a parameter is unknown.

    References
    ----------
    Bergstra and Bengio (2012), Random search for hyper-parameter optimization, *Journal of Machine Learning
    Research* 13.

    Examples
    --------
    >>> from mlref.datasets import make_sine
    >>> from mlref.model_selection import k_fold
    >>> from mlref.neighbors import KNeighborsRegressor
    >>> rng = np.random.default_rng(0)
    >>> X, y = make_sine(60, rng)
    >>> result = random_search(
    ...     KNeighborsRegressor(), X, y, {"n_neighbors": Integers(1, 40)}, 6, k_fold(60, 5, rng), rng=rng
    ... )
    >>> len(result.points), result.best_score == max(scores.mean for scores in result.scores)
    (6, True)
    """
    return _search(estimator, X, y, random_points(space, n_points, rng), folds, metric, maximize)


def _search(estimator, X, y, points, folds, metric, maximize):
    # Walked through once for every point.
    folds = list(folds)
    models = [clone(estimator).set_params(**point) for point in points]
    scores = [cross_validate(model, X, y, folds, metric) for model in models]
    if not scores:
        raise ValueError("space holds no point to try; give every parameter at least one value")
    means = np.array([score.mean for score in scores])
    best = int(np.argmax(means if maximize else -means))
    return SearchResult(points[best], scores[best].mean, models[best].fit(X, y), points, scores)


def _draw(values, rng):
    if isinstance(values, Uniform | LogUniform | Integers):
        return values.draw(rng)
    return values[int(rng.integers(len(values)))]
