"""Reads a notebook as bytes from anyone, and finds the answers in it.

Nothing here runs what it reads. Ids and metadata only break ties: students, JupyterLab and Colab
change both, so an answer is known by the names that it must define.
"""

from __future__ import annotations

import ast
import contextlib
import difflib
import io
import json
import re
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, Literal

from autograder.models import BuiltAssignment, BuiltQuestion

__all__ = [
    "Answer",
    "Answers",
    "Cell",
    "Notebook",
    "NotebookError",
    "find_answers",
    "is_stub",
    "read_notebook",
]

# Cell magics whose body runs in the notebook's own namespace.
TRANSPARENT_MAGICS = frozenset({"time", "capture", "prun"})

# A cell may call the notebook's checks; here they have nothing to say.
NO_GRADER = """\
class grader:
    check = check_all = export = staticmethod(lambda *args, **kwargs: None)
"""

State = Literal["written", "not_written", "missing"]


class NotebookError(Exception):
    """The bytes are no notebook; the message tells the student what to hand in instead."""


@dataclass(frozen=True)
class Cell:
    """One cell as the file holds it."""

    source: str
    cell_type: str
    question: str | None = None
    """The question that the cell's metadata, id or tags name, if any."""


@dataclass(frozen=True)
class Notebook:
    """Cells in order, and the notebook's own metadata."""

    cells: tuple[Cell, ...]
    metadata: Mapping[str, Any] = field(default_factory=dict)

    @property
    def code(self) -> tuple[Cell, ...]:
        """Code cells in order."""
        return tuple(cell for cell in self.cells if cell.cell_type == "code")


@dataclass(frozen=True)
class Answer:
    """What a notebook holds for one question."""

    state: Mapping[str, State]
    """Each name that the question asks for."""
    definitions: tuple[str, ...]
    """Sources that the question's worker runs again, in order."""
    source: str
    """The definitions alone, for the scan of banned names."""
    hints: Mapping[str, str] = field(default_factory=dict)
    """Where a missing name may be found: a sentence for the student."""
    retouched: bool = False
    """Whether another cell may complete, wrap or correct what `definitions` would put back."""
    source_as_left: str = ""
    """Where retouched: `source` with what those other cells do, for the same scan."""

    @property
    def is_written(self) -> bool:
        """Whether at least one of the names is written."""
        return "written" in self.state.values()


@dataclass(frozen=True)
class Answers:
    """A notebook, ready for the jail."""

    cells: tuple[str, ...]
    """What runs first: one cell with everything given, then the notebook's code cells."""
    questions: Mapping[str, Answer]
    flags: tuple[str, ...] = ()

    @property
    def defines_any(self) -> bool:
        """Whether any name of the assignment occurs, if only as a stub."""
        return any(what != "missing" for answer in self.questions.values() for what in answer.state.values())


# --- reading --------------------------------------------------------------------------------------


def read_notebook(data: bytes) -> Notebook:
    """Read the bytes of an ``.ipynb`` file, tolerant of everything but the absence of cells.

    Parameters
    ----------
    data : bytes
        The file as received; formats 3 and 4, with or without a byte order mark, ids and metadata.

    Returns
    -------
    Notebook

    Raises
    ------
    NotebookError
        If the bytes are no notebook; the message says what was found and what to hand in.

    Examples
    --------
    >>> read_notebook(b'{"cells": [{"cell_type": "code", "source": ["x = 1"]}]}').code[0].source
    'x = 1'
    """
    values = _json(data)
    if not isinstance(values, dict):
        raise NotebookError(
            f"This is not a notebook: the file holds a JSON {type(values).__name__}. {_ADVICE}"
        )
    cells = values.get("cells")
    if cells is None and isinstance(values.get("worksheets"), list):
        cells = [cell for sheet in values["worksheets"] for cell in _items(sheet, "cells")]
    if not isinstance(cells, list):
        raise NotebookError(f"This is not a notebook: the file has no list of cells. {_ADVICE}")
    metadata = values.get("metadata")
    return Notebook(
        tuple(_cell(cell) for cell in cells if isinstance(cell, dict)),
        metadata if isinstance(metadata, dict) else {},
    )


_ADVICE = "Open your notebook in Jupyter, save it, and hand in the .ipynb file that it writes."


