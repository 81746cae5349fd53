"""A student's exception as data: the names of its types, its text, and where in the student's own code."""

from __future__ import annotations

from linecache import getline
from resource import RLIMIT_AS, getrlimit, setrlimit
from types import TracebackType

__all__ = ["STUDENT_FILES", "describe_error"]

STUDENT_FILES = ("<cell", "<answer")  # what cells and re-executed answers are called as files
MAX_TEXT = 2000
MAX_FRAMES = 20
MAX_LINE = 200


def describe_error(error: BaseException) -> list[object]:
    """Return ``[type names, text, frames]``; a frame is ``(cell, line, function, source line)``.

    The type names start with the exception's own and end with ``object``. Only frames of the student's
    own code are listed, the innermost last; of a deep recursion the first and the last ones.
    """
    if isinstance(error, MemoryError):
        # What was set aside lets this process say so, and lets later cells define something.
        hard = getrlimit(RLIMIT_AS)[1]
        setrlimit(RLIMIT_AS, (hard, hard))
    try:
        names = [str(kind.__name__)[:80] for kind in type(error).__mro__[:12]]
    except BaseException:
        names = ["Exception"]
    try:
        text = str(error)[:MAX_TEXT]
    except BaseException:  # __str__ is the student's
        text = "<unprintable>"
    return [names, text, _frames(error)]


def _frames(error: BaseException) -> list[tuple[str, int, str, str]]:
    first: list[tuple[str, int, str, str]] = []
    last: list[tuple[str, int, str, str]] = []
    step: TracebackType | None = error.__traceback__
    while step is not None:
        code = step.tb_frame.f_code
        if code.co_filename.startswith(STUDENT_FILES):
            frame = (code.co_filename, step.tb_lineno or 0, code.co_name[:80], "")
            if len(first) < MAX_FRAMES // 2:
                first.append(frame)
            else:
                last.append(frame)
                del last[: -MAX_FRAMES // 2]
        step = step.tb_next
    frames = [(cell, line, name, _source(cell, line)) for cell, line, name, _ in first + last]
    if isinstance(error, SyntaxError) and str(error.filename).startswith(STUDENT_FILES):
        line = error.lineno if type(error.lineno) is int else 0
        frames.append((str(error.filename), line, "<module>", str(error.text or "").strip()[:MAX_LINE]))
    return frames


def _source(cell: str, line: int) -> str:
    try:
        return getline(cell, line).strip()[:MAX_LINE]
    except BaseException:
        return ""
