"""Checks that say little alone count with the rest of their question, or not yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from autograder.grade import messages
from autograder.grade.found import Found
from autograder.grade.suite import Check

__all__ = ["hold_back"]

NEEDED_SHARE = Fraction(1, 2)


def hold_back(found: Mapping[str, Found], checks: Sequence[Check]) -> dict[str, Found]:
    """Hold back what supporting checks would give to an answer that gets little else right.

    Parameters
    ----------
    found : mapping
        What each check of a question found, by id.
    checks : sequence of Check
        The question's checks.

    Returns
    -------
    dict
        The same; but supporting checks earn nothing where less than half of the other points are
        earned, and say so.
    """
    main = [check for check in checks if not check.is_supporting]
    earned = sum((check.weight for check in main if found[check.id].outcome == "passed"), Fraction(0))
    if earned >= NEEDED_SHARE * sum((check.weight for check in main), Fraction(0)):
        return dict(found)
    held = {check.id for check in checks if check.is_supporting and found[check.id].outcome == "passed"}
    return {
        name: Found("failed", None, messages.HELD_BACK, "passed, but held back") if name in held else item
        for name, item in found.items()
    }