def _json(data: bytes) -> object:
    if not data.strip():
        raise NotebookError(f"The file is empty. {_ADVICE}")
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return json.loads(data.decode(encoding))
    except UnicodeDecodeError:
        raise NotebookError(f"This is not a notebook: the file is not UTF-8 text. {_ADVICE}") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise NotebookError(
            f"The notebook cannot be read: its JSON breaks off at {where}. {_ADVICE}"
        ) from None
    except (RecursionError, ValueError):
        raise NotebookError(f"The notebook cannot be read: its JSON is not a notebook's. {_ADVICE}") from None


def _items(holder: object, key: str) -> list[Any]:
    value = holder.get(key) if isinstance(holder, dict) else None
    return value if isinstance(value, list) else []


def _cell(values: Mapping[str, Any]) -> Cell:
    # Format 3 calls the text of a code cell "input".
    source = values.get("source", values.get("input", ""))
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    return Cell(
        # A lone surrogate is valid JSON and no text: it would break every later encoding.
        source=source.encode("utf-8", "replace").decode() if isinstance(source, str) else "",
        cell_type=str(values.get("cell_type", "raw")),
        question=_tagged_question(values),
    )


def _tagged_question(values: Mapping[str, Any]) -> str | None:
    metadata = values.get("metadata")
    ours = metadata.get("autograder") if isinstance(metadata, dict) else None
    if isinstance(ours, dict) and isinstance(ours.get("question"), str):
        return str(ours["question"])
    identity = values.get("id")
    if isinstance(identity, str) and "-" in identity:
        return identity.rsplit("-", 1)[0]
    return None


# --- what a cell defines --------------------------------------------------------------------------


@dataclass(frozen=True)
class _Definition:
    name: str
    written: bool
    node: ast.stmt
    segment: str
    top_level: bool


@dataclass(frozen=True)
class _Parsed:
    """One code cell as Python."""

    source: str
    question: str | None
    definitions: tuple[_Definition, ...] = ()
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

    return str(TransformerManager().transform_cell(source))  # type: ignore[no-untyped-call]


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


def _parse(
    cell: Cell, expected: set[str], stubs: frozenset[str], methods: Mapping[str, frozenset[str]]
) -> _Parsed:
    try:
        tree, source = _tree(cell.source)
    except SyntaxError as error:
        return _Parsed(cell.source, cell.question, problem=f"line {error.lineno}: {error.msg}")
    except (ValueError, RecursionError, MemoryError) as error:
        return _Parsed(cell.source, cell.question, problem=str(error) or "it is nested too deeply")
    lines = _lines(source)
    found = tuple(
        _Definition(
            name,
            name not in expected or not is_stub(node, stubs, methods.get(name, frozenset())),
            node,
            _segment(lines, node),
            node in tree.body,
        )
        for node, name in _bindings(tree.body)
    )
    return _Parsed(source, cell.question, found, body=tuple(tree.body))


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


def _lines(source: str) -> list[str]:
    r"""Lines with their ends, as Python's parser counts them.

    `str.splitlines` also splits at form feeds and at U+2028, which may stand in a text.
    """
    return list(io.StringIO(source, newline=""))


def _segment(lines: list[str], node: ast.stmt) -> str:
    decorators = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(item.lineno for item in decorators)])
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    before = lines[node.lineno - 1].encode()[: node.col_offset]
    behind = lines[node.end_lineno - 1].encode()[node.end_col_offset :].strip()
    if (before.strip() and not decorators) or (behind and not behind.startswith(b"#")):
        # It shares a line with others; a text of the whole line would not parse.
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


# --- finding the answers --------------------------------------------------------------------------


def _solution_methods(built: BuiltQuestion) -> dict[str, frozenset[str]]:
    methods: dict[str, set[str]] = {}
    for entry in built.question.solution:
        owner, _, method = entry.split(":")[1].partition(".")
        if method:
            methods.setdefault(owner, set()).add(method)
    return {owner: frozenset(names) for owner, names in methods.items()}


