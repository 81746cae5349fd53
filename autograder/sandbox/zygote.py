"""The trusted side's end of a zygote: starts it, asks it for jails, ends it."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import select
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from autograder.errors import GradecheckError

from . import packages as package_plans
from .errors import JailFault
from .inside.linux import HOME, set_dumpable
from .isolation import Isolation, probe, spawn_inside
from .memory import MemoryGroup
from .seccomp import PID_PLACEHOLDER, filter_program

if TYPE_CHECKING:
    from types import TracebackType

    from .jail import Jail, Limits

__all__ = ["Process", "Zygote"]

HOMES_PREFIX = "gradecheck-homes-"
START_SECONDS = 60.0
FORK_SECONDS = 20.0
FIRST_UID, UIDS = 60_000, 5_000  # as root, every jail gets a user id that nobody has
GROUP_MARGIN = 128 << 20  # page tables, files and the interpreter itself, on top of what a submission may use


class Process(NamedTuple):
    """A jail as the zygote made it; whoever receives it owns the descriptors.

    Attributes
    ----------
    requests : socket
        To the process that will run the cells.
    output : int
        What that process prints.
    orders : socket
        To the first process of the jail, which is ours; without namespaces, nothing listens.
    pidfd : int
        Stands for the jail's first process: when it ends, all of the jail ends.
    executor : int
        Id of the notebook's process inside the jail; 0 without namespaces.
    group : MemoryGroup or None
    home : Path or None
        Without namespaces, the folder on this machine that the submission may write to.
    """

    requests: socket.socket
    output: int
    orders: socket.socket
    pidfd: int
    executor: int
    group: MemoryGroup | None
    home: Path | None

    def end(self) -> None:
        """End a jail that nobody has used."""
        end_process(self.pidfd)
        for descriptor in (self.pidfd, self.output):
            os.close(descriptor)
        self.requests.close()
        self.orders.close()
        self.forget()

    def forget(self) -> None:
        """Remove what an ended jail leaves on this machine."""
        if self.group is not None:
            self.group.remove()
        if self.home is not None:
            shutil.rmtree(self.home, ignore_errors=True)


class Zygote:
    """A process that has imported the packages of an assignment and forks one jail per submission.

    Parameters
    ----------
    packages : sequence of str
        Distributions that submissions may see, with all that these require; numpy and IPython always are.
    preload : sequence of str
        Modules to import before the forks.
    forbidden : sequence of path
        What must not be visible inside, whatever else is.
    isolation : Isolation, optional
        Default: the best that this machine offers.

    Attributes
    ----------
    start_seconds : float

    Raises
    ------
    GradecheckError
        If a package cannot be shown, or a forbidden path would be.
    JailFault
        If the zygote does not start.

    Notes
    -----
    Forked children of the process that made it may all use it at once: a request is one message that
    carries its own sockets for the answers.
    """

    def __init__(
        self,
        packages: Sequence[str] = ("numpy",),
        preload: Sequence[str] = ("numpy",),
        *,
        forbidden: Iterable[Path | str] = (),
        isolation: Isolation | None = None,
    ) -> None:
        if sys.platform != "linux":
            raise GradecheckError(f"submissions cannot run on {sys.platform}; use Linux, WSL2 or a container")
        started = time.monotonic()
        self.isolation = isolation or probe()
        self.plan = package_plans.plan(tuple(packages))
        package_plans.refuse_visible(self.plan, forbidden)
        self._own_uids = self._has_own_uids()
        self._ahead: Future[Process] | None = None
        if not self.isolation.namespaces:
            set_dumpable(
                False
            )  # submissions run as this user: keep them from this process's memory and environment
        self._maker = os.getpid()
        self._homes = self._make_homes()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control = ours
        with theirs:
            self._pid = spawn_inside("zygote", theirs.fileno())
        self._pidfd = os.pidfd_open(self._pid)
        try:
            self.report = self._start(preload)
        except BaseException:
            self.close()
            raise
        self.start_seconds = time.monotonic() - started

    def _start(self, preload: Sequence[str]) -> dict[str, Any]:
        self._control.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        self._control.settimeout(START_SECONDS)
        try:
            self._control.send(json.dumps(self._configuration(preload)).encode())
            report = json.loads(self._control.recv(1 << 16) or '{"error": "it ended"}')
        except OSError as error:
            report = {"error": str(error) or type(error).__name__}
        if "error" in report:
            raise JailFault(f"the zygote did not start: {report['error']}")
        self._control.settimeout(FORK_SECONDS)
        return dict(report)

    def _configuration(self, preload: Sequence[str]) -> dict[str, Any]:
        isolation = self.isolation
        configuration = {
            "namespaces": isolation.namespaces,
            "user_namespace": isolation.user_namespace,
            "restricted": isolation.restricted,
            "preload": list(preload),
            "binds": self.plan.binds,
            "masks": self.plan.masks,
            "home": HOME,
            "path": [
                package_plans.STANDARD_LIBRARY,
                f"{package_plans.STANDARD_LIBRARY}/lib-dynload",
                "/py/lib-dynload",
                "/site",
            ],
            "hidden_modules": package_plans.hidden_modules(self.plan),
            "large_buffers": isolation.memory_cgroup,
            "pid_placeholder": PID_PLACEHOLDER,
            "filter": "",
        }
        try:
            program = filter_program(namespaces=isolation.namespaces, memory_files=isolation.memory_cgroup)
            configuration["filter"] = program.hex()
        except NotImplementedError as error:
            if isolation.restricted:
                raise JailFault(str(error)) from None
        if self._homes is not None:
            readable, listed = package_plans.visible_files(self.plan)
            farm, home = self._homes / "site", self._homes / "zygote"
            package_plans.link_farm(self.plan, farm)
            (home / ".tmp").mkdir(parents=True)
            devices = ["/dev/zero", "/dev/urandom", "/dev/random"]
            configuration |= {
                "home": str(home),
                "homes": str(self._homes),
                "readable": [*readable, str(farm), *devices],
                "listed": listed,
                "path": [*package_plans.standard_library_folders(self.plan), str(farm)],
            }
        return configuration

    def _has_own_uids(self) -> bool:
        """Whether every jail gets its own user id: only root can give one, and all must be able to read."""
        isolation = self.isolation
        if os.geteuid() != 0 or (isolation.namespaces and isolation.user_namespace):
            return False
        if not isolation.restricted:
            return True  # nothing else would keep root's rights from a submission
        closed = package_plans.closed_to_others(self.plan, with_parents=not isolation.namespaces)
        if closed and isolation.namespaces:
            raise GradecheckError(
                f"{closed} cannot be read by other users, so submissions cannot; run: chmod -R o+rX {closed}"
            )
        return not closed

    def _make_homes(self) -> Path | None:
        """Without a private file system submissions write to a temporary folder of this machine."""
        if self.isolation.namespaces:
            return None
        temporary = Path(tempfile.gettempdir())
        _remove_stale_homes(temporary)
        folder = Path(tempfile.mkdtemp(prefix=f"{HOMES_PREFIX}{os.getpid()}-", dir=temporary))
        folder.chmod(0o711)
        return folder

    def open(
        self,
        cells: Sequence[str],
        limits: Limits | None = None,
        seed: int = 0,
        moments: Collection[int] = (),
    ) -> Jail:
        """Fork a jail, run a notebook's cells in it, and keep their state; see `Jail`."""
        from .jail import Jail, Limits

        return Jail(self, cells, limits or Limits(), seed, moments)

    @contextlib.contextmanager
    def forking_ahead(self, limits: Limits) -> Iterator[None]:
        """Make the next jail from a thread meanwhile: to make one is mostly waiting for the kernel.

        The first `fork` takes it; if none comes before the end of the block, it is ended.
        """
        with ThreadPoolExecutor(1, "fork") as thread:
            self._ahead = thread.submit(self._fork, limits)
            try:
                yield
            finally:
                if self._ahead is not None:
                    with contextlib.suppress(JailFault):
                        self._ahead.result().end()
                    self._ahead = None

    def fork(self, limits: Limits) -> Process:
        """Make one jail, limited and ready to serve requests; nothing of the submission has run yet.

        Raises
        ------
        JailFault
            If the machine or the zygote fails.
        """
        ahead, self._ahead = self._ahead, None
        return self._fork(limits) if ahead is None else ahead.result()

    def _fork(self, limits: Limits) -> Process:
        requests, their_requests = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        orders, their_orders = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        output, their_output = os.pipe()
        home = pidfd = group = None
        try:
            home, request = self._request(limits)
            for end in (requests, their_requests):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
            orders.settimeout(FORK_SECONDS)
            theirs = [their_requests.fileno(), their_output, their_orders.fileno()]
            socket.send_fds(self._control, [json.dumps(request).encode()], theirs)
            for end in (their_requests, their_orders):
                end.close()
            pidfd = _receive_pidfd(orders)
            if self.isolation.memory_cgroup:
                group = MemoryGroup((limits.memory_mb << 20) + GROUP_MARGIN)
                group.add(pid_of(pidfd))
            orders.send(b"start")
            executor = _wait_until_ready(orders, self.isolation.namespaces)
        except BaseException as error:
            if pidfd is not None:
                end_process(pidfd)
                os.close(pidfd)
            if group is not None:
                group.remove()
            if home is not None:
                shutil.rmtree(home, ignore_errors=True)
            for end in (requests, orders):
                end.close()
            os.close(output)
            if isinstance(error, OSError):
                raise JailFault(f"the zygote could not make a jail: {error}") from error
            raise
        finally:
            os.close(their_output)
            their_requests.close()
            their_orders.close()
        return Process(requests, output, orders, pidfd, executor, group, home)

    def _request(self, limits: Limits) -> tuple[Path | None, dict[str, Any]]:
        isolation = self.isolation
        uid = FIRST_UID + secrets.randbelow(UIDS) if self._own_uids else 0
        request = {
            "uid": uid,
            "disk_mb": limits.disk_mb,
            "memory_mb": limits.memory_mb,
            "processes": limits.processes,
            "cpu_seconds": int(limits.cpu_seconds) + 1,
            "cores": sorted(os.sched_getaffinity(0)),
            "file_bytes": (limits.memory_mb if isolation.namespaces else limits.disk_mb) << 20,
        }
        if self._homes is None:
            return None, request
        home = Path(tempfile.mkdtemp(dir=self._homes))
        (home / ".tmp").mkdir()
        if uid:
            for folder in (home, home / ".tmp"):
                os.chown(folder, uid, uid)
        return home, {**request, "home": str(home)}

    def close(self) -> None:
        """End the zygote and with it every jail; in a forked child, only let go of it."""
        if self._control.fileno() < 0:
            return
        self._control.close()
        if os.getpid() == self._maker:
            end_process(self._pidfd)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(self._pid, 0)
            if self._homes is not None:
                shutil.rmtree(self._homes, ignore_errors=True)
        os.close(self._pidfd)

    def __enter__(self) -> Zygote:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _remove_stale_homes(temporary: Path) -> None:
    """Remove what zygotes left behind whose maker was killed."""
    for folder in temporary.glob(f"{HOMES_PREFIX}*"):
        maker = Path("/proc", folder.name.removeprefix(HOMES_PREFIX).split("-")[0])
        with contextlib.suppress(OSError):
            if folder.lstat().st_uid == os.geteuid() and maker.name.isdigit() and not maker.exists():
                shutil.rmtree(folder, ignore_errors=True)


