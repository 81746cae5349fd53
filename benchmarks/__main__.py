"""``make bench``: seconds per submission, ours and the peers', in one run, with score parity."""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_info

from autograder.author import assemble, freeze
from autograder.demo import TERM, make_cohort
from autograder.models import Course, load_course, load_term
from autograder.sandbox import probe
from benchmarks import parity, peers

ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).parent / "results.json"
PORTED = "a02_neighbors"
JOBS = 2
# Notebooks that end in time, attack nobody, and mean the same to all three graders.
COMPARABLE = (
    *("solution", "untouched", "half-done", "right-", "wrong-"),
    *("crash-in-first", "deleted", "duplicated", "renamed", "syntax-error"),
)


def main() -> None:
    """Measure this grader beside otter-grader and nbgrader; print, and write benchmarks/results.json."""
    arguments = parse(main.__doc__)
    course = load_course(arguments.course)
    figures: dict[str, Any] = {
        "machine": machine(),
        "load_before": os.getloadavg()[0],
        "ours": {},
        "peers": {},
    }
    outcomes: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        for assignment in arguments.assignment or load_term(course, TERM).assignments:
            cohort = comparable_cohort(course, assignment, Path(folder) / assignment)
            row, outcomes[assignment] = run_ours(course, assignment, cohort, arguments.submissions)
            figures["ours"][assignment] = row
            print_ours(assignment, row)
        if PORTED in outcomes and not arguments.without_peers:
            rows = run_peers(course, Path(folder) / PORTED, Path(folder) / "peers")
            ours = figures["ours"][PORTED]
            figures["peers"] = {name: peer_figures(row, ours, outcomes[PORTED]) for name, row in rows.items()}
            for name, row in figures["peers"].items():
                print_peer(name, row)
    figures["load_after"] = os.getloadavg()[0]
    print(json.dumps(figures["machine"]), f"load {figures['load_before']:.1f}, {figures['load_after']:.1f}")
    arguments.out.write_text(json.dumps(figures, indent=1) + "\n")


def parse(description: str | None) -> argparse.Namespace:
    """The arguments; without any, this is ``make bench``."""
    parser = argparse.ArgumentParser(prog="make bench", description=description)
    parser.add_argument("assignment", nargs="*", help="default: all of the demo term")
    parser.add_argument("--submissions", type=int, default=200, help="how many we grade per assignment")
    parser.add_argument("--without-peers", action="store_true", help="measure only ours")
    parser.add_argument("--course", type=Path, default=ROOT, help="a course with a term called demo")
    parser.add_argument("--out", type=Path, default=RESULTS, help="file of the figures")
    return parser.parse_args()


def comparable_cohort(course: Course, assignment: str, folder: Path) -> Path:
    """Write the demo's notebooks that all three graders can work with."""
    freeze(course, assignment, TERM)
    for path in make_cohort(course, assignment, folder, honest_only=True):
        if not path.stem.startswith(COMPARABLE):
            path.unlink()
    return folder


# --- ours -----------------------------------------------------------------------------------------


