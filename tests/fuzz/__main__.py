"""``make fuzz``: 10,000 messages, 10,000 notebooks and 2,000 archives, none of which may do harm."""

from __future__ import annotations

import argparse
import secrets
import sys
from pathlib import Path

import archives
import grading
import messages
import notebooks
from fuzzing import attempt, case, fuzz

from autograder.progress import progress

KINDS = {module.KIND.name: module.KIND for module in (messages, notebooks, archives, grading)}
# Grading is a sample of the notebooks, each through a whole run.
COUNTS = {"messages": 10_000, "notebooks": 10_000, "archives": 2_000, "grading": 200}
FOLDER = Path(__file__).parents[2] / "build" / "fuzz"


def main() -> int:
    arguments = parse()
    seed = arguments.seed if arguments.seed is not None else secrets.randbelow(1_000_000)
    if arguments.case:
        return one(*arguments.case.split(":"), seed)
    counts = {name: getattr(arguments, name) for name in KINDS}
    print(f"seed {seed}; an input that fails is kept in {FOLDER}", flush=True)
    failures = 0
    for name, kind in KINDS.items():
        with progress(f"fuzzing {name}", counts[name]) as step:
            summary = fuzz(kind, seed, range(counts[name]), FOLDER, step)
        if counts[name]:
            print(*summary.lines(), sep="\n", flush=True)
        failures += len(summary.failures)
        if not summary.is_whole:
            return 130
    print(f"{failures} failures")
    return int(failures > 0)


def one(name: str, number: str, seed: int) -> int:
    """Run one case again, in this process, so that a debugger can be had."""
    kind = KINDS[name]
    make, run = kind.start()
    outcome, seconds = attempt(kind, run, *case(kind, seed, int(number), make))
    print(f"{outcome} ({seconds:.2f} s of CPU time)")
    return int(outcome.startswith("FAILED"))


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests/fuzz", description=__doc__)
    parser.add_argument("--seed", type=int, help="default: drawn, and printed")
    parser.add_argument("--case", metavar="KIND:NUMBER", help="only this one, in this process")
    for name, count in COUNTS.items():
        parser.add_argument(f"--{name}", type=int, default=count, metavar="N", help=f"default {count}")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
