"""``make bench-gpu``: training steps on a GPU beside torch's own, in one run.

Every line first checks that both sides compute the same losses, then times blocks of steps in turns, by the
GPU's own clock. Both sides see the same settings: float32, TF32 allowed, cuDNN free to choose its algorithms,
the data already on the GPU, the loss never read. Results go to benchmarks/results-gpu.json with the device
and all versions. Where no GPU is present it says so, measures nothing, and leaves the file alone.

A machine that has torch but not this project's other packages needs only array-api-compat, which is pure
Python: ``pip download --no-deps array-api-compat`` elsewhere, put the wheel on PYTHONPATH there, and run
``python3 -m benchmarks.gpu`` in the root of the repository.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.torch_networks import copy_parameters, lenet, our_step, resnet, their_step
from mlref.nn.cuda_graph import GraphedStep
from mlref.nn.models import LeNet, ResNet

RESULTS = Path(__file__).parent / "results-gpu.json"
ROUNDS = 9
BLOCK_SECONDS = 0.2


@dataclass(frozen=True)
class Network:
    """A network in our form and in torch's, and the images that it takes."""

    name: str
    ours: Callable[[], Any]
    theirs: Callable[[], Any]
    image: tuple[int, int, int]
    batch: int
    eager_goal: float
    graph_goal: float | None = None


# At most 1 / 0.95 of the time is at least 0.95 of the throughput.
NETWORKS = [
    Network("LeNet", lambda: LeNet(rng=rng()), lenet, (1, 28, 28), 256, 1.0, 0.4),
    Network("ResNet-8", lambda: ResNet(rng=rng()), resnet, (3, 32, 32), 256, 1 / 0.95, 0.7),
    Network(
        "ResNet-18",
        lambda: ResNet((2, 2, 2, 2), 64, rng=rng()),
        lambda: resnet((2, 2, 2, 2), 64),
        (3, 32, 32),
        256,
        1 / 0.95,
    ),
]


def main(arguments: list[str] | None = None) -> int:
    """Measure every network and write the results; 1 if a goal was missed."""
    parser = argparse.ArgumentParser(prog="benchmarks.gpu", description=main.__doc__)
    parser.add_argument("network", nargs="*", help="e.g. LeNet; all where none is named")
    parser.add_argument("--device", default="cuda", help="cpu tries the harness, its figures say nothing")
    parser.add_argument("--batch", type=int, help="instead of the batch that the goals are for")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seconds", type=float, default=BLOCK_SECONDS, help="of one block of steps")
    parser.add_argument("--compile", action="store_true", help="torch.compile both sides too (minutes)")
    options = parser.parse_args(arguments)
    if options.device == "cuda" and not torch.cuda.is_available():
        print("no GPU is available (torch.cuda.is_available() is False): skipped, nothing was measured")
        return 0
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
    torch.backends.cudnn.benchmark = True
    print(json.dumps(environment(options.device), indent=2))
    chosen = [n for n in NETWORKS if not options.network or n.name in options.network]
    rows = [row for network in chosen for row in measure(network, options)]
    missed = [row["what"] for row in rows if row["goal"] is not None and row["ratio"] > row["goal"]]
    if options.device == "cuda":
        document = {"environment": environment("cuda"), "rows": rows}
        RESULTS.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    if missed:
        print("goal missed: " + "; ".join(missed))
    return int(bool(missed) and options.device == "cuda")


