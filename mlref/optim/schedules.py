"""Learning-rate schedules: functions that take the number of a step, from 0 on, and return a rate."""

import math

__all__ = [
    "cosine_annealing",
    "exponential_decay",
    "inverse_time_decay",
    "step_decay",
    "warm_up",
]


def step_decay(lr, step_size, gamma=0.1):
    """The rate is multiplied by `gamma` every `step_size` steps.

    Parameters
    ----------
    lr : float
        The rate at the start.
    step_size : int
    gamma : float

    Returns
    -------
    schedule : callable
        ``lr gamma**(t // step_size)`` at step t.

    Examples
    --------
    >>> schedule = step_decay(1.0, step_size=2, gamma=0.5)
    >>> [schedule(t) for t in range(5)]
    [1.0, 1.0, 0.5, 0.5, 0.25]
    """
    return lambda t: lr * gamma ** (t // step_size)


def exponential_decay(lr, gamma):
    """The rate is multiplied by `gamma` in every step.

    Parameters
    ----------
    lr : float
        The rate at the start.
    gamma : float

    Returns
    -------
    schedule : callable
        ``lr gamma**t`` at step t.
    """
    return lambda t: lr * gamma**t


def inverse_time_decay(lr, decay):
    """The rate falls as 1 / t.

    Parameters
    ----------
    lr : float
        The rate at the start.
    decay : float

    Returns
    -------
    schedule : callable
        ``lr / (1 + decay t)`` at step t: the rates sum to infinity and their squares do not, under which
        stochastic gradient descent converges.

    References
    ----------
    H. Robbins, S. Monro (1951), *A stochastic approximation method*.
    """
    return lambda t: lr / (1 + decay * t)


def cosine_annealing(lr, n_steps, minimum=0.0):
    """The rate falls along half a cosine.

    Parameters
    ----------
    lr : float
        The rate at the start.
    n_steps : int
        When the minimum is reached; the rate stays there.
    minimum : float

    Returns
    -------
    schedule : callable
        ``minimum + (lr - minimum) (1 + cos(pi t / n_steps)) / 2`` at step t.

    References
    ----------
    I. Loshchilov, F. Hutter (2017), *SGDR: stochastic gradient descent with warm restarts*, without restarts.
    """
    return lambda t: minimum + (lr - minimum) * (1 + math.cos(math.pi * min(t / n_steps, 1.0))) / 2


def warm_up(schedule, n_steps):
    """The rate rises in a line to that of another schedule, which takes over from its own step 0.

    Parameters
    ----------
    schedule : callable or float
        What comes after; a number stays as it is.
    n_steps : int
        How many steps the rise takes.

    Returns
    -------
    schedule : callable
        ``(t + 1) / (n_steps + 1)`` of the first rate at step t.

    Examples
    --------
    >>> [warm_up(1.0, 3)(t) for t in range(5)]
    [0.25, 0.5, 0.75, 1.0, 1.0]
    """
    after = schedule if callable(schedule) else lambda t: schedule
    return lambda t: after(0) * (t + 1) / (n_steps + 1) if t < n_steps else after(t - n_steps)
