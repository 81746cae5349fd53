"""Runs made-up inputs through the grader's readers, in processes that may die, and counts what came of it.

A case is known by kind, seed and number alone: ``python tests/fuzz --seed 7 --case messages:123``.
"""

from __future__ import annotations

import contextlib
import faulthandler
import json
import os
import random
import resource
import select
import signal
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Make = Callable[[random.Random], bytes]
Run = Callable[[bytes, random.Random], str]

# Wall-clock time over CPU time that a loaded machine may need.
PATIENCE = 20.0


@dataclass(frozen=True)
class Kind:
    """One kind of input.

    Attributes
    ----------
    name, suffix : str
        The suffix is that of a saved input.
    start : callable
        Called once in each worker; returns how to make an input and how to run it. To run one returns a
        word for the outcome, and raises only if there is a bug.
    cpu_seconds : float
        That one case may use.
    memory : int
        Bytes that a worker may use above what it has when it starts.
    ends_allowed : tuple of int
        Signals by which the grader's own limited process may end, as it then knows what to say.
    """

    name: str
    suffix: str
    start: Callable[[], tuple[Make, Run]]
    cpu_seconds: float
    memory: int
    ends_allowed: tuple[int, ...] = ()


@dataclass
class Summary:
    """What came of all cases of a kind."""

    kind: str
    seed: int
    outcomes: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    seconds: float = 0.0
    slowest: tuple[float, int] = (0.0, 0)
    """CPU seconds, and the number of the case."""
    is_whole: bool = True
    """Whether nobody interrupted it."""

    def lines(self) -> Iterator[str]:
        count = sum(self.outcomes.values())
        cut = "" if self.is_whole else "interrupted after "
        slowest, number = self.slowest
        yield (
            f"{self.kind}: {cut}{count} cases, seed {self.seed}, {self.seconds:.0f} s, "
            f"slowest {slowest:.2f} s of CPU time (case {number}), {len(self.failures)} failures"
        )
        yield from (f"  {times:6d}  {outcome}" for outcome, times in self.outcomes.most_common())
        yield from (f"  FAILED {failure}" for failure in self.failures)


def case(kind: Kind, seed: int, number: int, make: Make) -> tuple[bytes, random.Random]:
    """Return the input of a case, and the source of chance for running it."""
    rng = random.Random(f"{kind.name} {seed} {number}")
    return make(rng), random.Random(f"{kind.name} {seed} {number} run")


def fuzz(
    kind: Kind, seed: int, numbers: range, folder: Path, step: Callable[[str], None] = lambda text: None
) -> Summary:
    """Run cases of a kind; a worker that dies or hangs costs its case, and the next one goes on.

    Parameters
    ----------
    kind : Kind
    seed : int
    numbers : range
    folder : Path
        Where the input of a case that fails is kept.
    step : callable
        Called after every case.
    """
    summary = Summary(kind.name, seed)
    started = time.monotonic()
    todo = list(numbers)
    with tempfile.TemporaryDirectory() as scratch, interruptible(summary):
        while todo:
            done = 0
            for number, outcome, seconds in _in_worker(kind, seed, todo, scratch):
                done += 1
                summary.slowest = max(summary.slowest, (seconds, number))
                if outcome.startswith("FAILED"):
                    place = _keep(kind, seed, number, folder)
                    again = f"python tests/fuzz --seed {seed} --case {kind.name}:{number}"
                    summary.failures.append(f"{outcome[7:]}\n    input: {place}; again: {again}")
                    outcome = "FAILED"
                summary.outcomes[outcome] += 1
                step(f"{kind.name} {number}")
            todo = todo[done:]
    summary.seconds = time.monotonic() - started
    return summary


@contextlib.contextmanager
def interruptible(summary: Summary) -> Iterator[None]:
    """What is done before an interrupt or a polite kill counts."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        summary.is_whole = False
    finally:
        signal.signal(signal.SIGTERM, before)


def _keep(kind: Kind, seed: int, number: int, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    place = folder / f"{kind.name}-{seed}-{number}{kind.suffix}"
    make, _ = kind.start()
    try:
        place.write_bytes(case(kind, seed, number, make)[0])
    except Exception as error:
        place.write_text(f"it cannot even be made: {error!r}\n")
    return place


def _in_worker(kind: Kind, seed: int, numbers: list[int], scratch: str) -> Iterator[tuple[int, str, float]]:
    """Yield (number, outcome, CPU seconds) of cases until the worker ends, with the one that ended it."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        tempfile.tempdir = scratch  # emptied here, also if the worker dies
        _work(kind, seed, numbers, writer)
    os.close(writer)
    hung, ended_by = False, None
    try:
        with open(reader, encoding="utf-8") as results:
            for number in numbers:
                line = _line(results, kind.cpu_seconds * PATIENCE)
                if not line:
                    hung, ended_by = line is None, number
                    break
                yield (number, *json.loads(line))
    finally:
        if hung or ended_by is None:
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
    if ended_by is not None:
        yield ended_by, _ending(kind, status, hung), 0.0


def _line(results: Any, seconds: float) -> str | None:
    """Next line, "" at the end, None if nothing comes in time. A worker writes one line per case."""
    ready, _, _ = select.select([results], [], [], seconds)
    return results.readline() if ready else None


def _ending(kind: Kind, status: int, hung: bool) -> str:
    if hung:
        return f"FAILED it takes longer than {kind.cpu_seconds * PATIENCE:.0f} s"
    code = os.waitstatus_to_exitcode(status)
    name = signal.Signals(-code).name if code < 0 else f"exit code {code}"
    if -code in kind.ends_allowed:
        return f"the limited process ended by {name}"
    return f"FAILED the process ended by {name}"


def _work(kind: Kind, seed: int, numbers: list[int], writer: int) -> None:
    """In the worker: run cases and tell each outcome; never returns."""
    code = 1
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends it
    faulthandler.disable()  # which would tell pytest's terminal of a death that is counted here
    try:
        make, run = kind.start()
        limit_memory(kind.memory)
        for number in numbers:
            outcome, seconds = attempt(kind, run, *case(kind, seed, number, make))
            os.write(writer, f"{json.dumps([outcome, round(seconds, 4)])}\n".encode())
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def attempt(kind: Kind, run: Run, data: bytes, rng: random.Random) -> tuple[str, float]:
    """Run one case; the outcome starts with FAILED for an exception, time, or descriptors left open."""
    before, started = open_descriptors(), time.process_time()
    try:
        outcome = run(data, rng)
    except BaseException:
        return f"FAILED {traceback.format_exc().strip()}", time.process_time() - started
    seconds = time.process_time() - started
    if seconds > kind.cpu_seconds:
        return f"FAILED it took {seconds:.1f} s of CPU time", seconds
    if (left := open_descriptors() - before) > 0:
        return f"FAILED {left} descriptors are left open", seconds
    return outcome, seconds


def open_descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


def limit_memory(above: int) -> None:
    with open("/proc/self/statm") as file:
        mapped = int(file.read().split()[0]) * resource.getpagesize()
    with contextlib.suppress(ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (mapped + above, resource.RLIM_INFINITY))
