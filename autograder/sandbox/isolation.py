"""How well this machine can lock a submission in: found out by doing it, once, and told in words."""

from __future__ import annotations

import functools
import json
import os
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from . import memory
from .seccomp import PID_PLACEHOLDER, filter_program

__all__ = ["Isolation", "ask_inside", "probe", "spawn_inside"]

TIERS = ("A+", "A", "B", "C")
NO_CGROUP = "the total memory of several processes is only looked at every 50 ms (no memory cgroup)"
NO_NAMESPACES = (
    "disk use is limited per file only; subprocesses and multiprocessing are off (no namespaces)",
    "the cells run again for every question (no namespaces)",
)
NO_FILES = (
    "submissions can read every file that you can read, tests and solutions included, "
    "and leave files wherever you may write"
)
NO_FILTER = "submissions can use the network and end your processes"


@dataclass(frozen=True)
class Isolation:
    """What is enforced.

    Parameters
    ----------
    tier : str
        "A": namespaces, Landlock, a system-call filter and resource limits. "A+": with a memory cgroup.
        "B": no namespaces. "C": a separate process with resource limits, and the filter where it works.
    missing : tuple of str
        What is not enforced, in words for the person who grades.

    Examples
    --------
    >>> Isolation("B").namespaces, Isolation("B").restricted
    (False, True)
    """

    tier: str
    missing: tuple[str, ...] = ()
    user_namespace: bool = field(default_factory=lambda: os.geteuid() != 0)

    def __post_init__(self) -> None:
        if self.tier not in TIERS:
            raise ValueError(f"tier must be one of {', '.join(TIERS)}; got {self.tier!r}")

    @property
    def namespaces(self) -> bool:
        return self.tier in ("A+", "A")

    @property
    def restricted(self) -> bool:
        """Whether files are kept from submissions, and system calls filtered."""
        return self.tier != "C"

    @property
    def memory_cgroup(self) -> bool:
        return self.tier == "A+"


@functools.cache
def probe() -> Isolation:
    """Try every mechanism in a process made for it and return the best tier; done once per process."""
    if sys.platform != "linux":
        reason = f"{sys.platform} has no jail; use Linux, WSL2 or a container"
        return Isolation("C", (reason, NO_FILES, NO_FILTER))
    try:
        program, reason = filter_program(namespaces=False, memory_files=False).hex(), ""
    except NotImplementedError as error:
        program, reason = "", str(error)
    question = {
        "secret": str(Path(__file__).resolve()),
        "filter": program,
        "no_filter": reason,
        "pid_placeholder": PID_PLACEHOLDER,
    }
    answers = ask_inside("probe", question)
    return _judge(answers, memory.MemoryGroup.is_available())


def _judge(failures: Mapping[str, str], has_cgroup: bool) -> Isolation:
    """Return the tier for what failed; an empty text means that it worked."""
    missing = []
    if failures["seccomp"]:
        missing.append(f"system calls are not filtered ({failures['seccomp']})")
    if failures["landlock"]:
        missing.append(f"Landlock does not work ({failures['landlock']})")
    as_root, as_user = not failures["root namespaces"], not failures["user namespaces"]
    if failures["seccomp"] or not (as_root or as_user or not failures["landlock"]):
        return Isolation("C", (*missing, NO_FILES, *([NO_FILTER] if failures["seccomp"] else [])))
    if not as_root and not as_user:
        reason = f"namespaces are refused ({failures['user namespaces']})"
        return Isolation("B", (*missing, reason, *NO_NAMESPACES, NO_CGROUP), False)
    if not has_cgroup:
        return Isolation("A", (*missing, NO_CGROUP), not as_root)
    return Isolation("A+", tuple(missing), not as_root)


def spawn_inside(module: str, descriptor: int) -> int:
    """Start ``inside.<module>.main`` in a bare interpreter that holds `descriptor` and nothing of ours.

    Parameters
    ----------
    module : str
    descriptor : int
        Becomes descriptor 3 of the new process.

    Returns
    -------
    int
        Its process id.
    """
    code = f"import sys; sys.path.append(sys.argv[1]); from inside.{module} import main; main(3)"
    python = getattr(sys, "_base_executable", None) or sys.executable
    environment = {"PYTHONHASHSEED": "0"}
    if "LD_LIBRARY_PATH" in os.environ:  # some installations find libpython only through it
        environment["LD_LIBRARY_PATH"] = os.environ["LD_LIBRARY_PATH"]
    actions = [
        *((os.POSIX_SPAWN_OPEN, number, "/dev/null", os.O_RDWR, 0) for number in range(3)),
        (os.POSIX_SPAWN_DUP2, descriptor, 3),
    ]
    # -I would ignore PYTHONHASHSEED; no site, no user site, no current folder, no byte code written
    arguments = [python, "-s", "-P", "-S", "-B", "-c", code, str(Path(__file__).resolve().parent)]
    return os.posix_spawn(python, arguments, environment, file_actions=actions)


def ask_inside(module: str, question: Mapping[str, object]) -> dict[str, str]:
    """Start ``inside.<module>``, send it one JSON message, return its one answer."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours:
        with theirs:
            pid = spawn_inside(module, theirs.fileno())
        ours.send(json.dumps(question).encode())
        answer = ours.recv(1 << 20)
    os.waitpid(pid, 0)
    return dict(json.loads(answer))
