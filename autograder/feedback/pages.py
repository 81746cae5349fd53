"""Renders the pages: one file each, no scripts, nothing fetched from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from autograder.feedback.statistics import histogram, summarise
from autograder.gradebook import Attempt, Grade
from autograder.models import CheckResult, Result, RosterEntry
from autograder.words import counted, visible

__all__ = ["render_feedback", "render_report"]

# Status in words, a sign of its own shape, so that no meaning rests on colour, and the colour.
WORDS = {
    "passed": ("✓", "passed", "passed"),
    "partial": ("◐", "partly passed", ""),
    "failed": ("✗", "not passed", "failed"),
    "timeout": ("■", "stopped: time limit", "failed"),
    "error": ("✗", "stopped: crashed", "failed"),
    "blocked": ("‖", "needs an earlier part first", ""),
    "pending": ("…", "waiting for a person", ""),
    "grader_error": ("!", "our mistake: being looked at", ""),
}
HELD_BACK = ("◇", "passed, held back", "")
# How checks fail, for who reads the report.
KINDS = {
    "missing": ("not defined", "A function, class or method that the check needs does not exist."),
    "not_written": ("not written", "It is still as it was handed out."),
    "signature": ("arguments", "It does not accept the arguments that the solution accepts."),
    "type": ("type", "It returned something of another kind."),
    "shape": ("shape", "It returned an array, list or tuple of another shape or length."),
    "dtype": ("dtype", "The array holds another kind of numbers."),
    "not_finite": ("nan or infinity", "It returned nan or infinity where numbers are finite."),
    "value": ("wrong value", "It returned other numbers than it should."),
    "gradient": ("wrong gradient", "Its gradient differs from the numerical one."),
    "raises": ("exception", "It raised an exception, or another one than it should."),
    "side_effect": ("side effect", "It changed what it should leave alone, such as its arguments."),
    "nondeterministic": ("not repeatable", "It gave different results for the same input."),
    "efficiency": ("too much work", "It gave the right result with more operations than allowed."),
    "banned": ("banned function", "It used a function that the question does not allow."),
    "timeout": ("time limit", "It used up its CPU time."),
    "memory": ("memory limit", "It needed more memory than it may."),
    "crash": ("process ended", "It ended its Python process."),
    "failed": ("held back", "It passed, but counts only with half of the question's other points."),
    "blocked": ("needs an earlier part", "It calls an earlier answer that is not right."),
    "error": ("file not gradable", "Nothing could be run."),
    "grader_error": ("our mistake", "The check also fails on the solution."),
}
SLOWEST = 10
# The one flag that says to the student what the messages say; all others are for staff.
NOT_GRADABLE = "not gradable: "


@dataclass(frozen=True)
class CheckGroup:
    """Checks of one question that are told in one breath: all passed ones, or those that failed alike."""

    sign: str
    word: str
    look: str
    message: str
    checks: tuple[CheckResult, ...]


def render_feedback(
    grade: Grade, title: str, person: RosterEntry | None = None, hidden: Mapping[str, int] | None = None
) -> str:
    """The page that one student reads.

    Parameters
    ----------
    grade : Grade
        It has a result, whose messages are safe for the student.
    title : str
        Title of the assignment.
    person : RosterEntry, optional
        For the student's name.
    hidden : mapping, optional
        Question -> how many hidden checks it has, to say so where none of them has run yet.

    Returns
    -------
    str
        HTML, complete in itself.
    """
    result = grade.result
    assert result is not None
    checks = [check for question in result.questions for check in question.checks]
    is_public = bool(checks) and all(check.visibility == "public" for check in checks)
    return _template("feedback.html.j2").render(
        grade=grade,
        result=result,
        title=title,
        name=person.name if person and person.name else result.student,
        words=WORDS,
        groups={question.id: _grouped(question.checks) for question in result.questions},
        outcomes={check.outcome for check in checks},
        held_back=HELD_BACK[1] if any(_is_held_back(check) for check in checks) else "",
        hidden_checks=sum((hidden or {}).get(question.id, 0) for question in result.questions) * is_public,
        passed=sum(check.outcome == "passed" for check in checks),
        run=len(checks),
        due=grade.due.isoformat(sep=" ", timespec="minutes") if grade.due else "",
        reason=_reason(result),
    )


def render_report(
    course: str, title: str, term: str, attempts: Sequence[Attempt], roster: Mapping[str, RosterEntry]
) -> str:
    """The page that an instructor reads.

    Parameters
    ----------
    course, title, term : str
        What was graded.
    attempts : sequence of Attempt
        The attempt that counts of each student.
    roster : mapping
        Who should have handed in, by id.

    Returns
    -------
    str
        HTML, complete in itself.
    """
    results = [attempt.result for attempt in attempts if attempt.result is not None]
    summary = summarise(results)
    seconds = {result.student: sum(result.timings.values()) for result in results if result.timings}
    slowest = sorted(seconds.items(), key=lambda pair: -pair[1])[:SLOWEST]
    return _template("report.html.j2").render(
        course=course,
        title=title,
        term=term,
        summary=summary,
        bins=histogram(summary.scores, summary.max_score),
        slowest=slowest,
        troubled=[result for result in results if result.status != "graded" or result.flags],
        without_result=[attempt for attempt in attempts if attempt.result is None],
        missing=sorted(set(roster) - {attempt.submission.student for attempt in attempts}),
        count=len(results),
        kinds=KINDS,
    )


def _grouped(checks: Sequence[CheckResult]) -> list[CheckGroup]:
    """What went wrong in order, checks with one and the same message together; what passed comes last."""
    groups: dict[tuple[str, str, str, str], list[CheckResult]] = {}
    for check in sorted(checks, key=lambda check: check.outcome == "passed"):
        sign, word, look = HELD_BACK if _is_held_back(check) else WORDS[check.outcome]
        groups.setdefault((sign, word, look, check.message), []).append(check)
    return [CheckGroup(*key, tuple(own)) for key, own in groups.items()]


def _is_held_back(check: CheckResult) -> bool:
    """Whether a check passed and does not count yet; every other failure has a category."""
    return check.outcome == "failed" and check.category is None


def _reason(result: Result) -> str:
    """Why nothing was graded: the same message at every check, or a flag where there is no check."""
    messages = [check.message for question in result.questions for check in question.checks]
    flags = [flag.removeprefix(NOT_GRADABLE) for flag in result.flags if flag.startswith(NOT_GRADABLE)]
    return next(filter(None, [*messages, *flags]), "")


@cache
def _template(name: str) -> Template:
    environment = Environment(
        loader=PackageLoader("autograder.feedback"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # Whatever is shown: names and messages come from outside.
        finalize=lambda value: visible(value) if type(value) is str else value,
    )
    environment.filters["number"] = _number
    environment.filters["of"] = lambda score, most: f"{_number(score)} of {_number(most)}"
    environment.filters["of_points"] = lambda score, most: f"{_number(score)} of {counted(most, 'point')}"
    environment.filters["counted"] = counted
    environment.filters["percent"] = lambda share: f"{100 * share:.0f} %"
    return environment.get_template(name)


def _number(value: float | None) -> str:
    return "not known yet" if value is None else f"{value:.2f}".rstrip("0").rstrip(".")
