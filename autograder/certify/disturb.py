"""Right answers in other clothes: other memory order of their inputs, other rounding of their results.

A right answer may get its arrays in any order, sum them in any order, and round on the way as its
library and processor do. Rather than write each answer in each of these ways, its functions are wrapped.
Results cross to the suite as contiguous arrays, so their own order is nothing that a suite could see.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

__all__ = ["DISTURBANCES", "disturbed"]

DISTURBANCES = ("fortran", "strided", "backwards", "rounding")
"""Inputs in Fortran order, as every second element of a larger array, with negative strides (each makes
sums run in another order); results off by up to 4 units in the last place."""

# Runs in the notebook, so that it may use nothing of ours, and none of the functions that questions ban.
PRELUDE = '''
import functools as _functools
import numpy as _numpy


def _moved(value):
    """The same numbers, elsewhere in memory."""
    if type(value) is not _numpy.ndarray or value.ndim == 0 or value.dtype.kind not in "fiu":
        return value
    if {kind!r} == "fortran":
        return value.copy(order="F")
    if {kind!r} == "strided":
        room = _numpy.zeros((*value.shape[:-1], 2 * value.shape[-1]), dtype=value.dtype)
        room[..., ::2] = value
        return room[..., ::2]
    if {kind!r} == "backwards":
        return value[::-1].copy()[::-1]
    return value


def _rounded(value):
    """Equal numbers stay equal, and each is off by up to 4 units in the last place."""
    if {kind!r} != "rounding":
        return value
    if type(value) in (tuple, list):
        return type(value)(_rounded(part) for part in value)
    if type(value) is float or type(value) is _numpy.float64:
        return value * (1 + 2.0**-52 * (hash(float(value)) % 9 - 4))
    if type(value) is _numpy.ndarray and value.dtype == float:
        result = _numpy.array(value, order="C")
        bits = result.view(_numpy.int64)
        result *= 1 + 2.0**-52 * ((bits ^ bits >> 17) % 9 - 4)
        return result
    return value


def _disturbed(function):
    @_functools.wraps(function)
    def call(*args, **kwargs):
        args = tuple(_moved(value) for value in args)
        return _rounded(function(*args, **{{key: _moved(value) for key, value in kwargs.items()}}))

    return call


'''


def disturbed(source: str, solution: str, names: Iterable[str], kind: str) -> str:
    """Wrap the functions that a question asks for, and the public methods of its classes.

    Parameters
    ----------
    source : str
        What takes the place of the solution's answer cell.
    solution : str
        That cell: a method that it lacks is a helper of the answer's own, and stays as it is.
    names : iterable of str
        What the question asks for.
    kind : str
        One of `DISTURBANCES`.

    Returns
    -------
    str
        The same definitions, after a few helpers.
    """
    wanted = set(names)
    lines = source.split("\n")
    tree = ast.parse(source)
    asked = {path for path, _ in _functions(ast.parse(solution), wanted)}
    for path, function in reversed(list(_functions(tree, wanted))):
        if path not in asked:
            continue
        lines.insert(function.lineno - 1, " " * function.col_offset + "@_disturbed")
    after = [node.end_lineno for node in tree.body if isinstance(node, ast.ImportFrom) and _is_future(node)]
    first = max((line for line in after if line is not None), default=0)
    return "\n".join([*lines[:first], PRELUDE.format(kind=kind), *lines[first:]])


def _functions(tree: ast.Module, wanted: set[str]) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Functions, and public methods as ``Class.method``, that nothing else decorates."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name in wanted:
            own = [node] if isinstance(node, ast.FunctionDef) else node.body
            for function in own:
                if not isinstance(function, ast.FunctionDef) or function.decorator_list:
                    continue
                if function is node:
                    yield node.name, function
                elif not function.name.startswith("_"):
                    yield f"{node.name}.{function.name}", function


def _is_future(node: ast.ImportFrom) -> bool:
    return node.module == "__future__"