def measure(network: Network, options: argparse.Namespace) -> list[dict[str, Any]]:
    """The rows of one network: each way of ours to run the step beside torch eager."""
    batch = options.batch or network.batch
    x = torch.tensor(rng().normal(size=(batch, *network.image)), dtype=torch.float32, device=options.device)
    target = torch.tensor(rng().integers(10, size=batch), device=options.device)
    check(network, x, target)

    def ours():
        return our_step(network.ours().to(x))

    def theirs():
        return their_step(copy_parameters(network.ours().to(x), network.theirs()))

    candidates = {"torch eager": theirs(), "ours": ours(), "ours, CUDA graph": GraphedStep(ours(), x, target)}
    # The peer that has the same help.
    candidates["torch, CUDA graph"] = GraphedStep(theirs(), x, target)
    if options.compile:
        candidates["ours, torch.compile"] = torch.compile(ours(), fullgraph=True)
        candidates["torch, torch.compile"] = torch.compile(theirs())
    seconds = interleaved(candidates, x, target, options)
    peer = statistics.median(seconds["torch eager"])
    goals = {"ours": network.eager_goal, "ours, CUDA graph": network.graph_goal}
    rows = []
    for name, times in seconds.items():
        median = statistics.median(times)
        first, _, third = statistics.quantiles(times, n=4, method="inclusive")
        row = {
            "what": f"{network.name}, batch {batch}, {name}",
            "milliseconds": 1e3 * median,
            "images_per_second": batch / median,
            "ratio": median / peer,
            "min_ratio": min(times) / min(seconds["torch eager"]),
            "spread": third / first,
            "goal": goals.get(name),
        }
        rows.append(row)
        goal = "" if row["goal"] is None else f"  goal {row['goal']:.2f}"
        print(f"{row['what']:45s} {row['milliseconds']:8.3f} ms  ratio {row['ratio']:.2f}{goal}", flush=True)
    return rows


def check(network: Network, x: torch.Tensor, target: torch.Tensor) -> None:
    """The same losses over a few steps, without TF32, or an AssertionError."""
    flags = torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True, allow_tf32=False)
    matmul = torch.backends.cuda.matmul.allow_tf32
    torch.backends.cuda.matmul.allow_tf32 = False
    try:
        with flags:
            ours = our_step(network.ours().to(x))
            theirs = their_step(copy_parameters(network.ours().to(x), network.theirs()))
            for _ in range(3):
                mine, peers = float(ours(x, target)), float(theirs(x, target))
                np.testing.assert_allclose(mine, peers, rtol=1e-3)
    finally:
        torch.backends.cuda.matmul.allow_tf32 = matmul


def interleaved(candidates, x, target, options) -> dict[str, list[float]]:
    """Seconds of one step, for each candidate in each round; who starts changes from round to round."""
    steps = {}
    for name, step in candidates.items():
        for _ in range(10):
            step(x, target)
        once = max(timed(step, x, target, 10), 1e-6)
        steps[name] = max(2, round(options.seconds / once))
    seconds: dict[str, list[float]] = {name: [] for name in candidates}
    for i in range(options.rounds):
        for name in sorted(candidates, reverse=i % 2 == 1):
            seconds[name].append(timed(candidates[name], x, target, steps[name]))
    return seconds


def timed(step, x, target, n_steps: int) -> float:
    """Seconds of one step, averaged over some, from the first request until the GPU has done the last."""
    if x.device.type != "cuda":
        start = time.perf_counter()
        for _ in range(n_steps):
            step(x, target)
        return (time.perf_counter() - start) / n_steps
    torch.cuda.synchronize()
    start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    start.record()
    for _ in range(n_steps):
        step(x, target)
    end.record()
    end.synchronize()
    return start.elapsed_time(end) / 1e3 / n_steps


def rng() -> np.random.Generator:
    """The same numbers for every candidate."""
    return np.random.default_rng(0)


def environment(device: str) -> dict[str, Any]:
    """What the figures depend on."""
    found: dict[str, Any] = {
        "device": platform.processor() or platform.machine(),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "tf32": torch.backends.cudnn.allow_tf32,
        "cudnn_benchmark": torch.backends.cudnn.benchmark,
    }
    if device == "cuda":
        found |= {
            "device": torch.cuda.get_device_name(),
            "capability": torch.cuda.get_device_capability(),
            "cuda": torch.version.cuda,
            "cudnn": torch.backends.cudnn.version(),
        }
    for name in ("numpy", "array-api-compat"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "on the path, not installed"
    return found


if __name__ == "__main__":
    raise SystemExit(main())
