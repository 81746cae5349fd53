"""One jailed process that runs a notebook's cells, and what the trusted side can see of it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import struct
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from .connection import Connection
from .errors import ProtocolViolation, StudentDied, StudentError, StudentMemory, StudentTimeout, student_error
from .inside.channel import SNAP, ChannelClosed, DeadlinePassed
from .memory import process_tree
from .monitor import Monitor, Output, Watch
from .zygote import Zygote, end_process, pid_of

if TYPE_CHECKING:
    from .jail import Limits

__all__ = [
    "CellError",
    "Execution",
    "Peer",
    "announce_peer",
    "inner_pid",
    "memory_text",
    "receive_peer",
    "run_cells",
]

MAX_CELL = 1 << 20
LAST_CELLS_SECONDS = 1.0  # for each cell after the notebook's time is used up
LAST_CELLS = 10  # so many times that for all of them
THREAD_GRACE = 0.2
ORDER_SECONDS = 10.0
SHARED_MAPPING = re.compile(rb" [-r]([-w])[-x]s [0-9a-f][^\n]*")  # as /proc shows it
SO_PASSPIDFD, SCM_CREDENTIALS, SCM_PIDFD = 76, 2, 4


@dataclass(frozen=True)
class CellError:
    """How a cell failed. The submission can forge all of it: to be read, never to be trusted.

    Attributes
    ----------
    type_names : tuple of str
        The exception's class and its bases, the nearest first.
    text : str
    frames : tuple of (cell, line, function, source line)
    """

    type_names: tuple[str, ...]
    text: str
    frames: tuple[tuple[str, int, str, str], ...] = ()


TOO_LONG = CellError(("ValueError", "Exception"), "the cell is longer than 1 MB and did not run")


class Peer(NamedTuple):
    """A process inside the jail, as the kernel names it; whoever receives it owns the pidfd."""

    pid: int
    pidfd: int


class Execution:
    """A jail in which a notebook's cells run.

    Parameters
    ----------
    zygote : Zygote
    limits : Limits
    monitor : Monitor

    Attributes
    ----------
    connection : Connection
    watch : Watch
    stuck : int or None
        Index of the cell during which the process had to be ended.
    """

    def __init__(self, zygote: Zygote, limits: Limits, monitor: Monitor) -> None:
        self.limits = limits
        self.monitor = monitor
        self.process = zygote.fork(limits)
        self.large_buffers = zygote.isolation.memory_cgroup
        self.connection = Connection(self.process.requests, large_buffers=self.large_buffers)
        self.connection.on_dead = self._on_dead
        self.jail_pid = pid_of(self.process.pidfd)
        self.output = Output(self.process.output, limits.output_bytes)
        self.pid = self._executor_pid()
        self.watch = Watch(self.pid, self.jail_pid, self.connection, self.output, interrupt=self._interrupt)
        self.stuck: int | None = None
        monitor.keep_output(self.output)
        monitor.watch = self.watch
        monitor.jail = (self.jail_pid, self._end)

    def _executor_pid(self) -> int:
        if not self.process.executor:
            return self.jail_pid
        for pid in process_tree(self.jail_pid):
            if inner_pid(pid) == self.process.executor:
                return pid
        return self.jail_pid  # gone already: its requests will say so

    def run(
        self,
        cells: Sequence[str],
        seed: int,
        seconds: float,
        after: Callable[[int], None] = lambda number: None,
    ) -> list[CellError | None]:
        """Run cells; a failing one does not stop the next, one that takes too long is interrupted.

        Calls ``after(number)`` when so many have run.

        Raises
        ------
        StudentError
            If the process had to be ended, or ended itself.
        """
        self.connection.request("seed", seed)
        wall = self.limits.wall_factor
        cpu_limit, wall_limit = self.watch.cpu() + seconds, time.monotonic() + wall * seconds
        errors: list[CellError | None] = []
        last_cpu = cpu_limit + LAST_CELLS * LAST_CELLS_SECONDS
        last_wall = wall_limit + wall * LAST_CELLS * LAST_CELLS_SECONDS
        for number, source in enumerate(cells, 1):
            if not source:  # left out by who opened the jail
                errors.append(None)
                continue
            # On a busy machine the time for which it waited for a core is not its own.
            if self.watch.cpu() > last_cpu or time.monotonic() - self.watch.starved() > last_wall:
                text = f"this cell did not run: a notebook's cells may use {seconds:g} seconds in all"
                errors.append(CellError(("TimeoutError", "OSError", "Exception"), text))
                continue
            self.stuck = number - 1
            self.watch.is_interrupted = False
            self.watch.cpu_limit = max(cpu_limit, self.watch.cpu() + LAST_CELLS_SECONDS)
            self.watch.wall_limit = max(wall_limit, time.monotonic() + wall * LAST_CELLS_SECONDS)
            deadline = self.watch.wall_limit + 10
            error = run_cells(self.connection, "cells", number, cells=[source], deadline=deadline)[0]
            if (
                error is not None
                and self.watch.is_interrupted
                and error.type_names[:1] == ("KeyboardInterrupt",)
            ):
                text = f"this cell was stopped: a notebook's cells may use {seconds:g} seconds in all"
                error = CellError(("TimeoutError", "OSError", "Exception"), text, error.frames)
            errors.append(error)
            after(number)
        self.stuck = None
        self.watch.cpu_limit = self.watch.wall_limit = float("inf")
        return errors

    def _interrupt(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGINT)

    # what a fork would not copy

    def entanglement(self) -> str | None:
        """Say what the notebook left that a fork would share or lose; None if a fork is as good as it."""
        if not self.process.executor:
            return "no namespaces: a worker could not be ended with all that it started"
        deadline = time.monotonic() + THREAD_GRACE
        while (threads := self._threads()) > 1 and time.monotonic() < deadline:
            time.sleep(0.01)
        if threads != 1:
            return f"{threads - 1} threads left running" if threads > 0 else "the process cannot be looked at"
        folder = Path(f"/proc/{self.pid}")
        try:
            for entry in os.listdir(folder / "fd"):
                # Even one that is only read has a position, which all forks would share.
                if int(entry) > 3:
                    return f"a descriptor left open on {os.readlink(folder / 'fd' / entry)}"
            for mapping in SHARED_MAPPING.finditer((folder / "maps").read_bytes()):
                # Libraries' files cannot be made writable; other memory can, whatever it looks like now.
                if mapping[1] == b"w" or mapping[0].endswith(b"(deleted)") or b" /home/" in mapping[0]:
                    return "a shared mapping"
        except OSError as error:
            return f"the process cannot be looked at ({error.strerror})"
        return None

    def _threads(self) -> int:
        with contextlib.suppress(OSError):
            return len(os.listdir(f"/proc/{self.pid}/task"))
        return -1

    # the idle copy

    def make_idle_copy(self) -> tuple[socket.socket, Peer]:
        """Have the process fork its idle copy; returns the socket that the copy listens on, and who it is."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            with theirs:
                announce_peer(ours)
                self.connection.channel.deadline = time.monotonic() + 5
                try:
                    self.connection.channel.send(SNAP, b"", [os.dup(theirs.fileno())])
                except (ChannelClosed, DeadlinePassed):
                    raise StudentDied("the notebook's process does not listen any more") from None
            peer = receive_peer(ours)
            if inner_pid(peer.pid) in (1, self.process.executor):
                os.close(peer.pidfd)
                raise ProtocolViolation("the notebook's process answered for its copy")
        except BaseException:
            ours.close()
            raise
        return ours, peer

    def order(self, **message: Any) -> dict[str, Any]:
        """Have the jail's first process, which is ours, do something, and return its answer."""
        try:
            self.process.orders.settimeout(ORDER_SECONDS)
            self.process.orders.send(json.dumps(message).encode())
            return dict(json.loads(self.process.orders.recv(1 << 13)))
        except (OSError, ValueError):
            raise StudentDied("the jail ended") from None

    # the end

    def _end(self, error: StudentError) -> None:
        """Kill everything in the jail, for a reason."""
        self.connection.end(error)
        self.kill()

    def _on_dead(self, error: Exception) -> None:
        if isinstance(error, StudentDied | StudentTimeout) and self.memory_kills():
            self.connection.dead = StudentMemory(memory_text(self.limits))
        elif isinstance(error, StudentDied) and self.watch.cpu() >= self.watch.cpu_limit:
            self.connection.dead = StudentTimeout("the time limit passed while the student's code ran")
        self.kill()

    def memory_kills(self) -> int:
        return self.process.group.kills() if self.process.group is not None else 0

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError, OSError):
            signal.pidfd_send_signal(self.process.pidfd, signal.SIGKILL)

    def close(self) -> None:
        """End the jail; when this returns, no process and no file of it is left."""
        self.watch.end()
        if self.monitor.watch is self.watch:
            self.monitor.watch = None
        self.monitor.jail = None
        end_process(self.process.pidfd)
        os.close(self.process.pidfd)
        self.connection.on_dead = None
        self.connection.close()
        self.process.orders.close()
        self.output.drain()
        self.monitor.drop_output(self.output)
        self.output.close()
        self.process.forget()


