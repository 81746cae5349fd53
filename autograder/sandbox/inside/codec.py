"""Values as bytes: a closed set of tags, and every length checked before it is used.

Nothing that is decoded runs code which the other side chose. Exact types cross (a subclass of ``float`` is
not a float); everything else becomes a reference, if the caller allows references, or is refused.

What crosses: None, bool, int, float, complex, str, bytes, list, tuple, set, frozenset, dict, slice, range,
Ellipsis, the plain types themselves (``float``, ``numpy.float64``), numpy arrays (subclasses as plain
arrays), numpy scalars (distinct from Python's numbers) and dtypes, and, where torch is loaded, dense tensors
and their dtypes.
"""

from __future__ import annotations

from .decoding import decode
from .encoding import encode
from .wire import CALLABLE, CLASS, TRUSTED, CodecError, Reference

__all__ = ["CALLABLE", "CLASS", "TRUSTED", "CodecError", "Reference", "decode", "encode"]
