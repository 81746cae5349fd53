"""What a suite claims about results and about functions.

numpy and the standard library only: the part of this room that a public check needs is copied as text
into the file that students run (``author/inline.py``).
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from typing import Any, cast

import numpy as np

from autograder.testing.comparison import (
    CheckFailed,
    _compare,
    _describe,
    _identical,
    _is_number,
    _number,
    _position,
    _show,
    _type_name,
)

__all__ = [
    "CheckFailed",
    "assert_close",
    "assert_deterministic",
    "assert_dtype",
    "assert_equal",
    "assert_finite",
    "assert_raises",
    "assert_shape",
    "assert_true",
    "assert_type",
    "assert_unchanged",
]

# Exceptions that say something about the run, not about how an answer refuses bad input.
NOT_RAISED_BY_AN_ANSWER = (
    "StudentTimeout",
    "StudentDied",
    "StudentMemory",
    "ProtocolViolation",
    "OpaqueValue",
    "GraderFault",
    "CheckFailed",
)


# --- claims about a result ------------------------------------------------------------------------


def assert_close(
    actual: Any, expected: Any, *, rtol: float = 1e-7, atol: float = 1e-10, what: str = "your result"
) -> None:
    """Claim that a result has the type, shape and kind of `expected`, and nearly its values.

    A number passes where ``abs(actual - expected) <= atol + rtol * abs(expected)``. Integers, booleans
    and text are compared exactly. nan and infinities pass only where `expected` has the same. Tuples,
    lists and dicts are compared entry by entry.

    Parameters
    ----------
    actual : number, array, or tuple, list or dict of these
        What the student's code returned. An array must be a plain ``numpy.ndarray``; a number may be
        Python's or a numpy scalar, but not an array with 0 dimensions.
    expected : number, array, or tuple, list or dict of these
        The right result.
    rtol, atol : float
        Relative and absolute tolerance. Give ``atol=0`` where right values are below 1e-6.
    what : str
        How the message names the result.

    Raises
    ------
    CheckFailed
        With category type, shape, dtype, not_finite or value.

    Examples
    --------
    >>> assert_close(np.float64(0.3), 0.1 + 0.2)
    >>> assert_close([1.0, 2.0], np.array([1.0, 2.0]))
    Traceback (most recent call last):
    ...
    autograder.testing.comparison.CheckFailed: your result: expected numpy array of shape (2,), got list
    """
    _compare(actual, expected, what, rtol, atol)


def assert_equal(actual: Any, expected: Any, *, what: str = "your result") -> None:
    """Claim that a result is exactly `expected`: same types all the way down, same values.

    Parameters
    ----------
    actual, expected : object
        None, text, bytes, sets and arrays of text besides what :func:`assert_close` takes; nan equals nan.
    what : str
        How the message names the result.
    """
    _compare(actual, expected, what, 0.0, 0.0)


def assert_shape(actual: Any, shape: tuple[int, ...], *, what: str = "your result") -> None:
    """Claim that `actual` is a numpy array of this `shape`; the message calls it `what`."""
    if type(actual) is not np.ndarray:
        raise CheckFailed(f"{what}: expected numpy array of shape {shape}, got {_describe(actual)}", "type")
    if actual.shape != tuple(shape):
        raise CheckFailed(f"{what}: expected shape {tuple(shape)}, got {actual.shape}", "shape")


def assert_type(actual: Any, expected: type | tuple[type, ...], *, what: str = "your result") -> None:
    """Claim that `actual` is of one of the `expected` types exactly; the message calls it `what`.

    A numpy scalar counts as bool, int or float.
    """
    allowed = expected if isinstance(expected, tuple) else (expected,)
    found = type(actual)
    if issubclass(found, np.generic):
        found = type(actual.item())
    if found not in allowed and type(actual) not in allowed:
        names = " or ".join(_type_name(kind) for kind in allowed)
        raise CheckFailed(f"{what}: expected {names}, got {_describe(actual)}", "type")


def assert_dtype(actual: Any, kind: str, *, what: str = "your result") -> None:
    """Claim that `actual` is a numpy array of one `kind`; the message calls it `what`.

    The kinds are bool, integer, float and complex, whatever the number of bits.
    """
    kinds = {"bool": "b", "integer": "iu", "float": "f", "complex": "c"}
    if kind not in kinds:
        raise ValueError(f"kind: expected one of {', '.join(kinds)}, got {kind!r}")
    if type(actual) is not np.ndarray:
        raise CheckFailed(f"{what}: expected numpy array, got {_describe(actual)}", "type")
    if actual.dtype.kind not in kinds[kind]:
        raise CheckFailed(f"{what}: expected an array of {kind} values, got dtype {actual.dtype}", "dtype")


def assert_finite(actual: Any, *, what: str = "your result") -> None:
    """Claim that the number or array `actual` holds neither nan nor infinity; the message calls it `what`."""
    if type(actual) is not np.ndarray and not _is_number(actual):
        raise CheckFailed(f"{what}: expected a number or numpy array, got {_describe(actual)}", "type")
    values = np.asarray(actual)
    if values.dtype.kind not in "biufc":
        raise CheckFailed(f"{what}: expected numbers, got dtype {values.dtype}", "dtype")
    bad = ~np.isfinite(values)
    if bad.any():
        where = (
            "" if values.ndim == 0 else f" at {_position(bad)}; {int(bad.sum())} of {bad.size} are not finite"
        )
        raise CheckFailed(f"{what} is {_number(values[bad][0])}{where}", "not_finite")


def assert_true(condition: Any, message: str, *, category: str = "value") -> None:
    """Claim anything else: if `condition` is false a student reads `message`, sorted under `category`."""
    if type(condition) not in (bool, np.bool_):
        raise CheckFailed(f"{message} (expected True or False, got {_describe(condition)})", "type")
    if not condition:
        raise CheckFailed(message, category)


# --- claims about a function ----------------------------------------------------------------------


def assert_raises(
    exception: type[BaseException] | str | tuple[type[BaseException] | str, ...],
    function: Callable[..., Any],
    *args: Any,
    **kwargs: Any,
) -> None:
    """Claim that a call raises one of the named exceptions.

    Parameters
    ----------
    exception : exception class, name of one, or tuple of these
        Use the name for a class that the notebook defines, such as ``"NotFittedError"``.
    function : callable
        A function, class or method of the student.
    *args, **kwargs
        Its arguments.

    Raises
    ------
    CheckFailed
        With category raises if the call returns or raises something else.
    """
    allowed = exception if isinstance(exception, tuple) else (exception,)
    wanted = " or ".join(kind if isinstance(kind, str) else kind.__name__ for kind in allowed)
    try:
        result = function(*args, **kwargs)
    except Exception as error:
        names = tuple(getattr(error, "type_names", ())) or tuple(
            kind.__name__ for kind in type(error).__mro__
        )
        own = tuple(kind.__name__ for kind in type(error).__mro__)
        if any(name in NOT_RAISED_BY_AN_ANSWER for name in own):
            raise
        # A stub raises NotImplementedError, which is a RuntimeError: it must not pass by accident.
        if "NotImplementedError" in names and "NotImplementedError" not in wanted:
            raise
        if any(kind in names if isinstance(kind, str) else isinstance(error, kind) for kind in allowed):
            return
        raise CheckFailed(f"expected {wanted}, got {names[0]}: {error}", "raises") from error
    raise CheckFailed(f"expected {wanted}, but the call returned {_describe(result)}", "raises")


def assert_unchanged(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Claim that a call leaves its arguments as they were, and return its result.

    Parameters
    ----------
    function : callable
        ``student.f`` or a bound method itself: a lambda around it would only show the suite's own copy.
    *args, **kwargs
        Its arguments; positional ones are compared, byte by byte.

    Returns
    -------
    object
        What the call returned.

    Raises
    ------
    CheckFailed
        With category side_effect.
    """
    call = _capability(function, "__call_and_return_arguments__")
    if call is None:
        after = _copies(args)
        result = function(*after, **_copied(kwargs))
    else:
        result, after = call(*args, **kwargs)
    for index, (given, left) in enumerate(zip(args, after, strict=True)):
        if _is_plain(given) and not _identical(given, left):
            raise CheckFailed(
                f"your code changed its argument number {index + 1} ({_describe(given)}); work on a copy",
                "side_effect",
            )
    return result


