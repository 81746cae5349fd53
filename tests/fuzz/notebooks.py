"""Made-up notebooks: a solution with its structure, its cells' text or its bytes damaged."""

from __future__ import annotations

import copy
import functools
import json
import random
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from damage import damaged
from fuzzing import Kind, Make, Run

from autograder.author import assemble, cells, notebook
from autograder.grade import server
from autograder.grade.intake import take_in
from autograder.grade.notebook import Answers, NotebookError
from autograder.models import load_course

COURSE = Path(__file__).parents[2]
ASSIGNMENTS = ("a02_neighbors", "a07_autodiff")
READING_ENDED = (9 + 2, 24)  # SIGSEGV and SIGXCPU: see serving.READING_ENDED

Document = dict[str, Any]


def odd(rng: random.Random) -> Any:
    """A value that no notebook has where it will stand."""
    plain = (
        None,
        True,
        0,
        -1,
        1e308,
        10**400,
        "",
        "code",
        "é\u202e\x00\ud800",
        [],
        {},
        [[]],
        [None],
        {"": {}},
    )
    made = (
        lambda: rng.choice(plain),
        lambda: functools.reduce(lambda inner, _: [inner], range(rng.choice((5, 100))), 1),
        lambda: "x" * rng.choice((100, 300_000)),
        lambda: ["x = 1\n", 3, None, ["y"]],
        lambda: {"source": "x = 1", "text/plain": {"a": [1]}},
        lambda: list(range(rng.choice((3, 5000)))),
    )
    return rng.choice(made)()


