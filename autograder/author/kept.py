"""Refuses code that a handout must not hold, or that would not survive there."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Collection, Iterator
from pathlib import Path

from autograder.author.source import Function
from autograder.errors import GradecheckError

__all__ = ["check_compiles", "check_imports", "check_kept"]

# Words of the reference, in code or in prose.
OURS = re.compile(r"\bmlref\b|\bnamespace\(|\bxp\b")
# Names through which code can reach what the syntax tree does not show.
OPAQUE = {"eval", "exec", "globals", "locals", "vars", "__import__"}


def check_kept(where: Path, text: str, written: Collection[str]) -> None:
    """Refuse what a given cell or a stub must not hold.

    Parameters
    ----------
    where : Path
        File to name in errors.
    text : str
        Source of the cell.
    written : collection of str
        Functions and methods that students write: nothing may call them while a cell runs.

    Raises
    ------
    GradecheckError
    """
    for line in text.split("\n"):
        found = OURS.search(line)
        if found:
            raise GradecheckError(
                f"{where}: the handout would say {found.group()!r}: {line.strip()!r}; reword it or list "
                "fewer "
                "things as 'given'"
            )
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in OPAQUE:
            raise GradecheckError(
                f"{where}: kept code uses {node.id!r}, so what it needs cannot be told; rewrite it or move "
                "it "
                "into the solution"
            )
        if isinstance(node, ast.Global):
            raise GradecheckError(f"{where}: kept code declares 'global {', '.join(node.names)}'; avoid it")
    for call in _calls_while_defining(tree.body):
        name = getattr(call.func, "attr", None) or getattr(call.func, "id", None)
        if name in written:
            raise GradecheckError(
                f"{where}: kept code calls {name!r}, which is not written yet, while its cell runs; call it "
                "inside a function"
            )


def _calls_while_defining(body: list[ast.stmt]) -> Iterator[ast.Call]:
    """Calls that run when the cell runs: class bodies, decorators and defaults, not function bodies."""
    pending: list[ast.AST] = list(body)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Call):
            yield node
        if isinstance(node, Function):
            defaults = [*node.args.defaults, *(item for item in node.args.kw_defaults if item)]
            pending += [*node.decorator_list, *defaults]
        elif isinstance(node, ast.Lambda):
            pending += node.args.defaults
        else:
            pending.extend(ast.iter_child_nodes(node))


def check_imports(where: Path, text: str, visible: Collection[str]) -> None:
    """Refuse an import of what students do not have, wherever in the text it stands."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom):
            sources = ["." * node.level + (node.module or "")]
        elif isinstance(node, ast.Import):
            sources = [item.name for item in node.names]
        else:
            continue
        for source in sources:
            root = source.split(".")[0]
            if root not in visible and root not in sys.stdlib_module_names:
                raise GradecheckError(
                    f"{where}: the code imports {source!r}, which students do not have; if it is part of the "
                    "reference import it at the top of its module, else declare its package in "
                    "assignment.toml"
                )


def check_compiles(where: Path, label: str, text: str) -> None:
    """Refuse a text that is no Python."""
    try:
        compile(text, f"<{label}>", "exec", dont_inherit=True)
    except SyntaxError as error:
        line = text.split("\n")[(error.lineno or 1) - 1].strip()
        raise GradecheckError(
            f"{where}: the {label} does not compile: {error.msg} at {line!r}; do the solution markers cut a "
            "statement?"
        ) from None
