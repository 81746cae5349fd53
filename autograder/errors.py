"""The two kinds of failure: a user's mistake, told in one line, and a fault of the grader itself."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = ["GradecheckError", "GraderFault", "did_you_mean"]


class GradecheckError(Exception):
    """A mistake of the person at the keyboard: the message says what is wrong, where, and what to do.

    The command line prints the message alone, never a traceback.
    """


class GraderFault(Exception):
    """Something broke on the trusted side: no space, a lost zygote, a failed fork.

    It never becomes a result and never costs a student points; the run can be resumed.
    """


def did_you_mean(word: str, choices: Iterable[str]) -> str:
    """Return `` (did you mean 'x'?)`` for the choice begun with or nearest to `word`, or an empty string.

    Parameters
    ----------
    word : str
        What was written.
    choices : iterable of str
        What could have been meant.

    Returns
    -------
    str
        Text to append to an error message.

    Examples
    --------
    >>> did_you_mean("pionts", ["points", "title"])
    " (did you mean 'points'?)"
    """
    known = list(choices)
    started = [choice for choice in known if word and choice.startswith(word)]
    nearest = started if len(started) == 1 else difflib.get_close_matches(word, known, n=1)
    return f" (did you mean {nearest[0]!r}?)" if nearest else ""
