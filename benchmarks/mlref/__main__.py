"""``python -m benchmarks.mlref [MODULE...]``: each row's result is checked against its peer, then timed."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import pkgutil
import platform
import sys
import warnings
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_info

import benchmarks.mlref
from benchmarks.mlref.timing import Measured, Row, gemm_rates, measure

RESULTS = Path(__file__).parent / "results"
PACKAGES = ("numpy", "scipy", "scikit-learn", "torch", "autograd", "statsmodels", "array-api-compat")
# A shared machine moves a ratio by less than this; the exit code must not depend on the weather.
GATE = 1.5


def main() -> int:
    """Time the rows of the named modules, print a table and write results/<module>.json."""
    parser = argparse.ArgumentParser(prog="benchmarks.mlref", description=main.__doc__)
    parser.add_argument("module", nargs="*", help="e.g. neighbors; all where none is named")
    parser.add_argument("--rounds", type=int, default=7, help="at least 5")
    parser.add_argument("--dry", action="store_true", help="write no file")
    arguments = parser.parse_args()
    if arguments.rounds < 5:
        parser.error("fewer than 5 rounds say nothing")
    rates = gemm_rates()
    print("GEMM, one thread: " + ", ".join(f"{name} {r / 1e9:.0f} GFLOP/s" for name, r in rates.items()))
    worst = 0.0
    for module in arguments.module or modules():
        print(f"\n{module}\n{header()}", flush=True)
        rows = []
        for row in importlib.import_module(f"benchmarks.mlref.{module}").ROWS:
            figures = run(row, rates, arguments.rounds)
            rows.append(figures)
            worst = max(worst, figures.get("ratio", float("inf")) / row.goal)
        if not arguments.dry:
            save(module, rows, rates)
    return int(worst > GATE)


def modules() -> list[str]:
    """Names of the files here that hold rows."""
    return [
        info.name
        for info in pkgutil.iter_modules(benchmarks.mlref.__path__)
        if hasattr(importlib.import_module(f"benchmarks.mlref.{info.name}"), "ROWS")
    ]


def run(row: Row, rates: dict[str, float], rounds: int) -> dict[str, Any]:
    """Measure and print one row; what does not run, or differs from the peer, is not timed."""
    entry: dict[str, Any] = {"task": row.task, "size": row.size, "peer": row.peer, "goal": row.goal}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            measured = measure(row, rates, rounds)
    except Exception as error:
        reason = f"{type(error).__name__}: {error}".strip()
        print(f"{row.task:<34.34} {row.size:<30.30} NOT TIMED, {reason}", flush=True)
        return {**entry, "not_timed": reason}
    print(line(row, measured), flush=True)
    return {**entry, **asdict(measured), "valid": measured.valid, "met": measured.ratio <= row.goal}


def header() -> str:
    """Titles of the columns of `line`."""
    return (
        f"{'task':<34} {'size':<30} {'peer':<26} {'ours ms':>9} {'peer ms':>9} "
        f"{'ratio':>6} {'min':>5} {'goal':>5} {'':<6} {'spread':>6} {'MiB':>7} {'GEMM':>5}"
    )


def line(row: Row, measured: Measured) -> str:
    """One row of the table."""
    verdict = "met" if measured.ratio <= row.goal else "MISSED"
    share = "" if measured.gemm_share is None else f"{100 * measured.gemm_share:.0f} %"
    return (
        f"{row.task:<34.34} {row.size:<30.30} {row.peer:<26.26} {measured.ours_ms:9.3f} "
        f"{measured.peer_ms:9.3f} {measured.ratio:6.2f} {measured.min_ratio:5.2f} {row.goal:5.2f} "
        f"{verdict:<6} {measured.spread:6.2f} {measured.peak_mib:7.1f} {share:>5}"
        f"{'' if measured.valid else '  restless machine: not valid'}"
    )


def save(module: str, rows: list[dict[str, Any]], rates: dict[str, float]) -> None:
    """Write the rows with everything that they depend on."""
    RESULTS.mkdir(exist_ok=True)
    text = json.dumps({"machine": machine(rates), "rows": rows}, indent=1, default=float)
    (RESULTS / f"{module}.json").write_text(text + "\n", encoding="utf-8")


def machine(rates: dict[str, float]) -> dict[str, Any]:
    """Processor, versions, thread pools and their settings."""
    # File names of libraries are this machine's; what they are is enough.
    pools = [{key: pool[key] for key in pool if key != "filepath"} for pool in threadpool_info()]
    return {
        "cpu": processor(),
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
        "python": platform.python_version(),
        "versions": {name: installed(name) for name in PACKAGES},
        "threadpool_info": pools,
        "environment": {
            k: v for k, v in sorted(os.environ.items()) if k.startswith(("OPENBLAS", "OMP", "MKL"))
        },
        "gemm_gflops": {name: rate / 1e9 for name, rate in rates.items()},
    }


def processor() -> str:
    """The processor's name, where the system tells it."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = [text.partition(":")[2].strip() for text in lines if text.startswith("model name")]
    return names[0] if names else platform.processor()


def installed(package: str) -> str | None:
    """Its version, or None."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


if __name__ == "__main__":
    sys.exit(main())
