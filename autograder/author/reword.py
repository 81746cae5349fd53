"""Rewords the reference for students: docstrings without hints, and numpy instead of any array library."""

from __future__ import annotations

import ast
import io
import itertools
import re
import tokenize
from collections.abc import Collection, Iterator

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

    The line ``xp = namespace(X)`` goes, ``namespace(X)`` elsewhere and ``xp`` become ``np``, and
    ``to_numpy`` becomes ``np.asarray``; what stands under ``if is_torch(X)`` goes. Strings and comments stay
    as they are.

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
    lines = [f"{line}\n" for line in text.split("\n")]
    starts = list(itertools.accumulate(map(len, lines), initial=0))

    def place(line: int, column: int) -> int:
        """Offset of a node: the syntax tree counts bytes."""
        return starts[line - 1] + (len(lines[line - 1].encode()[:column].decode()) if column else 0)

    edits = [
        (place(*start), place(*end), new)
        for node in ast.walk(tree)
        for start, end, new in (*_look_ups(node, namespace), *_torchs(node))
    ]
    for token in tokenize.generate_tokens(io.StringIO(text + "\n").readline):
        if token.type == tokenize.NAME and token.string in IN_NUMPY:
            start = starts[token.start[0] - 1] + token.start[1]
            edits.append((start, start + len(token.string), IN_NUMPY[token.string]))
    # The widest first: it takes the place of what stands inside.
    parts, done = [], 0
    for start, stop, new in sorted(edits, key=lambda edit: (edit[0], -edit[1])):
        if start >= done:
            parts += [text[done:start], new]
            done = stop
    return "".join([*parts, text[done:]])


Place = tuple[int, int]


def _look_ups(node: ast.AST, namespace: str) -> Iterator[tuple[Place, Place, str]]:
    """Where a node looks the library up, start and end as line and column, and what numpy has there."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == namespace:
        yield (node.lineno, node.col_offset), _end(node), "np"
    if not isinstance(node, ast.Assign) or len(node.targets) != 1:
        return
    target, value = node.targets[0], node.value
    if _is_look_up(target, value, namespace):
        # The whole line, line break included.
        yield (node.lineno, 0), (_end(node)[0] + 1, 0), ""
    if not (isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple)):
        return
    if len(target.elts) == len(value.elts) > 1 and _is_look_up(target.elts[0], value.elts[0], namespace):
        for first, second, *_ in (target.elts, value.elts):
            yield (first.lineno, first.col_offset), (second.lineno, second.col_offset), ""


def _torchs(node: ast.AST) -> Iterator[tuple[Place, Place, str]]:
    """Where a node does something for torch alone, which numpy never comes to."""
    if isinstance(node, ast.If) and _asks_for_torch(node.test) and not node.orelse:
        yield (node.lineno, 0), (_end(node)[0] + 1, 0), ""
    if isinstance(node, ast.IfExp) and _asks_for_torch(node.test):
        yield (node.lineno, node.col_offset), (node.orelse.lineno, node.orelse.col_offset), ""


def _asks_for_torch(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "is_torch"


def _is_look_up(target: ast.expr, value: ast.expr, namespace: str) -> bool:
    return (
        isinstance(target, ast.Name)
        and target.id == "xp"
        and isinstance(value, ast.Call)
        and isinstance(value.func, ast.Name)
        and value.func.id == namespace
    )


def _end(node: ast.expr | ast.stmt) -> Place:
    return node.end_lineno or node.lineno, node.end_col_offset or 0
