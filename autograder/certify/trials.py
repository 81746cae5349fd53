"""Answers in the solution notebook, run through the real grader: what proofs of all kinds are made of."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.certify.answers import CandidateAnswer
from autograder.certify.certificate import Chance, Trial
from autograder.errors import GraderFault
from autograder.grade import Graded, Session
from autograder.models import BuiltQuestion, Submission
from autograder.progress import progress

__all__ = ["Task", "finished", "is_asked", "run_tasks", "solution_of", "submitted", "with_answer"]


@dataclass(frozen=True)
class Task:
    """A trial to come, and the notebook that it runs."""

    trial: Trial
    notebook: dict[str, Any]


def is_asked(item: BuiltQuestion, questions: Collection[str] | None) -> bool:
    """Whether a question is among those asked for; None asks for all."""
    return questions is None or item.question.id in questions


def solution_of(item: BuiltQuestion) -> CandidateAnswer:
    """The reference's own code as a right answer."""
    return CandidateAnswer(item.question.id, "right", "(solution)", "the reference's own code", item.answer)


def with_answer(whole: Mapping[str, Any], question: str, source: str) -> dict[str, Any]:
    """The notebook with another text in a question's answer cell."""
    cells = []
    for cell in whole["cells"]:
        ours = cell.get("metadata", {}).get("autograder", {})
        is_answer = ours.get("question") == question and ours.get("role") == "answer"
        cells.append({**cell, "source": source} if is_answer else cell)
    return {**whole, "cells": cells}


def submitted(notebook: Mapping[str, Any], student: str, folder: Path) -> Submission:
    """Write a notebook to a folder, as if a student of this name had handed it in."""
    path = folder / f"{student}.ipynb"
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return Submission(student=student, file=path.name, path=path, sha256=student)


def run_tasks(session: Session, tasks: Sequence[Task], *, what: str = "certify") -> list[Trial]:
    """Run trials, each with the variant that it names, and return them in order with what came of them.

    Parameters
    ----------
    session : Session
    tasks : sequence of Task
    what : str
        Title of the progress bar.
    """
    done: dict[int, Trial] = {}
    with tempfile.TemporaryDirectory() as folder:
        todo = [
            (
                submitted(task.notebook, str(number), Path(folder)),
                task.trial.variant,
                (task.trial.answer.question,),
            )
            for number, task in enumerate(tasks)
        ]
        # A mistake that never ends would cost the whole time of its question, on every variant.
        brief = {str(number) for number, task in enumerate(tasks) if task.trial.answer.kind == "wrong"}
        with progress(what, len(tasks)) as step:
            for graded in session.grade_tasks(todo, brief=brief):
                number = int(graded.submission.student)
                done[number] = finished(tasks[number].trial, graded)
                step(done[number].answer.name)
    return [done[number] for number in sorted(done)]


def finished(trial: Trial, graded: Graded) -> Trial:
    """The trial with what came of it.

    Raises
    ------
    GraderFault
        If it has no result.
    """
    if graded.result is None:
        raise GraderFault(
            f"{trial.answer.question}/{trial.answer.name}, variant {trial.variant}: {graded.fault}"
        )
    question = next(item for item in graded.result.questions if item.id == trial.answer.question)
    details = graded.detail.get("questions", {}).get(question.id, {}).get("checks", {})
    failed = {check.id: check.outcome for check in question.checks if check.outcome != "passed"}
    measured = graded.detail.get("measured", {}).get(question.id, {})
    said = (check["detail"] for check in details.values())
    blocked = next((text for text in said if text.startswith("platform: ")), "")
    # All other cells are the solution's own.
    stopped = next((f"its cell stopped: {text}" for text in graded.detail.get("cells", {}).values()), "")
    return Trial(
        answer=trial.answer,
        variant=trial.variant,
        share=None if question.score is None else question.score / question.max_score,
        failed=failed,
        checks=tuple(check.id for check in question.checks),
        hidden=frozenset(check.id for check in question.checks if check.visibility == "hidden"),
        platform=blocked.removeprefix("platform: ") or stopped,
        details={name: values["detail"] for name, values in details.items()},
        margins={name: kept["largest"] for name, kept in measured.items() if kept["largest"] is not None},
        chances={
            name: Chance(kept["declared"], kept["spent"], kept["inflated"])
            for name, kept in measured.items()
            if kept["declared"] or kept["spent"]
        },
    )
