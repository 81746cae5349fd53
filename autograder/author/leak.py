"""Looks through everything that a student gets for pieces of solutions and hidden checks.

The rules and thresholds were measured on ten questions with planted leaks and on 150 modules of
scikit-learn as innocent code: lines of six tokens and more, runs of 14 renamed tokens, odd numbers, long
strings, names of hidden checks, comments. Only code that is kept on purpose is allowed; prompts and
docstrings are suspects.
"""

from __future__ import annotations

import ast
import functools
import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from autograder.author.fingerprints import (
    GRAM,
    comment_words,
    grams,
    joined,
    numbers,
    strings,
    tokens,
    without_docstrings,
    words,
)
from autograder.errors import GradecheckError
from autograder.models import BuiltAssignment

__all__ = ["Finding", "Secrets", "find_leaks", "make_secrets", "refuse_leaks", "secrets_of"]

LINE_TOKENS = 6
GRAM_SHARE, GRAM_COUNT = 0.12, 3
NUMBER_DIGITS = 4
# Measured data is often rounded to four digits, and then anything matches.
DATA_DIGITS = 6
STRING_LENGTH = 12
OURS = re.compile(r"\bmlref\b|\b(?:BEGIN|END) SOLUTION\b|\bautograder\.\w+|\btest_hidden\b")
ABSOLUTE = re.compile(
    r"(?<![\w/.:~-])/(?:home|root|Users|tmp|var|opt|usr|mnt|srv|work|private)/[\w.-]+|\b[A-Z]:\\\\?\w+"
)


@dataclass(frozen=True)
class Finding:
    """One piece of a secret in one file."""

    file: str
    question: str
    kind: str
    text: str

    def __str__(self) -> str:
        """One line for the author."""
        owner = f" of {self.question}" if self.question else ""
        return f"{self.file}: {self.kind}{owner}: {self.text!r}"


@dataclass(frozen=True)
class Secrets:
    """What nobody may read in the handout about one question."""

    question: str
    lines: Mapping[str, str]
    """Line without white space -> the line."""
    grams: tuple[frozenset[tuple[str, ...]], ...]
    """One set for each removed text."""
    hidden_lines: Mapping[str, str]
    numbers: frozenset[float]
    strings: frozenset[str]
    names: frozenset[str]
    comments: frozenset[str]


def secrets_of(built: BuiltAssignment, removed: Mapping[str, Iterable[str]]) -> list[Secrets]:
    """Collect the secrets of an assignment.

    Parameters
    ----------
    built : BuiltAssignment
    removed : mapping
        Question -> the texts that were cut, and what only they use.

    Returns
    -------
    list of Secrets
        One for each question, without what kept code shows anyway.
    """
    kept = "\n".join(without_docstrings(text) for item in built.questions for text in (item.given, item.stub))
    public = "\n".join(_suite(item.question.folder / "test_public.py") for item in built.questions)
    return [
        make_secrets(
            item.question.id,
            tuple(without_docstrings(text) for text in removed.get(item.question.id, ())),
            _suite(item.question.folder / "test_hidden.py"),
            kept,
            public,
        )
        for item in built.questions
    ]


def _suite(path: Path) -> str:
    """Text of a suite; empty if there is none."""
    if not path.is_file():
        return ""
    try:
        text = path.read_text(encoding="utf-8")
        ast.parse(text)
    except (SyntaxError, ValueError) as error:
        raise GradecheckError(f"{path}: not Python: {error}") from None
    return text


@functools.lru_cache(maxsize=256)
def make_secrets(question: str, removed: tuple[str, ...], hidden: str, kept: str, public: str) -> Secrets:
    """Collect the secrets of one question.

    Parameters
    ----------
    question : str
    removed : tuple of str
        The texts that were cut, without docstrings.
    hidden, public : str
        Its two suites.
    kept : str
        Code that the handout shows on purpose, without docstrings.

    Returns
    -------
    Secrets
    """
    shown = kept + "\n" + public
    kept_grams = grams(kept)
    code = without_docstrings(hidden)
    allowed = set(comment_words(shown))
    return Secrets(
        question,
        _lines("\n".join(removed), kept),
        tuple(frozenset(grams(text) - kept_grams) for text in removed),
        _lines(code, shown),
        frozenset(numbers(code, NUMBER_DIGITS) - numbers(shown, NUMBER_DIGITS)),
        frozenset(strings(hidden, STRING_LENGTH) - strings(public, STRING_LENGTH)),
        frozenset(_test_names(hidden) - _test_names(public)),
        frozenset(
            comment for text in (*removed, code) for comment in comment_words(text) if comment not in allowed
        ),
    )


def _lines(text: str, shown: str) -> dict[str, str]:
    everything = {joined(line) for line in shown.split("\n")}
    found = {}
    for line in text.split("\n"):
        code = re.sub(r"\s#.*$|^#.*$", "", line).strip()
        # An import tells which tool is used, not how.
        is_import = re.match(r"(import|from)\b", code)
        if len(tokens(code)) >= LINE_TOKENS and joined(code) not in everything and not is_import:
            found[joined(code)] = code
    return found


