"""Proof that a stub is one: cells run, every name is there, all that was cut raises NotImplementedError."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
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
                _prove(item, name, space)


def _run(item: BuiltQuestion, label: str, text: str, space: dict[str, Any]) -> None:
    try:
        exec(compile(text, f"<{item.question.id} {label}>", "exec", dont_inherit=True), space)
    except Exception as error:
        raise GradecheckError(
            f"{item.question.folder}: the {label} stops when it runs: {type(error).__name__}: {error}"
        ) from error


def _prove(item: BuiltQuestion, name: str, space: dict[str, Any]) -> None:
    where = item.question.folder
    if not callable(space.get(name)):
        raise GradecheckError(f"{where}: the stub does not define {name!r} as something to call")
    for path in _unwritten(item.stub, name):
        function: Any = space[name]
        for part in path:
            function = inspect.getattr_static(function, part)
        try:
            _call(_plain(function))
        except NotImplementedError:
            continue
        except Exception as error:
            raise GradecheckError(
                f"{where}: the stub of {'.'.join((name, *path))} raises {type(error).__name__}: {error}, "
                "before "
                "NotImplementedError; mark with # BEGIN SOLUTION and # END SOLUTION only what can be left out"
            ) from error
        raise GradecheckError(f"{where}: the stub of {'.'.join((name, *path))} returns instead of raising")


def _unwritten(stub: str, name: str) -> Iterator[tuple[str, ...]]:
    """Paths, from a top-level name, of functions whose whole body was cut."""
    for node in ast.parse(stub).body:
        if isinstance(node, Function) and node.name == name and _is_cut(node):
            yield ()
        if isinstance(node, ast.ClassDef) and node.name == name:
            for method in node.body:
                if isinstance(method, Function) and _is_cut(method):
                    yield (method.name,)


def _is_cut(node: Function) -> bool:
    return len(node.body) == 2 and isinstance(node.body[1], ast.Raise)


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
