"""``make soak``: thousands of submissions in one run, hostile ones too; memory and open files stay flat."""

from __future__ import annotations

import argparse
import contextlib
import copy
import json
import os
import runpy
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from autograder import demo
from autograder.author import assemble, freeze, notebook
from autograder.grade.run import grade
from autograder.models import Course, load_course
from autograder.sandbox import memory
from autograder.sandbox.memory import process_tree

ROOT = Path(__file__).parents[1]
ATTACKS = ROOT / "tests" / "attacks"
HOSTILE_SHARE = 0.1
SECONDS_BETWEEN_SAMPLES = 0.5
# Caches fill and the allocator settles before growth is looked at.
WARM_UP_SHARE = 0.15
# What a trusted process may grow over the whole run, and how many files it may hold more.
GROWTH, GROWTH_SHARE, MORE_FILES = 8 << 20, 0.1, 2
Notebook = dict[str, Any]


@dataclass
class Watched:
    """One trusted process: how much was graded, its memory and open files, sample by sample."""

    name: str
    done: list[int] = field(default_factory=list)
    memory: list[int] = field(default_factory=list)
    files: list[int] = field(default_factory=list)

    def growth(self) -> float:
        """Bytes from the first submission to the last, by the line through the samples."""
        slope = np.polyfit(self.done, self.memory, 1)[0]
        return float(slope * (self.done[-1] - self.done[0]))

    def problem(self) -> str | None:
        """What is not flat."""
        most = max(GROWTH, GROWTH_SHARE * float(np.mean(self.memory)))
        if self.growth() > most:
            return f"{self.name} grew by {self.growth() / 2**20:.1f} MB"
        if self.files[-1] > self.files[0] + MORE_FILES:
            return f"{self.name} held {self.files[0]} files at first and {self.files[-1]} at last"
        return None


def main() -> None:
    """Grade many submissions, watch the grader, print figures; end with 1 if anything grew or stayed."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("submissions", type=int, nargs="?", default=2000)
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    sys.path.insert(0, str(ROOT / "tests" / "autograder" / "grade"))
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        course, hostile = make_course(Path(folder), arguments.submissions)
        before = left_behind()
        started = time.monotonic()
        watched, code = run(course, arguments.submissions, arguments.jobs)
        seconds = time.monotonic() - started
        problems = [problem for one in watched if (problem := one.problem()) is not None]
        problems += results_missing(course, arguments.submissions)
    if code:
        problems.append(f"the run ended with {code}")
    problems += [f"left behind: {name}" for name in sorted(after_a_while() - before)]
    rate = arguments.submissions / seconds
    print(
        f"{arguments.submissions} submissions ({hostile} broken or hostile) in {seconds:.0f} s: {rate:.1f} a "
        f"second with {arguments.jobs} jobs at load {os.getloadavg()[0]:.1f}"
    )
    for one in watched:
        size, growth = np.mean(one.memory) / 2**20, one.growth() / 2**20
        print(
            f"{one.name}: {size:.1f} MB without files, {growth:+.2f} MB over the run, {one.files[0]} files "
            f"open at first, {one.files[-1]} at last, {len(one.done)} samples"
        )
    print("\n".join(problems) or "flat, and nothing is left behind")
    if problems:
        raise SystemExit(1)


# --- what is handed in ----------------------------------------------------------------------------


def make_course(root: Path, count: int) -> tuple[Course, int]:
    """The small course of the tests with `count` submissions; also return how many are not honest."""
    import mini_course  # type: ignore[import-not-found]

    sys.path.insert(0, str(root))
    course = mini_course.write_course(root)
    freeze(course, "a01", demo.TERM)
    solution = notebook(assemble(course, "a01", demo.TERM), "solution")
    honest = [as_bytes(solution), as_bytes(wrong(solution))]
    hostile = list(unfriendly(solution))
    order = np.random.default_rng(4).permutation(count)
    folder = root / "in"
    folder.mkdir()
    unfriendly_count = 0
    for number in range(count):
        is_hostile = order[number] < HOSTILE_SHARE * count
        pool = hostile if is_hostile else honest
        content = pool[(unfriendly_count if is_hostile else number) % len(pool)]
        unfriendly_count += is_hostile
        (folder / f"s{number:05}.ipynb").write_bytes(content)
    return load_course(root), unfriendly_count


def wrong(solution: Notebook) -> Notebook:
    """The first answer gives zero."""
    changed = copy.deepcopy(solution)
    cell = demo.answer_cells(changed)[0]
    cell["source"] = "\n".join(f"def {name}(*values):\n    return 0.0\n" for name in demo.defined_names(cell))
    return changed


def unfriendly(solution: Notebook) -> Iterator[bytes]:
    """The demo's broken notebooks and the attacks that end soon."""
    for change in (*demo.HONEST, *demo.HOSTILE):
        yield as_bytes(change(copy.deepcopy(solution)))
    for path in sorted(ATTACKS.glob("[!t]*.py")):
        attack = runpy.run_path(str(path))
        if "NOTEBOOK" in attack:
            yield as_bytes(attack["NOTEBOOK"])
        elif not attack.get("SLOW") and ("CELLS" in attack or "ANSWER" in attack):
            sources = attack.get("CELLS") or [attack["ANSWER"]]
            cells = [{"cell_type": "code", "source": source, "metadata": {}} for source in sources]
            yield as_bytes({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells})