def find_answers(
    notebook: Notebook, built: BuiltAssignment, leave_out: frozenset[str] = frozenset()
) -> Answers:
    """Find each question's answer and what the jail has to run.

    The answer to a name is its last written definition in cells tagged with the question; if there
    is none, the last written one anywhere. An untouched stub of a name that is written is left out of
    what runs.

    Parameters
    ----------
    notebook : Notebook
        The submission.
    built : BuiltAssignment
        The assignment as this student got it.
    leave_out : frozenset of str
        Sources of the handout's own cells (set-up, checks, hand-in) that need not run.

    Returns
    -------
    Answers
    """
    code = [built_question for built_question in built.questions if built_question.question.kind == "code"]
    stubs = frozenset[str]().union(*(stub_bodies(item.stub) for item in code))
    methods = {owner: names for item in code for owner, names in _solution_methods(item).items()}
    expected = {name for item in code for name in item.question.names}
    parsed = [
        _Parsed("", cell.question)
        if cell.source.strip() in leave_out
        else _parse(cell, expected, stubs, methods)
        for cell in notebook.code
    ]
    chosen = {item.question.id: _choose(parsed, item.question.id, item.question.names) for item in code}
    written = {found.name for cell in parsed for found in cell.definitions if found.written}
    questions = {
        item.question.id: _answer(notebook, parsed, item, chosen, expected, written, built) for item in code
    }
    given = "\n\n".join([NO_GRADER, *(item.given for item in built.questions if item.given.strip())])
    return Answers(
        cells=(given, *(_without_stubs(cell, expected & written) for cell in parsed)),
        questions=questions,
        flags=_flags(notebook, parsed, expected, built),
    )


Place = tuple[int, _Definition]


def _choose(parsed: Sequence[_Parsed], question: str, names: Sequence[str]) -> dict[str, Place | None]:
    """For each name its chosen definition, a stub if there is nothing better, or None."""
    chosen: dict[str, Place | None] = {}
    for name in names:
        places = [
            (index, found)
            for index, cell in enumerate(parsed)
            for found in cell.definitions
            if found.name == name
        ]
        written = [place for place in places if place[1].written]
        tagged = [place for place in written if parsed[place[0]].question == question]
        best = tagged or written or places
        chosen[name] = best[-1] if best else None
    return chosen


def _answer(
    notebook: Notebook,
    parsed: Sequence[_Parsed],
    item: BuiltQuestion,
    chosen: Mapping[str, Mapping[str, Place | None]],
    expected: set[str],
    written: set[str],
    built: BuiltAssignment,
) -> Answer:
    own = chosen[item.question.id]
    state: dict[str, State] = {}
    for name, place in own.items():
        state[name] = "missing" if place is None else "written" if place[1].written else "not_written"
    questions = (*_all_needs(built, item.question.id), item.question.id)
    found = [place for question in questions for place in chosen.get(question, {}).values() if place]
    places = [place for place in found if place[1].written]
    hints = {
        name: _where(notebook, parsed, name, expected) for name, what in state.items() if what == "missing"
    }
    others = {other.question.id for other in built.questions} - set(questions)
    later = _retouching(parsed, found, others) if any(own.values()) else []
    if "written" not in state.values():
        # A stub may be completed from outside, but not by a cell that writes nothing.
        later = [cell for cell in later if _writes_a_function(parsed[cell])]
    # Only the scan for banned names reads these.
    source = as_left = ""
    if item.question.ban:
        scanned = [place for place in own.values() if place and place[1].written]
        source = _with_what_it_uses(parsed, scanned)
        as_left = _with_what_it_uses(parsed, [*scanned, *_done_by(parsed, later)]) if later else ""
    definitions = tuple(_rerun(parsed, places, expected & written))
    return Answer(state, definitions, source, hints, bool(later), as_left)


def _retouching(parsed: Sequence[_Parsed], places: Sequence[Place], others: set[str]) -> list[int]:
    """Cells that are not run again, belong to no other question, and may change an answer.

    They come later and mention what the answer's cells define, or hold another definition of an answer:
    a wrapper of the same name, run twice, would call itself.
    """
    chosen = {index for index, _ in places}
    asked = {found.name for _, found in places}
    defined = asked | {
        found.name
        for index in chosen
        for found in parsed[index].definitions
        if not isinstance(found.node, ast.Import | ast.ImportFrom)
    }
    return [
        index
        for index, cell in enumerate(parsed)
        if index not in chosen
        and cell.body
        and cell.question not in others
        and (
            any(found.written and found.name in asked for found in cell.definitions)
            or (index > min(chosen) and not cell.words.isdisjoint(defined))
        )
    ]


