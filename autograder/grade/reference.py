"""The solution's names as a suite sees them, and what they gave before."""

from __future__ import annotations

import hashlib
import types
from collections.abc import Callable
from typing import Any

from autograder.models import BuiltAssignment
from autograder.sandbox.inside.codec import CodecError, decode, encode

__all__ = ["Reference", "Results"]

Results = dict[bytes, bytes]
"""Digest of a driver and its data -> its result, as bytes."""


class Reference:
    """The solution's names, to be used as a suite uses those of ``student``.

    Parameters
    ----------
    built : BuiltAssignment
        Its solution's cells are executed here.

    Attributes
    ----------
    results : dict
        What `run` returned before; what it computes is added.

    Notes
    -----
    Inputs of a check do not depend on the submission, so the results of the reference do not either: they
    are computed once, on the solution, and every submission's process inherits them.
    """

    def __init__(self, built: BuiltAssignment) -> None:
        self.results: Results = {}
        self._namespace = types.ModuleType("reference")
        for item in built.questions:
            for part in (item.given, item.answer):
                code = compile(part, f"<solution of {item.question.id}>", "exec", dont_inherit=True)
                exec(code, self._namespace.__dict__)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._namespace, name)

    def run(self, driver: Callable[..., Any], *data: Any) -> Any:
        """Call ``driver(reference, *data)``, the counterpart of ``student.run(driver, *data)``.

        Parameters
        ----------
        driver : function
            It must not change `data`.
        *data
            Plain data.
        """
        if driver.__closure__:
            return driver(self, *data)
        place = driver.__code__.co_filename, driver.__code__.co_firstlineno
        try:
            key = hashlib.blake2b(encode((place, data))[0], digest_size=16).digest()
            if key not in self.results:
                self.results[key] = encode(driver(self, *data))[0]
        except CodecError:
            return driver(self, *data)
        # A copy, and the kind of data that comes back from a submission.
        return decode(self.results[key])
