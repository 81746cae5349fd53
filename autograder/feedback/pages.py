"""Renders the pages: one file each, no scripts, nothing fetched from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from autograder.feedback.statistics import histogram, summarise
from autograder.gradebook import Attempt, Grade
from autograder.models import Result, RosterEntry

__all__ = ["render_feedback", "render_report"]

# Status in words and a sign of its own shape, so that no meaning rests on colour.
WORDS = {
    "passed": ("✓", "passed"),
    "partial": ("◐", "partly passed"),
    "failed": ("✗", "not passed"),
    "timeout": ("■", "stopped: time limit"),
    "error": ("✗", "stopped: crashed"),
    "blocked": ("‖", "not counted yet"),
    "pending": ("…", "waiting for a person"),
    "grader_error": ("!", "our mistake: being looked at"),
}
SLOWEST = 10
# The one flag that says to the student what the messages say; all others are for staff.
NOT_GRADABLE = "not gradable: "


def render_feedback(grade: Grade, title: str, person: RosterEntry | None = None) -> str:
    """The page that one student reads.

    Parameters
    ----------
    grade : Grade
        It has a result, whose messages are safe for the student.
    title : str
        Title of the assignment.
    person : RosterEntry, optional
        For the student's name.

    Returns
    -------
    str
        HTML, complete in itself.
    """
    result = grade.result
    assert result is not None
    name = person.name if person and person.name else result.student
    return _template("feedback.html.j2").render(
        grade=grade, result=result, title=title, name=name, words=WORDS, reason=_reason(result)
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
        words=WORDS,
    )


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
    )
    environment.filters["number"] = _number
    environment.filters["percent"] = lambda share: f"{100 * share:.0f} %"
    return environment.get_template(name)


def _number(value: float | None) -> str:
    return "not known yet" if value is None else f"{value:.2f}".rstrip("0").rstrip(".")