def memory_text(limits: Limits) -> str:
    """What a student reads when the memory of a jail is used up."""
    return f"the submission used more than {limits.memory_mb} MB of memory"


def run_cells(
    connection: Connection, *request: Any, cells: Sequence[str], deadline: float
) -> list[CellError | None]:
    """Run cells in the process behind a connection; `request` is all of the operation but the cells."""
    runs = [source if len(source) <= MAX_CELL else "" for source in cells]
    answer = connection.request(*request, runs, deadline=deadline, plain=True)
    if type(answer) is list and len(answer) == len(cells):
        with contextlib.suppress(TypeError, ValueError):
            errors = [None if item is None else _cell_error(item) for item in answer]
            return [
                TOO_LONG if len(source) > MAX_CELL else error
                for source, error in zip(cells, errors, strict=True)
            ]
    raise connection.end(ProtocolViolation("the submission sent a malformed message: what its cells did"))


def _cell_error(item: Any) -> CellError:
    names, text, frames = item
    shapes = [[type(part) for part in frame] for frame in frames if type(frame) is tuple]
    if not (type(names) is list and names and all(type(name) is str for name in names) and type(text) is str):
        raise TypeError("not the name and text of an error")
    if type(frames) is not list or shapes != [[str, int, str, str]] * len(frames):
        raise TypeError("not the frames of an error")
    clean = student_error(names, text, frames)
    return CellError(clean.type_names, clean.text, clean.frames)


