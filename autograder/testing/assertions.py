"""What a suite claims about plain data.

numpy and the standard library only, and nothing of this package: the part that a public check needs
is copied as text into the file that students run (``author/inline.py``). A result is looked at by its
exact type first, so that no method of a student's object ever takes part in a comparison.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterable
from typing import Any, cast

import numpy as np

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


class CheckFailed(AssertionError):
    """A claim of a check does not hold.

    Parameters
    ----------
    message : str
        What was expected, what came, and where; a public check shows it to the student.
    category : str
        One of the result format's categories, such as ``"value"`` or ``"shape"``.
    cause : str, optional
        For a gradient the class of error: factor, sign, transposed, regulariser or entry.
    """

    def __init__(self, message: str, category: str = "value", cause: str | None = None) -> None:
        super().__init__(message)
        self.category = category
        self.cause = cause


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
    autograder.testing.assertions.CheckFailed: your result: expected numpy array of shape (2,), got list
    """
    _compare(actual, expected, what, rtol, atol)


def assert_equal(actual: Any, expected: Any, *, what: str = "your result") -> None:
    """Claim that a result is exactly `expected`: same types all the way down, same values.

    Takes None, text, bytes, sets and arrays of text besides what :func:`assert_close` takes; nan equals nan.
    """
    _compare(actual, expected, what, 0.0, 0.0)


def assert_shape(actual: Any, shape: tuple[int, ...], *, what: str = "your result") -> None:
    """Claim that a result is a numpy array of this shape."""
    if type(actual) is not np.ndarray:
        raise CheckFailed(f"{what}: expected numpy array of shape {shape}, got {_describe(actual)}", "type")
    if actual.shape != tuple(shape):
        raise CheckFailed(f"{what}: expected shape {tuple(shape)}, got {actual.shape}", "shape")


def assert_type(actual: Any, expected: type | tuple[type, ...], *, what: str = "your result") -> None:
    """Claim that a result is of one of these types exactly; a numpy scalar counts as bool, int or float."""
    allowed = expected if isinstance(expected, tuple) else (expected,)
    found = type(actual)
    if issubclass(found, np.generic):
        found = type(actual.item())
    if found not in allowed and type(actual) not in allowed:
        names = " or ".join(_type_name(kind) for kind in allowed)
        raise CheckFailed(f"{what}: expected {names}, got {_describe(actual)}", "type")


def assert_dtype(actual: Any, kind: str, *, what: str = "your result") -> None:
    """Claim that a result is a numpy array of bools, integers, floats or complex numbers."""
    kinds = {"bool": "b", "integer": "iu", "float": "f", "complex": "c"}
    if kind not in kinds:
        raise ValueError(f"kind: expected one of {', '.join(kinds)}, got {kind!r}")
    if type(actual) is not np.ndarray:
        raise CheckFailed(f"{what}: expected numpy array, got {_describe(actual)}", "type")
    if actual.dtype.kind not in kinds[kind]:
        raise CheckFailed(f"{what}: expected an array of {kind} values, got dtype {actual.dtype}", "dtype")


def assert_finite(actual: Any, *, what: str = "your result") -> None:
    """Claim that a number or array holds neither nan nor infinity."""
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
    """Claim anything else; `message` is what a student reads when the condition is false."""
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
    """Claim that two calls with equal arguments return the same bytes, and return the result."""
    first, second = (function(*_copies(args), **_copied(kwargs)) for _ in range(2))
    if not _identical(first, second):
        raise CheckFailed(
            f"two calls with the same arguments gave different results: {_show(first)} and {_show(second)}",
            "nondeterministic",
        )
    return first


# --- how a comparison is made ---------------------------------------------------------------------


