"""A fork server: one process that is ready to work forks a child per task, some at a time.

Messages are JSON, each preceded by its length. A child that dies without its last message is told
from one that finished, and what it had reached is known from the messages before.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import selectors
import signal
import socket
import struct
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from autograder.errors import GraderFault
from autograder.sandbox.inside.linux import die_with_parent

__all__ = ["Death", "ForkServer", "Message", "call_in_child", "receive", "report_fault", "send"]

Message = dict[str, Any]
Send = Callable[[Message], None]
LENGTH = struct.Struct("!I")
MAX_TRACEBACK = 20_000
LOOK_SECONDS = 15.0


def send(channel: socket.socket, message: Message) -> None:
    """Send one message; blocks while the other side does not read."""
    data = json.dumps(message).encode()
    channel.sendall(LENGTH.pack(len(data)) + data)


def receive(channel: socket.socket, sender: int | None = None) -> Message | None:
    """Wait for one message; None at the end.

    Raises
    ------
    GraderFault
        If the process `sender` is found stopped, so that nothing would ever come; it is ended.
    """
    head = _exactly(channel, LENGTH.size, sender)
    if head is None:
        return None
    data = _exactly(channel, LENGTH.unpack(head)[0], sender)
    return None if data is None else json.loads(data)


def _exactly(channel: socket.socket, size: int, sender: int | None) -> bytes | None:
    data = bytearray()
    while len(data) < size:
        if sender is not None:
            _wait(channel, sender)
        part = channel.recv(min(size - len(data), 1 << 20))
        if not part:
            return None
        data += part
    return bytes(data)


def _wait(channel: socket.socket, sender: int) -> None:
    poll = select.poll()
    poll.register(channel, select.POLLIN)
    looks = 0
    while not poll.poll(LOOK_SECONDS * 1000):
        # Twice: after Control-Z this process may go on a moment before the other one.
        looks = looks + 1 if is_stopped(sender) else 0
        if looks == 2:
            with contextlib.suppress(ProcessLookupError):
                os.kill(sender, signal.SIGKILL)
            raise GraderFault(
                f"the grading process {sender} was stopped by another program (SIGSTOP) and is ended now; "
                "run the same command again to go on"
            )


def is_stopped(pid: int) -> bool:
    """Whether a process is stopped by a signal, so that it does nothing until it is continued."""
    with contextlib.suppress(OSError), open(f"/proc/{pid}/stat", "rb") as file:
        return file.read().rsplit(b")", 1)[1].split()[0] == b"T"
    return False


def report_fault(channel: socket.socket) -> None:
    """Say, as the last message, which exception of our own is being handled."""
    with contextlib.suppress(Exception):
        send(channel, {"done": None, "fault": traceback.format_exc()[-MAX_TRACEBACK:]})


def fork_child(work: Callable[[socket.socket], None]) -> tuple[int, socket.socket]:
    """Fork; the child works with its end of a socket and ends. Return its id and the other end.

    What `work` raises is the child's last message, see `report_fault`.
    """
    ours, theirs = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        code = 70
        try:
            ours.close()
            work(theirs)
            code = 0
        except BaseException:
            report_fault(theirs)
        finally:
            # Neither pytest's nor the interpreter's clean-up is this child's to do.
            os._exit(code)
    theirs.close()
    return pid, ours


def call_in_child(work: Callable[[], Message], *, seconds: float | None = None) -> Message | None:
    """Run `work` in a forked child and return its message; None if the child died.

    What `work` raises comes back as ``{"fault": traceback}``. A child that is silent for `seconds` is ended.
    """
    pid, ours = fork_child(lambda channel: send(channel, work()))
    ours.settimeout(seconds)
    try:
        with ours:
            return receive(ours)
    except TimeoutError:
        os.kill(pid, signal.SIGKILL)
        return None
    finally:
        os.waitpid(pid, 0)


class _Buffer:
    """Bytes as they come in, messages as they are complete."""

    def __init__(self) -> None:
        self.data = bytearray()

    def messages(self, part: bytes) -> Iterator[Message]:
        self.data += part
        while len(self.data) >= LENGTH.size:
            size = LENGTH.unpack_from(self.data)[0]
            if len(self.data) < LENGTH.size + size:
                return
            message = json.loads(self.data[LENGTH.size : LENGTH.size + size])
            del self.data[: LENGTH.size + size]
            yield message


@dataclass(frozen=True)
class Death:
    """A child ended without its last message, or its last message tells of a ``fault`` of the grader.

    Attributes
    ----------
    task : dict
        What it was to do.
    reached : str
        Its last stage.
    how : str
        The signal, exit code or fault, for staff.
    """

    task: Message
    reached: str
    how: str


@dataclass
class _Child:
    task: Message
    pid: int
    channel: socket.socket
    deadline: float
    core: int | None
    buffer: _Buffer = field(default_factory=_Buffer)
    reached: str = "start"
    last: Message | None = None


class ForkServer:
    """Forks a child for each task that comes over a socket and sends back its last message.

    Parameters
    ----------
    control : socket.socket
        Tasks come from here, last messages go there. The server ends when it is closed.
    before : callable
        ``before(task)`` runs in the server ahead of the fork; a message that it returns is the last
        one, and there is no fork.
    work : callable
        ``work(task, send)`` runs in the child. It sends ``{"stage": name}`` when it gets somewhere,
        and as its last message anything with the key ``"done"``.
    died : callable
        ``died(death)`` runs in the server: returns the task to try it again, or a last message.
    jobs : int
        Children at a time.
    seconds : float
        Wall-clock back-stop for one child.

    Notes
    -----
    The server has no threads, so a child never inherits a lock that nobody will release.
    """

    def __init__(
        self,
        control: socket.socket,
        before: Callable[[Message], Message | None],
        work: Callable[[Message, Send], None],
        died: Callable[[Death], tuple[str, Message]],
        *,
        jobs: int,
        seconds: float,
    ) -> None:
        self.control, self.before, self.work, self.died = control, before, work, died
        self.jobs, self.seconds = jobs, seconds
        self.queue: deque[Message] = deque()
        self.children: dict[int, _Child] = {}
        self.selector = selectors.DefaultSelector()
        cores = sorted(os.sched_getaffinity(0))
        # A child and its jail take turns: on one core neither wakes another one up, nor moves its caches.
        self.cores: list[int | None] = [*cores] if jobs <= len(cores) else [None] * jobs

    def serve(self) -> None:
        """Work until the other side closes the socket; then end the children that still run."""
        requests = _Buffer()
        self.selector.register(self.control, selectors.EVENT_READ)
        try:
            while True:
                while self.queue and len(self.children) < self.jobs:
                    self._start(self.queue.popleft())
                for key, _ in self.selector.select(timeout=1.0 if self.children else None):
                    part = self._read(key.fileobj)
                    if key.fileobj is not self.control:
                        self._heard(self.children[key.fd], part)
                    elif part:
                        self.queue.extend(requests.messages(part))
                    else:
                        return
                self._end_overdue()
        finally:
            for child in self.children.values():
                os.kill(child.pid, signal.SIGKILL)
                os.waitpid(child.pid, 0)

    @staticmethod
    def _read(channel: Any) -> bytes:
        try:
            return bytes(channel.recv(1 << 18))
        except ConnectionResetError:
            return b""

    def _start(self, task: Message) -> None:
        answer = self.before(task)
        if answer is not None:
            send(self.control, answer)
            return

        core = self.cores.pop(0)

        def run(channel: socket.socket) -> None:
            if core is not None:
                os.sched_setaffinity(0, {core})
            die_with_parent()
            # The child keeps nothing by which it could speak for the server or another child.
            self.selector.close()
            self.control.close()
            for child in self.children.values():
                child.channel.close()
            self.work(task, lambda message: send(channel, message))

        pid, ours = fork_child(run)
        child = _Child(task, pid, ours, time.monotonic() + self.seconds, core)
        self.children[ours.fileno()] = child
        self.selector.register(ours, selectors.EVENT_READ)

    def _heard(self, child: _Child, part: bytes) -> None:
        for message in child.buffer.messages(part):
            if "done" in message:
                child.last = message
            else:
                child.reached = str(message.get("stage", child.reached))
        if not part:
            self._ended(child)

    def _ended(self, child: _Child) -> None:
        self.selector.unregister(child.channel)
        del self.children[child.channel.fileno()]
        child.channel.close()
        self.cores.append(child.core)
        _, status = os.waitpid(child.pid, 0)
        if child.last is not None and "fault" not in child.last:
            send(self.control, child.last)
            return
        code = os.waitstatus_to_exitcode(status)
        how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        if child.last is not None:
            how = str(child.last["fault"])
        what, message = self.died(Death(child.task, child.reached, how))
        if what == "retry":
            self.queue.appendleft(message)
        else:
            send(self.control, message)

    def _end_overdue(self) -> None:
        now = time.monotonic()
        for child in self.children.values():
            if now > child.deadline:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child.pid, signal.SIGKILL)