def _test_names(text: str) -> set[str]:
    return {
        node.name
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


# --- looking --------------------------------------------------------------------------------------


def find_leaks(files: Mapping[str, bytes], secrets: Iterable[Secrets]) -> list[Finding]:
    """Look for secrets in files.

    Parameters
    ----------
    files : mapping
        Path -> content; members of zips and arrays of npz files are looked at as well.
    secrets : iterable of Secrets

    Returns
    -------
    list of Finding
        Empty if all is well.
    """
    known = list(secrets)
    found: list[Finding] = []
    for name, content in files.items():
        for place, text, is_data in _texts(name, content):
            found += _generic(place, text)
            view = View(place, text, is_data)
            for secret in known:
                found += _in_view(view, secret)
    return list(dict.fromkeys(found))


def refuse_leaks(files: Mapping[str, bytes], secrets: Iterable[Secrets]) -> None:
    """Raise if `find_leaks` finds anything."""
    found = find_leaks(files, secrets)
    if found:
        more = f"\nand {len(found) - 10} more" if len(found) > 10 else ""
        lines = "\n".join(str(item) for item in found[:10])
        raise GradecheckError(
            f"the handout would give answers away; reword it, or change the hidden check:\n{lines}{more}"
        )


def _generic(place: str, text: str) -> Iterator[Finding]:
    for pattern, kind in ((OURS, "a word of the grader"), (ABSOLUTE, "a path of this machine")):
        for match in pattern.finditer(text):
            yield Finding(place, "", kind, match.group())


@dataclass(frozen=True)
class View:
    """One text, prepared once for all questions."""

    place: str
    text: str
    is_data: bool

    @functools.cached_property
    def flat(self) -> str:
        """The text without spaces."""
        return joined(self.text)

    @functools.cached_property
    def grams(self) -> set[tuple[str, ...]]:
        """Its runs of renamed tokens."""
        return grams(self.text)

    @functools.cached_property
    def prose(self) -> str:
        """Its words."""
        return f" {words(self.text)} "

    @functools.cached_property
    def numbers(self) -> set[float]:
        """Its numbers that say something."""
        return numbers(self.text, DATA_DIGITS if self.is_data else NUMBER_DIGITS)


def _in_view(view: View, secret: Secrets) -> Iterator[Finding]:
    def finding(kind: str, text: str) -> Finding:
        return Finding(view.place, secret.question, kind, text)

    for value in sorted(secret.numbers & view.numbers):
        yield finding("a number of a hidden check", f"{value:.12g}")
    if view.is_data:
        return
    for lines, kind in (
        (secret.lines, "a line of the solution"),
        (secret.hidden_lines, "a line of a hidden check"),
    ):
        yield from (finding(kind, shown) for line, shown in lines.items() if _stands_alone(line, view.flat))
    for wanted in secret.grams:
        common = len(wanted & view.grams)
        if common >= GRAM_COUNT and common >= GRAM_SHARE * len(wanted):
            yield finding("the solution with other names", f"{common} of {len(wanted)} runs of {GRAM} tokens")
    yield from (
        finding("a text of a hidden check", text) for text in sorted(secret.strings) if text in view.flat
    )
    yield from (finding("a comment", text) for text in sorted(secret.comments) if f" {text} " in view.prose)
    for name in sorted(secret.names):
        if name in view.text and re.search(rf"\b{name}\b", view.text):
            yield finding("the name of a hidden check", name)


def _stands_alone(line: str, flat: str) -> bool:
    """Whether a line occurs without being the end or the start of a longer name."""
    if line not in flat:
        return False
    before = r"(?<![\w.])" if re.match(r"\w", line) else ""
    after = r"(?!\w)" if re.search(r"\w$", line) else ""
    return re.search(before + re.escape(line) + after, flat) is not None


# --- what is in a file ----------------------------------------------------------------------------


def _texts(name: str, content: bytes) -> Iterator[tuple[str, str, bool]]:
    """Yield (place, text, whether it is data) for everything that can be read in a file."""
    yield name, name, False
    if name.endswith(".zip"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for member in archive.namelist():
                yield from _texts(f"{name}/{member}", archive.read(member))
    elif name.endswith(".npz"):
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            for key in arrays.files:
                yield f"{name}/{key}", key, False
                yield f"{name}/{key}", "\n".join(map(repr, arrays[key].ravel().tolist())), True
    elif name.endswith(".ipynb"):
        notebook = json.loads(content)
        for number, cell in enumerate(notebook["cells"], start=1):
            yield f"{name}, cell {number}", "\n".join(_strings_in(cell)), False
        yield f"{name}, metadata", "\n".join(_strings_in(notebook["metadata"])), False
    else:
        yield name, content.decode("utf-8", "replace"), name.endswith(".csv")


def _strings_in(value: Any) -> Iterator[str]:
    """All texts in JSON; a list of lines is one text."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield key
            yield from _strings_in(item)
    elif isinstance(value, list):
        if value and all(isinstance(item, str) for item in value):
            yield "".join(value)
        else:
            for item in value:
                yield from _strings_in(item)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield repr(value)
