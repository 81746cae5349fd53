"""How plain data is compared, and in which words it differs.

Looks at exact types first, so that no method of a student's object ever takes part.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

__all__ = ["CheckFailed"]


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
    if isinstance(plain, int) and abs(plain) >= 10**20:
        return f"an integer of {plain.bit_length()} bits"
    if not isinstance(plain, (float, complex)):
        return repr(plain)[:60]
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
