"""``python tests/autograder/grade/record_otter.py``: writes otter_scores.json with otter-grader itself.

Takes some minutes; run it when `otter_cohort` changes or another version of otter is to be matched.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

import otter
from otter.api import grade_submission
from otter_cohort import COHORT, NAME, TESTS, archive_of

SCORES = Path(__file__).with_name("otter_scores.json")


def recorded(notebook: Path, archive: Path) -> dict[str, object]:
    """Score, maximum and passed cases of each question, as otter finds them."""
    results = grade_submission(str(notebook), str(archive), quiet=True)
    questions = {
        name: [test.score, test.possible, [case.passed for case in test.test_case_results]]
        for name, test in sorted(results.results.items())
    }
    return {"total": results.total, "possible": results.possible, "questions": questions}


def main() -> None:
    """Grade every notebook in both formats."""
    found: dict[str, dict[str, object]] = {}
    folder = Path(tempfile.mkdtemp())
    for kind in TESTS:
        archive = folder / f"{kind}.zip"
        archive.write_bytes(archive_of(kind))
        found[kind] = {}
        for name, text in COHORT.items():
            # Under another name the notebook's own set-up cell fails, and its checks with it.
            notebook = folder / f"{NAME}.ipynb"
            notebook.write_text(text)
            found[kind][name] = recorded(notebook, archive)
            print(kind, name, found[kind][name]["total"], flush=True)
    shutil.rmtree(folder)
    SCORES.write_text(json.dumps({"otter": otter.__version__, "scores": found}, indent=1) + "\n")


if __name__ == "__main__":
    main()