def _compare(actual: Any, expected: Any, what: str, rtol: float, atol: float) -> None:
    kind = type(expected)
    if kind is np.ndarray:
        _compare_arrays(actual, expected, what, rtol, atol)
    elif _is_number(expected):
        _compare_numbers(actual, expected, what, rtol, atol)
    elif kind in (tuple, list, dict):
        if type(actual) is not kind:
            raise CheckFailed(f"{what}: expected {kind.__name__}, got {_describe(actual)}", "type")
        if len(actual) != len(expected):
            raise CheckFailed(f"{what}: expected {len(expected)} entries, got {len(actual)}", "shape")
        if kind is dict:
            _compare(set(actual), set(expected), f"keys of {what}", rtol, atol)
        for key in expected if kind is dict else range(len(expected)):
            _compare(actual[key], expected[key], f"{what}[{key!r}]", rtol, atol)
    elif expected is None or kind in (str, bytes, set, frozenset, slice, range, np.str_):
        same_kind = type(actual) is kind or (kind in (str, np.str_) and type(actual) in (str, np.str_))
        if not same_kind:
            raise CheckFailed(f"{what}: expected {_describe(expected)}, got {_describe(actual)}", "type")
        if not _identical(actual, expected):
            raise CheckFailed(f"{what}: expected {_show(expected)}, got {_show(actual)}", "value")
    else:
        raise TypeError(
            f"expected: cannot compare with {kind.__name__}; give numbers, arrays, text or containers"
        )


def _compare_numbers(actual: Any, expected: Any, what: str, rtol: float, atol: float) -> None:
    if not _is_number(actual):
        raise CheckFailed(f"{what}: expected a number, got {_describe(actual)}", "type")
    wanted, got = _kind(expected), _kind(actual)
    # An integer is a float without a fraction: max(0, x) is a fair answer where 0.0 is right.
    if got != wanted and not (wanted == "float" and got == "integer"):
        raise CheckFailed(f"{what}: expected {_a(wanted)}, got {_a(got)}: {_number(actual)}", "dtype")
    if wanted in ("bool", "integer"):
        if actual != expected:
            raise CheckFailed(f"{what}: expected {_number(expected)}, got {_number(actual)}", "value")
        return
    if isinstance(actual, int) and abs(actual) > 2**1000:
        actual = math.inf if actual > 0 else -math.inf
    right = np.asarray(expected)
    _compare_values(np.asarray(actual, dtype=right.dtype), right, what, rtol, atol)


def _compare_arrays(actual: Any, expected: np.ndarray, what: str, rtol: float, atol: float) -> None:
    if expected.dtype.kind not in "biufcUS":
        raise TypeError(f"expected: cannot compare arrays of dtype {expected.dtype}")
    if type(actual) is not np.ndarray:
        raise CheckFailed(
            f"{what}: expected numpy array of shape {expected.shape}, got {_describe(actual)}", "type"
        )
    if actual.dtype.kind == "O":
        raise CheckFailed(f"{what}: expected an array of {_kind(expected)} values, got dtype object", "dtype")
    if actual.shape != expected.shape:
        raise CheckFailed(f"{what}: expected shape {expected.shape}, got {actual.shape}", "shape")
    if _kind(actual) != _kind(expected):
        raise CheckFailed(
            f"{what}: expected an array of {_kind(expected)} values, got dtype {actual.dtype}",
            "dtype",
        )
    if expected.dtype.kind in "fc":
        _compare_values(actual, expected, what, rtol, atol)
        return
    wrong = np.asarray(actual != expected)
    if wrong.any():
        raise CheckFailed(_wrong_entries(actual, expected, wrong, what), "value")


def _compare_values(actual: np.ndarray, expected: np.ndarray, what: str, rtol: float, atol: float) -> None:
    finite = np.isfinite(expected)
    with np.errstate(all="ignore"):
        near = np.abs(actual - expected) <= atol + rtol * np.abs(expected)
    same = (actual == expected) | (np.isnan(actual) & np.isnan(expected))
    wrong = np.where(finite, ~(near & np.isfinite(actual)), ~same)
    if wrong.any():
        lost = wrong & finite & ~np.isfinite(actual)
        shown = lost if lost.any() else wrong
        raise CheckFailed(
            _wrong_entries(actual, expected, shown, what), "not_finite" if lost.any() else "value"
        )


def _wrong_entries(actual: np.ndarray, expected: np.ndarray, wrong: np.ndarray, what: str) -> str:
    right, got = expected[wrong][0], actual[wrong][0]
    text = f"expected {_number(right, got)}, got {_number(got, right)}"
    if expected.ndim == 0:
        return f"{what}: {text}"
    count = f"{int(wrong.sum())} of {wrong.size} entries are wrong"
    return f"{what}: {count}; the first is at {_position(wrong)}: {text}"


