"""One submission in its jail: the cells run once, then every question gets its own process in that state."""

from __future__ import annotations

import os
import socket
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .connection import Connection
from .errors import StudentDied, StudentError, StudentMemory, StudentTimeout
from .execution import CellError, Execution, Peer, announce_peer, inner_pid, receive_peer
from .monitor import Monitor, Output
from .worker import DeadWorker, Worker
from .zygote import GROUP_MARGIN, Zygote

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["Jail", "Limits"]

CELLS_SHARE = 0.5  # of a submission's CPU time, for the notebook's own run


@dataclass(frozen=True)
class Limits:
    """What a submission may use.

    Attributes
    ----------
    cpu_seconds : float
        Whole submission: half for the notebook's own run, what is left for its questions.
    question_seconds : float
        CPU time of one question.
    wall_factor : float
        Times a CPU limit: the limit by the clock.
    memory_mb, disk_mb, processes : int
        All processes of the jail together.
    output_bytes : int
        How much of what is printed is kept.
    """

    cpu_seconds: float = 60.0
    question_seconds: float = 10.0
    wall_factor: float = 3.0
    memory_mb: int = 2048
    disk_mb: int = 64
    processes: int = 64
    output_bytes: int = 1 << 20


class Jail:
    """A notebook whose cells have run; make it with `Zygote.open`.

    Parameters
    ----------
    zygote : Zygote
    cells : sequence of str
    limits : Limits
    seed : int
    moments : collection of int
        Numbers of cells: the state after so many of them is kept too, for `question`.

    Attributes
    ----------
    errors : list of CellError or None
        One per cell.
    dead : StudentError or None
        Why the notebook's process ended while its cells ran; every question is then a crash.
    forks : bool
        Whether questions are forked from an idle copy of the executed notebook. If not, the cells run again.
    reason : str or None
        Why not.
    """

    def __init__(
        self,
        zygote: Zygote,
        cells: Sequence[str],
        limits: Limits,
        seed: int,
        moments: Collection[int] = (),
    ) -> None:
        self.limits = limits
        self.errors: list[CellError | None] = [None] * len(cells)
        self.dead: StudentError | None = None
        self.forks = False
        self.reason: str | None = None
        self._zygote, self._cells, self._seed = zygote, list(cells), seed
        self._skipped: dict[int, CellError] = {}
        self._cpu_used = 0.0
        self._output = ""
        self._execution: Execution | None = None
        # Idle copies by how many cells had run; the one after all of them is what most questions need.
        self._copies: dict[int, tuple[socket.socket, Peer]] = {}
        self._moments = frozenset(moments) - {len(cells)}
        self._worker: Worker | None = None
        watched = not zygote.isolation.memory_cgroup
        self._monitor = Monitor((limits.memory_mb << 20) + GROUP_MARGIN if watched else None)
        try:
            self._open()
        except BaseException:
            self.close()
            raise

    def _open(self) -> None:
        try:
            execution = self._execute(len(self._cells))
        except StudentError as error:
            self.dead = error
            return
        self._execution = execution
        # What a cell took beyond its share was stopped; it does not cost the questions theirs.
        self._cpu_used += min(execution.watch.cpu(), self.limits.cpu_seconds * CELLS_SHARE)
        self._output = execution.output.text()
        self.reason = execution.entanglement()
        if self.reason is None:
            try:
                self._copies[len(self._cells)] = execution.make_idle_copy()
                execution.order(do="sweep", keep=self._copy_numbers())
                self.forks = True
            except StudentError as error:
                self._run_cells_again_from_now_on(f"no idle copy: {error}")

    def _execute(self, count: int) -> Execution:
        """Run so many cells in a new jail. A cell that could not be stopped is left out of a second try."""
        seconds = self.limits.cpu_seconds * CELLS_SHARE
        while True:
            execution = Execution(self._zygote, self.limits, self._monitor)
            cells = ["" if index in self._skipped else source for index, source in enumerate(self._cells)]

            def keep(number: int, execution: Execution = execution) -> None:
                if number in self._moments and count == len(self._cells) and not execution.entanglement():
                    # Without a copy the cells up to there run again for the question that needs it.
                    try:
                        self._copies[number] = execution.make_idle_copy()
                    except StudentError:
                        self._moments = frozenset()  # each further try would have to wait as well

            try:
                errors = execution.run(cells[:count], self._seed, seconds, keep)
                if count == len(cells):
                    self.errors = [self._skipped.get(index, error) for index, error in enumerate(errors)]
                return execution
            except StudentError as error:
                self._output, stuck = execution.output.text(), execution.stuck
                self._drop_copies()
                execution.close()
                if self._skipped or stuck is None or not isinstance(error, StudentTimeout | StudentMemory):
                    raise
                name = "MemoryError" if isinstance(error, StudentMemory) else "TimeoutError"
                self._skipped[stuck] = CellError((name, "Exception"), f"this cell was left out: {error}")
            except BaseException:
                execution.close()
                raise

    def _copy_numbers(self) -> list[int]:
        """Ids of the idle copies inside the jail."""
        return [inner_pid(peer.pid) for _, peer in self._copies.values()]

    @property
    def cpu_left(self) -> float:
        """CPU seconds that the submission may still use."""
        return max(self.limits.cpu_seconds - self._cpu_used, 0.0)

    def output(self) -> str:
        """What the cells printed, the first part of it."""
        return self._output

    def question(
        self,
        definitions: Sequence[str] = (),
        seconds: float | None = None,
        seed: int = 0,
        moment: int | None = None,
    ) -> Worker:
        """Return a fresh worker in the executed notebook's state; ends the one before.

        Parameters
        ----------
        definitions : sequence of str
            Cells to execute again in it first: the question's own answer.
        seconds : float, optional
            CPU time, at most what the submission has left; default `Limits.question_seconds`.
        seed : int
            For the global generators of random, numpy and torch.
        moment : int, optional
            The state after so many cells, one of the jail's `moments`; default after all.

        Raises
        ------
        JailFault
            If the machine or the zygote fails.
        """
        self._end_question()
        moment = len(self._cells) if moment is None else moment
        if self.dead is not None:
            return DeadWorker(self.dead, self.limits)
        seconds = min(seconds or self.limits.question_seconds, self.cpu_left)
        if seconds <= 0:
            text = f"the submission has used its {self.limits.cpu_seconds:g} seconds of computing time"
            return DeadWorker(StudentTimeout(text), self.limits)
        worker = None
        if self.forks and moment not in self._copies:
            self._run_cells_again_from_now_on("a state between two cells could not be kept")
        if self.forks:
            try:
                worker = self._forked_worker(seconds, moment)
            except StudentError as error:
                self._run_cells_again_from_now_on(str(error))
        try:
            worker = worker or self._executed_worker(seconds, moment)
        except StudentError as error:
            return DeadWorker(error, self.limits)
        self._worker = worker
        worker.prepare(definitions, len(self._cells) + 1, seed)
        return worker

    def _executed_worker(self, seconds: float, moment: int) -> Worker:
        """Return a jail in which the cells have just run; the first time, the one there is."""
        if moment < len(self._cells) and self._execution is not None:
            self._execution.close()
            self._execution = None
        execution, self._execution = self._execution or self._execute(moment), None
        return Worker(execution, None, execution.connection, execution.output, seconds, owns_execution=True)

    def _forked_worker(self, seconds: float, moment: int) -> Worker:
        """Have an idle copy fork, among fresh files and with nothing but such copies left in the jail."""
        assert self._execution is not None
        copy, copy_peer = self._copies[moment]
        number = inner_pid(copy_peer.pid)
        answer = self._execution.order(do="sweep", keep=self._copy_numbers(), fresh_home=True)
        if answer.get("left") != 0 or "error" in answer:
            raise StudentDied(f"the last question could not be cleared away {answer.get('error', '')}")
        if answer["threads"].get(str(number)) != 1:
            raise StudentDied("the idle copy is gone or has started threads")
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        reader, writer = os.pipe()
        peer: Peer | None = None
        try:
            with theirs:
                announce_peer(ours)
                for end in (ours, theirs):
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
                copy.settimeout(2)
                try:
                    socket.send_fds(copy, [b"F"], [theirs.fileno(), writer])
                except OSError:
                    raise StudentDied("the idle copy is gone") from None
                finally:
                    os.close(writer)
            peer = receive_peer(ours)
            if peer.pid == copy_peer.pid:
                raise StudentDied("the idle copy answered itself instead of forking")
        except BaseException:
            if peer is not None:
                os.close(peer.pidfd)
            os.close(reader)
            ours.close()
            raise
        connection = Connection(ours, large_buffers=self._execution.large_buffers)
        output = Output(reader, self.limits.output_bytes)
        self._monitor.keep_output(output)
        return Worker(self._execution, peer, connection, output, seconds, owns_execution=False)

    def _end_question(self) -> None:
        worker, self._worker = self._worker, None
        if worker is None:
            return
        blocked = worker.was_blocked
        worker.close()
        self._cpu_used += worker.cpu_used
        if blocked and self.forks:
            self._run_cells_again_from_now_on("a question waited for something that a fork does not have")

    def _run_cells_again_from_now_on(self, reason: str) -> None:
        self.forks, self.reason = False, reason
        self._drop_copies()
        if self._execution is not None:
            self._execution.close()
            self._execution = None

    def _drop_copies(self) -> None:
        for copy, peer in self._copies.values():
            copy.close()
            os.close(peer.pidfd)
        self._copies.clear()

    def close(self) -> None:
        """End the jail; when this returns, no process and no file of it is left."""
        self._end_question()
        self._run_cells_again_from_now_on("closed")
        self._monitor.close()

    def __enter__(self) -> Jail:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
