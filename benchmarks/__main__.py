"""``make bench``: seconds per submission, ours and the peers', in one run, with score parity."""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from autograder.author import assemble, build
from autograder.demo import TERM, make_cohort
from autograder.grade.prepare import seeds_of
from autograder.grade.session import Session
from autograder.models import BuiltAssignment, Course, Submission, load_course, sha256_of
from benchmarks import peers

ROOT = Path(__file__).parents[1]
PORTED = "a02_neighbors"
HONEST = ("solution", "right-", "wrong-", "half-done", "untouched", "duplicated", "metadata", "plots")


def main() -> None:
    """Measure and print; the figures are also written to benchmarks/results.json."""
    arguments = parse()
    course = load_course(ROOT)
    figures: dict[str, Any] = {"machine": machine(), "ours": {}, "peers": {}}
    with scratch() as work:
        for assignment in course.assignment_ids():
            build(course, [assignment], TERM, out=work / "build")
            cohort = honest_cohort(course, assignment, work / assignment)
            figures["ours"][assignment] = measure_ours(course, assignment, cohort, arguments.submissions)
        if not arguments.without_peers:
            figures["peers"] = measure_peers(course, work / PORTED, work / "peers")
    report(figures)
    (Path(__file__).parent / "results.json").write_text(json.dumps(figures, indent=1) + "\n")


def parse() -> argparse.Namespace:
    """The two arguments."""
    parser = argparse.ArgumentParser(prog="make bench", description=main.__doc__)
    parser.add_argument(
        "--submissions", type=int, default=200, help="how many ours grades for each assignment"
    )
    parser.add_argument("--without-peers", action="store_true", help="measure only ours")
    return parser.parse_args()


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder that is gone afterwards."""
    folder = Path(
        tempfile.mkdtemp(prefix="bench-", dir=ROOT / "build" if (ROOT / "build").is_dir() else None)
    )
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def honest_cohort(course: Course, assignment: str, folder: Path) -> list[Path]:
    """The demo's notebooks that end in time and attack nobody; the others are removed."""
    paths = make_cohort(course, assignment, folder, honest_only=True)
    for path in paths:
        if not path.stem.startswith(HONEST):
            path.unlink()
    return [path for path in paths if path.exists()]


def measure_ours(course: Course, assignment: str, cohort: list[Path], count: int) -> dict[str, Any]:
    """Grade `count` submissions made of a cohort; steady state is what follows the first tenth."""
    submissions = [
        Submission(f"s{i:05}", path.name, path, sha256_of(path.read_bytes()))
        for i, path in zip(range(count), cohort * (count // len(cohort) + 1), strict=False)
    ]
    start = time.perf_counter()
    ends: list[float] = []
    checks: dict[str, list[str]] = {}
    memory: list[int] = []
    with Session(course, assignment, TERM, jobs=2) as session:
        session.provenance(submissions[0].student)
        for graded in session.grade(submissions):
            ends.append(time.perf_counter())
            memory.append(resident_bytes())
            result = graded.result
            assert result is not None, graded.fault
            checks[graded.submission.path.stem] = [
                f"{question.id}/{check.id}"
                for question in result.questions
                for check in question.checks
                if check.outcome == "passed"
            ]
    warm = len(ends) // 10
    return {
        "submissions": count,
        "startup_s": round(ends[0] - start, 3),
        "seconds_per_submission": round((ends[-1] - ends[warm]) / (len(ends) - warm - 1), 4),
        "memory_mb": [round(memory[i] / 2**20, 1) for i in (warm, len(memory) // 2, -1)],
        "passed": checks,
    }


def resident_bytes() -> int:
    """Memory of this process and the processes below it that are the grader's own."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


def measure_peers(course: Course, cohort: Path, work: Path) -> dict[str, Any]:
    """Port the checks of A02 one to one and grade the same notebooks with both peers."""
    python = peers.make_environment()
    built = assemble(course, PORTED, TERM)
    port = work / "port"
    checks = write_port(course, built, port)
    figures = {}
    for name in ("otter", "nbgrader"):
        folder = work / name
        folder.mkdir(parents=True)
        if name == "otter":
            rows = peers.run_otter(python, port, checks, cohort, folder)
        else:
            rows = peers.run_nbgrader(python, port, checks, cohort, folder, built)
        figures[name] = {
            "seconds_per_submission": round(statistics.median(row["seconds"] for row in rows.values()), 3),
            "passed": {student: row["passed"] for student, row in rows.items()},
        }
    return figures


def write_port(course: Course, built: BuiltAssignment, folder: Path) -> dict[str, list[tuple[str, str]]]:
    """Write what the peers need beside a notebook; return the checks of each question."""
    folder.mkdir(parents=True)
    shutil.copy(Path(__file__).parent / "port.py", folder)
    seed = seeds_of(course, TERM, built)
    checks: dict[str, list[tuple[str, str]]] = {}
    data: dict[str, Any] = {"variants": {}, "seeds": {}, "solution": []}
    for question in built.questions:
        name = question.question.id
        data["variants"][name] = dict(question.variant)
        data["solution"] += [question.given, question.answer]
        for visibility in ("public", "hidden"):
            text = (question.question.folder / f"test_{visibility}.py").read_text()
            (folder / f"{name}_{visibility}.py").write_text(text)
            data["seeds"][f"{name}/{visibility}"] = seed(name, visibility)
            own = [line.split("(")[0][4:] for line in text.splitlines() if line.startswith("def test_")]
            checks.setdefault(name, []).extend((visibility, check) for check in own)
    (folder / "port_data.json").write_text(json.dumps(data))
    return checks


def machine() -> dict[str, Any]:
    """What the figures depend on."""
    packages = ("numpy", "pytest", "ipython")
    return {
        "cpus": os.cpu_count(),
        "processor": platform.machine(),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "blas": np.show_config(mode="dicts")["Build Dependencies"]["blas"]["name"],
        "threads": {name: os.environ.get(name, "") for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")},
        "versions": {name: version(name) for name in packages},
    }


def report(figures: Mapping[str, Any]) -> None:
    """Print the table."""
    print(json.dumps(figures["machine"]))
    for assignment, row in figures["ours"].items():
        print(
            f"{assignment}: {row['seconds_per_submission']:.3f} s a submission over {row['submissions']} "
            f"with 2 jobs, first result after {row['startup_s']:.2f} s, "
            f"memory of the trusted side (MB) {row['memory_mb']}"
        )
    ours = figures["ours"].get(PORTED)
    for name, row in figures["peers"].items():
        ratio = row["seconds_per_submission"] / ours["seconds_per_submission"]
        print(f"{name}: {row['seconds_per_submission']:.2f} s a submission; ours is {ratio:.0f} times faster")
        equal = [s for s in row["passed"] if sorted(row["passed"][s]) == sorted(ours["passed"].get(s, ()))]
        print(f"  the same checks passed on {len(equal)} of {len(row['passed'])} notebooks")
        for student in sorted(set(row["passed"]) - set(equal)):
            here, there = set(ours["passed"].get(student, ())), set(row["passed"][student])
            print(f"  {student}: only ours {sorted(here - there)}, only {name} {sorted(there - here)}")


if __name__ == "__main__":
    main()
