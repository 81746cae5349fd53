"""What every grading process does, whatever its checks are: `server` and `otter_session` do the rest."""

from __future__ import annotations

import gc
import os
import resource
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from autograder.errors import GradecheckError, GraderFault
from autograder.grade.notebook import NotebookError
from autograder.grade.parallel import Death, ForkServer, Message, Send, send
from autograder.grade.prepare import Zygotes
from autograder.sandbox import remove_stale_groups

__all__ = ["NOT_READABLE", "GradingServer", "limited_reading", "serving"]

# A child reads what anybody may have sent.
PARSE_CPU_SECONDS = 30
CHILD_MEMORY = 6 << 30
NOT_READABLE = "The notebook cannot be read: reading it needs more time or memory than any notebook does."
# A limit, or the parser's own stack. why: an exception of ours is a fault, which costs nobody points.
READING_ENDED = ("SIGXCPU", "SIGSEGV")


@contextmanager
def serving(control: socket.socket) -> Iterator[ExitStack]:
    """Keep a grading process from the terminal, tell the caller what stops it, and leave nothing behind.

    Yields
    ------
    ExitStack
        For what is to be ended, whatever happens.
    """
    # pytest has nothing to say to the terminal.
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    os.close(null)
    # why: callbacks of the collector let threads change in the middle of a parse, which Python 3.11 takes for
    # an error of its own (two threads start the process); all that lives on is collected once, before forks.
    gc.disable()
    try:
        # Threads of a BLAS would spin beside the jail, and sum in another order.
        with threadpool_limits(1), ExitStack() as stack:
            stack.callback(remove_stale_groups, own=True)
            yield stack
    except GradecheckError as error:
        send(control, {"error": str(error)})
    except GraderFault as error:
        send(control, {"fault": str(error)})


class GradingServer:
    """Forks a child per submission; what happens to one is for `before`, `work` and `not_readable`.

    Parameters
    ----------
    control : socket.socket
        To the caller.
    zygotes : Zygotes
    """

    def __init__(self, control: socket.socket, zygotes: Zygotes) -> None:
        self.control, self.zygotes = control, zygotes

    def before(self, task: Message) -> Message | None:
        """See `ForkServer`."""
        raise NotImplementedError

    def work(self, task: Message, send: Send) -> None:
        """See `ForkServer`."""
        raise NotImplementedError

    def not_readable(self, task: Message) -> Message:
        """Make the last message on a notebook that cannot be read."""
        raise NotImplementedError

    def serve_children(self, jobs: int, seconds: float) -> None:
        """Say that all is ready, and grade until the caller closes the socket."""
        send(self.control, {"ready": True})
        # A child lives for a moment: a collection in it would only copy the server's pages.
        gc.collect()
        gc.freeze()
        ForkServer(self.control, self.before, self.work, self.died, jobs=jobs, seconds=seconds).serve()

    def died(self, death: Death) -> tuple[str, Message]:
        """In the server: a child ended early. Try it once more with a fresh zygote."""
        task = death.task
        remove_stale_groups()
        if death.reached == "start" and death.how in READING_ENDED:
            return "done", self.not_readable(task)
        if not task.get("again"):
            self.zygotes.renew()
            return "retry", {**task, "again": True}
        fault = f"the grader failed twice on this submission: {death.how}"
        return "done", {"done": task["number"], "fault": fault}

    def close(self) -> None:
        """End the zygotes."""
        self.zygotes.close()


@contextmanager
def limited_reading() -> Iterator[None]:
    """Limit the CPU time of a child while it reads a notebook, and its memory for good.

    Raises
    ------
    NotebookError
        If that is not enough.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time()) + PARSE_CPU_SECONDS, hard))
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    memory = CHILD_MEMORY if most == resource.RLIM_INFINITY else min(CHILD_MEMORY, most)
    resource.setrlimit(resource.RLIMIT_AS, (memory, most))
    try:
        yield
    except (MemoryError, RecursionError):
        raise NotebookError(NOT_READABLE) from None
    finally:
        resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))
