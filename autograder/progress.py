"""Progress of long work: a bar on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from autograder.words import visible

__all__ = ["progress"]

SECONDS_BETWEEN_LINES = 5.0


@contextmanager
def progress(what: str, total: int) -> Iterator[Callable[[str], None]]:
    """Show how far a loop is.

    Parameters
    ----------
    what : str
        What is done, such as ``"grading"``.
    total : int
        How many steps there are.

    Yields
    ------
    callable
        To be called after each step with a few words about it.

    Examples
    --------
    >>> with progress("grading", 2) as step:
    ...     step("ada")
    ...     step("bob")
    """
    if total == 0:
        yield lambda text: None
    elif sys.stderr.isatty():
        with _bar(what, total) as step:
            yield step
    else:
        yield _lines(what, total)


@contextmanager
def _bar(what: str, total: int) -> Iterator[Callable[[str], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[text]}", markup=False),
    )
    # Drawn by hand after each step: the grader forks, and must have no second thread.
    with Progress(*columns, console=Console(stderr=True), auto_refresh=False) as bar:
        task = bar.add_task(what, total=total, text="")

        def step(text: str) -> None:
            bar.update(task, advance=1, text=visible(text))
            bar.refresh()

        yield step


def _lines(what: str, total: int) -> Callable[[str], None]:
    done = 0
    last = time.monotonic()

    def step(text: str) -> None:
        nonlocal done, last
        done += 1
        if done == total or time.monotonic() - last >= SECONDS_BETWEEN_LINES:
            last = time.monotonic()
            print(f"{what}: {done} of {total}", file=sys.stderr, flush=True)

    return step
