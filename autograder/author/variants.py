"""Draws variants, and makes their data files, with a question's ``variant.py``."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from autograder.author.data import encode_table, fingerprint
from autograder.author.seeds import load_secret, seed_words
from autograder.errors import GradecheckError
from autograder.models import Assignment, Course, canonical_json, load_assignment, need_suites

__all__ = ["VariantSource", "draw_variants", "listed_needs", "variant_source"]


class Needed(Mapping[str, Any]):
    """Variants of the earlier questions; remembers which of them were read."""

    def __init__(self, variants: Mapping[str, Any]) -> None:
        self.variants = variants
        self.read: set[str] = set()

    def __getitem__(self, question: str) -> Any:
        self.read.add(question)
        return self.variants[question]

    def __iter__(self) -> Iterator[str]:
        return iter(self.variants)

    def __len__(self) -> int:
        return len(self.variants)


@dataclass(frozen=True)
class VariantSource:
    """What an assignment's variants are drawn from: the same parts give the same values."""

    course: str
    assignment: Assignment
    secret: bytes

    def draw(self, question: str, earlier: Mapping[str, Any], *stream: str) -> dict[str, Any]:
        """Draw the values of one question.

        Parameters
        ----------
        question : str
        earlier : mapping
            Values of the questions before it; it may use those that it needs.
        *stream : str
            Which draw this is: the version, and the term or a student.

        Returns
        -------
        dict
            What JSON can hold; empty for a question without ``variant.py``.
        """
        where = self.assignment.folder / question / "variant.py"
        module = _load(where)
        if module is None:
            return {}
        function = getattr(module, "draw", None)
        if not callable(function):
            raise GradecheckError(f"{where}: define draw(rng, needed) -> dict")
        rng = self._rng("draw", question, *stream)
        needed = Needed(earlier)
        try:
            values = function(rng, needed)
        except KeyError as error:
            raise GradecheckError(
                f"{where}: draw() raised KeyError: {error}; 'needed' holds the questions that come earlier "
                "in "
                f"assignment.toml: {', '.join(earlier) or 'none'}"
            ) from None
        except Exception as error:
            raise GradecheckError(f"{where}: draw() raised {type(error).__name__}: {error}") from error
        _check_needs(where.parent, needed.read)
        return _checked(where, values)

    def files(
        self, question: str, values: Mapping[str, Any], student: str | None
    ) -> tuple[dict[str, bytes], dict[str, str]]:
        """Make the data files of one question.

        Parameters
        ----------
        question : str
        values : mapping
            The question's variant.
        student : str or None
            Id, where variants are per student.

        Returns
        -------
        (dict, dict)
            Name -> bytes to ship, and name -> sha256 of the arrays.
        """
        where = self.assignment.folder / question / "variant.py"
        make = getattr(_load(where), "files", None)
        if make is None:
            return {}, {}
        owner = "the term" if student is None else f"student {student}"
        rng = self._rng("files", question, canonical_json(values), owner)
        try:
            tables = make(rng, dict(values))
        except Exception as error:
            raise GradecheckError(f"{where}: files() raised {type(error).__name__}: {error}") from error
        contents = {name: encode_table(where, name, tables[name]) for name in sorted(tables)}
        return contents, {name: fingerprint(tables[name]) for name in contents}

    def _rng(self, *parts: str) -> np.random.Generator:
        return np.random.default_rng(seed_words(self.secret, self.course, self.assignment.id, *parts))


def variant_source(course: Course, assignment_id: str, secret: bytes) -> VariantSource:
    """Return the source of an assignment's variants in the term of `secret`."""
    return VariantSource(course.name, need_suites(load_assignment(course, assignment_id)), secret)


def draw_variants(course: Course, assignment_id: str, term: str, label: str) -> dict[str, dict[str, Any]]:
    """Draw values for every question without freezing them, to try an assignment on more variants.

    Parameters
    ----------
    course : Course
    assignment_id, term : str
    label : str
        Names the draw; the same label gives the same values.

    Returns
    -------
    dict
        Question -> values.
    """
    source = variant_source(course, assignment_id, load_secret(course, term))
    drawn: dict[str, dict[str, Any]] = {}
    for question in source.assignment.questions:
        drawn[question] = source.draw(question, drawn, "label", label)
    return drawn


def _check_needs(folder: Path, read: set[str]) -> None:
    """Refuse a draw that reads a variant which ``needs`` does not mention."""
    for question in sorted(read - listed_needs(folder)):
        raise GradecheckError(
            f"{folder / 'question.toml'}: variant.py reads needed[{question!r}]; add {question!r} to 'needs'"
        )


def listed_needs(folder: Path) -> set[str]:
    """Questions in ``needs``, read before the file can be rendered: variants come first."""
    path = folder / "question.toml"
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    found = re.search(r"^needs\s*=\s*\[(.*?)\]", text, re.M | re.S)
    return set(re.findall(r"[\"']([^\"']+)[\"']", found.group(1))) if found else set()


def _checked(where: Path, values: Any) -> dict[str, Any]:
    if not isinstance(values, dict):
        raise GradecheckError(f"{where}: draw() returned {type(values).__name__}; a dict is needed")
    for key, value in values.items():
        try:
            same = json.loads(json.dumps(value, allow_nan=False)) == value
        except (TypeError, ValueError):
            same = False
        if not isinstance(key, str) or not key.isidentifier() or not same:
            raise GradecheckError(
                f"{where}: draw() returned {key!r}: {value!r} ({type(value).__name__}); keys are names and "
                "values are "
                "what JSON holds: str, int, float, bool, None, lists and dicts of these (write int(...) or "
                "float(...))"
            )
    return values


def _load(path: Path) -> ModuleType | None:
    """Run a variant.py, which is our own code; it leaves no byte code beside the question."""
    if not path.is_file():
        return None
    module = ModuleType(f"variant_{path.parent.name}")
    module.__file__ = str(path)
    try:
        exec(compile(path.read_text(encoding="utf-8"), str(path), "exec", dont_inherit=True), module.__dict__)
    except Exception as error:
        raise GradecheckError(f"{path}: {type(error).__name__}: {error}") from error
    return module