def run_ours(
    course: Course, assignment: str, cohort: Path, submissions: int
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Figures of our grader with two jobs and, briefly, with one; and what its checks found."""
    task = {"course": str(course.root), "assignment": assignment, "cohort": str(cohort)}
    two = in_process({**task, "submissions": submissions, "jobs": JOBS}, cohort.with_suffix(".json"))
    one = in_process({**task, "submissions": min(60, submissions), "jobs": 1}, cohort.with_suffix(".json"))
    outcomes = two.pop("outcomes")
    two["checks"] = len(outcomes["solution"])
    two["notebooks"] = len(outcomes)
    two["seconds_per_submission_1_job"] = one["seconds_per_submission"]
    return two, outcomes


def in_process(task: dict[str, Any], file: Path) -> dict[str, Any]:
    """Measure in a process of its own, so that its memory and its start are its own too."""
    file.write_text(json.dumps({**task, "began": time.monotonic()}))
    command = [sys.executable, "-m", "benchmarks.ours", str(file), str(file)]
    subprocess.run(command, cwd=ROOT, env=peers.one_thread(), check=True)
    return dict(json.loads(file.read_text()))


def print_ours(assignment: str, row: Mapping[str, Any]) -> None:
    """Print the figures of one assignment."""
    stages = ", ".join(f"{name} {seconds:.3f}" for name, seconds in row["stages_s"].items())
    print(
        f"{assignment}: {row['seconds_per_submission']:.3f} s per submission with {row['jobs']} jobs, "
        f"{row['seconds_per_submission_1_job']:.3f} s with one "
        f"({row['submissions']} submissions of {row['notebooks']} notebooks, {row['checks']} checks)"
    )
    print(f"  wall time of one, in its process: {stages} s")
    print(f"  ready after {row['ready_after_s']} s, first result after {row['first_result_after_s']} s")
    memory = row["memory_mb"]
    for name in ("caller", "server"):
        sizes = [reading[name] for reading in memory]
        print(f"  memory of the {name}: {sizes[0]} MB at first, {max(sizes)} at most, {sizes[-1]} at the end")


# --- the peers ------------------------------------------------------------------------------------


def run_peers(course: Course, cohort: Path, work: Path) -> dict[str, Any]:
    """Port the checks of A02 one to one and grade the same notebooks with both peers."""
    python = peers.make_environment()
    built = assemble(course, PORTED, TERM)
    checks = peers.write_port(course, built, work / "port")
    return {
        "otter-grader": peers.run_otter(python, work / "port", checks, cohort, work / "otter"),
        "nbgrader": peers.run_nbgrader(python, work / "port", checks, cohort, work / "nbgrader", built),
    }


def peer_figures(
    found: Mapping[str, Any], ours: Mapping[str, Any], outcomes: Mapping[str, Any]
) -> dict[str, Any]:
    """Time, ratio and parity of one peer."""
    rows = found["rows"]
    seconds = statistics.mean(row["seconds"] for row in rows.values())
    return {
        "seconds_per_submission": round(seconds, 3),
        "median_s": round(statistics.median(row["seconds"] for row in rows.values()), 3),
        "ready_after_s": round(found["ready_after_s"], 2),
        "ratio_to_2_jobs": round(seconds / ours["seconds_per_submission"], 1),
        "ratio_to_1_job": round(seconds / ours["seconds_per_submission_1_job"], 1),
        "parity": parity.compare(outcomes, {name: row["outcomes"] for name, row in rows.items()}),
    }


def print_peer(name: str, row: Mapping[str, Any]) -> None:
    """Print the figures of one peer, and every difference."""
    same = row["parity"]
    print(
        f"{name}: {row['seconds_per_submission']:.2f} s per submission (median {row['median_s']:.2f}), "
        f"ready after {row['ready_after_s']} s; ours is {row['ratio_to_2_jobs']:.0f} times faster with two "
        f"jobs, {row['ratio_to_1_job']:.0f} times with one"
    )
    print(
        f"  the same checks pass on {same['equal_notebooks']} of {same['notebooks']} notebooks; "
        f"{same['different_verdicts']} of {same['verdicts']} verdicts differ"
    )
    for line in parity.grouped(same["differences"]):
        print(f"  {line}")


# --- the machine ----------------------------------------------------------------------------------


def machine() -> dict[str, Any]:
    """What the figures depend on."""
    found = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    pools = [pool for pool in threadpool_info() if pool["user_api"] == "blas"]
    return {
        "processor": found[1] if found else platform.machine(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "isolation": probe().tier,
        "python": platform.python_version(),
        "blas": [f"{pool['internal_api']} {pool['version']} ({pool.get('architecture')})" for pool in pools],
        "blas_settings": {
            name: os.environ[name] for name in sorted(os.environ) if name.startswith("OPENBLAS_")
        },
        "threads_per_pool": 1,
        "versions": {name: version(name) for name in ("gradecheck", "numpy", "pytest", "ipython")}
        | peer_versions(),
    }


def peer_versions() -> dict[str, str]:
    """Versions of the peers, as locked."""
    lock = peers.LOCK.read_text()
    pinned = dict(re.findall(r"(?m)^([\w.-]+)==(\S+)$", lock))
    return {name: pinned[name] for name in ("otter-grader", "nbgrader", "nbclient", "ipykernel")}


if __name__ == "__main__":
    main()
