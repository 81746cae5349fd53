"""Made-up notebooks through a whole run, each beside an honest one whose result must stay the same."""

from __future__ import annotations

import json
import random
import sys
import tempfile
from pathlib import Path
from typing import Any

from fuzzing import Kind, Make, Run
from notebooks import changed

sys.path.insert(0, str(Path(__file__).parents[1] / "autograder" / "grade"))
import mini_course

from autograder.grade import Session

HOSTILE, NEIGHBOUR = "mallory", "ada"


def start() -> tuple[Make, Run]:
    """Open one session for all cases of a worker; it ends with the worker's socket."""
    folder = Path(tempfile.mkdtemp())
    sys.path.insert(0, str(folder))  # the reference of the course
    course = mini_course.write_course(folder)
    solution = json.dumps(mini_course.solution_notebook(course))
    session = Session(course, "a01", "demo")
    session.start()
    honest = result_of(session, folder, {NEIGHBOUR: solution.encode()})[NEIGHBOUR]
    assert honest["score"] == 100.0

    def run(data: bytes, rng: random.Random) -> str:
        found = result_of(session, folder, {HOSTILE: data, NEIGHBOUR: solution.encode()})
        assert found[NEIGHBOUR] == honest, "the neighbour's result has changed"
        return f"{found[HOSTILE]['status']}, the neighbour's result is the same"

    return lambda rng: changed(rng, solution), run


def result_of(session: Session, folder: Path, contents: dict[str, bytes]) -> dict[str, dict[str, Any]]:
    """Grade, and return each student's result without what may differ between two runs."""
    found = {}
    made = [mini_course.submission(folder / "in", *item) for item in contents.items()]
    for graded in session.grade(made):
        assert graded.fault == "", graded.fault
        assert graded.result is not None
        record = graded.result.model_dump(mode="json", by_alias=True)
        json.dumps(graded.detail).encode()
        found[graded.submission.student] = {
            key: value for key, value in record.items() if key not in ("timings", "graded")
        }
    return found


KIND = Kind("grading", ".ipynb", start, cpu_seconds=10.0, memory=16 << 30)