def _writes_a_function(cell: _Parsed) -> bool:
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    return any(isinstance(node, kinds) for statement in cell.body for node in ast.walk(statement))


def _done_by(parsed: Sequence[_Parsed], cells: Sequence[int]) -> Iterator[Place]:
    """What these cells do to names, without mere comparisons with what is banned."""
    for index in cells:
        lines = _lines(parsed[index].source)
        for node in parsed[index].body:
            is_trial = isinstance(node, ast.Assert) or (
                isinstance(node, ast.Expr) and "setattr" not in parsed[index].words
            )
            if not is_trial:
                yield index, _Definition("", True, node, _segment(lines, node), True)


def _with_what_it_uses(parsed: Sequence[_Parsed], places: Sequence[Place]) -> str:
    """Definitions with the imports, helpers and aliases of the notebook that they lead to, in its order."""
    found = {(index, definition.node.lineno): definition for index, definition in places}
    todo = list(found.values())
    while todo:
        used = (node for node in ast.walk(todo.pop().node) if isinstance(node, ast.Name))
        names = {node.id for node in used if isinstance(node.ctx, ast.Load)}
        for index, cell in enumerate(parsed):
            for definition in cell.definitions:
                key = (index, definition.node.lineno)
                if definition.name in names and key not in found:
                    found[key] = definition
                    todo.append(definition)
    return "\n".join(found[key].segment for key in sorted(found))


def _all_needs(built: BuiltAssignment, question: str) -> list[str]:
    """Every question whose answer this one calls, directly or not, in the assignment's order."""
    needs = {item.question.id: item.question.needs for item in built.questions}
    found: set[str] = set()
    todo = list(needs.get(question, ()))
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += needs.get(name, ())
    return [name for name in needs if name in found]


def _rerun(parsed: Sequence[_Parsed], places: Sequence[Place], names: set[str]) -> Iterator[str]:
    """Cells with the chosen definitions in order, then what another of these cells would overwrite."""
    indices = sorted({index for index, _ in places})
    for index in indices:
        yield _without_stubs(parsed[index], names)
    last = {
        found.name: (index, found)
        for index in indices
        for found in parsed[index].definitions
        if found.written
    }
    for index, found in places:
        if last[found.name] != (index, found):
            yield found.segment


def _without_stubs(cell: _Parsed, names: set[str]) -> str:
    """The cell's source with the stubs of these names blanked out: a stub below an answer does no harm."""
    lines = _lines(cell.source)
    for found in cell.definitions:
        if not found.written and found.top_level and found.name in names:
            decorators = getattr(found.node, "decorator_list", [])
            first = min([found.node.lineno, *(item.lineno for item in decorators)])
            assert found.node.end_lineno is not None
            for line in range(first - 1, found.node.end_lineno):
                lines[line] = "\n"
    return "".join(lines)


def _where(notebook: Notebook, parsed: Sequence[_Parsed], name: str, expected: set[str]) -> str:
    """Tell a student where a missing definition may be."""
    opening = re.compile(rf"^\s*(?:def|class)\s+{re.escape(name)}\b", re.MULTILINE)
    for cell in parsed:
        if cell.problem and opening.search(cell.source):
            version = "{}.{}".format(*sys.version_info)
            return f"the cell that defines it is not valid Python {version} ({cell.problem})"
    if any(cell.cell_type != "code" and opening.search(cell.source) for cell in notebook.cells):
        return "its definition is in a text cell: change the cell's type to code"
    bound = {found.name for cell in parsed for found in cell.definitions} - expected
    near = difflib.get_close_matches(name, sorted(bound), n=1, cutoff=0.75)
    return f"there is a {near[0]}: check the spelling" if near else ""


def _flags(
    notebook: Notebook, parsed: Sequence[_Parsed], expected: set[str], built: BuiltAssignment
) -> tuple[str, ...]:
    flags = []
    bound = {found.name for cell in parsed for found in cell.definitions}
    if not bound & expected:
        flags.append("none of the assignment's names is defined: perhaps another assignment's notebook")
    ours = notebook.metadata.get("autograder")
    if isinstance(ours, dict):
        known = {"assignment": built.assignment.id, "term": built.term, "variant": built.variant_key}
        for key, value in known.items():
            if key in ours and ours[key] != value:
                flags.append(f"the notebook's metadata names another {key}")
    return tuple(flags)
