"""Where the names that a text uses come from."""

from __future__ import annotations

import ast
import builtins
import functools
import importlib.metadata
import inspect
import re
import symtable
import sys
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from autograder.author.source import Binding, SourceModule, absolute, find_module
from autograder.errors import GradecheckError

__all__ = [
    "Origin",
    "free_names",
    "is_exception",
    "literal",
    "modules_of",
    "origin",
    "private_imports",
    "raised_names",
]


@dataclass(frozen=True)
class Origin:
    """What a name in a module's text stands for.

    ``library`` is an import of a package that students have; the other kinds are defined in the
    reference itself, in the module `module` under the name `name`.
    """

    kind: Literal["library", "function", "class", "constant", "namespace"]
    name: str
    module: SourceModule
    binding: Binding
    statement: str = ""
    """The import statement of a library."""

    @property
    def reference(self) -> str:
        """How a question's ``given`` names it."""
        return f"{self.module.name}:{self.name}"


def free_names(text: str) -> list[str]:
    """Names that a text uses and neither binds nor finds among the builtins, in order of first use."""
    table = symtable.symtable(text, "<stub>", "exec")
    used = set(_globals(table)) | set(_annotations(ast.parse(text)))
    bound = {
        symbol.get_name()
        for symbol in table.get_symbols()
        if symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace()
    }
    names = used - bound - set(dir(builtins)) - {"__name__", "__doc__", "__file__"}
    return sorted(names, key=lambda name: re.search(rf"\b{name}\b", text).start())  # type: ignore[union-attr]


def _globals(table: symtable.SymbolTable) -> Iterator[str]:
    is_module = table.get_type() == "module"
    for symbol in table.get_symbols():
        if symbol.is_referenced() and (is_module or symbol.is_global()):
            yield symbol.get_name()
    for child in table.get_children():
        yield from _globals(child)


def _annotations(tree: ast.Module) -> Iterator[str]:
    """Names in annotations, those written as strings too."""
    for node in ast.walk(tree):
        for field in ("annotation", "returns"):
            annotation = getattr(node, field, None)
            if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
                annotation = ast.parse(annotation.value, mode="eval").body
            if isinstance(annotation, ast.AST):
                yield from (item.id for item in ast.walk(annotation) if isinstance(item, ast.Name))


def origin(module: SourceModule, name: str, visible: Collection[str], own: Collection[str]) -> Origin:
    """Find what a name of a module stands for.

    Parameters
    ----------
    module : SourceModule
        Where the text that uses the name stands.
    name : str
        The name.
    visible : collection of str
        Packages that students have, besides the standard library.
    own : collection of str
        Packages whose text may be cut and copied: the reference.

    Returns
    -------
    Origin

    Raises
    ------
    GradecheckError
        If nothing certain binds the name, or it comes from a package that students do not have.
    """
    binding = module.bindings.get(name)
    if binding is None:
        why = (
            "only 'from ... import *' could bind it; import it by name" if module.star else "nothing binds it"
        )
        raise GradecheckError(f"{module.path}: uses {name!r}, but {why}")
    where = f"{module.path}, line {binding.node.lineno}"
    if binding.kind == "conditional":
        statement = type(binding.node).__name__.lower()
        raise GradecheckError(
            f"{where}: {name!r} is bound inside a {statement!r} statement; bind it at the top level"
        )
    if binding.kind == "import":
        return _imported(module, name, binding, visible, own)
    if binding.times > 1:
        raise GradecheckError(f"{where}: {name!r} is bound {binding.times} times; once is needed")
    assert binding.kind in {"function", "class", "constant"}
    return Origin(binding.kind, name, module, binding)


