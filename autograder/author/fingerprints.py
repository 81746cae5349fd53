"""What code looks like when spaces, names and docstrings are taken away."""

from __future__ import annotations

import ast
import io
import keyword
import re
import tokenize
from collections.abc import Iterator

__all__ = [
    "comment_words",
    "grams",
    "joined",
    "numbers",
    "significant_digits",
    "strings",
    "tokens",
    "without_docstrings",
    "words",
]

TOKEN = re.compile(
    r"[^\W\d]\w*|\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+|\"[^\"\n]*\"|'[^'\n]*'|\*\*|//|[=!<>+\-*/]=|->|:=|[^\s\w]"
)
NUMBER = re.compile(r"(?<![\w.])(\d+\.\d*(?:[eE][+-]?\d+)?|\.\d+|\d+(?:[eE][+-]?\d+)?)(?![\w.]*\w)")
GRAM = 14


def tokens(text: str) -> list[str]:
    """Split a text, code or prose, into the tokens of Python."""
    return TOKEN.findall(text.replace("xp.", "np."))


def joined(text: str) -> str:
    r"""The text with spaces only between words: a line reads the same wherever it is wrapped.

    Examples
    --------
    >>> joined("total = np.sum(\n    X, axis=1)")
    'total=np.sum(X,axis=1)'
    """
    return re.sub(r"(?<![\w.])\s+|\s+(?!\w)", "", re.sub(r"\s+", " ", text.replace("xp.", "np.")))


def grams(text: str) -> set[tuple[str, ...]]:
    """All runs of 14 tokens, with every own name and every string made equal: renaming hides nothing."""
    found = tokens(re.sub(r"(?m)#.*$", "", text))
    plain = [_renamed(*three) for three in zip(["", "", *found], ["", *found], found, strict=False)]
    return {tuple(plain[start : start + GRAM]) for start in range(len(plain) - GRAM + 1)}


def _renamed(owner: str, before: str, token: str) -> str:
    if token[0] in "\"'":
        return "S"
    if (token[0].isalpha() or token[0] == "_") and not keyword.iskeyword(token):
        # Nobody can rename what belongs to an array or a module.
        return token if before == "." and owner != "self" else "N"
    return token


def words(text: str) -> str:
    """The words of a text, in lower case, single spaces between."""
    return " ".join(re.findall(r"\w+", text.lower()))


def without_docstrings(text: str) -> str:
    """Code without its docstrings; a text that is no Python alone is dedented first, or left as it is."""
    code = _parseable(text)
    if code is None:
        return text
    lines = code.split("\n")
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            first = node.body[0] if node.body else None
            if first is not None and ast.get_docstring(node, clean=False) is not None:
                for number in range(first.lineno - 1, first.end_lineno or first.lineno):
                    lines[number] = ""
    return "\n".join(lines)


def _parseable(text: str) -> str | None:
    indented = "def _():\n" + "\n".join(f" {line}" for line in text.split("\n"))
    for candidate in (text, indented):
        try:
            ast.parse(candidate)
        except (SyntaxError, ValueError):
            continue
        return candidate
    return None


def comment_words(text: str) -> Iterator[str]:
    """Comments of more than four words."""
    try:
        found = [
            token.string
            for token in tokenize.generate_tokens(io.StringIO(text + "\n").readline)
            if token.type == tokenize.COMMENT
        ]
    except (tokenize.TokenError, IndentationError):
        found = re.findall(r"(?m)#.*$", text)
    for comment in found:
        plain = words(comment)
        if plain.count(" ") >= 4:
            yield plain


def significant_digits(number: str) -> int:
    """Digits of a number that carry it: 4 in 97.25, 1 in 1000 and in 1e-10."""
    mantissa = re.split(r"[eE]", number)[0]
    digits = mantissa.replace(".", "").lstrip("0")
    return len(digits if "." in mantissa else digits.rstrip("0"))


def numbers(text: str, at_least: int) -> set[float]:
    """Values of the numbers of a text that have so many significant digits."""
    return {float(found) for found in NUMBER.findall(text) if significant_digits(found) >= at_least}


def strings(text: str, at_least: int) -> set[str]:
    """Strings of some length in a Python text, docstrings too, joined; names alone are no secret."""
    return {
        joined(node.value.strip())
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if len(node.value.strip()) >= at_least and not node.value.isidentifier()
    }
