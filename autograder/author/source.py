"""Finds objects in the reference: the syntax tree says where they are, the text is kept as it was written."""

from __future__ import annotations

import ast
import functools
import importlib.util
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from autograder.errors import GradecheckError, did_you_mean

__all__ = [
    "Binding",
    "Comment",
    "SourceModule",
    "Target",
    "absolute",
    "comments",
    "find_module",
    "find_target",
    "find_unit",
]

Function = ast.FunctionDef | ast.AsyncFunctionDef
Kind = Literal["import", "star", "function", "class", "constant", "conditional"]


@dataclass(frozen=True)
class Binding:
    """What a module does to make one of its top-level names."""

    name: str
    kind: Kind
    node: ast.stmt
    times: int = 1
    """How often the module binds the name at its top level."""


@dataclass(frozen=True, eq=False)
class SourceModule:
    """The text of one module and where its top-level names are bound."""

    name: str
    path: Path
    text: str
    lines: tuple[str, ...]
    tree: ast.Module
    bindings: dict[str, Binding]
    star: bool
    """Whether the module holds ``from ... import *``, so that no name is certain."""

    @property
    def package(self) -> str:
        """Name that relative imports start from."""
        return self.name if self.path.name == "__init__.py" else self.name.rpartition(".")[0]

    @property
    def postpones_annotations(self) -> bool:
        """Whether the module says ``from __future__ import annotations``."""
        return "annotations" in self.bindings and _is_future(self.bindings["annotations"].node)


@dataclass(frozen=True)
class Target:
    """One function or method whose body students write."""

    reference: str
    module: SourceModule
    unit: Function | ast.ClassDef
    """The top-level object that holds it: the function itself, or its class."""
    function: Function

    @property
    def is_private_method(self) -> bool:
        """Whether it is a method that a student need not have, such as ``Tree._split``."""
        return self.function is not self.unit and re.match(r"_(?!_)", self.function.name) is not None


@dataclass(frozen=True)
class Comment:
    """One comment of a module; lines count from 1, columns from 0."""

    line: int
    column: int
    text: str


def find_module(name: str) -> SourceModule:
    """Read the source of an importable module.

    Parameters
    ----------
    name : str
        Dotted name.

    Returns
    -------
    SourceModule

    Raises
    ------
    GradecheckError
        If there is no such module, or no Python text of it.
    """
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        spec = None
    if spec is None:
        raise GradecheckError(f"module {name!r} cannot be imported; is its package installed?")
    if spec.origin is None or not spec.origin.endswith(".py"):
        raise GradecheckError(f"module {name!r} has no Python text ({spec.origin}); stubs are cut from text")
    path = Path(spec.origin)
    return _parse(name, path, path.read_text(encoding="utf-8"))


@functools.lru_cache(maxsize=128)
def _parse(name: str, path: Path, text: str) -> SourceModule:
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        raise GradecheckError(f"{path}, line {error.lineno}: not Python: {error.msg}") from None
    bindings: dict[str, Binding] = {}
    star = False
    for found in _bindings(tree):
        star = star or found.kind == "star"
        times = bindings[found.name].times + 1 if found.name in bindings else 1
        bindings[found.name] = Binding(found.name, found.kind, found.node, times)
    return SourceModule(name, path, text, tuple(text.split("\n")), tree, bindings, star)


def _bindings(tree: ast.Module) -> Iterator[Binding]:
    for node in tree.body:
        if isinstance(node, Function):
            yield Binding(node.name, "function", node)
        elif isinstance(node, ast.ClassDef):
            yield Binding(node.name, "class", node)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                kind: Kind = "star" if alias.name == "*" else "import"
                yield Binding(alias.asname or alias.name.split(".")[0], kind, node)
        elif isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
            for name in _stored(node):
                yield Binding(name, "constant", node)
        else:
            for name in _stored(node):
                yield Binding(name, "conditional", node)


def _stored(node: ast.stmt) -> Iterator[str]:
    """Names that a statement binds in its own scope."""
    pending: list[ast.AST] = [node]
    while pending:
        item = pending.pop()
        if isinstance(item, Function | ast.ClassDef):
            yield item.name
            continue
        if isinstance(item, ast.Lambda):
            continue
        if isinstance(item, ast.Import | ast.ImportFrom):
            yield from (alias.asname or alias.name.split(".")[0] for alias in item.names)
        if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Store):
            yield item.id
        pending.extend(ast.iter_child_nodes(item))


