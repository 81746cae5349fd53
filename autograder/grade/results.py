"""Outcomes to a `Result`: points, statuses, provenance."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal

from autograder.grade.found import Found, named
from autograder.grade.parallel import Message
from autograder.grade.score import TOTAL, Allocation, in_points, question_result, total
from autograder.grade.suite import Suite
from autograder.models import BuiltAssignment, CheckResult, QuestionResult, Result
from autograder.sandbox import CellError

__all__ = ["make_result", "not_gradable"]


def make_result(
    task: Message,
    built: BuiltAssignment,
    suite: Suite,
    allocation: Allocation,
    found: Mapping[str, Mapping[str, Found]],
    *,
    provenance: Mapping[str, str],
    flags: Sequence[str] = (),
    timings: Mapping[str, float] | None = None,
    status: Literal["graded", "not_gradable"] = "graded",
) -> Result:
    """Put points to what the checks found.

    Parameters
    ----------
    task : dict
        The submission, as `session` sends it.
    found : mapping
        Question -> check -> what it found; questions that are not in it are left out, manual ones kept.
    """
    questions = [
        _question(item.question.id, item.question.title, suite, allocation, found.get(item.question.id, {}))
        for item in built.questions
        if item.question.id in found or (item.question.kind == "manual" and task["questions"] is None)
    ]
    score, so_far = total(questions)
    is_broken = any(question.status == "grader_error" for question in questions)
    return Result(
        schema=1,
        course=built.course.name,
        term=built.term,
        assignment=built.assignment.id,
        student=task["student"],
        attempt=task["attempt"],
        members=tuple(task["members"]),
        status="grader_error" if is_broken else status,
        score=score,
        score_so_far=so_far,
        max_score=float(TOTAL),
        submission={"file": task["file"], "sha256": task["sha256"], "received": task["received"]},
        questions=tuple(questions),
        provenance=dict(provenance),
        flags=tuple(dict.fromkeys((*task["flags"], *flags))),
        timings=dict(timings or {}),
    )


def _question(
    question: str, title: str, suite: Suite, allocation: Allocation, found: Mapping[str, Found]
) -> QuestionResult:
    points = allocation.checks[question]
    checks = [
        CheckResult(
            id=check.id,
            title=check.title,
            visibility=check.visibility,
            score=_points(found[check.id], points[check.id]),
            max_score=in_points(points[check.id]),
            outcome=found[check.id].outcome,
            category=found[check.id].category,
            message=found[check.id].message,
        )
        for check in suite.checks.get(question, ())
        if check.id in found
    ]
    kind = "code" if question in suite.checks else "manual"
    return question_result(question, title, kind, allocation.questions[question], checks)


def _points(found: Found, hundredths: int) -> float | None:
    if found.outcome == "grader_error":
        return None
    return in_points(hundredths) if found.outcome == "passed" else 0.0


def not_gradable(
    task: Message,
    built: BuiltAssignment,
    suite: Suite,
    allocation: Allocation,
    problem: str,
    *,
    provenance: Mapping[str, str],
    flags: Sequence[str] = (),
) -> Message:
    """The last message for a submission in which nothing can be graded: no points, a flag, the reason."""
    nothing = Found("error", None, problem)
    found: dict[str, dict[str, Found]] = {
        item.question.id: {check.id: nothing for check in suite.checks.get(item.question.id, ())}
        for item in built.questions
        if _is_asked(item.question.id, task["questions"])
    }
    result = make_result(
        task,
        built,
        suite,
        allocation,
        found,
        provenance=provenance,
        flags=(f"not gradable: {problem}", *flags),
        status="not_gradable",
    )
    # A manual question would leave the total open; here nobody needs to read anything to know it.
    result = result.model_copy(update={"score": 0.0, "score_so_far": 0.0, "status": "not_gradable"})
    dumped = result.model_dump(mode="json", by_alias=True)
    return {"done": task["number"], "result": dumped, "detail": {"problem": problem}}


def _is_asked(question: str, asked: Collection[str] | None) -> bool:
    return asked is None or question in asked


def make_detail(
    found: Mapping[str, Mapping[str, Found]], printed: Mapping[str, str], errors: Sequence[CellError | None]
) -> dict[str, Any]:
    """Everything that staff may want to see, and students may not.

    Parameters
    ----------
    printed : mapping
        Question -> what its worker printed, hidden checks included.
    errors : sequence of CellError or None
        What stopped each cell of the notebook; the first entry is the given cell.
    """
    return {
        "cells": {str(number): named(error) for number, error in enumerate(errors) if error is not None},
        "questions": {
            question: {
                "checks": {
                    check: {"outcome": item.outcome, "category": item.category, "detail": item.detail}
                    for check, item in checks.items()
                    if item.outcome != "passed"
                },
                "printed": printed.get(question, ""),
            }
            for question, checks in found.items()
        },
    }
