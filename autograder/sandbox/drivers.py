"""The text of a function of a suite, as it is sent into the jail."""

from __future__ import annotations

import ast
import builtins
import dis
import inspect
import textwrap
from collections.abc import Callable, Iterator
from functools import cache
from types import CodeType, FunctionType
from typing import Any

__all__ = ["driver_source"]

VISIBLE = {"np", "math"}


@cache
def driver_source(driver: Callable[..., Any]) -> tuple[str, str]:
    """Return (text, name) of a driver: no decorators, annotations, docstrings or comments.

    Parameters
    ----------
    driver : function
        Defined by ``def``, without closure, using ``np``, ``math`` and built-in names only.

    Raises
    ------
    TypeError
        If it is none, or if it uses another name.
    """
    if not isinstance(driver, FunctionType) or driver.__name__ == "<lambda>":
        raise TypeError(f"a driver is a function made by def, not {driver!r}")
    unknown = sorted(
        {name for name in _globals_of(driver.__code__) if name not in VISIBLE | set(dir(builtins))}
    )
    unknown += driver.__code__.co_freevars
    if unknown:
        raise TypeError(
            f"driver {driver.__name__} uses {', '.join(unknown)}: inside the jail it sees np, math and "
            "built-in names only; pass data as arguments"
        )
    tree = ast.parse(textwrap.dedent(inspect.getsource(driver)))
    function = tree.body[0]
    assert isinstance(function, ast.FunctionDef)
    function.decorator_list = []
    return ast.unparse(_Bare().visit(function)), function.name


def _globals_of(code: CodeType) -> Iterator[str]:
    for instruction in dis.get_instructions(code):
        if instruction.opname in ("LOAD_GLOBAL", "LOAD_NAME", "STORE_GLOBAL"):
            yield instruction.argval
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _globals_of(constant)


class _Bare(ast.NodeTransformer):
    """Takes off what only a reader of the suite needs, and what would name types that are not there."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        if ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:] or [ast.Pass()]
        return self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node
