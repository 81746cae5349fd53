"""Cuts the bodies that students write out of the text of a function or class."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from autograder.author.reword import contract
from autograder.author.source import (
    Function,
    SourceModule,
    Target,
    comments,
    first_line,
    last_line,
)
from autograder.errors import GradecheckError

__all__ = ["Cut", "cut", "kept_text"]

BEGIN, END = "# BEGIN SOLUTION", "# END SOLUTION"
NOT_WRITTEN = ("# YOUR CODE HERE", "raise NotImplementedError")


@dataclass(frozen=True)
class Cut:
    """A top-level object with and without the bodies that students write."""

    stub: str
    solution: str
    removed: tuple[str, ...]
    """The removed texts, as they stood in the module."""


@dataclass(frozen=True)
class Edit:
    """Lines `first` to `last` of a module (counted from 1, both included) become `lines`."""

    first: int
    last: int
    lines: tuple[str, ...] = ()


def cut(targets: Sequence[Target], keep: Collection[str] = (), omit: Sequence[Target] = ()) -> Cut:
    """Remove the bodies of some functions of one top-level object.

    Parameters
    ----------
    targets : sequence of Target
        The functions to be written; all of the same top-level object. Private methods go altogether.
    keep : collection of str
        Docstring sections that stay besides those of `CONTRACT`.
    omit : sequence of Target
        Methods of it that go altogether, from the solution too.

    Returns
    -------
    Cut

    Raises
    ------
    GradecheckError
        If a body cannot be removed without doubt: it shares a line with its header, it has no
        docstring or nothing to write, or its solution markers do not match.
    """
    module, unit = targets[0].module, targets[0].unit
    written = [target for target in targets if not target.is_private_method]
    omitted = [_whole(target) for target in omit]
    removals = omitted + [_whole(target) for target in targets if target.is_private_method]
    removals += [edit for target in written for edit in _removals(target)]
    headers = [edit for target in written for edit in _header_edits(target)]
    docstrings = [
        edit
        for edit in _docstring_edits(module, unit, keep)
        if not any(hole.first <= edit.first <= hole.last for hole in removals)
    ]
    start, end = first_line(unit), last_line(unit, module.lines, unit.col_offset + 1)
    stub = _apply(module.lines, start, end, removals + headers + docstrings)
    _refuse_markers(stub, module, unit.name)
    solution = _apply(module.lines, start, end, omitted).split("\n")
    removed = tuple(
        "\n".join(module.lines[edit.first - 1 : edit.last]) for edit in removals if edit not in omitted
    )
    return Cut(stub, "\n".join(line for line in solution if line.strip() not in {BEGIN, END}), removed)


def kept_text(module: SourceModule, unit: ast.stmt, keep: Collection[str] = ()) -> str:
    """Text of a top-level object that is given, its docstrings reduced to the contract."""
    start, end = first_line(unit), last_line(unit, module.lines, unit.col_offset + 1)
    text = _apply(module.lines, start, end, _docstring_edits(module, unit, keep))
    _refuse_markers(text, module, getattr(unit, "name", ""))
    return text


def _apply(lines: Sequence[str], start: int, end: int, edits: Sequence[Edit]) -> str:
    result: list[str] = []
    number = start
    for edit in sorted(edits, key=lambda item: item.first):
        if edit.first < number:
            raise GradecheckError(
                f"line {edit.first} would be changed twice; is an entry of 'solution' listed twice?"
            )
        result += lines[number - 1 : edit.first - 1]
        result += edit.lines
        number = edit.last + 1
    return "\n".join(result + list(lines[number - 1 : end]))


def _whole(target: Target) -> Edit:
    """A private method goes as a whole: even its name would tell how the work is done."""
    module, function = target.module, target.function
    first = first_line(function)
    while not module.lines[first - 2].strip():
        first -= 1
    return Edit(first, last_line(function, module.lines, function.body[0].col_offset))


# --- bodies ---------------------------------------------------------------------------------------


def _removals(target: Target) -> list[Edit]:
    """The lines of a function that students write: what the author marked, else all below the docstring."""
    module, function = target.module, target.function
    where = f"{module.path}, line {function.lineno}: {target.reference!r}"
    statements = function.body
    if statements[0].lineno == _header_end(module, function):
        raise GradecheckError(f"{where} has its body on the line of its header; put it on a line of its own")
    if ast.get_docstring(function, clean=False) is None:
        raise GradecheckError(f"{where} has no docstring; students would not know what to write")
    if len(statements) == 1 or all(_is_abstract(statement) for statement in statements[1:]):
        raise GradecheckError(f"{where} has nothing below its docstring to write; is it abstract?")
    last = last_line(function, module.lines, statements[0].col_offset)
    regions = _marked(target, last, where)
    if regions:
        return regions
    first = (statements[0].end_lineno or 0) + 1
    if statements[1].lineno < first:
        raise GradecheckError(f"{where} has code on the last line of its docstring; put it on its own line")
    if any(
        isinstance(node, ast.Raise) and _raises_not_implemented(node)
        for statement in statements[1:]
        for node in ast.walk(statement)
    ):
        raise GradecheckError(f"{where} raises NotImplementedError itself; a stub could not be told from it")
    indent = " " * statements[0].col_offset
    return [Edit(first, last, tuple(indent + line for line in NOT_WRITTEN))]


def _marked(target: Target, last: int, where: str) -> list[Edit]:
    """One edit for each pair of solution markers in a function."""
    function = target.function
    found = [
        comment
        for comment in comments(target.module.text)
        if function.lineno <= comment.line <= last and comment.text.strip() in {BEGIN, END}
    ]
    edits = []
    for index, comment in enumerate(found):
        expected = BEGIN if index % 2 == 0 else END
        if comment.text.strip() != expected:
            raise GradecheckError(
                f"{where}: line {comment.line} says {comment.text.strip()!r} where {expected!r} is due; "
                "markers come in pairs and do not nest"
            )
        if target.module.lines[comment.line - 1].strip() != expected:
            raise GradecheckError(f"{where}: line {comment.line} holds code beside its marker")
        if expected == END:
            indent = " " * found[index - 1].column
            edits.append(
                Edit(found[index - 1].line, comment.line, tuple(indent + line for line in NOT_WRITTEN))
            )
    if len(found) % 2:
        raise GradecheckError(f"{where}: line {found[-1].line} begins a solution that does not end")
    return edits


def _header_end(module: SourceModule, function: Function) -> int:
    """Line of the colon that ends ``def ...:``."""
    depth = 0
    for token in tokenize.generate_tokens(io.StringIO(_from(module, function.lineno)).readline):
        if token.type == tokenize.OP:
            depth += (token.string in "([{") - (token.string in ")]}")
            if token.string == ":" and depth == 0:
                return function.lineno + token.end[0] - 1
    return function.lineno


def _from(module: SourceModule, line: int) -> str:
    return "\n".join(module.lines[line - 1 :]) + "\n"


def _is_abstract(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Raise):
        return _raises_not_implemented(statement)
    is_ellipsis = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return isinstance(statement, ast.Pass) or is_ellipsis


def _raises_not_implemented(node: ast.Raise) -> bool:
    raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
    return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"


def _header_edits(target: Target) -> list[Edit]:
    """Comments on the lines of a header go: they speak about the code below."""
    module, function = target.module, target.function
    first, last = first_line(function), function.body[0].lineno - 1
    edits = []
    for comment in comments(module.text):
        if first <= comment.line <= last:
            code = module.lines[comment.line - 1][: comment.column].rstrip()
            edits.append(Edit(comment.line, comment.line, (code,) if code else ()))
    return edits


def _refuse_markers(text: str, module: SourceModule, name: str) -> None:
    for comment in comments(text + "\n"):
        if comment.text.strip() in {BEGIN, END}:
            raise GradecheckError(
                f"{module.path}: {name!r} holds {comment.text.strip()!r} in code that is given; "
                "list the method in 'solution' or remove the marker"
            )


# --- docstrings -----------------------------------------------------------------------------------


def _docstring_edits(module: SourceModule, unit: ast.stmt, keep: Collection[str]) -> list[Edit]:
    edits = []
    for node in ast.walk(unit):
        if not isinstance(node, Function | ast.ClassDef) or ast.get_docstring(node, clean=False) is None:
            continue
        literal = node.body[0]
        assert isinstance(literal, ast.Expr)
        source = _segment(module, literal)
        reduced = contract(source, keep)
        if reduced != source:
            end = literal.end_lineno or literal.lineno
            indent = module.lines[literal.lineno - 1][: literal.col_offset]
            edits.append(Edit(literal.lineno, end, tuple((indent + reduced).split("\n"))))
    return edits


def _segment(module: SourceModule, node: ast.stmt) -> str:
    """Text of a statement; the syntax tree counts its columns in bytes."""
    lines = [line.encode() for line in module.lines[node.lineno - 1 : node.end_lineno]]
    lines[-1] = lines[-1][: node.end_col_offset]
    lines[0] = lines[0][node.col_offset :]
    return b"\n".join(lines).decode()
