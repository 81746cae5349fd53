"""Grades a cohort with a `Session`, in a process of its own, and says what that took.

Called as ``python -m benchmarks.ours TASK OUT``, where the JSON file TASK holds the keyword arguments of
`measure`.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from autograder.demo import TERM
from autograder.grade.session import Graded, Session
from autograder.models import Submission, load_course, sha256_of

READINGS = 20


def measure(
    *, course: str, assignment: str, cohort: str, submissions: int, jobs: int, began: float
) -> dict[str, Any]:
    """Grade as many submissions as asked, made of a cohort's notebooks in turn.

    Parameters
    ----------
    course, assignment : str
    cohort : str
        Folder of notebooks.
    submissions, jobs : int
    began : float
        Reading of the monotonic clock when this process was started, in seconds.

    Returns
    -------
    dict
        ``seconds_per_submission`` is wall time in steady state: the first tenth is left out.
        ``memory_mb`` are resident sizes of the caller and of the session's server over the run.
    """
    paths = sorted(Path(cohort).glob("*.ipynb"))
    todo = [
        Submission(f"{path.stem}.{number}", path.name, path, sha256_of(path.read_bytes()))
        for number, path in enumerate(islice(cycle(paths), submissions))
    ]
    ends: list[float] = []
    memory: list[dict[str, float]] = []
    outcomes: dict[str, dict[str, str]] = {}
    stages: list[dict[str, float]] = []
    with Session(load_course(Path(course)), assignment, TERM, jobs=jobs) as session:
        ready = time.monotonic()
        server = children(os.getpid())[0]
        for graded in session.grade(todo):
            ends.append(time.monotonic())
            if len(ends) % max(1, submissions // READINGS) == 0:
                memory.append({"caller": resident_mb(os.getpid()), "server": resident_mb(server)})
            assert graded.result is not None, graded.fault
            stages.append(graded.result.timings)
            outcomes.setdefault(graded.submission.path.stem, outcomes_of(graded))
    warm = len(ends) // 10
    steady = stages[warm:]
    return {
        "submissions": submissions,
        "jobs": jobs,
        "ready_after_s": round(ready - began, 2),
        "first_result_after_s": round(ends[0] - began, 2),
        "seconds_per_submission": round((ends[-1] - ends[warm]) / (len(ends) - warm - 1), 4),
        "stages_s": {
            name: round(sum(stage.get(name, 0.0) for stage in steady) / len(steady), 4)
            for name in ("read", "open", "checks")
        },
        "memory_mb": memory,
        "outcomes": outcomes,
    }


def outcomes_of(graded: Graded) -> dict[str, str]:
    """Check -> ``passed``, or why not: the first words that staff read."""
    assert graded.result is not None
    said = graded.detail.get("questions", {})
    outcomes = {}
    for question in graded.result.questions:
        for check in question.checks:
            detail = said.get(question.id, {}).get("checks", {}).get(check.id, {}).get("detail", "")
            why = f"{check.outcome} ({check.category}): {detail or check.message}"
            outcomes[f"{question.id}/{check.id}"] = "passed" if check.outcome == "passed" else why
    return outcomes


def children(pid: int) -> list[int]:
    """Ids of a process's children."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def resident_mb(pid: int) -> float:
    """Resident size of a process in MiB."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return round(pages * resource.getpagesize() / 2**20, 1)


def main(task: str, out: str) -> None:
    """Measure one task."""
    Path(out).write_text(json.dumps(measure(**json.loads(Path(task).read_text()))))


if __name__ == "__main__":
    main(*sys.argv[1:])
