"""Runs in the peers' environment: grades a course folder with ``nbgrader autograde``'s API, in one process.

Called as ``python peer_nbgrader.py COURSE ASSIGNMENT OUT``; writes seconds and passed checks.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from traitlets.config import Config


def main(course: str, assignment: str, out: str) -> None:
    """Release once, then autograde the whole class in one batch."""
    config = Config()
    config.CourseDirectory.root = course
    config.CourseDirectory.db_url = f"sqlite:///{course}/gradebook.db"
    config.ExecutePreprocessor.timeout = 30
    api = NbGraderAPI(config=config)
    done = api.generate_assignment(assignment, force=True, create=True)
    if not done["success"]:
        raise SystemExit(done["error"] or done["log"])
    students = sorted(path.name for path in (Path(course) / "submitted").iterdir())
    rows = {}
    for student in students:
        start = time.perf_counter()
        api.autograde(assignment, student, force=True, create=True)
        rows[student] = {"seconds": time.perf_counter() - start, "passed": []}
    with Gradebook(f"sqlite:///{course}/gradebook.db") as book:
        for student in students:
            notebook = book.find_submission_notebook(assignment, assignment, student)
            rows[student]["passed"] = sorted(
                grade.cell.name.replace("--", "/")
                for grade in notebook.grades
                if grade.max_score and grade.auto_score == grade.max_score
            )
    Path(out).write_text(json.dumps(rows))


if __name__ == "__main__":
    main(*sys.argv[1:])