def announce_peer(connection: socket.socket) -> None:
    """Have the kernel add to what arrives who sent it."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    with contextlib.suppress(OSError):  # Linux 6.5
        connection.setsockopt(socket.SOL_SOCKET, SO_PASSPIDFD, 1)


def receive_peer(connection: socket.socket, seconds: float = 5.0) -> Peer:
    """Wait for a process's greeting and return who sent it.

    Raises
    ------
    StudentDied
        If nobody greets.
    """
    connection.settimeout(seconds)
    pid = pidfd = -1
    try:
        message, attached, _, _ = connection.recvmsg(1, socket.CMSG_SPACE(12) + socket.CMSG_SPACE(4))
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 0)
        for level, kind, content in attached:
            if level == socket.SOL_SOCKET and kind == SCM_CREDENTIALS:
                pid = struct.unpack("iii", content[:12])[0]
            elif level == socket.SOL_SOCKET and kind == SCM_PIDFD:
                pidfd = struct.unpack("i", content[:4])[0]
        with contextlib.suppress(OSError):
            connection.setsockopt(socket.SOL_SOCKET, SO_PASSPIDFD, 0)
        if message and pid > 0:
            return Peer(pid, pidfd if pidfd >= 0 else os.pidfd_open(pid))
    except OSError:
        pass
    if pidfd >= 0:
        os.close(pidfd)
    raise StudentDied("no process answered in time")


def inner_pid(pid: int) -> int:
    """Return a process's id as its own namespace counts it, -1 when it is gone."""
    with contextlib.suppress(OSError), open(f"/proc/{pid}/status", errors="replace") as file:
        for line in file:
            if line.startswith("NSpid:"):
                return int(line.split()[-1])
    return -1
