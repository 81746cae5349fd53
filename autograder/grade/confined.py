"""Parsers of our own, run on bytes from anyone in a child with limits of its own."""

from __future__ import annotations

import resource
from collections.abc import Callable

from autograder.grade.parallel import Message, call_in_child

__all__ = ["confined"]

CPU_SECONDS = 30
MEMORY = 1 << 30  # on top of what this process has already


def confined(work: Callable[[], Message]) -> Message | None:
    """Run `work` in a forked child with little time and memory.

    Parameters
    ----------
    work : callable
        Returns what can be written as JSON.

    Returns
    -------
    dict or None
        What it returned, or ``{"fault": traceback}`` if it raised; None if it used more than it may.
    """

    def limited() -> Message:
        with open("/proc/self/statm") as file:
            mapped = int(file.read().split()[0]) * resource.getpagesize()
        _lower(resource.RLIMIT_CPU, CPU_SECONDS)  # a fork starts at zero
        _lower(resource.RLIMIT_AS, mapped + MEMORY)
        return work()

    return call_in_child(limited)


def _lower(name: int, limit: int) -> None:
    _, hard = resource.getrlimit(name)
    limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    resource.setrlimit(name, (limit, hard))