def _is_future(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"


# --- references -----------------------------------------------------------------------------------


def find_unit(reference: str) -> tuple[SourceModule, Binding]:
    """Return the module and the top-level object of ``module:name`` or ``module:Class.method``.

    Raises
    ------
    GradecheckError
        If the module does not bind the name, binds it twice, or binds it only under a condition.
    """
    module_name, _, path = reference.partition(":")
    module = find_module(module_name)
    name = path.split(".")[0].split(":")[0]
    if name not in module.bindings:
        raise GradecheckError(
            f"{reference!r}: {module_name} has no {name!r}{did_you_mean(name, module.bindings)}"
        )
    binding = module.bindings[name]
    if binding.kind == "conditional":
        statement = type(binding.node).__name__.lower()
        raise GradecheckError(
            f"{reference!r}: {name!r} is bound inside a {statement!r} statement (line "
            f"{binding.node.lineno}), so "
            "which text is meant is not certain; define it at the top level"
        )
    if binding.times > 1:
        raise GradecheckError(
            f"{reference!r}: {module_name} binds {name!r} {binding.times} times; once is needed"
        )
    if binding.kind == "import":
        raise GradecheckError(
            f"{reference!r}: {module_name} only imports {name!r}; {_where_defined(reference, module)}"
        )
    return module, binding


def _where_defined(reference: str, module: SourceModule) -> str:
    """What to write for a reference to a name that its module imports."""
    _, path = reference.split(":", 1)
    name = re.split(r"[.:]", path)[0]
    binding = module.bindings[name]
    seen: set[str] = set()
    while binding.kind == "import" and isinstance(binding.node, ast.ImportFrom) and module.name not in seen:
        seen.add(module.name)
        alias = next(item for item in binding.node.names if (item.asname or item.name) == name)
        try:
            module = find_module(absolute(module, binding.node))
        except GradecheckError:
            break
        if alias.name not in module.bindings:
            break
        path = alias.name + path.removeprefix(name)
        name, binding = alias.name, module.bindings[alias.name]
    else:
        if binding.kind != "import":
            return f"write '{module.name}:{path}'"
    return "name the module that defines it"


def absolute(module: SourceModule, node: ast.ImportFrom) -> str:
    """Dotted name of the module that an import statement of `module` reads from."""
    if not node.level:
        return node.module or ""
    base = module.package.split(".")
    base = base[: len(base) - node.level + 1]
    return ".".join([*base, node.module] if node.module else base)


def find_target(reference: str) -> Target:
    """Return the function whose body students write.

    Parameters
    ----------
    reference : str
        ``module:name``, ``module:Class.method`` or ``module:Class.property:setter``.

    Returns
    -------
    Target

    Raises
    ------
    GradecheckError
        If it is missing, defined twice, under a condition, or no function.
    """
    module, binding = find_unit(reference)
    _, path, accessor = (*reference.split(":"), "")[:3]
    name, _, method = path.partition(".")
    unit = binding.node
    if isinstance(unit, Function) and not method:
        return Target(reference, module, unit, unit)
    if not isinstance(unit, ast.ClassDef):
        raise GradecheckError(f"{reference!r}: {name!r} is no {'class' if method else 'function'}")
    methods = [node.name for node in unit.body if isinstance(node, Function)]
    if not method:
        lines = ", ".join(f'"{module.name}:{name}.{item}"' for item in dict.fromkeys(methods))
        raise GradecheckError(
            f"{reference!r} is a whole class; list its methods that are to be written: "
            f"{lines or 'it has none'}. "
            "Private ones that are listed are left out of the stub"
        )
    if "." in method:
        raise GradecheckError(f"{reference!r}: only methods of top-level classes can be cut")
    candidates = [
        node
        for node in unit.body
        if isinstance(node, Function) and node.name == method and _accessor(node) == accessor
    ]
    if len(candidates) == 1:
        return Target(reference, module, unit, candidates[0])
    if candidates:
        raise GradecheckError(f"{reference!r}: {name} defines {method!r} twice; once is needed")
    nested = [node for node in ast.walk(unit) if isinstance(node, Function) and node.name == method]
    why = (
        "is not a plain method: it stands inside another statement or is a setter (write ':setter' behind it)"
        if nested
        else f"has no such method of its own{did_you_mean(method, methods)}"
    )
    raise GradecheckError(f"{reference!r}: {name}.{method} {why}")


def _accessor(node: Function) -> str:
    """``setter`` or ``deleter`` for such a part of a property, else an empty string."""
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Attribute) and decorator.attr in {"setter", "deleter"}:
            return decorator.attr
    return ""


# --- text -----------------------------------------------------------------------------------------


@functools.lru_cache(maxsize=256)
def comments(text: str) -> tuple[Comment, ...]:
    """All comments of a Python text; text inside strings is never one."""
    return tuple(
        Comment(token.start[0], token.start[1], token.string)
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type == tokenize.COMMENT
    )


def first_line(node: ast.stmt) -> int:
    """Line where a statement begins, decorators included."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def last_line(node: ast.stmt, lines: tuple[str, ...], column: int) -> int:
    """Line where a block ends, with the comments below it that stand at `column` or deeper.

    The syntax tree ends a block with its last statement, but a comment below that can still belong
    to it and give an answer away.
    """
    end = node.end_lineno or node.lineno
    for number in range(end + 1, len(lines) + 1):
        line = lines[number - 1]
        stripped = line.strip()
        if not stripped:
            continue
        if not stripped.startswith("#") or len(line) - len(line.lstrip()) < column:
            break
        end = number
    return end
