"""Which variants an assignment is proven on: the frozen ones, and as many more as its answers need."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from autograder.author import draw_variants
from autograder.author.assemble import stale_lock
from autograder.author.lock import read_lock
from autograder.certify.answers import matches, variant_filters
from autograder.errors import GradecheckError
from autograder.models import Course, canonical_json

__all__ = ["Filters", "Values", "frozen_variants", "further_variants", "named_variants", "untried"]

# Frozen variants and further draws together are at least this many.
LEAST_VARIANTS = 3
# Draws that are tried so that every file of solutions/ meets a variant that it is about.
DRAWS = 40

Values = Mapping[str, Mapping[str, Any]]
"""Question -> its values."""
Filters = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""Question -> file -> its ``VARIANTS``."""


def named_variants(course: Course, assignment: str, term: str) -> Filters:
    """Read ``VARIANTS`` of every file of ``solutions/``.

    Parameters
    ----------
    course : Course
    assignment, term : str
        Whose frozen variant the files are rendered with.

    Raises
    ------
    GradecheckError
        Naming the file, and the lock where that is older than the file.
    """
    values = frozen_variants(course, assignment, term)["term"]
    try:
        return variant_filters(course, assignment, values)
    except GradecheckError as error:
        stale = stale_lock(course, assignment, term)
        raise GradecheckError(f"{error}\n{stale}" if stale else str(error)) from None


def frozen_variants(course: Course, assignment: str, term: str) -> dict[str, Values]:
    """Return every frozen variant of an `assignment` of a `course`: the `term`'s, and each student's."""
    lock = read_lock(course, assignment, term)
    built: dict[str, Values] = {"term": {name: frozen.term.values for name, frozen in lock.questions.items()}}
    students = sorted({key for frozen in lock.questions.values() for key in frozen.students})
    for key in students:
        own = {name: frozen.students.get(key, frozen.term) for name, frozen in lock.questions.items()}
        built[f"student {key[:12]}"] = {name: drawn.values for name, drawn in own.items()}
    return built


def further_variants(course: Course, assignment: str, term: str, filters: Filters) -> dict[str, Values]:
    """Draw different variants, as many as show every file of ``solutions/`` one that it is about.

    Parameters
    ----------
    course : Course
    assignment, term : str
    filters : mapping
        From `named_variants`.

    Returns
    -------
    dict
        "draw 1" and so on -> values; the same ones each time.
    """
    frozen = frozen_variants(course, assignment, term)
    chosen: dict[str, Values] = {}
    known = {canonical_json(values) for values in frozen.values()}
    seen = set(_covered(filters, frozen["term"]))
    for number in range(1, DRAWS + 1):
        values = draw_variants(course, assignment, term, f"certify {number}")
        covered = set(_covered(filters, values))
        if canonical_json(values) not in known and (len(known) < LEAST_VARIANTS or covered - seen):
            chosen[f"draw {number}"] = values
            known.add(canonical_json(values))
            seen |= covered
    return chosen


def _covered(filters: Filters, values: Values) -> Iterator[tuple[str, str, str]]:
    """What a draw shows: (question, file, value that the file's ``VARIANTS`` names)."""
    for question, own in filters.items():
        variant = values.get(question, {})
        for name, wanted in own.items():
            if matches(wanted, variant):
                yield question, name, canonical_json({key: variant[key] for key in wanted})


def untried(filters: Filters, variants: Mapping[str, Values], asked: Collection[str]) -> Iterator[str]:
    """Say which files, and which values of a file's ``VARIANTS``, met no variant.

    Parameters
    ----------
    filters : mapping
        From `named_variants`.
    variants : mapping
        Name -> values of all that is tried.
    asked : collection of str
        Questions.

    Yields
    ------
    str
        One line each.
    """
    for question in asked:
        drawn = [values.get(question, {}) for values in variants.values()]
        for name, wanted in filters[question].items():
            where = f"{question}: {name}"
            if not any(matches(wanted, variant) for variant in drawn):
                yield f"{where} was never tried: {dict(wanted)} is in none of {DRAWS} draws"
                continue
            for key, values in wanted.items():
                met = [variant[key] for variant in drawn if matches(wanted, variant)]
                for value in values if isinstance(values, list | tuple) else [values]:
                    if value not in met:
                        yield f"{where}: VARIANTS names {key} = {value!r}, which is in none of {DRAWS} draws"
