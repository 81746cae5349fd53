"""Runs in the peers' environment: grades a course folder with ``nbgrader autograde``'s API, in one process.

Called as ``python peer_nbgrader.py BEGAN COURSE ASSIGNMENT OUT``, BEGAN being a reading of the monotonic
clock; writes seconds and outcomes of each student.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from traitlets.config import Config


def main(began: str, course: str, assignment: str, out: str) -> None:
    """Release once, then autograde one student after another."""
    config = Config()
    config.CourseDirectory.root = course
    config.CourseDirectory.db_url = f"sqlite:///{course}/gradebook.db"
    config.ExecutePreprocessor.timeout = 30
    api = NbGraderAPI(config=config)
    done = api.generate_assignment(assignment, force=True, create=True)
    if not done["success"]:
        raise SystemExit(done.get("error") or done.get("log"))
    ready = time.monotonic() - float(began)
    rows: dict[str, Any] = {}
    for student in sorted(path.name for path in (Path(course) / "submitted").iterdir()):
        start = time.perf_counter()
        done = api.autograde(assignment, student, force=True, create=True)
        rows[student] = {"seconds": time.perf_counter() - start}
        if not done["success"]:
            raise SystemExit(done.get("error") or done.get("log"))
    with Gradebook(f"sqlite:///{course}/gradebook.db") as book:
        for student, row in rows.items():
            errors = errors_of(Path(course) / "autograded" / student / assignment / f"{assignment}.ipynb")
            notebook = book.find_submission_notebook(assignment, assignment, student)
            row["outcomes"] = {
                grade.cell.name.replace("--", "/"): (
                    "passed"
                    if grade.auto_score == grade.max_score
                    else f"failed: {errors.get(grade.cell.name, f'score {grade.auto_score}')}"
                )
                for grade in notebook.grades
                if grade.max_score
            }
    Path(out).write_text(json.dumps({"ready_after_s": ready, "rows": rows}))


def errors_of(notebook: Path) -> dict[str, str]:
    """Graded cell -> the exception that it ended with."""
    errors = {}
    for cell in json.loads(notebook.read_text())["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id")
        for output in cell.get("outputs", []):
            if name and output["output_type"] == "error":
                errors[name] = f"{output['ename']}: {output['evalue']}"
    return errors


if __name__ == "__main__":
    main(*sys.argv[1:])
