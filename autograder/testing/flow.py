"""Where values in a function of a suite come from: the reference, or the student."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator

__all__ = ["calls_student", "free_names", "holds", "is_students", "student_names", "tainted_names"]


def tainted_names(function: ast.FunctionDef) -> set[str]:
    """Names that hold an expected value: called so, or made with the reference."""
    tainted = {"reference"}
    tainted.update(
        node.id
        for node in ast.walk(function)
        if isinstance(node, ast.Name) and node.id.startswith("expected")
    )
    for _ in range(10):
        before = len(tainted)
        for target, value in _assignments(function):
            if holds(value, tainted):
                tainted.update(node.id for node in ast.walk(target) if isinstance(node, ast.Name))
        if len(tainted) == before:
            break
    return tainted


def student_names(function: ast.FunctionDef) -> set[str]:
    """Names that hold an instance of a student's class."""
    names = {"student"}
    for target, value in _assignments(function):
        chain = ast.unparse(value)
        is_class = chain.startswith("student.") and chain[len("student.") :][:1].isupper()
        if isinstance(target, ast.Name) and isinstance(value, ast.Call) and is_class:
            names.add(target.id)
    return names


def _assignments(function: ast.FunctionDef) -> Iterator[tuple[ast.expr, ast.expr]]:
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                pairs = isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple)
                if pairs and len(target.elts) == len(node.value.elts):  # type: ignore[attr-defined]
                    yield from zip(target.elts, node.value.elts, strict=True)  # type: ignore[attr-defined]
                else:
                    yield target, node.value
        elif isinstance(node, (ast.AnnAssign, ast.AugAssign, ast.NamedExpr)) and node.value is not None:
            yield node.target, node.value
        elif isinstance(node, (ast.For, ast.comprehension)):
            yield node.target, node.iter


def holds(value: ast.expr, tainted: set[str]) -> bool:
    """Is one of the `tainted` names used anywhere in the expression `value`?"""
    return any(isinstance(node, ast.Name) and node.id in tainted for node in ast.walk(value))


def is_students(node: ast.expr, objects: set[str]) -> bool:
    """Is `node` a chain of attributes, calls and items that starts at one of the student's `objects`?"""
    while isinstance(node, (ast.Attribute, ast.Call, ast.Subscript)):
        if isinstance(node, ast.Call):
            is_getattr = isinstance(node.func, ast.Name) and node.func.id == "getattr" and node.args
            node = node.args[0] if is_getattr else node.func
        else:
            node = node.value
    return isinstance(node, ast.Name) and node.id in objects


def calls_student(value: ast.expr, objects: set[str]) -> bool:
    """Is a function of the student's `objects` called anywhere in the expression `value`?"""
    return any(isinstance(node, ast.Call) and is_students(node.func, objects) for node in ast.walk(value))


def free_names(function: ast.FunctionDef) -> set[str]:
    """Names that a driver reads and that do not exist where it runs."""
    bound = {function.name, "np", "math", *dir(builtins)}
    read: set[str] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, ast.Name):
            (read if isinstance(node.ctx, ast.Load) else bound).add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.ExceptHandler)):
            bound.add(node.name or "")
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            bound.update(item.asname or item.name.partition(".")[0] for item in node.names)
    return read - bound
