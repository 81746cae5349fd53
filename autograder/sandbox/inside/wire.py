"""The limits, the tags' layout and the words that both halves of the codec share."""

from __future__ import annotations

from struct import Struct
from typing import NamedTuple

import numpy

MAX_DEPTH = 64
MAX_NODES = 100_000
MAX_PACKED = 1_000_000  # items of packed lists of numbers, and length of a range
MAX_TEXT = 16 << 20  # bytes of all strings, byte strings and big integers of a message
MAX_ARRAYS = 256 << 20  # bytes of all arrays of a message, inline or in buffers of their own
MAX_INTEGER = 1700  # bytes: just below Python's limit of 4300 digits for printing
# Tuples with equal hashes are easy to make, and a dict of n of them costs n^2 comparisons.
MAX_EQUAL_HASHES = 100
PACK_FROM = 17

INT64 = Struct("<q")
FLOAT64 = Struct("<d")
COMPLEX = Struct("<dd")
UINT32 = Struct("<I")
REFERENCE = Struct("<QBIH")  # number, flags, class key, length of the text

# fmt: off
NUMPY_TYPES = (
    "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
    "float16", "float32", "float64", "complex64", "complex128",
)
# fmt: on
PLAIN_TYPES: dict[str, type] = {
    kind.__name__: kind for kind in (bool, int, float, complex, str, bytes, list, tuple, set, frozenset, dict)
}
PLAIN_TYPES |= {f"numpy.{name}": getattr(numpy, name) for name in NUMPY_TYPES}
TYPE_NAMES: dict[type, str] = {value: name for name, value in PLAIN_TYPES.items()}


class CodecError(Exception):
    """A value that cannot cross, or bytes that are no message."""


class Reference(NamedTuple):
    """Something that stays on its own side: a student's object, or a function of the trusted side.

    Attributes
    ----------
    number : int
        Which object; 0 is the submission's namespace.
    flags : int
        1 callable, 2 a class, 4 a function of the trusted side.
    class_key : int
        Stands for the object's class inside one process; 0 when unknown.
    text : str
        Going in: a dotted path to follow from the object. Coming out: the name of its type.
    """

    number: int
    flags: int = 0
    class_key: int = 0
    text: str = ""


CALLABLE, CLASS, TRUSTED = 1, 2, 4


CHEAP_KEYS = frozenset((str, float, bool, type(None)))


def is_plain_key(key: object) -> bool:
    """Whether a value may be the key of a dict or an item of a set that crosses."""
    if type(key) in (tuple, frozenset):
        return all(map(is_plain_key, key))  # type: ignore[call-overload]
    return type(key) in CHEAP_KEYS or type(key) in (int, bytes, complex) or isinstance(key, numpy.generic)
