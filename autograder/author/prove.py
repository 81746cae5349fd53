"""Proof that a stub is one: cells run, every name is there, all that was cut raises NotImplementedError."""

from __future__ import annotations

import ast
import inspect
from typing import Any

from autograder.author.source import Function
from autograder.errors import GradecheckError
from autograder.models import BuiltAssignment, BuiltQuestion

__all__ = ["prove_stubs"]


def prove_stubs(built: BuiltAssignment) -> None:
    """Run given cells and stubs in an empty namespace, then call what is not written.

    Raises
    ------
    GradecheckError
        If a cell stops, a name is missing, or a cut function returns.
    """
    space: dict[str, Any] = {"__name__": "__main__"}
    for item in built.questions:
        if item.question.kind == "code":
            _run(item, "given cell", item.given, space)
            _run(item, "stub", item.stub, space)
            for name in item.question.names:
                if not callable(space.get(name)):
                    raise GradecheckError(
                        f"{item.question.folder}: the stub does not define {name!r} as something to call"
                    )
            for reference in item.question.solution:
                _prove(item, reference, space)


def _run(item: BuiltQuestion, label: str, text: str, space: dict[str, Any]) -> None:
    try:
        exec(compile(text, f"<{item.question.id} {label}>", "exec", dont_inherit=True), space)
    except Exception as error:
        raise GradecheckError(
            f"{item.question.folder}: the {label} stops when it runs: {type(error).__name__}: {error}"
        ) from error


def _prove(item: BuiltQuestion, reference: str, space: dict[str, Any]) -> None:
    """Call one function of the stub, with None for every argument."""
    where = f"{item.question.folder}: the stub of {reference!r}"
    path = reference.split(":")[1].split(".")
    nodes = _functions(ast.parse(item.stub).body, path)
    if not nodes and path[-1].startswith("_") and len(path) > 1:
        return  # a private method, left out altogether
    if not nodes or not all(any(map(_raises, ast.walk(node))) for node in nodes):
        raise GradecheckError(f"{where} is not cut: it nowhere raises NotImplementedError")
    # What stands before a marked part would stumble over None.
    if any(not _raises(node.body[1]) for node in nodes):
        return
    function: Any = space[path[0]]
    for part in path[1:]:
        function = inspect.getattr_static(function, part)
    try:
        _call(_plain(function))
    except NotImplementedError:
        return
    except Exception as error:
        raise GradecheckError(f"{where} raises {type(error).__name__}: {error}") from error
    raise GradecheckError(f"{where} returns instead of raising NotImplementedError")


def _functions(body: list[ast.stmt], path: list[str]) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    """The functions at a dotted path; a property has several."""
    if len(path) == 1:
        return [node for node in body if isinstance(node, Function) and node.name == path[0]]
    owners = [node for node in body if isinstance(node, ast.ClassDef) and node.name == path[0]]
    return [found for owner in owners for found in _functions(owner.body, path[1:])]


def _raises(node: ast.AST) -> bool:
    return isinstance(node, ast.Raise) and ast.unparse(node).startswith("raise NotImplementedError")


def _plain(function: Any) -> Any:
    """The function below decorators."""
    if isinstance(function, property):
        function = function.fget
    function = getattr(function, "__func__", function)
    return inspect.unwrap(function)


def _call(function: Any) -> None:
    parameters = inspect.signature(function).parameters.values()
    positional = [
        None for item in parameters if item.kind in {item.POSITIONAL_ONLY, item.POSITIONAL_OR_KEYWORD}
    ]
    keywords = {item.name: None for item in parameters if item.kind == item.KEYWORD_ONLY}
    result = function(*positional, **keywords)
    # A coroutine runs when it is awaited.
    if inspect.iscoroutine(result):
        result.send(None)
