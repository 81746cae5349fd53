"""Runs in the peers' environment: grades notebooks with otter.api.grade_submission, in one process.

Called as ``python peer_otter.py BEGAN AUTOGRADER_ZIP OUT NOTEBOOK...``, BEGAN being a reading of the
monotonic clock; writes seconds and outcomes of each notebook.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from otter.api import grade_submission


def main(began: str, autograder: str, out: str, *notebooks: str) -> None:
    """Grade one after another, as otter's API does it."""
    ready = time.monotonic() - float(began)
    rows = {}
    for notebook in notebooks:
        start = time.perf_counter()
        results = grade_submission(notebook, autograder, quiet=True)
        seconds = time.perf_counter() - start
        outcomes = {
            f"{question}/{case.test_case.name}": "passed"
            if case.passed
            else f"failed: {last_line(case.message)}"
            for question, file in results.results.items()
            for case in file.test_case_results
        }
        rows[Path(notebook).stem] = {"seconds": seconds, "outcomes": outcomes}
    Path(out).write_text(json.dumps({"ready_after_s": ready, "rows": rows}))


def last_line(message: str | None) -> str:
    """The exception, which ends a traceback."""
    lines = [line.strip() for line in (message or "").splitlines() if line.strip()]
    return lines[-1] if lines else ""


if __name__ == "__main__":
    main(*sys.argv[1:])
