"""Runs one public check on the student's own machine; copied as text into ``tests/<question>.py``.

The file it is copied into defines ``SEED``, ``VARIANT`` and ``EXPECTED``. Whatever goes wrong becomes
one exception whose class name is the kind of failure and whose text is for the student: otter and its
stand-in print both.
"""

from __future__ import annotations

import inspect
import linecache
import re
import traceback
from collections.abc import Callable
from types import CodeType, FrameType, FunctionType
from typing import Any

from autograder.author.signatures import wrong_signature
from autograder.testing.seeds import check_rng

__all__ = ["run"]

SEED = 0
VARIANT: dict[str, Any] = {}
EXPECTED: dict[str, str] = {}
"""Function or method -> text of the parameters that the handout's stub has."""

KINDS = {
    "type": "Wrong type",
    "shape": "Wrong shape",
    "dtype": "Wrong kind of values",
    "not_finite": "Not finite",
    "value": "Wrong value",
    "gradient": "Wrong gradient",
    "raises": "Wrong reaction to bad input",
    "side_effect": "Argument changed",
    "nondeterministic": "Not repeatable",
    "efficiency": "Too much work",
}


class NotDefined(AttributeError):
    """The notebook has no such name."""


class Answers:
    """The notebook's names, as a check sees them."""

    def __init__(self, env: dict[str, Any]) -> None:
        self._env = env

    def __getattr__(self, name: str) -> Any:
        if name not in self._env:
            raise NotDefined(name)
        return self._env[name]

    def run(self, driver: Callable[..., Any], *data: Any) -> Any:
        """Call a function of the suite with the notebook's names."""
        return driver(self, *data)


def run(check: Callable[..., None], env: dict[str, Any]) -> None:
    """Run one check on the names in `env`."""
    refused = wrong_signatures(check, env)
    values = {"student": Answers(env), "variant": VARIANT, "rng": check_rng(SEED, check.__name__)}
    try:
        check(**{name: values[name] for name in inspect.signature(check).parameters})
        kind = text = ""
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        kind, text = explain(error, check, env)
    if refused:
        # Calls that this check does not make would fail when the answer is graded.
        kind, text = "Wrong signature", "\n    ".join([*refused, f"{kind}: {text}"] if kind else refused)
    if not kind:
        return
    # Raised here, not above, so that no second traceback hangs on it. Jupyter reads HTML: no < and >.
    raise type(kind, (Exception,), {})(text.replace("<", "\u2039").replace(">", "\u203a"))


def explain(error: BaseException, check: Callable[..., None], env: dict[str, Any]) -> tuple[str, str]:
    """Return the kind of failure and what the student reads about it."""
    frames = [(frame, number) for frame, number in traceback.walk_tb(error.__traceback__)]
    own = [(frame, number) for frame, number in frames if frame.f_globals is env]
    asked = [(frame, number) for frame, number in frames if frame.f_code is check.__code__]
    at = "".join(f"\n    at: {line}" for line in [source_line(*place) for place in asked[-1:]] if line)
    what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    # A frame is the student's iff its globals are the notebook's, whatever an editor calls the cell.
    if isinstance(error, NotDefined):
        kind, text = (
            "Not defined",
            f"{error} does not exist yet; run the cell that defines it, then check again",
        )
    elif isinstance(error, NotImplementedError) and own:
        code = own[-1][0].f_code
        name = getattr(code, "co_qualname", code.co_name)
        kind, text = "Not written yet", f"{name} still raises NotImplementedError"
    elif type(error).__name__ == "CheckFailed":
        kind, text = KINDS.get(getattr(error, "category", ""), "Wrong value"), f"{error}{at}"
    elif type(error).__name__ == "Inconclusive":
        kind, text = "Not decided", f"{error}{at}\n    This is no fault of yours: tell the staff."
    elif own:
        frame, number = own[-1]
        place = f"\n    in {frame.f_code.co_name}, line {number} of its cell: {source_line(frame, number)}"
        kind, text = "Your code stopped", f"{what}{place}{at}"
    elif isinstance(error, TypeError) and re.match(r"[\w.]+\(\) (takes|missing|got)", str(error)):
        kind, text = "Wrong signature", f"{error}{at}"
    elif isinstance(error, AssertionError):
        kind, text = "Wrong value", f"{error}{at}"
    else:
        kind, text = "Wrong type", f"what your code returned cannot be used: {what}{at}"
    return kind, text


def wrong_signatures(check: Callable[..., None], env: dict[str, Any]) -> list[str]:
    """Return one line for each function of the answer that a check uses and that has other parameters."""
    names: set[str] = set()
    pending = [check.__code__]
    while pending:
        code = pending.pop()
        names.update(code.co_names)
        pending += [constant for constant in code.co_consts if isinstance(constant, CodeType)]
    used = [path for path in EXPECTED if path.removesuffix(".__init__").split(".")[-1] in names]
    # A check that works through a helper names nothing itself.
    found = []
    for path in used or EXPECTED:
        got = parameters_at(path, env)
        line = "" if got is None else wrong_signature(path, got, EXPECTED[path])
        found += [line] if line else []
    return found


def parameters_at(path: str, env: dict[str, Any]) -> list[tuple[str, str, bool]] | None:
    """Return (name, kind, has a default) of each parameter without ``self``; None where nothing tells."""
    owner, _, method = path.partition(".")
    try:
        value = env[owner] if method in ("", "__init__") else getattr(env[owner], method)
        own = list(inspect.signature(value).parameters.values())
        if method not in ("", "__init__") and isinstance(
            inspect.getattr_static(env[owner], method), FunctionType
        ):
            own = own[1:]
    except (KeyError, AttributeError, TypeError, ValueError):
        return None
    return [(item.name, item.kind.name, item.default is not item.empty) for item in own]


def source_line(frame: FrameType, number: int) -> str:
    """Return a line of a cell or of this file, if Python still knows it."""
    return linecache.getline(frame.f_code.co_filename, number, frame.f_globals).strip()