def pid_of(pidfd: int) -> int:
    """Return the process id behind a pidfd, -1 when the process is gone."""
    for line in Path(f"/proc/self/fdinfo/{pidfd}").read_text().splitlines():
        if line.startswith("Pid:"):
            return int(line.split()[1])
    return -1


def end_process(pidfd: int, seconds: float = 2.0) -> None:
    """Kill a process and wait until it has ended, a while at most."""
    with contextlib.suppress(ProcessLookupError):
        signal.pidfd_send_signal(pidfd, signal.SIGKILL)
    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    poll.poll(seconds * 1000)


def _receive_pidfd(orders: socket.socket) -> int:
    message, descriptors, _, _ = socket.recv_fds(orders, 1 << 13, 1)
    if not descriptors:
        raise JailFault(_reason(message))
    return descriptors[0]


def _wait_until_ready(orders: socket.socket, namespaces: bool) -> int:
    """Return the executor's id, once it has given up its rights and the first process is listening."""
    state: dict[str, Any] = {} if namespaces else {"executor": 0}
    while not {"ready", "executor"} <= state.keys():
        message = orders.recv(1 << 13)
        answer: Mapping[str, Any] = json.loads(message) if message else {"error": ""}
        if "error" in answer:
            raise JailFault(_reason(message))
        state |= answer
    return int(state["executor"])


def _reason(message: bytes) -> str:
    text = json.loads(message).get("error", "") if message else "it ended without a word"
    return f"the zygote could not make a jail: {text}"
