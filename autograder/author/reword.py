"""Rewords the reference for students: docstrings without hints, and numpy instead of any array library."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Collection

from autograder.errors import GradecheckError

__all__ = ["CONTRACT", "contract", "numpy_idiom"]

# Sections of a numpydoc docstring that say what is asked for. The others show how it is done.
CONTRACT = (
    "Parameters", "Other Parameters", "Attributes", "Returns", "Yields", "Receives", "Raises", "Warns",
)  # fmt: skip
IN_NUMPY = {"xp": "np", "to_numpy": "np.asarray"}


def contract(literal: str, keep: Collection[str] = ()) -> str:
    """Drop the sections of a docstring that show how the work is done.

    Parameters
    ----------
    literal : str
        The docstring as Python text, quotes included.
    keep : collection of str
        Titles of sections that stay besides those of `CONTRACT`.

    Returns
    -------
    str
        Python text again. What stands above the first section always stays.

    Raises
    ------
    GradecheckError
        If the docstring is put together from several literals.
    """
    parts = re.fullmatch(r"(?is)([a-z]*)(\"\"\"|'''|\"|')(.*)\2", literal)
    if parts is None:
        raise GradecheckError(f"the docstring {literal[:40]!r} is no single literal; write it as one")
    prefix, quote, text = parts.groups()
    lines = text.split("\n")
    heads = [
        number
        for number in range(len(lines) - 1)
        if lines[number].strip() and re.fullmatch(r"\s*-{3,}\s*", lines[number + 1])
    ]
    if not heads:
        return literal
    kept = lines[: heads[0]]
    for start, end in zip(heads, [*heads[1:], len(lines)], strict=True):
        if lines[start].strip() in {*CONTRACT, *keep}:
            kept = kept + lines[start:end]
    if len(kept) == len(lines):
        return literal
    body = "\n".join(kept).rstrip()
    if "\n" not in body:
        return f"{prefix}{quote}{body}{quote}"
    indent = next((line for line in lines[1:] if line.strip()), "")
    closing = indent[: len(indent) - len(indent.lstrip())]
    return f"{prefix}{quote}{body}\n{closing}{quote}"


# --- the array API in numpy's words ----------------------------------------------------------------


def numpy_idiom(text: str, namespace: str = "namespace") -> str:
    r"""Rewrite a reference that works for any array library so that it reads as numpy.

    The line ``xp = namespace(X)`` goes, ``xp`` becomes ``np`` and ``to_numpy`` becomes ``np.asarray``.
    Strings and comments stay as they are.

    Parameters
    ----------
    text : str
        Python text.
    namespace : str
        Name of the function that looks the library up.

    Returns
    -------
    str

    Examples
    --------
    >>> print(numpy_idiom("def total(X):\n    xp = namespace(X)\n    return xp.sum(X)"))
    def total(X):
        return np.sum(X)
    """
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        raise GradecheckError(f"the text {text[:60]!r} does not compile: {error.msg}") from None
    lines = text.split("\n")
    gone: set[int] = set()
    for node in ast.walk(tree):
        if _looks_up_library(node, namespace):
            assert isinstance(node, ast.stmt)
            gone.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    tokens = list(tokenize.generate_tokens(io.StringIO(text + "\n").readline))
    for token in reversed(tokens):
        if token.type == tokenize.NAME and token.string in IN_NUMPY:
            line, column = token.start
            old = lines[line - 1]
            lines[line - 1] = old[:column] + IN_NUMPY[token.string] + old[token.end[1] :]
    return "\n".join(line for number, line in enumerate(lines, start=1) if number not in gone)


def _looks_up_library(node: ast.AST, namespace: str) -> bool:
    return (
        isinstance(node, ast.Assign)
        and [getattr(target, "id", None) for target in node.targets] == ["xp"]
        and isinstance(node.value, ast.Call)
        and isinstance(node.value.func, ast.Name)
        and node.value.func.id == namespace
    )
