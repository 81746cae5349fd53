"""Kills processes of a running `grade` at random times, runs it again, and compares with an undisturbed run.

``python tests/faults/random_kills.py 200`` is ``make test-faults``; a few of them run with every test.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "autograder" / "grade"))
import mini_course
from at_risk import WRONG, copied, grade_all, snapshot, without_timings

from autograder.models import Course, load_course
from autograder.sandbox.memory import process_tree

# What the processes of a run are called here.
GRADER, SERVER, WORKER, ZYGOTE, JAIL = "grader", "grading process", "worker", "zygote", "jail"
ROLES = (GRADER, SERVER, WORKER, ZYGOTE, JAIL)
ENDS_SECONDS = 30.0


@dataclass
class Report:
    """What was killed, and what went wrong."""

    kills: Counter[str] = field(default_factory=Counter)
    runs: int = 0
    problems: list[str] = field(default_factory=list)


def kill_at_random(course: Course, folder: Path, times: int, seed: int) -> Report:
    """Kill `times` processes; a round is a course of its own that is graded until it is done."""
    rng = random.Random(seed)
    report = Report()
    started = time.monotonic()
    straight = copied(course, folder / "straight")
    assert started_run(straight).ended() == 0
    seconds = time.monotonic() - started
    whole = without_timings(snapshot(straight.root))
    while report.kills.total() < times:
        number = report.runs
        round_ = copied(course, folder / f"round{number}")
        code = None
        while code != 0:
            report.runs += 1
            role = rng.choice(ROLES) if report.kills.total() < times else None
            code = _one_run(round_, role, rng.uniform(0.0, seconds), report)
        if without_timings(snapshot(round_.root)) != whole:
            report.problems.append(
                f"round {number}: not the same as undisturbed: {_different(whole, round_)}"
            )
    return report


def _one_run(course: Course, role: str | None, seconds: float, report: Report) -> int:
    """Run `grade`, kill one of its processes after a while, and return its exit code."""
    run = started_run(course)
    killed: list[int] = []
    deadline = time.monotonic() + seconds
    while role is not None and not run.is_over() and time.monotonic() < deadline:
        time.sleep(0.002)
    while role is not None and not run.is_over() and not killed:
        killed = [pid for found, pid in run.processes() if found == role][:1]
        for pid in killed:
            _kill(pid)
            report.kills[role] += 1
    before = run.known
    code = run.ended()
    if code != 0 and role not in (GRADER, SERVER):
        report.problems.append(f"after the death of a {role} the run ended with {code}")
    left = still_there(before)
    if left:
        report.problems.append(f"after the death of a {role} processes {left} did not end")
    return code


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def still_there(pids: set[int]) -> list[str]:
    deadline = time.monotonic() + ENDS_SECONDS
    while True:
        there = [f"{pid} {_command(pid)}" for pid in pids if _is_running(pid)]
        if not there or time.monotonic() > deadline:
            return there
        time.sleep(0.01)


def _is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


class started_run:  # noqa: N801  reads as what it is
    """`grade_all`, or other work, in a fork, and what can be seen of its processes."""

    def __init__(self, course: Course, work: Callable[[], object] | None = None) -> None:
        self.code: int | None = None
        self.known: set[int] = set()
        self.pid = os.fork()
        if self.pid == 0:
            sys.path.insert(0, str(course.root))
            code = 1
            try:
                null = os.open(os.devnull, os.O_WRONLY)
                os.dup2(null, 1)
                if "KILLS_VERBOSE" not in os.environ:
                    os.dup2(null, 2)
                grade_all(course) if work is None else work()
                code = 0
            except BaseException as error:
                os.write(2, f"{type(error).__name__}: {error}\n".encode())
            finally:
                os._exit(code)

    def is_over(self) -> bool:
        if self.code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.code = os.waitstatus_to_exitcode(status)
        return self.code is not None

    def ended(self) -> int:
        """Wait for the end; a run that hangs is killed, which shows in its code."""
        deadline = time.monotonic() + 120
        while not self.is_over():
            if time.monotonic() > deadline:
                _kill(self.pid)
            self.known.update(pid for _, pid in self.processes())
            time.sleep(0.01)
        assert self.code is not None
        return self.code

    def processes(self) -> Iterator[tuple[str, int]]:
        """Every process of the run by its role, as the tree stands now."""
        for pid in process_tree(self.pid):
            self.known.add(pid)
            yield self._role(pid), pid

    def _role(self, pid: int) -> str:
        path = [pid]
        while path[-1] != self.pid:
            parent = _parent(path[-1])
            if parent <= 1:
                return "gone"
            path.append(parent)
        inside = [step for step in path if "inside.zygote" in _command(step)]
        if inside:
            # Where there are namespaces the zygote is the child of the process that made them.
            return ZYGOTE if len(inside) <= 2 else JAIL
        return (GRADER, SERVER, WORKER)[min(len(path) - 1, 2)]


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
    except OSError:
        return -1


def _different(whole: dict[str, object], course: Course) -> list[str]:
    found = without_timings(snapshot(course.root))
    different = sorted(key for key in {*whole, *found} if whole.get(key) != found.get(key))
    return [f"{key}: {str(whole.get(key))[:300]} -> {str(found.get(key))[:300]}" for key in different]


def make_course(root: Path) -> Course:
    """The course of these tests, on its own."""
    sys.path.insert(0, str(root))
    course = mini_course.write_course(root)
    mini_course.built_of(course)
    right = mini_course.solution_notebook(course)
    wrong = mini_course.solution_notebook(course, averages=WRONG)
    for student, content in (("ada", right), ("bob", wrong), ("broken", b'{"cells": [')):
        mini_course.submission(root / "week1", student, content)
    mini_course.submission(root / "week2", "bob", right)
    (root / "roster.csv").write_text("id,name,email\nada,Ada,ada@example.org\nbob,Bob,bob@example.org\n")
    return load_course(root)


def main() -> None:
    """Kill as often as asked for; end with 1 if anything was lost, doubled or left behind."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("times", type=int, nargs="?", default=200)
    parser.add_argument("--seed", type=int, default=4)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        course = make_course(Path(folder) / "course")
        report = kill_at_random(course, Path(folder), arguments.times, arguments.seed)
    killed = ", ".join(f"{count} {role}" for role, count in report.kills.most_common())
    print(f"{report.kills.total()} kills ({killed}) in {report.runs} runs; {len(report.problems)} problems")
    print("\n".join(report.problems))
    if report.problems:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
