"""What one check found: what an exception means, in words for the student, and whom a failure is laid to."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from types import CodeType, FunctionType
from typing import Any

import pytest

from autograder.errors import GraderFault
from autograder.grade import messages
from autograder.grade.platform_checks import Finding
from autograder.grade.suite import Check
from autograder.models import CATEGORIES, Outcome
from autograder.sandbox import (
    CellError,
    OpaqueValue,
    ProtocolViolation,
    Student,
    StudentDied,
    StudentError,
    StudentMemory,
    StudentTimeout,
)
from autograder.sandbox.errors import clean
from autograder.testing.assertions import CheckFailed
from autograder.testing.gradients import Inconclusive

__all__ = [
    "ENDINGS",
    "PASSED",
    "Found",
    "block_dependents",
    "classify",
    "explained",
    "failure",
    "in_words_of",
    "named",
    "stopped",
]


@dataclass(frozen=True)
class Found:
    """What one check found."""

    outcome: Outcome
    category: str | None = None
    message: str = ""
    detail: str = ""
    """For staff: everything, the student's own words included."""
    is_own: bool = False
    """Whether it cannot come from another question's answer."""
    is_undecided: bool = False
    """Whether a person has to look."""
    again: Callable[[Found], Found] | None = field(default=None, compare=False)
    """Says it in other words, where these may tell what a hidden check asked; see `in_safe_words`."""


PASSED = Found("passed")


def named(error: CellError | StudentError) -> str:
    """An exception as Python prints it: without a colon where it says nothing."""
    return f"{error.type_names[0]}: {error.text}" if error.text.strip() else error.type_names[0]


def in_words_of(found: Found, again: Found | None, otherwise: str) -> Found:
    """Take the message of a second run that heard nothing hidden, where that came to the same.

    Parameters
    ----------
    found : Found
        Its own message may be chosen by who heard a hidden check, and is not shown.
    again : Found or None
        What the second run found, if there was one.
    otherwise : str
        Said where the two differ.
    """
    if again is None or (again.outcome, again.category) != (found.outcome, found.category):
        return replace(found, message=otherwise)
    return replace(found, message=again.message)


# --- names that a check fails on ------------------------------------------------------------------


def explained(check: Check, found: Found, raised: BaseException, by_name: Mapping[str, Finding]) -> Found:
    """Say what the platform knows about a name, where a check that uses it fails on it.

    Parameters
    ----------
    check : Check
    found : Found
        What it found without that knowledge.
    raised : BaseException
    by_name : mapping
        Path -> what the platform's own look found there.
    """
    used = _names_in(check.items[0].function)
    own = {
        path: finding
        for path, finding in by_name.items()
        if all(part in used or part.startswith("__") for part in path.split("."))
    }
    kinds = raised.type_names if isinstance(raised, StudentError) else (type(raised).__name__,)
    is_call = "TypeError" in kinds and "argument" in str(raised)
    refused = {path: item for path, item in own.items() if item.category == "signature"}
    if is_call and not refused:
        refused = {path: item for path, item in by_name.items() if item.category == "signature"}
    lookup = {path: item for path, item in own.items() if item.category != "signature"}
    if not is_call and lookup and not LOOKUP_ERRORS.isdisjoint(kinds):
        finding = lookup[_most_likely(lookup, raised)]
        said = ""
    elif refused:
        finding = refused[_most_likely(refused, raised)]
        # Its arguments may be in another order: the numbers stay beside that line.
        said = "" if is_call else found.message
    else:
        return found
    message = f"{finding.message} {said}" if said else messages.with_hint(finding.message, check.hint)
    return Found("failed", finding.category, message, found.detail, is_own=True)


LOOKUP_ERRORS = frozenset({"AttributeError", "NameError", "NotImplementedError", "TypeError"})


def _most_likely(findings: Mapping[str, Finding], raised: BaseException) -> str:
    """The path that the exception speaks of or comes from, else the first."""
    frames = raised.frames if isinstance(raised, StudentError) else ()
    words = {*re.findall(r"\w+", str(raised)), *(str(function) for _, _, function, _ in frames)}
    return next((path for path in findings if path.split(".")[-1] in words), next(iter(findings)))


@cache
def _names_in(function: Callable[..., Any]) -> frozenset[str]:
    """Names that a test function mentions, in its own text and in helpers of its file."""
    names: set[str] = set()
    seen: set[CodeType] = set()
    todo = [function.__code__]
    while todo:
        code = todo.pop()
        if code in seen:
            continue
        seen.add(code)
        names.update(code.co_names)
        for constant in code.co_consts:
            if isinstance(constant, CodeType):
                todo.append(constant)
            elif isinstance(constant, str):
                names.update(constant.split("."))
        for name in code.co_names:
            helper = function.__globals__.get(name)
            if isinstance(helper, FunctionType) and helper.__module__ == function.__module__:
                todo.append(helper.__code__)
    return frozenset(names)