def places(value: Any, found: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    """Every (container, key) of a document."""
    keys = range(len(value)) if isinstance(value, list) else list(value)
    for key in keys:
        found.append((value, key))
        if isinstance(value[key], list | dict):
            places(value[key], found)
    return found


# --- structure --------------------------------------------------------------------------------------


def replace_a_part(rng: random.Random, document: Document) -> None:
    container, key = rng.choice(places(document, []))
    container[key] = odd(rng)


def remove_a_part(rng: random.Random, document: Document) -> None:
    container, key = rng.choice(places(document, []))
    del container[key]


def rename_a_key(rng: random.Random, document: Document) -> None:
    container, key = rng.choice(places(document, []))
    if isinstance(container, dict):
        container[rng.choice(("source", "cells", "metadata", "", "id", "input"))] = container.pop(key)


def move_cells(rng: random.Random, document: Document) -> None:
    found = document.get("cells")
    if isinstance(found, list) and found:
        chosen = rng.choice(found)
        rng.choice(
            (
                lambda: rng.shuffle(found),
                lambda: found.insert(rng.randrange(len(found)), copy.deepcopy(chosen)),
                lambda: found.extend(copy.deepcopy(found)),
                lambda: found.append([chosen]),
                lambda: found.insert(0, rng.choice((None, 3, "cell", [], {}))),
                lambda: document.update(worksheets=[{"cells": document.pop("cells")}], nbformat=3),
            )
        )()


def odd_metadata(rng: random.Random, document: Document) -> None:
    holders = [document, *(cell for cell in _cells(document))]
    ours = {"question": rng.choice((odd(rng), "distances", "q1")), "role": odd(rng), "assignment": odd(rng)}
    holder = rng.choice(holders)
    holder["metadata"] = rng.choice(({"autograder": ours}, {"autograder": odd(rng)}, odd(rng)))
    holder["id"] = rng.choice(("-", "a-b-c", 7, None, "x" * 1000))
    holder["cell_type"] = rng.choice(("code", "markdown", "raw", 7, None, ["code"]))


def _cells(document: Document) -> list[Any]:
    found = document.get("cells")
    return [cell for cell in found if isinstance(cell, dict)] if isinstance(found, list) else []


# --- text of cells ----------------------------------------------------------------------------------

# fmt: off
PIECES = (
    "x = 1", "def mean(values):\n    return 0.0", "class Model:\n    pass", "raise NotImplementedError",
    "\t\tx", "    return", "%%time", "%%bash\nls", "%matplotlib inline", "!ls", "?x", "x??",
    "%%capture out", "%%writefile a.py", "@decorator", "lambda: (yield)", "async def f():\n    await f()",
    "await f()", "f'{x!r:{y}}'", "'''open", "(", "[", "}", "\\", "\\\n", "\x00", "\x0c", "\u2028", "\ufeff",
    "é = 1", "ª = ﬁ = 1", "\ud800", "if True: x = 1; y = 2", "match x:\n    case {**rest}:\n        pass",
    "type X = int", "def f[T](x: T): pass", "try:\n    pass\nexcept* E:\n    pass", "global x; x = 1",
    "del mean", "import numpy as np", "from . import *", "x: int", "(y := 3)", "print(f\"{'\")", "return 1",
    "nonlocal q", "__debug__ = 1", "# coding: latin-1", "#!shell", "0xfor", "1__0", "1" * 5000, "0o8",
    "b'é'", "...", "$a", "a b",
)
# fmt: on


def deep_text(rng: random.Random) -> str:
    number = rng.choice((50, 99, 150, 3000, 30_000))
    made = (
        lambda: "-" * number + "1",
        lambda: "(" * number + ")" * number,
        lambda: "[" * number,
        lambda: "x" + ".a" * number,
        lambda: "x" + "[0]" * number,
        lambda: "x = " + "1 + " * number + "1",
        lambda: "f(" * number + ")" * number,
        lambda: "".join(" " * depth + "if x:\n" for depth in range(min(number, 150))) + " " * 200 + "y",
        lambda: "lambda: " * number + "1",
        lambda: "not " * number + "x",
        lambda: "x = 1\n" * number,
        lambda: "def f(): pass\n" * number,
        lambda: "{" * number + "1" + ":1}" * number,
        lambda: "f'{" * min(number, 200) + "x" + "}'" * min(number, 200),
        lambda: "x if " * number + "x",
        lambda: "'" + "a" * number,
        lambda: "@f\n" * number + "def g(): pass",
        lambda: "a = " * number + "1",
    )
    return rng.choice(made)()


def text(rng: random.Random, source: str) -> Any:
    """A cell's text, changed."""
    lines = source.splitlines(keepends=True)
    made = (
        lambda: "".join(rng.sample(lines, len(lines))),
        lambda: "\n".join(rng.choice(PIECES) for _ in range(rng.randrange(1, 9))),
        lambda: source + "\n" + rng.choice(PIECES),
        lambda: rng.choice(PIECES) + "\n" + source,
        lambda: source.replace("    ", rng.choice(("\t", "   ", "\x0c    "))),
        lambda: source.replace("def ", rng.choice(("async def ", "class ", "def\n", "def x"))),
        lambda: source.replace("\n", rng.choice(("\r", "\r\n", ";", "\u2028", ""))),
        lambda: "".join(f"    {line}" for line in lines),
        lambda: "if True:\n" + "".join(f"    {line}" for line in lines) + "\nelse:\n    mean = 3",
        lambda: damaged(rng, source.encode("utf-8", "replace")).decode("utf-8", "replace"),
        lambda: damaged(rng, source.encode("utf-8", "replace")).decode("latin-1"),
        lambda: lines,
        lambda: [*lines, odd(rng)],
        lambda: deep_text(rng),
        lambda: odd(rng),
    )
    return rng.choice(made)()


def change_a_text(rng: random.Random, document: Document) -> None:
    found = _cells(document)
    if found:
        cell = rng.choice(found)
        source = cell.get("source", "")
        if isinstance(source, list):
            source = "".join(line for line in source if isinstance(line, str))
        cell["source"] = text(rng, source if isinstance(source, str) else "")


CHANGES: tuple[Callable[[random.Random, Document], None], ...] = (
    *(change_a_text,) * 6,
    replace_a_part,
    replace_a_part,
    remove_a_part,
    rename_a_key,
    move_cells,
    odd_metadata,
)

# --- bytes ------------------------------------------------------------------------------------------


NUMBERS = ("NaN", "-Infinity", "1e999", "9" * 5000)


def as_bytes(rng: random.Random, document: Document) -> bytes:
    whole = json.dumps(document, indent=rng.choice((None, 1)), ensure_ascii=rng.random() < 0.5)
    made = (
        lambda: whole.encode("utf-8", "surrogatepass"),
        lambda: whole.encode("utf-8", "replace"),
        lambda: b"\xef\xbb\xbf" + whole.encode("utf-8", "replace"),
        lambda: whole.encode("utf-16", "replace"),
        lambda: whole.encode("utf-16-be", "replace"),
        lambda: whole.encode("latin-1", "replace"),
        lambda: repeated_key(rng, whole).encode("utf-8", "replace"),
        lambda: damaged(rng, whole.encode("utf-8", "replace")),
        lambda: whole.replace("4", rng.choice(("NaN", "-Infinity", "1e999", "9" * 5000)), 3).encode(
            "utf-8", "replace"
        ),
        lambda: nested(rng, whole).encode("utf-8", "replace"),
        lambda: rng.choice((b"[", b'{"a":', b'{"cells":[')) * rng.choice((10, 100_000)),
    )
    return (rng.choice(made) if rng.random() < 0.3 else made[0])()


def nested(rng: random.Random, whole: str) -> str:
    depth = rng.choice((400, 990, 1100, 50_000))
    return whole.replace(
        "{}", rng.choice(("[" * depth + "]" * depth, '{"a":' * depth + "1" + "}" * depth)), 2
    )


def repeated_key(rng: random.Random, whole: str) -> str:
    value = rng.choice(("null", "[]", "{}", '"x"', "[{}]", '[{"cell_type": "code", "source": "x = 1"}]'))
    return whole.replace("{", f'{{"cells": {value}, "source": {value}, ', rng.choice((1, 5)))


def changed(rng: random.Random, solution: str) -> bytes:
    """The bytes of a notebook that was one."""
    document = json.loads(solution)
    for _ in range(rng.choice((1, 1, 2, 3, 6))):
        if document:
            rng.choice(CHANGES)(rng, document)
    return as_bytes(rng, document)


# --- who reads them ---------------------------------------------------------------------------------


@functools.cache
def prepared(assignment: str) -> tuple[SimpleNamespace, str]:
    """What the server's reader needs, and the solution."""
    built = assemble(load_course(COURSE), assignment, "demo")
    own = frozenset(cell.source.strip() for cell in cells(built, "handout") if cell.role in server.OWN_ROLES)
    return SimpleNamespace(built=built, own_cells=own), json.dumps(notebook(built, "solution"))


def make(rng: random.Random) -> bytes:
    return changed(rng, prepared(rng.choice(ASSIGNMENTS))[1])


def run(data: bytes, rng: random.Random) -> str:
    """Take a notebook in and read it as the grader does, under its limits."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "ada.ipynb")
        path.write_bytes(data)
        (taken,) = take_in([path], Path(folder, "keep"), assignment="a").submissions
        if taken.problem is not None:
            return "not taken in, with a reason"
        content = taken.path.read_bytes()
    assert content == data
    try:
        answers = server._read(content, prepared(ASSIGNMENTS[b"a07_autodiff" in data])[0])
    except NotebookError as error:
        str(error).encode()
        return "NotebookError"
    return check(answers)


def check(answers: Answers) -> str:
    """All that goes on to the jail, to files and to people is text."""
    for answer in answers.questions.values():
        for source in (*answer.definitions, answer.source, answer.source_as_left, *answer.hints.values()):
            source.encode()
    for source in (*answers.cells, *answers.flags):
        source.encode()
    found = "all" if all(answer.is_written for answer in answers.questions.values()) else "some"
    return f"read: {found if answers.defines_any else 'no'} answers"


def start() -> tuple[Make, Run]:
    for assignment in ASSIGNMENTS:
        prepared(assignment)
    return make, run


KIND = Kind("notebooks", ".ipynb", start, cpu_seconds=30.0, memory=6 << 30, ends_allowed=READING_ENDED)
