"""``python -m benchmarks.mlref.page``: the rows of all modules as docs/mlref/speed.md."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
PAGE = Path(__file__).parents[2] / "docs" / "mlref" / "speed.md"
HEAD = """# How fast the reference is

Every row first checks that ours and the peer's results agree, then times both in turns, in one process and
on one thread; the ratio is that of the medians of CPU time, below 1 is faster than the peer. *Spread* is the
third quartile of the times over the first; from 1.3 on the machine was too restless, and the row says so.
*Peak* is the memory that a call of ours holds at its worst moment, as tracemalloc sees it: what torch
allocates is not in it. *GEMM*: share of the rate of numpy's own matrix product, where that is what binds.
Written by `python -m benchmarks.mlref.page` from `benchmarks/mlref/results/`.
"""
COLUMNS = "| task | size | peer | ours, ms | peer, ms | ratio | goal | | spread | peak, MiB | GEMM |"


def main() -> None:
    """Read the results and write the page."""
    parts = [HEAD]
    for path in sorted(RESULTS.glob("*.json")):
        results = json.loads(path.read_text(encoding="utf-8"))
        rows = "\n".join(cells(row) for row in results["rows"])
        rule = "|".join(["---"] * (COLUMNS.count("|") - 1))
        parts.append(f"## {path.stem}\n\n{COLUMNS}\n|{rule}|\n{rows}\n\n{where(results['machine'])}\n")
    PAGE.write_text("\n".join(parts), encoding="utf-8")


def cells(row: dict[str, Any]) -> str:
    """A row of the table."""
    start = f"| {row['task']} | {row['size']} | {row['peer']} |"
    if "not_timed" in row:
        return f"{start} | | | {row['goal']:g} | not timed | | | |"
    verdict = "met" if row["met"] else "**missed**"
    share = "" if row["gemm_share"] is None else f"{100 * row['gemm_share']:.0f} %"
    restless = "" if row["valid"] else ", restless"
    return (
        f"{start} {figure(row['ours_ms'])} | {figure(row['peer_ms'])} | {row['ratio']:.2f} | "
        f"{row['goal']:g} | {verdict} | {row['spread']:.2f}{restless} | {row['peak_mib']:.1f} | {share} |"
    )


def figure(milliseconds: float) -> str:
    """Three digits."""
    return f"{milliseconds:.0f}" if milliseconds >= 100 else f"{milliseconds:.3g}"


def where(machine: dict[str, Any]) -> str:
    """On what the rows were measured."""
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items() if version)
    rates = ", ".join(f"{name} {rate:.0f}" for name, rate in machine["gemm_gflops"].items())
    pinned = "".join(
        f"; {name}={value}" for name, value in machine["environment"].items() if "THREADS" not in name
    )
    return (
        f"{machine['cpu']}, load {machine['load']:.1f} on {machine['cores']} cores; "
        f"Python {machine['python']}, {versions}; GEMM, GFLOP/s: {rates}{pinned}."
    )


if __name__ == "__main__":
    main()
