"""Grades submissions of one assignment: what the caller holds, and the process that does the work.

`Session` forks a server before anything else happens. The server collects the suite with pytest,
checks it against the solution, and then forks a child per submission (`parallel.ForkServer`), so the
caller may use threads, and a crash costs one submission. Submissions go down a socket, results come up.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any

from autograder import __version__
from autograder.author import assemble
from autograder.errors import GradecheckError, GraderFault
from autograder.grade import prepare
from autograder.grade.parallel import Message, fork_child, receive, send
from autograder.models import (
    BuiltAssignment,
    Course,
    Result,
    Submission,
    canonical_json,
    load_assignment,
    sha256_of,
)
from autograder.sandbox import probe

__all__ = ["Graded", "Session"]

# So many submissions per child are on their way: enough that no child waits for the caller.
WINDOW = 3


@dataclass(frozen=True)
class Graded:
    """One submission and what came of it.

    Attributes
    ----------
    submission : Submission
    result : Result or None
        None if the grader failed, not the submission.
    detail : dict
        For staff: what every check saw, what was printed.
    fault : str
        Why there is no result.
    """

    submission: Submission
    result: Result | None
    detail: dict[str, Any] = field(default_factory=dict)
    fault: str = ""


class Session:
    """The suite of an assignment, collected once, ready to grade.

    Parameters
    ----------
    course : Course
    assignment_id, term : str
    jobs : int
        Submissions at a time.
    unsafe : bool
        Run hidden suites also on a machine that cannot keep submissions from reading them.
    public_only : bool
        Run only the public checks.
    variants : mapping, optional
        Name -> {question: values}; builds beside the frozen ones, for `certify`.
    only : collection of str, optional
        Questions to collect, with those that they need; default all.
    confirm_timeouts : bool
        Run a check that took too long once more before that stands.
    measure : bool
        Say in ``detail["measured"]`` how close each check came to a limit; for `certify`.
    reseed : bool
        Draw the inputs of checks anew for each of `variants`, by its name, and try checks that depend on
        chance where they fail often; for ``certify --deep``.

    Raises
    ------
    GradecheckError
        If the machine is not safe enough, or the suite cannot be collected.

    Notes
    -----
    A context manager. Results come in the order in which they are complete.
    """

    def __init__(
        self,
        course: Course,
        assignment_id: str,
        term: str,
        *,
        jobs: int = 1,
        unsafe: bool = False,
        public_only: bool = False,
        variants: Mapping[str, Mapping[str, Mapping[str, Any]]] | None = None,
        only: Collection[str] | None = None,
        confirm_timeouts: bool = True,
        measure: bool = False,
        reseed: bool = False,
    ) -> None:
        self._begin(course, assignment_id, term, jobs=jobs, unsafe=unsafe, public_only=public_only)
        self.confirm_timeouts, self.measure = confirm_timeouts, measure
        self.only = only
        self.extra: dict[str, BuiltAssignment] = {}
        known: dict[str, BuiltAssignment] = {}
        for name, values in (variants or {}).items():
            key = canonical_json(values)
            if key not in known:
                built = assemble(course, assignment_id, term, variants=values)
                known[key] = prepare.limited(built, only)
            self.extra[name] = known[key]
        self.reseed = reseed
        if reseed:
            # Everything random about a build comes from its key, or is mixed with it (`seeds_of`).
            self.extra = {
                name: replace(built, variant_key=sha256_of(built.variant_key, name))
                for name, built in self.extra.items()
            }
        self.built = prepare.limited(assemble(course, assignment_id, term), only)
        self._fixed = {
            "suite": prepare.suite_hash(self.built),
            "environment": prepare.environment_hash(tuple(self.assignment.packages)),
            "isolation": self.isolation.tier,
            "version": __version__,
        }

    def _begin(
        self, course: Course, assignment_id: str, term: str, *, jobs: int, unsafe: bool, public_only: bool
    ) -> None:
        """What every session holds; refuse a machine that would show hidden checks to submissions."""
        self.course, self.term, self.jobs, self.public_only = course, term, max(1, jobs), public_only
        self.assignment = load_assignment(course, assignment_id)
        self.isolation = probe()
        if self.isolation.tier == "C" and not unsafe and not public_only:
            raise GradecheckError(
                "this machine cannot keep submissions from reading the hidden tests (isolation tier C: see "
                "'autograder doctor'); grade on another machine, or accept that with --unsafe"
            )
        self._pid = 0
        self._socket: socket.socket | None = None

    def provenance(self, student: str) -> dict[str, str]:
        """What a result of this student would depend on: hashes, isolation tier, version."""
        return self.provenance_of(self.build(student))

    def provenance_of(self, built: BuiltAssignment) -> dict[str, str]:
        """The same for a build at hand."""
        return {
            "suite": self._fixed["suite"],
            "variant": built.variant_key,
            "environment": self._fixed["environment"],
            "isolation": self._fixed["isolation"],
            "version": self._fixed["version"],
        }

    def build(self, student: str) -> BuiltAssignment:
        """The assignment as this student got it."""
        if self.assignment.variants == "term":
            return self.built
        built = assemble(self.course, self.assignment.id, self.term, student)
        return prepare.limited(built, self.only)

    # --- the server's life ------------------------------------------------------------------------

    def _serve(self, channel: socket.socket) -> None:
        # An interrupt is the caller's to handle: the server ends when the socket closes.
        for interrupt in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(interrupt, signal.SIG_IGN)
        self._serve_on(channel)

    def _serve_on(self, channel: socket.socket) -> None:
        from autograder.grade.server import serve

        serve(self, channel)

    def __enter__(self) -> Session:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self) -> None:
        """Fork the server and wait until it has collected the suite and checked it on the solution."""
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        self._pid, ours = fork_child(self._serve)
        self._socket = ours
        message = receive(ours, self._pid)
        if message is None or "ready" not in message:
            self.close()
            if message is None:
                raise GraderFault("the grading process ended while it started")
            raise (GradecheckError if "error" in message else GraderFault)(
                str(message.get("error", message.get("fault")))
            )

    def close(self) -> None:
        """End the server and everything that it started."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        if self._pid:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(self._pid, 0)
            self._pid = 0

    # --- grading ----------------------------------------------------------------------------------

    def grade(
        self, submissions: Iterable[Submission], *, questions: Collection[str] | None = None
    ) -> Iterator[Graded]:
        """Grade submissions and yield each as it is done.

        Parameters
        ----------
        submissions : iterable of Submission
        questions : collection of str, optional
            Only these; the result then holds nothing else.

        Yields
        ------
        Graded
        """
        yield from self.grade_tasks((submission, "", questions) for submission in submissions)

    def grade_tasks(
        self,
        tasks: Iterable[tuple[Submission, str, Collection[str] | None]],
        *,
        brief: Collection[str] = (),
    ) -> Iterator[Graded]:
        """Grade (submission, name of an extra build or "", questions or None).

        The students in `brief` get little more CPU time for a question than the solution needs.
        """
        if self._socket is None:
            self.start()
        channel = self._socket
        assert channel is not None
        waiting: dict[int, Submission] = {}
        todo = enumerate(tasks)
        while True:
            while len(waiting) < self.jobs * WINDOW and (task := next(todo, None)) is not None:
                number, (submission, build, questions) = task
                waiting[number] = submission
                is_brief = submission.student in brief
                send(channel, _task(number, submission, build, questions) | {"brief": is_brief})
            if not waiting:
                return
            message = receive(channel, self._pid)
            if message is None:
                raise GraderFault("the grading process ended; run the same command again to go on")
            if message["done"] is None:
                raise GraderFault(f"the grading process failed:\n{message['fault']}")
            submission = waiting.pop(message["done"])
            if "fault" in message:
                yield Graded(submission, None, fault=str(message["fault"]))
            else:
                yield Graded(submission, Result.model_validate(message["result"]), message["detail"])


def _task(number: int, submission: Submission, build: str, questions: Collection[str] | None) -> Message:
    return {
        "number": number,
        "student": submission.student,
        "file": submission.file,
        "path": str(submission.path),
        "sha256": submission.sha256,
        "received": submission.received.isoformat() if submission.received else None,
        "members": list(submission.members),
        "attempt": submission.attempt,
        "problem": submission.problem,
        "flags": list(submission.flags),
        "build": build,
        "questions": None if questions is None else sorted(questions),
    }
