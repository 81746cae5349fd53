"""Runs in the peers' environment: grades notebooks with otter.api.grade_submission, in one process.

Called as ``python peer_otter.py AUTOGRADER_ZIP OUT NOTEBOOK...``; writes seconds and passed checks.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from otter.api import grade_submission


def main(autograder: str, out: str, notebooks: list[str]) -> None:
    """Grade one after another, as otter's API does it."""
    rows = {}
    for notebook in notebooks:
        start = time.perf_counter()
        results = grade_submission(notebook, autograder, quiet=True)
        seconds = time.perf_counter() - start
        passed = sorted(
            f"{question}/{case.test_case.name}"
            for question, file in results.results.items()
            for case in file.test_case_results
            if case.passed
        )
        rows[Path(notebook).stem] = {"seconds": seconds, "passed": passed}
    Path(out).write_text(json.dumps(rows))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
