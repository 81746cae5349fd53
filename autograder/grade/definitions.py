"""What a cell of a notebook defines, by its text alone: nothing here runs it."""

from __future__ import annotations

import ast
import contextlib
import io
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from autograder.grade.notebook_file import Cell
from autograder.sandbox.execution import MAX_CELL

__all__ = [
    "Definition",
    "Parsed",
    "is_stub",
    "lines_of",
    "parse_cell",
    "segment_of",
    "shares_lines",
    "stub_bodies",
]

# Cell magics whose body runs in the notebook's own namespace.
TRANSPARENT_MAGICS = frozenset({"time", "capture", "prun"})


@dataclass(frozen=True)
class Definition:
    """A name that a statement of a cell binds."""

    name: str
    written: bool
    node: ast.stmt
    segment: str
    top_level: bool


@dataclass(frozen=True)
class Parsed:
    """One code cell as Python."""

    source: str
    question: str | None
    definitions: tuple[Definition, ...] = ()
    problem: str = ""
    body: tuple[ast.stmt, ...] = ()

    @cached_property
    def words(self) -> frozenset[str]:
        """Everything that looks like a name; in a comment or text too."""
        return frozenset(re.findall(r"[^\W\d]\w*", self.source))


def _python(source: str) -> str:
    """Return the Python that IPython makes of a cell."""
    first, _, rest = source.lstrip("\n").partition("\n")
    if first.startswith("%%"):
        magic = first[2:].split(maxsplit=1)
        # One line stays in place of the magic so that line numbers still fit.
        source = "\n" + rest if magic and magic[0] in TRANSPARENT_MAGICS else ""
    from IPython.core.inputtransformer2 import TransformerManager

    try:
        return str(TransformerManager().transform_cell(source))  # type: ignore[no-untyped-call]
    except SyntaxError:
        raise
    except Exception as error:  # made for what people type: of anything else it may raise anything
        raise ValueError(f"IPython cannot read it: {type(error).__name__}") from None


def _tree(source: str) -> tuple[ast.Module, str]:
    flags = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tree = compile(source, "<cell>", "exec", flags)
        except (SyntaxError, ValueError):
            source = _python(source)
            tree = compile(source, "<cell>", "exec", flags)
    assert isinstance(tree, ast.Module)
    return tree, source


def parse_cell(
    cell: Cell, expected: set[str], stubs: frozenset[str], methods: Mapping[str, frozenset[str]]
) -> Parsed:
    """Read a code cell; which names are written is told from the handout's stubs and their methods."""
    if len(cell.source) > MAX_CELL:
        return Parsed("", cell.question, problem="it is longer than 1 MB and does not run")
    try:
        tree, source = _tree(cell.source)
    except SyntaxError as error:
        return Parsed(cell.source, cell.question, problem=f"line {error.lineno}: {error.msg}")
    except (ValueError, RecursionError, MemoryError) as error:
        return Parsed(cell.source, cell.question, problem=str(error) or "it is nested too deeply")
    lines = lines_of(source)
    found = tuple(
        Definition(
            name,
            name not in expected or not is_stub(node, stubs, methods.get(name, frozenset())),
            node,
            segment_of(lines, node),
            node in tree.body,
        )
        for node, name in _bindings(tree.body)
    )
    return Parsed(source, cell.question, found, body=tuple(tree.body))


def _bindings(body: Sequence[ast.stmt]) -> Iterator[tuple[ast.stmt, str]]:
    """Yield what statements bind, looking into blocks but not into functions."""
    for node in body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node, node.name
            case ast.Assign():
                for target in node.targets:
                    for name in ast.walk(target):
                        if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store):
                            yield node, name.id
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr()):
                yield node, name
            case ast.Import() | ast.ImportFrom():
                for alias in node.names:
                    yield node, (alias.asname or alias.name).split(".")[0]
            case _:
                for block in ("body", "orelse", "finalbody"):
                    yield from _bindings(getattr(node, block, []))
                for handler in getattr(node, "handlers", []):
                    yield from _bindings(handler.body)


def lines_of(source: str) -> list[str]:
    r"""Lines with their ends, as Python's parser counts them.

    `str.splitlines` also splits at form feeds and at U+2028, which may stand in a text.
    """
    return list(io.StringIO(source, newline=""))


def shares_lines(lines: Sequence[str], node: ast.stmt) -> bool:
    """Whether another statement stands on the first or the last line of one."""
    assert node.end_lineno is not None
    before = lines[node.lineno - 1].encode()[: node.col_offset].strip()
    behind = lines[node.end_lineno - 1].encode()[node.end_col_offset :].strip()
    return bool(before) or (bool(behind) and not behind.startswith(b"#"))


def segment_of(lines: list[str], node: ast.stmt) -> str:
    """Text of a statement, as it can be run on its own."""
    decorators = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(item.lineno for item in decorators)])
    if shares_lines(lines, node):
        # A text of the whole line would not parse.
        with contextlib.suppress(RecursionError):
            return ast.unparse(node)
    text = "".join(lines[first - 1 : node.end_lineno])
    # Whatever block the definition stood in, it is run again on its own.
    return f"if True:\n{text}" if node.col_offset else text


def _body(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.stmt]:
    has_docstring = ast.get_docstring(node, clean=False) is not None
    return node.body[1:] if has_docstring else node.body


def _dump(body: Sequence[ast.stmt]) -> str:
    return "\n".join(ast.dump(statement) for statement in body)


def is_stub(
    node: ast.stmt, stubs: frozenset[str] = frozenset(), methods: frozenset[str] = frozenset()
) -> bool:
    r"""Whether a definition is as the handout left it.

    Parameters
    ----------
    node : ast.stmt
        A definition.
    stubs : frozenset of str
        Bodies of the handout's stubs, as `stub_bodies` returns them.
    methods : frozenset of str
        For a class: the methods that the student writes. The class is a stub while all of them are.

    Returns
    -------
    bool

    Examples
    --------
    >>> is_stub(ast.parse("def f(x):\n    raise NotImplementedError").body[0])
    True
    """
    if isinstance(node, ast.ClassDef):
        own = [
            item
            for item in node.body
            if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef) and item.name in methods
        ]
        return bool(own) and all(is_stub(item, stubs) for item in own)
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return False
    body = _body(node)
    if len(body) == 1:
        return _is_marker(body[0])
    return any(map(_is_marker, ast.walk(node))) and _dump(body) in stubs


def _is_marker(statement: ast.AST) -> bool:
    """Whether this is the ``raise NotImplementedError`` that stands where the student is to write."""
    if not isinstance(statement, ast.Raise):
        return False
    raised = statement.exc.func if isinstance(statement.exc, ast.Call) else statement.exc
    return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"


@lru_cache(maxsize=256)
def stub_bodies(stub: str) -> frozenset[str]:
    """Bodies of the functions of a handout's answer cell that the student is to complete."""
    return frozenset(
        _dump(_body(node))
        for node in ast.walk(ast.parse(stub))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and any(map(_is_marker, ast.walk(node)))
    )