def assert_deterministic(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Claim that two calls ``function(*args, **kwargs)`` return the same bytes, and return the result."""
    first, second = (function(*_copies(args), **_copied(kwargs)) for _ in range(2))
    if not _identical(first, second):
        raise CheckFailed(
            f"two calls with the same arguments gave different results: {_show(first)} and {_show(second)}",
            "nondeterministic",
        )
    return first


# --- arguments ---------------------------------------------------------------------------------------


def _copies(values: Iterable[Any]) -> tuple[Any, ...]:
    """Copy plain data; a student's object goes as it is."""
    return tuple(copy.deepcopy(value) if _is_plain(value) else value for value in values)


def _copied(keywords: dict[str, Any]) -> dict[str, Any]:
    return dict(zip(keywords, _copies(keywords.values()), strict=True))


def _is_plain(value: Any) -> bool:
    containers = (tuple, list, dict, set, frozenset, np.ndarray, np.random.Generator)
    return value is None or _is_number(value) or isinstance(value, (str, bytes, *containers))


def _capability(function: Any, name: str) -> Callable[..., Any] | None:
    """Return a method that a proxy's class offers; an instance would answer with the student's own."""
    if getattr(type(function), name, None) is None:
        return None
    return cast("Callable[..., Any]", getattr(function, name))
