"""Compares what two graders found on the same notebooks, check by check."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Outcomes = Mapping[str, str]
"""Check -> "passed", or why not."""


def compare(ours: Mapping[str, Outcomes], theirs: Mapping[str, Outcomes]) -> dict[str, Any]:
    """Return how many notebooks and verdicts agree, and every difference with both sides' reasons.

    Parameters
    ----------
    ours, theirs : mapping
        Notebook -> check -> "passed" or why not; a check that one side does not know counts as not passed.

    Examples
    --------
    >>> compare({"ada": {"q/a": "passed"}}, {"ada": {"q/a": "failed: 2 is not 3"}})["differences"]
    [{'notebook': 'ada', 'check': 'q/a', 'ours': 'passed', 'theirs': 'failed: 2 is not 3'}]
    """
    differences = [
        {
            "notebook": notebook,
            "check": check,
            "ours": ours[notebook].get(check, "not run"),
            "theirs": theirs[notebook].get(check, "not run"),
        }
        for notebook in sorted(theirs)
        for check in sorted({*ours[notebook], *theirs[notebook]})
        if (ours[notebook].get(check) == "passed") != (theirs[notebook].get(check) == "passed")
    ]
    different = {item["notebook"] for item in differences}
    return {
        "notebooks": len(theirs),
        "equal_notebooks": len(theirs) - len(different),
        "verdicts": sum(len({*ours[notebook], *theirs[notebook]}) for notebook in theirs),
        "different_verdicts": len(differences),
        "differences": differences,
    }


def grouped(differences: list[dict[str, str]]) -> list[str]:
    """One line per notebook and reason: which checks, who passes them, what the other side says."""
    groups: dict[tuple[str, str, str], list[str]] = {}
    for item in differences:
        who = "ours" if item["ours"] == "passed" else "theirs"
        why = item["theirs" if who == "ours" else "ours"]
        groups.setdefault((item["notebook"], who, why), []).append(item["check"])
    return [
        f"{notebook}: {', '.join(checks)}: only {who} {'pass' if who == 'ours' else 'passes'}; "
        f"the other side says: {why}"
        for (notebook, who, why), checks in groups.items()
    ]
