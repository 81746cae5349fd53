"""What a student reads about a check that did not pass.

A hidden check says its hint and one fixed sentence per category, and nothing that could hold an input
or an expected value: not even the student's own exception text. A public check says everything.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = [
    "BLOCKED",
    "GRADER_ERROR",
    "HELD_BACK",
    "LONG_CELL",
    "SENTENCES",
    "STOPPED",
    "UNDECIDED",
    "hidden_message",
    "public_message",
    "with_hint",
]

HELD_BACK = (
    "This check passed. It says little alone, so it counts once half of the other points of "
    "the question are earned."
)
SENTENCES = {
    "missing": "A name that this check needs is not defined.",
    "not_written": "Something that this check needs is not written yet.",
    "signature": "Your function does not accept the arguments of this check.",
    "type": "Your result is of another kind than it should be.",
    "shape": "Your result has another shape or length than it should have.",
    "dtype": "Your array holds another kind of numbers than it should.",
    "not_finite": "Your result holds nan or infinity where numbers are finite.",
    "value": "Your result differs from the right one.",
    "gradient": "Your gradient differs from the right one.",
    "raises": "Your code stopped with an exception, or raised another one than it should.",
    "side_effect": "Your code changed something that it should leave alone.",
    "nondeterministic": "Your code gives different results for the same input.",
    "efficiency": "Your code does more work than it should.",
    "banned": "Your code calls a function that this question does not allow.",
    "timeout": "Your code used up the time that this check may take.",
    "memory": "Your code used more memory than it may.",
    "crash": "Your code ended its Python process.",
}

# What the student reads where the notebook itself ended, before any check.
STOPPED = {
    "timeout": "Your notebook's cells ran too long and were stopped before any check; look for a loop that "
    "does not end.",
    "memory": "Your notebook's cells used more memory than they may and were stopped before any check.",
    "crash": "Your notebook's cells ended its Python process before any check.",
}
LONG_CELL = "The cell that starts with {start!r} ran too long and was stopped."

CAUSES = {
    "factor": "Your gradient is off by a constant factor.",
    "sign": "Your gradient has the wrong sign.",
    "transposed": "Your gradient looks transposed.",
    "regulariser": "Your gradient lacks the part of the regulariser.",
    "entry": "Some entries of your gradient are wrong.",
}

BLOCKED = (
    "This check uses your answer to {needs}, which does not pass all of its own checks yet, so the mistake "
    "may be there and not here. It gives no points until that is right."
)
GRADER_ERROR = (
    "This check is broken: it also fails on the solution. It costs no points; your instructors know."
)
UNDECIDED = (
    "The numbers could not decide whether your gradient is right: the loss is too rough near that point. A "
    "person looks at it; it gives no points until then."
)


def hidden_message(category: str, hint: str, cause: str | None = None) -> str:
    """Return the message of a hidden check: fixed wording, then the suite's hint.

    Examples
    --------
    >>> hidden_message("value", "Which way round is the difference?")
    'Your result differs from the right one. Hint: Which way round is the difference?'
    """
    sentence = CAUSES.get(cause or "", SENTENCES[category]) if category == "gradient" else SENTENCES[category]
    return with_hint(sentence, hint)


def public_message(category: str, hint: str, text: str, frames: Sequence[Sequence[object]] = ()) -> str:
    """Return the message of a public check: what happened in full, where in the student's cells, the hint."""
    # An exception's text may be long; the sentence that sorts it comes first.
    said = text.strip() or SENTENCES[category]
    if category in ("raises", "timeout", "memory", "crash", "banned", "not_written", "missing"):
        said = SENTENCES[category] if not text.strip() else f"{SENTENCES[category]} {text.strip()}"
    where = ""
    if frames:
        cell, line, function, source = (*frames[-1], "", "", "", "")[:4]
        where = f" At {cell}, line {line}, in {function}: {str(source).strip()}"
    return with_hint(said + where, hint)


def with_hint(text: str, hint: str) -> str:
    """Return a line with the suite's hint after it, if there is one."""
    return f"{text} Hint: {hint}" if hint else text