def _identical(first: Any, second: Any) -> bool:
    """Same plain data, byte by byte; an opaque object is compared with nothing."""
    if type(first) is not type(second):
        return False
    if isinstance(first, (tuple, list)):
        return len(first) == len(second) and all(map(_identical, first, second))
    if isinstance(first, dict):
        return list(first) == list(second) and all(map(_identical, first.values(), second.values()))
    return bool(_bytes(first) == _bytes(second))


def _copies(values: Iterable[Any]) -> tuple[Any, ...]:
    """Copy plain data; a student's object goes as it is."""
    return tuple(copy.deepcopy(value) if _is_plain(value) else value for value in values)


def _copied(keywords: dict[str, Any]) -> dict[str, Any]:
    return dict(zip(keywords, _copies(keywords.values()), strict=True))


def _is_plain(value: Any) -> bool:
    containers = (tuple, list, dict, set, frozenset, np.ndarray, np.random.Generator)
    return value is None or _is_number(value) or isinstance(value, (str, bytes, *containers))


def _bytes(value: Any) -> Any:
    """What two equal pieces of plain data have in common, and no two different ones."""
    if isinstance(value, np.ndarray) and value.dtype.kind != "O":
        return value.dtype, value.shape, value.tobytes()
    if isinstance(value, np.generic):
        return value.dtype, value.tobytes()
    if isinstance(value, (float, complex)):
        return repr(value)  # nan is equal to itself here, and 0.0 is not -0.0
    if isinstance(value, np.random.Generator):
        return repr(value.bit_generator.state)
    if value is None or isinstance(value, (bool, int, str, bytes, set, frozenset, slice, range)):
        return value
    raise CheckFailed(f"expected plain data, got {_describe(value)}", "type")


# --- words ----------------------------------------------------------------------------------------


def _is_number(value: Any) -> bool:
    return type(value) in (bool, int, float, complex) or isinstance(value, (np.number, np.bool_))


def _kind(value: Any) -> str:
    kinds = {
        "b": "bool",
        "i": "integer",
        "u": "integer",
        "f": "float",
        "c": "complex",
        "U": "text",
        "S": "bytes",
    }
    if type(value) is int:
        return "integer"
    return kinds.get(np.asarray(value).dtype.kind, "unknown")


def _a(kind: str) -> str:
    return {"integer": "an integer", "complex": "a complex number"}.get(kind, f"a {kind}")


def _type_name(kind: type) -> str:
    if kind is np.ndarray:
        return "numpy array"
    # The name of a proxy class would mean nothing to a student.
    return "an object of a class of your own" if hasattr(kind, "__measured__") else kind.__name__


def _describe(value: Any) -> str:
    if value is None:
        return "None (is a return missing?)"
    if type(value) is np.ndarray:
        return f"numpy array of shape {value.shape}"
    if isinstance(value, np.generic):
        return f"numpy {type(value).__name__}"
    return _type_name(type(value))


def _number(value: Any, other: Any = None) -> str:
    """One value as text, the same for numpy 1 and 2; more digits where six would hide the difference."""
    plain = value.item() if isinstance(value, (np.generic, np.ndarray)) else value
    if not isinstance(plain, (float, complex)):
        return str(plain) if isinstance(plain, (bool, int)) and abs(plain) < 10**20 else repr(plain)[:60]
    short = f"{plain:.6g}"
    if other is not None and short == _number(other):
        return f"{plain:.17g}"
    return short


def _position(wrong: np.ndarray) -> str:
    index = np.argwhere(wrong)[0]
    return "[" + ", ".join(str(int(i)) for i in index) + "]"


def _show(value: Any) -> str:
    if _is_number(value):
        return _number(value)
    if type(value) is np.ndarray:
        return _describe(value)
    text = repr(value)
    return text if len(text) <= 200 else text[:200] + " ..."


def _capability(function: Any, name: str) -> Callable[..., Any] | None:
    """Return a method that a proxy's class offers; an instance would answer with the student's own."""
    if getattr(type(function), name, None) is None:
        return None
    return cast("Callable[..., Any]", getattr(function, name))
