"""Two functions beside each other: the same result first, then times in turns and the ratio of medians."""

from __future__ import annotations

import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

__all__ = ["Measured", "Row", "gemm_rates", "measure"]

ROUNDS = 7
# Long enough that a clock tick does not show, short enough that both see the same weather.
BLOCK_SECONDS = 0.05
PAUSE_SECONDS = 0.01
VALID_SPREAD = 1.3
ATTEMPTS = 3


@dataclass(frozen=True)
class Row:
    """One line of the table: what is timed against what, and the goal.

    Parameters
    ----------
    task : str
        What is computed, e.g. "k-NN, brute force".
    size : str
        Size of the problem. Where flops is given and the work is in float32, it says so.
    peer : str
        What it is compared with.
    goal : float
        The largest ratio of our time to the peer's that is good enough.
    prepare : callable
        Without argument; returns (ours, peer, check): two functions without argument to time, and
        ``check(result_ours, result_peer)`` which raises AssertionError if the results differ.
    flops : float, optional
        Operations of the matrix products, where these bind.
    """

    task: str
    size: str
    peer: str
    goal: float
    prepare: Callable[[], tuple[Callable[[], Any], Callable[[], Any], Callable[[Any, Any], None]]]
    flops: float | None = None


@dataclass(frozen=True)
class Measured:
    """What came out for one row; milliseconds are medians of CPU time over the rounds."""

    ours_ms: float
    peer_ms: float
    ratio: float
    min_ratio: float
    wall_ratio: float
    spread: float
    attempts: int
    peak_mib: float
    gemm_share: float | None

    @property
    def valid(self) -> bool:
        """Were the rounds of each alike?"""
        return self.spread < VALID_SPREAD


def measure(row: Row, rates: dict[str, float], rounds: int = ROUNDS) -> Measured:
    """Check the peer's result, then time both; a restless measurement is repeated, the calmest counts."""
    ours, peer, check = row.prepare()
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)
    with threadpool_limits(1):
        check(ours(), peer())
        peak = peak_memory(ours)
        attempts = [timed(ours, peer, rounds)]
        while attempts[-1]["spread"] >= VALID_SPREAD and len(attempts) < ATTEMPTS:
            attempts.append(timed(ours, peer, rounds))
    best = min(attempts, key=lambda attempt: attempt["spread"])
    share = None
    if row.flops is not None:
        rate = rates["float32" if "float32" in f"{row.task} {row.size}" else "float64"]
        share = row.flops / (best["ours_ms"] / 1e3) / rate
    return Measured(**best, attempts=len(attempts), peak_mib=peak / 2**20, gemm_share=share)


def timed(ours: Callable[[], Any], peer: Callable[[], Any], rounds: int) -> dict[str, float]:
    """Both in turns, a block of calls each; who starts changes from round to round."""
    candidates = {"ours": ours, "peer": peer}
    calls = {name: calls_of_a_block(function) for name, function in candidates.items()}
    cpu: dict[str, list[float]] = {"ours": [], "peer": []}
    wall: dict[str, list[float]] = {"ours": [], "peer": []}
    for i in range(rounds):
        for name in sorted(candidates, reverse=i % 2 == 1):
            # Threads of the other's pool spin for a while after their last call.
            time.sleep(PAUSE_SECONDS)
            spent, passed = block(candidates[name], calls[name])
            cpu[name].append(spent)
            wall[name].append(passed)
    median = {name: statistics.median(times) for name, times in cpu.items()}
    return {
        "ours_ms": 1e3 * median["ours"],
        "peer_ms": 1e3 * median["peer"],
        "ratio": median["ours"] / median["peer"],
        "min_ratio": min(cpu["ours"]) / min(cpu["peer"]),
        "wall_ratio": statistics.median(wall["ours"]) / statistics.median(wall["peer"]),
        "spread": max(quartile_ratio(times) for times in cpu.values()),
    }


def block(function: Callable[[], Any], calls: int) -> tuple[float, float]:
    """CPU and wall seconds of one call, averaged over a block of them."""
    # CPU time: a neighbour on a shared core takes wall time, and from one of the two only.
    spent, passed = time.process_time(), time.perf_counter()
    for _ in range(calls):
        function()
    return (time.process_time() - spent) / calls, (time.perf_counter() - passed) / calls


def calls_of_a_block(function: Callable[[], Any]) -> int:
    """How many calls fill a block."""
    calls = 1
    while (seconds := block(function, calls)[0] * calls) < BLOCK_SECONDS / 4:
        calls *= 4
    return max(1, round(calls * BLOCK_SECONDS / seconds))


def quartile_ratio(times: list[float]) -> float:
    """Third quartile over first: 1 where all rounds took the same time."""
    first, _, third = statistics.quantiles(times, n=4, method="inclusive")
    return third / first


def peak_memory(function: Callable[[], Any]) -> int:
    """Bytes held at the worst moment of a call, beyond what was held before (numpy's arrays included)."""
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        function()
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


def gemm_rates(size: int = 1024, repeats: int = 7) -> dict[str, float]:
    """Floating-point operations per second of numpy's matrix product on one thread, by dtype."""
    rates = {}
    with threadpool_limits(1):
        for dtype in ("float32", "float64"):
            A = np.random.default_rng(0).normal(size=(size, size)).astype(dtype)
            A @ A
            rates[dtype] = 2 * size**3 / min(block(lambda A=A: A @ A, 1)[0] for _ in range(repeats))
    return rates