def as_bytes(content: Notebook | bytes) -> bytes:
    """A notebook as a file."""
    return content if isinstance(content, bytes) else json.dumps(content).encode()


# --- the run --------------------------------------------------------------------------------------


def run(course: Course, count: int, jobs: int) -> tuple[list[Watched], int]:
    """Grade in a fork; return what was seen of its trusted processes, and its exit code."""
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        code = 70
        try:
            summary = grade(course, "a01", demo.TERM, [course.root / "in"], jobs=jobs)
            code = 0 if summary.ok else 1
        finally:
            os._exit(code)
    seen: dict[int, Watched] = {}
    while True:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return [one for one in seen.values() if len(one.done) > 10], os.waitstatus_to_exitcode(status)
        done = graded(course)
        # After the last result the pages are written, which takes what it takes.
        if WARM_UP_SHARE * count <= done < count:
            sample(pid, done, seen)
        time.sleep(SECONDS_BETWEEN_SAMPLES)


def sample(grader: int, done: int, seen: dict[int, Watched]) -> None:
    """Look at the grader, its grading process and the zygotes; workers and jails live for a moment."""
    for pid in process_tree(grader):
        with contextlib.suppress(OSError, IndexError, ValueError):
            name = role(grader, pid)
            if name is None:
                continue
            used = anonymous(pid)
            files = len(os.listdir(f"/proc/{pid}/fd"))
            one = seen.setdefault(pid, Watched(name))
            one.done.append(done)
            one.memory.append(used)
            one.files.append(files)


def role(grader: int, pid: int) -> str | None:
    """What a process is, if it lives as long as the run."""
    if pid == grader:
        return "grader"
    parent = parent_of(pid)
    if parent == grader:
        return "grading process"
    inside, above = (b"inside.zygote" in Path(f"/proc/{each}/cmdline").read_bytes() for each in (pid, parent))
    grandparent = parent_of(parent)
    if inside and above and parent_of(grandparent) == grader:
        return f"zygote {pid}"
    return None


def parent_of(pid: int) -> int:
    """Id of a process's parent."""
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])


def anonymous(pid: int) -> int:
    """Bytes of a process that are no file's; PSS would grow whenever a fork ends that shared them."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) << 10
    raise ValueError(pid)


def graded(course: Course) -> int:
    """How many results the gradebook holds."""
    path = course.root / "gradebook.db"
    if not path.exists():
        return 0
    with (
        contextlib.suppress(sqlite3.OperationalError),
        contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection,
    ):
        return int(connection.execute("SELECT count(*) FROM results").fetchone()[0])
    return 0


def results_missing(course: Course, count: int) -> list[str]:
    """Submissions without a result, results without one."""
    written = len(list((course.root / "grades" / demo.TERM / "a01" / "results").glob("*.json")))
    found = {"the gradebook": graded(course), "the folder of results": written}
    return [f"{where} holds {held} results of {count}" for where, held in found.items() if held != count]


# --- what is left ---------------------------------------------------------------------------------


def left_behind() -> set[str]:
    """Files, shared memory, groups and processes that a run of ours could leave on the machine."""
    found = {str(path) for folder in ("/tmp", "/var/tmp") for path in Path(folder).glob("gradecheck-*")}
    found |= {str(path) for path in Path("/dev/shm").glob("*")}
    with contextlib.suppress(OSError):
        groups, _ = memory._parent_group()
        found |= {str(path) for path in groups.glob("gradecheck-*") if is_unused(path)}
    return found | {f"process {pid}" for pid in process_tree(os.getpid()) if pid != os.getpid()}


def is_unused(group: Path) -> bool:
    """Whether a control group holds no process; those of graders that run beside us do."""
    try:
        return not (group / "cgroup.procs").read_text().strip()
    except OSError:
        return False


def after_a_while(look: Callable[[], set[str]] = left_behind) -> set[str]:
    """What is still there three seconds later: others may be at work meanwhile."""
    first = look()
    time.sleep(3.0)
    return first & look()


if __name__ == "__main__":
    main()
