"""What this machine has: versions, isolation in words, what is missing and what to do."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from importlib.metadata import PackageNotFoundError, version

__all__ = ["report"]

PACKAGES = (
    "numpy",
    "scipy",
    "pandas",
    "torch",
    "pytest",
    "ipython",
    "nbformat",
    "sqlalchemy",
    "otter-grader",
)
# What each tier can count on, and what that means for hidden suites.
TIERS = {
    "A+": "namespaces, Landlock, seccomp, resource limits and a memory cgroup: everything is enforced",
    "A": "namespaces, Landlock, seccomp, resource limits; the memory of several processes is watched",
    "B": "Landlock, seccomp and resource limits, no namespaces: one process for each submission",
    "C": "a separate process with resource limits only: submissions could read hidden suites",
}


def report() -> str:
    """Describe this machine.

    Returns
    -------
    str
        Lines for a person: versions, the isolation tier with what is not enforced, GPU.
    """
    return "\n".join([*_versions(), "", *_isolation(), "", _gpu()])


def _versions() -> list[str]:
    lines = [
        f"Python {platform.python_version()} ({sys.executable}), {platform.system()} {platform.release()}"
    ]
    for name in PACKAGES:
        try:
            lines.append(f"  {name} {version(name)}")
        except PackageNotFoundError:
            lines.append(f"  {name} is not installed")
    return lines


def _isolation() -> list[str]:
    if platform.system() != "Linux":
        advice = "WSL2" if platform.system() == "Windows" else "a Linux container"
        return [f"Isolation: none on {platform.system()}; grade in {advice}"]
    from autograder.sandbox import probe

    isolation = probe()
    who = "root" if os.getuid() == 0 else "an ordinary user"
    lines = [f"Isolation tier {isolation.tier}, as {who}: {TIERS[isolation.tier]}"]
    lines += [f"  not enforced: {text}" for text in isolation.missing]
    if isolation.tier == "C":
        lines.append("  hidden suites are refused here unless you give --unsafe")
    return lines


def _gpu() -> str:
    if shutil.which("nvidia-smi") is None:
        return "GPU: none found; nothing here needs one"
    try:
        import torch
    except ImportError:
        return "GPU: there may be one, but torch is not installed"
    if not torch.cuda.is_available():
        return "GPU: torch sees none"
    return f"GPU: {torch.cuda.get_device_name(0)}, torch {torch.__version__}"