def _imported(
    module: SourceModule, name: str, binding: Binding, visible: Collection[str], own: Collection[str]
) -> Origin:
    node = binding.node
    assert isinstance(node, ast.Import | ast.ImportFrom)
    where = f"{module.path}, line {node.lineno}"
    alias = next(item for item in node.names if (item.asname or item.name.split(".")[0]) == name)
    source = alias.name if isinstance(node, ast.Import) else absolute(module, node)
    root = source.split(".")[0]
    if root in sys.stdlib_module_names or root in visible:
        asname = f" as {alias.asname}" if alias.asname else ""
        head = "import " if isinstance(node, ast.Import) else f"from {source} import "
        return Origin("library", name, module, binding, f"{head}{alias.name}{asname}")
    if root not in own:
        raise GradecheckError(
            f"{where}: {name!r} comes from {root!r}, which students do not have; add {root!r} to "
            "'packages' in "
            "assignment.toml or do without it"
        )
    if isinstance(node, ast.Import) or _is_module(f"{source}.{alias.name}"):
        raise GradecheckError(
            f"{where}: {name!r} is a whole module of the reference; import from it the names that are used"
        )
    if alias.asname not in {None, alias.name}:
        raise GradecheckError(f"{where}: {alias.name!r} is renamed to {name!r}; import it under its own name")
    if alias.name == "namespace":
        return Origin("namespace", name, module, binding)
    return origin(find_module(source), alias.name, visible, own)


def private_imports(module: SourceModule, own: Collection[str]) -> list[str]:
    """Modules of the reference that a module imports names from."""
    sources = [absolute(module, node) for node in module.tree.body if isinstance(node, ast.ImportFrom)]
    return list(dict.fromkeys(source for source in sources if source.split(".")[0] in own))


def _is_module(name: str) -> bool:
    try:
        find_module(name)
    except GradecheckError:
        return False
    return True


@functools.cache
def modules_of(packages: tuple[str, ...]) -> frozenset[str]:
    """Top-level modules of the distributions that an assignment declares: scikit-learn gives sklearn."""
    found = set(packages)
    for package in packages:
        # One that is not installed is refused where the jail is planned, with what to do.
        with suppress(importlib.metadata.PackageNotFoundError):
            found.update(_top_level(importlib.metadata.distribution(package)))
    return frozenset(found)


def _top_level(distribution: importlib.metadata.Distribution) -> set[str]:
    declared = (distribution.read_text("top_level.txt") or "").split()
    files = [file.parts for file in distribution.files or ()]
    recorded = [parts[0] if len(parts) > 1 else inspect.getmodulename(parts[0]) for parts in files]
    names = {name for name in declared or recorded if name and name.isidentifier()}
    return names - {"__pycache__"}


# --- what a definition is ---------------------------------------------------------------------------


def literal(node: ast.stmt) -> bool:
    """Whether an assignment gives a name a literal, or another name for a type: safe to show as it is."""
    value = getattr(node, "value", None)
    if not isinstance(node, ast.Assign | ast.AnnAssign) or value is None:
        return False
    try:
        ast.literal_eval(value)
    except ValueError:
        allowed = (
            ast.Name,
            ast.Attribute,
            ast.Subscript,
            ast.Tuple,
            ast.Constant,
            ast.BinOp,
            ast.BitOr,
            ast.Load,
        )
        return all(isinstance(item, allowed) for item in ast.walk(value))
    return True


def is_exception(found: Origin, visible: Collection[str], own: Collection[str]) -> bool:
    """Whether a class derives from an exception of Python, directly or through others of the reference."""
    node = found.binding.node
    if not isinstance(node, ast.ClassDef):
        return False
    for base in node.bases:
        if not isinstance(base, ast.Name):
            continue
        known = getattr(builtins, base.id, None)
        if isinstance(known, type) and issubclass(known, BaseException):
            return True
        if base.id in found.module.bindings and is_exception(
            origin(found.module, base.id, visible, own), visible, own
        ):
            return True
    return False


def raised_names(text: str) -> list[str]:
    """Names under the heading "Raises" of the docstrings of a text."""
    names: list[str] = []
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        section = re.search(
            r"^Raises\n-+\n(.*?)(?=\n\S[^\n]*\n-{3,}|\Z)", ast.get_docstring(node) or "", re.S | re.M
        )
        if section:
            entries = re.findall(r"^([A-Za-z_][\w, ]*)$", section.group(1), re.M)
            names += [name.strip() for entry in entries for name in entry.split(",")]
    return list(dict.fromkeys(name for name in names if name and not hasattr(builtins, name)))
