"""Search without gradients: random points, random steps, and a genetic algorithm. Numpy only."""

from dataclasses import dataclass

import numpy as np

from mlref.errors import NotFiniteError, ShapeError, check_array, check_count

__all__ = ["SearchResult", "genetic_algorithm", "local_search", "random_search"]


@dataclass(frozen=True)
class SearchResult:
    """The best point that was found.

    Attributes
    ----------
    x : numpy array of shape (n_dimensions,)
    value : float
        The function there.
    history : list of float
        The best value after each evaluation, or after each generation.
    """

    x: np.ndarray
    value: float
    history: list


def random_search(f, low, high, n_iter, rng):
    """The best of independent points, uniform in a box.

    Parameters
    ----------
    f : callable
        Takes a point and returns the number to be made small.
    low : array of shape (n_dimensions,)
    high : array of shape (n_dimensions,)
        The corners of the box.
    n_iter : int
        How many points are tried.
    rng : numpy.random.Generator

    Returns
    -------
    result : SearchResult

    Notes
    -----
    A set of probability mass p is hit at least once with probability ``1 - (1 - p)**n_iter``, in any number
    of dimensions; but the share of a ball around the minimum falls exponentially with the dimensions.

    Examples
    --------
    >>> result = random_search(lambda x: (x**2).sum(), [-1, -1], [1, 1], 1000, np.random.default_rng(0))
    >>> result.value < 0.01
    True
    """
    check_count(n_iter, "n_iter")
    low, high = _check_box(low, high)
    best, value, history = None, np.inf, []
    for _ in range(n_iter):
        candidate = rng.uniform(low, high)
        best, value = _better((best, value), (candidate, float(f(candidate))))
        history.append(value)
    return SearchResult(best, value, history)


def local_search(f, x0, scale, n_iter, rng):
    """Random steps from the best point so far; those that lead up are taken back.

    Parameters
    ----------
    f : callable
        Takes a point and returns the number to be made small.
    x0 : array of shape (n_dimensions,)
    scale : float
        The standard deviation of a step in each coordinate.
    n_iter : int
    rng : numpy.random.Generator

    Returns
    -------
    result : SearchResult
        Of a local minimum as a rule: no step leaves a valley wider than `scale`.

    Examples
    --------
    >>> result = local_search(lambda x: (x**2).sum(), [1.0, 1.0], 0.1, 500, np.random.default_rng(0))
    >>> result.value < 0.01
    True
    """
    check_count(n_iter, "n_iter")
    best = np.array(check_array(x0, "x0"), dtype=np.float64)
    value, history = float(f(best)), []
    for _ in range(n_iter):
        candidate = best + rng.normal(0.0, scale, size=best.shape)
        best, value = _better((best, value), (candidate, float(f(candidate))))
        history.append(value)
    return SearchResult(best, value, history)


def genetic_algorithm(
    f, low, high, rng, *, population_size=50, n_generations=100, mutation_rate=0.1, mutation_scale=0.1
):
    """Breed points: choose good ones, mix their coordinates, change a few, again and again.

    Parameters
    ----------
    f : callable
        Takes a point and returns the number to be made small.
    low : array of shape (n_dimensions,)
    high : array of shape (n_dimensions,)
        The corners of the box that all points stay in.
    rng : numpy.random.Generator
    population_size : int
    n_generations : int
    mutation_rate : float
        The probability that a coordinate is changed.
    mutation_scale : float
        The standard deviation of a change, as a share of the side of the box.

    Returns
    -------
    result : SearchResult

    Notes
    -----
    A parent is the better of two points drawn at random (tournament). A child takes each coordinate from one
    of two parents (uniform crossover). The best point of a generation lives on: nothing is ever lost.

    References
    ----------
    M. Mitchell (1996), *An Introduction to Genetic Algorithms*, chapter 5.

    Examples
    --------
    >>> bumpy = lambda x: (x**2).sum() + 2 * np.sin(8 * x).sum()
    >>> result = genetic_algorithm(bumpy, [-4, -4], [4, 4], np.random.default_rng(0))
    >>> result.x.round(1)
    array([-0.2, -0.2])
    """
    check_count(population_size, "population_size")
    check_count(n_generations, "n_generations")
    low, high = _check_box(low, high)
    population = rng.uniform(low, high, size=(population_size, len(low)))
    history = []
    for _ in range(n_generations):
        values = np.array([f(point) for point in population])
        elite = population[np.argmin(values)]
        history.append(float(values.min()))
        pairs = rng.integers(population_size, size=(2, population_size, 2))
        parents = population[np.where(values[pairs[0]] <= values[pairs[1]], pairs[0], pairs[1])]
        from_first = rng.random(population.shape) < 0.5
        children = np.where(from_first, parents[:, 0], parents[:, 1])
        is_mutated = rng.random(population.shape) < mutation_rate
        children += is_mutated * rng.normal(0.0, mutation_scale * (high - low), size=population.shape)
        population = np.clip(children, low, high)
        population[0] = elite
    values = np.array([f(point) for point in population])
    best = int(np.argmin(values))
    return SearchResult(population[best], float(values[best]), history)


def _better(first, second):
    """The pair of point and value whose value is smaller; the first if they are equal."""
    return second if second[1] < first[1] else first


def _check_box(low, high):
    low, high = check_array(low, "low"), check_array(high, "high")
    if low.ndim != 1 or low.shape != high.shape:
        raise ShapeError(f"low has shape {low.shape}, high {high.shape}; both must be (n_dimensions,)")
    if not np.all(np.isfinite(high - low)):
        raise NotFiniteError(f"low is {low} and high is {high}; a box has finite ends")
    if not np.all(low <= high):
        raise ValueError(f"low is {low} and high is {high}; low must nowhere exceed high")
    return low, high