# --- what an exception means ----------------------------------------------------------------------


def failure(check: Check, raised: BaseException) -> Found:
    """Return what a check found that `raised` an exception; a fault of the grader goes on."""
    if isinstance(raised, GraderFault | KeyboardInterrupt | SystemExit | pytest.exit.Exception):
        raise raised
    if isinstance(raised, Inconclusive):
        # why: the same points were decided on the solution, so it is the submission's doing, by mistake or
        # not; staff draw the conclusion that numbers could not.
        return Found("failed", "gradient", messages.UNDECIDED, str(raised), is_undecided=True)
    outcome, category, cause = classify(raised)
    # An exception of Python's own may hold all of a text that the submission returned.
    text = clean(str(raised))
    frames = raised.frames if isinstance(raised, StudentError) else ()
    names = raised.type_names if isinstance(raised, StudentError) else (type(raised).__name__,)
    if check.visibility == "public":
        said = named(raised) if category == "raises" and isinstance(raised, StudentError) else text
        message = messages.public_message(category, check.hint, said, frames)
    else:
        message = messages.hidden_message(category, check.hint, cause)
    places = "".join(
        f"\n  {cell}, line {line}, in {function}: {source}" for cell, line, function, source in frames
    )
    return Found(outcome, category, message, f"{names[0]}: {text}{places}")


# The first that fits; a student's own exception comes later, whatever its class.
ENDINGS: tuple[tuple[type[BaseException], Outcome, str], ...] = (
    (StudentTimeout, "timeout", "timeout"),
    (StudentMemory, "error", "memory"),
    (StudentDied, "error", "crash"),
    (ProtocolViolation, "error", "crash"),
)
NAMED = {"BannedCall": "banned", "NotImplementedError": "not_written"}


def classify(raised: BaseException) -> tuple[Outcome, str, str | None]:
    """Return outcome, category and the class of a gradient's error, for what a check `raised`."""
    for kind, outcome, category in ENDINGS:
        if isinstance(raised, kind):
            return outcome, category, None
    if isinstance(raised, StudentError):
        category = next((NAMED[name] for name in raised.type_names if name in NAMED), "raises")
        return "failed", category, None
    if isinstance(raised, CheckFailed):
        return "failed", raised.category if raised.category in CATEGORIES else "value", raised.cause
    if isinstance(raised, AssertionError) and not isinstance(raised, OpaqueValue):
        return "failed", "value", None
    # The submission lacks a name that the solution has, or the check could not work with what came back.
    lacks = isinstance(raised, AttributeError) and isinstance(raised.obj, Student)
    return "failed", "missing" if lacks else "type", None


def stopped(error: StudentError) -> Found:
    """Return what every check found where the notebook itself ended with an `error`."""
    outcome, category, _ = classify(error)
    if outcome == "failed":
        outcome, category = "error", "crash"
    detail = named(error)
    return Found(outcome, category, messages.STOPPED[category], detail, is_own=True)


# --- dependents -----------------------------------------------------------------------------------


def block_dependents(
    found: dict[str, dict[str, Found]], needs: Mapping[str, Sequence[str]]
) -> tuple[dict[str, dict[str, Found]], list[str]]:
    """Excuse failures of a question while one that it needs is not passed but for its efficiency.

    Parameters
    ----------
    found : dict
        Question -> check -> what it found; a needed question that was not run counts as passed.
    needs : mapping
        Question -> questions whose answers it calls.

    Returns
    -------
    found : dict
        With ``blocked`` in place of such failures: no points, kind words.
    flags : list of str
        One line for staff per question where that happened.
    """
    result, flags = {}, []
    for question, checks in found.items():
        unsure = [
            name
            for name in needs[question]
            # why: a right answer that works too much gives right results to those who call it.
            if any(f.outcome != "passed" and f.category != "efficiency" for f in found.get(name, {}).values())
        ]
        changed = {
            check: Found(
                "blocked", item.category, messages.BLOCKED.format(needs=" and ".join(unsure)), item.detail
            )
            if unsure and item.outcome in ("failed", "timeout", "error") and not item.is_own
            else item
            for check, item in checks.items()
        }
        if changed != checks:
            flags.append(f"{question}: failed checks are blocked by {', '.join(unsure)}")
        result[question] = changed
    return result, flags
