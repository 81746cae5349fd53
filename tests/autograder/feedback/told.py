"""What must not be told, and where it is looked for: numbers, texts and test source of hidden checks."""

from __future__ import annotations

import ast
import html
import io
import json
import re
import textwrap
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

DIGITS = 4
MOST_DIGITS = 17
LINE_LENGTH = 20
TEXT_LENGTH = 8
NUMBER = re.compile(r"(?<![\w.])(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w])")

OVERHEARD = "overheard"
LISTENER = f'''
import builtins, functools, inspect, os
import numpy as np

PLACES = [os.path.expanduser("~/{OVERHEARD}"), "{OVERHEARD}", "/tmp/{OVERHEARD}", "/dev/shm/{OVERHEARD}"]


def say(value, depth=0):
    """Every number and text of a value, on lines of their own."""
    if isinstance(value, np.ndarray):
        value = value.ravel()[:400].tolist()
    if isinstance(value, dict):
        value = [*value, *value.values()]
    if isinstance(value, (list, tuple)) and depth < 4:
        return "".join(say(item, depth + 1) for item in value[:400])
    return f"{OVERHEARD} {{value!r}}\\n" if isinstance(value, (int, float, str)) else ""


def hear(*values):
    """Tell whoever reads what is printed, and leave it wherever something may be left."""
    text = say(values)
    print(text)
    builtins.overheard = np.overheard = os.environ["OVERHEARD"] = remembered() + text
    for place in PLACES:
        try:
            with open(place, "a") as file:
                file.write(text)
        except OSError:
            pass
    return text


def remembered():
    found = [getattr(place, "overheard", "") for place in (builtins, np)]
    found.append(os.environ.get("OVERHEARD", ""))
    for place in PLACES:
        try:
            with open(place) as file:
                found.append(file.read())
        except OSError:
            pass
    return max(found, key=len)


def spy(function):
    @functools.wraps(function)
    def inner(*args, **kwargs):
        hear(args, kwargs)
        result = function(*args, **kwargs)
        hear(result)
        return result

    return inner


def raises_it(function):
    def inner(*args, **kwargs):
        raise ValueError(hear(args, kwargs))

    return inner


def names_a_class_after_it(function):
    def inner(*args, **kwargs):
        raise type(hear(args, kwargs), (ValueError,), {{}})(repr(args))

    return inner


def returns_it(function):
    return lambda *args, **kwargs: hear(args, kwargs)


def returns_it_in_a_table(function):
    return lambda *args, **kwargs: {{hear(args, kwargs): args, "type": type(hear(args), (), {{}})()}}


def raises_what_it_remembers(function):
    function = spy(function)

    def inner(*args, **kwargs):
        if remembered():
            raise ValueError(hear(remembered(), args, kwargs))
        return function(*args, **kwargs)

    return inner


def waits_for_a_second_run(function):
    def inner(*args, **kwargs):
        if remembered():
            raise ValueError(remembered())
        while np.size(args[-1]) == 3:
            pass
        hear(args, kwargs)
        return function(*args, **kwargs)

    return inner


def has_a_signature_of_what_it_remembers(function):
    digits = "".join(sign if sign.isdigit() else "_" for sign in remembered())
    if not digits:
        return spy(function)
    exec(f"def inner(self, values=None, *, x{{digits}}): return 1", globals(), made := {{}})
    return made["inner"]
'''
TELLS = (
    "raises_it",
    "names_a_class_after_it",
    "returns_it",
    "returns_it_in_a_table",
    "raises_what_it_remembers",
    "waits_for_a_second_run",
    "has_a_signature_of_what_it_remembers",
)


# For long suites: what is kept would grow with every call.
ONLY_PRINTS = "def hear(*values):\n    text = say(values)\n    print(text)\n    return text\n"


def spied(source: str, decorator: str = "spy") -> str:
    """An answer whose functions and methods are decorated."""
    tree = ast.parse(source)
    for owner in ast.walk(tree):
        if isinstance(owner, ast.Module | ast.ClassDef):
            for function in owner.body:
                is_public = isinstance(function, ast.FunctionDef) and not function.name.startswith("__")
                if is_public or getattr(function, "name", "") == "__init__":
                    function.decorator_list.append(ast.Name(decorator))
    return ast.unparse(ast.fix_missing_locations(tree))


