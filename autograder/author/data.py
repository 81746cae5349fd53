"""Data files that are shipped: the same arrays give the same bytes."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from autograder.errors import GradecheckError

__all__ = ["encode_table", "fingerprint"]

FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,60}\.(csv|npz)")


def encode_table(where: Path, name: str, arrays: Mapping[str, Any]) -> bytes:
    r"""Encode arrays as the file name says.

    Parameters
    ----------
    where : Path
        The ``variant.py`` to blame.
    name : str
        ``something.csv`` (one table; equally long one-dimensional columns) or ``something.npz``.
    arrays : mapping of str to array
        Numbers, booleans or strings; never objects.

    Returns
    -------
    bytes

    Raises
    ------
    GradecheckError
        If the name or the arrays do not fit.

    Examples
    --------
    >>> encode_table(Path("variant.py"), "data.csv", {"x": [1.5, 2.0], "label": ["a", "b"]})
    b'x,label\n1.5,a\n2.0,b\n'
    """
    if not FILE_NAME.fullmatch(name):
        raise GradecheckError(
            f"{where}: files() names {name!r}; use letters, digits, _ and -, and .csv or .npz"
        )
    columns = {key: np.asarray(value) for key, value in arrays.items()}
    for key, column in columns.items():
        if column.dtype.kind not in "biufcU":
            raise GradecheckError(
                f"{where}: {name}: {key!r} has dtype {column.dtype}; numbers or text are needed"
            )
    if name.endswith(".npz"):
        buffer = io.BytesIO()
        np.savez(buffer, allow_pickle=False, **{key: columns[key] for key in sorted(columns)})
        return buffer.getvalue()
    shapes = {column.shape for column in columns.values()}
    if len(shapes) != 1 or len(next(iter(shapes))) != 1:
        raise GradecheckError(
            f"{where}: {name}: columns of one length are needed, not shapes {sorted(shapes)}"
        )
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    # tolist() gives Python numbers, whose shortest text reads back as the same number.
    writer.writerows(zip(*(column.tolist() for column in columns.values()), strict=True))
    return text.getvalue().encode()


def fingerprint(arrays: Mapping[str, Any]) -> str:
    """sha256 of names, types, shapes and contents: independent of how a file is compressed."""
    digest = hashlib.sha256()
    for key in sorted(arrays):
        array = np.asarray(arrays[key])
        digest.update(f"{key}\0{array.dtype.str}\0{array.shape}\0".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