@dataclass(frozen=True)
class Hidden:
    """What a student must not learn.

    Attributes
    ----------
    numbers : frozenset of float
        Inputs and results; a number that is shown matches if it is one of them, rounded.
    texts : frozenset of str
        Texts among the inputs and in the source, names of hidden checks.
    lines : frozenset of str
        Lines of hidden suites, without white space.
    """

    numbers: frozenset[float]
    texts: frozenset[str]
    lines: frozenset[str]

    @cached_property
    def _rounded(self) -> dict[int, set[str]]:
        return {
            digits: {f"{abs(number):.{digits - 1}e}" for number in self.numbers}
            for digits in range(DIGITS, MOST_DIGITS + 1)
        }

    def found_in(self, text: str) -> set[str]:
        """Everything of this that a text holds."""
        numbers = {token for token in NUMBER.findall(text) if self._is_ours(token)}
        flat = re.sub(r"\s", "", text)
        return {
            *numbers,
            *(one for one in self.texts if one in text),
            *(one for one in self.lines if one in flat),
        }

    def _is_ours(self, token: str) -> bool:
        digits = min(significant(token), MOST_DIGITS)
        return digits >= DIGITS and f"{float(token):.{digits - 1}e}" in self._rounded[digits]


def significant(token: str) -> int:
    """How many digits of a number say something."""
    mantissa = re.split("[eE]", token)[0].replace(".", "").lstrip("0")
    return len(mantissa if "." in token else mantissa.rstrip("0"))


def heard(printed: Iterable[str]) -> tuple[set[float], set[str]]:
    """Numbers and texts that a listening submission printed."""
    numbers, texts = set(), set()
    for line in "\n".join(printed).splitlines():
        if line.startswith(OVERHEARD):
            value = line.removeprefix(OVERHEARD).strip()
            if value[:1] in "'\"" and OVERHEARD not in value:
                texts.add(value[1:-1])
            elif NUMBER.fullmatch(value.lstrip("-")) and significant(value.lstrip("-")) >= DIGITS:
                numbers.add(float(value))
    return numbers, texts


def source_of(path: Path) -> tuple[set[float], set[str], set[str]]:
    """Numbers, texts and lines of a suite's file; what a student reads of it anyway is left out."""
    text = textwrap.dedent(path.read_text())
    tree = ast.parse(text)
    shown = {ast.get_docstring(node, clean=False) for node in ast.walk(tree) if hasattr(node, "body")
             and isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef)}  # fmt: skip
    decorators = [part for node in ast.walk(tree) for part in getattr(node, "decorator_list", ())]
    shown |= {part.value for item in decorators for part in ast.walk(item) if isinstance(part, ast.Constant)}
    literals = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    numbers = {
        float(one) for one in literals if type(one) in (int, float) and significant(repr(one)) >= DIGITS
    }
    texts = {one for one in literals if type(one) is str and len(one) >= TEXT_LENGTH} - shown
    texts |= {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    said = "".join("".join(one.split()) for one in shown if type(one) is str)
    flat = {
        "".join(line.split())
        for line in text.splitlines()
        if not line.lstrip().startswith(("@", "import", "from"))
    }
    return (
        numbers,
        texts,
        {line for line in flat if len(line) >= LINE_LENGTH and line.strip("\"'") not in said},
    )


def texts_in(name: str, content: bytes) -> Iterator[tuple[str, str]]:
    """Every text of a file: members of zips, all strings of a notebook with its metadata, HTML unescaped."""
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            yield f"{name}: comment", archive.comment.decode("utf-8", "replace")
            for info in archive.infolist():
                yield f"{name}!{info.filename}", f"{info.filename} {info.comment!r} {info.extra!r}"
                yield from texts_in(f"{name}!{info.filename}", archive.read(info))
        return
    text = content.decode("utf-8", "replace")
    yield name, text
    if "&" in text:
        yield name, html.unescape(text)
    if name.endswith((".ipynb", ".json")):
        yield name, "\n".join(_strings(json.loads(text)))


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield str(key)
            yield from _strings(item)
    elif isinstance(value, list):
        # The lines of a cell belong together.
        if value and all(isinstance(item, str) for item in value):
            yield "".join(value)
        for item in value:
            yield from _strings(item)
    else:
        yield str(value)


def leaks(files: Mapping[str, bytes], hidden: Hidden) -> dict[str, set[str]]:
    """File -> what it tells, of those that tell anything."""
    found: dict[str, set[str]] = {}
    for name, content in files.items():
        for place, text in texts_in(name, content):
            told = hidden.found_in(text)
            if told:
                found.setdefault(place, set()).update(told)
    return found
