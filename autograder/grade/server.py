"""The grading process: collects, checks the suite on the solution, forks a child per submission."""

from __future__ import annotations

import socket
import threading
import time
import traceback
from collections import OrderedDict
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from autograder.author import cells
from autograder.errors import GradecheckError, GraderFault
from autograder.grade import attempt, prepare
from autograder.grade.attempt import Profile
from autograder.grade.bench import BENCH, LIMITS, WALL_SECONDS, Bench, Seed, answers_of_solution
from autograder.grade.found import Found, block_dependents
from autograder.grade.measured import MeasuredSuite
from autograder.grade.notebook import Answers, NotebookError, find_answers, read_notebook
from autograder.grade.parallel import Message, Send, call_in_child
from autograder.grade.reference import Reference
from autograder.grade.results import make_detail, make_result, not_gradable
from autograder.grade.score import Allocation, allocate
from autograder.grade.serving import NOT_READABLE, GradingServer, limited_reading, serving
from autograder.grade.suite import Suite, collect_suite
from autograder.grade.supporting import hold_back
from autograder.models import BuiltAssignment
from autograder.sandbox import StudentError, Zygote

if TYPE_CHECKING:
    from autograder.grade.session import Session

__all__ = ["serve"]

# Prepared builds that are kept; with a variant per student each is used once.
KEPT_BUILDS = 16
# The bench ends a submission before; this is for a child that hangs in our own code.
CHILD_WALL_SECONDS = 2 * WALL_SECONDS
# What a mistake of `certify` gets of a question's time, so that endless ones end soon.
BRIEF_FACTOR, BRIEF_SECONDS = 10, 1.0
# Cells of the handout that talk to the student; they need not run here.
OWN_ROLES = ("setup", "check", "hand_in", "export")
ANOTHER = (
    "This notebook defines none of the names that the assignment asks for. Did you hand in the right file?"
)


@dataclass(frozen=True)
class Prepared:
    """A build, ready to grade with."""

    built: BuiltAssignment
    reference: Reference
    seed: Seed
    allocation: Allocation
    own_cells: frozenset[str]
    profile: Profile


def serve(session: Session, control: socket.socket) -> None:
    """Collect the suite, say that it is ready, and grade until the caller closes the socket."""
    with serving(control) as stack:
        server = _Server(session, control)
        stack.callback(server.close)
        files = prepare.suite_files(session.built, public_only=session.public_only)
        collect_suite(files, session.course.root, server.stash, server.run)


class _Server(GradingServer):
    def __init__(self, session: Session, control: socket.socket) -> None:
        super().__init__(control, prepare.Zygotes(session.course, session.assignment.packages))
        self.session = session
        self.prepared: OrderedDict[str, Prepared] = OrderedDict()
        self._suite: Suite | None = None
        self._bench: Bench | None = None
        self._zygote_error: BaseException | None = None
        # The zygote loads its packages while pytest collects; joined before the first fork.
        self._starting = threading.Thread(target=self._start_zygote)
        self._starting.start()

    def _start_zygote(self) -> None:
        try:
            self.zygotes.start()
        except BaseException as error:
            self._zygote_error = error

    def close(self) -> None:
        """End the zygotes."""
        self._starting.join()
        super().close()

    def stash(self, config: pytest.Config) -> None:
        """Leave for the fixtures what finds the bench: a child has one at a time."""
        config.stash[BENCH] = lambda item: self.bench

    @property
    def bench(self) -> Bench:
        """The notebook that this child has open."""
        assert self._bench is not None
        return self._bench.active

    @property
    def suite(self) -> Suite:
        """What pytest collected."""
        assert self._suite is not None
        return self._suite

    def run(self, suite: Suite) -> None:
        """The suite is collected: check it on the solution, then serve."""
        self._suite = suite
        self._starting.join()
        if self._zygote_error is not None:
            raise self._zygote_error
        for item in self.session.built.questions:
            if item.question.kind == "code" and item.question.id not in suite.checks:
                raise GradecheckError(f"{item.question.folder}: no test file holds a check")
        self.prepare(self.session.built)
        self.serve_children(self.session.jobs, CHILD_WALL_SECONDS)

    # --- builds -----------------------------------------------------------------------------------

    def prepare(self, built: BuiltAssignment) -> Prepared:
        """Return a build with what the suite found on its own solution; some are kept."""
        key = built.variant_key
        if key not in self.prepared:
            self.prepared[key] = self._check_solution(self._without_profile(built))
            while len(self.prepared) > KEPT_BUILDS:
                self.prepared.popitem(last=False)
        self.prepared.move_to_end(key)
        return self.prepared[key]

    def _without_profile(self, built: BuiltAssignment) -> Prepared:
        points = {item.question.id: item.question.points for item in built.questions}
        weights = {
            item.question.id: self.suite.weights(item.question.id) if item.question.kind == "code" else {}
            for item in built.questions
        }
        own = frozenset(cell.source.strip() for cell in cells(built, "handout") if cell.role in OWN_ROLES)
        seed = prepare.seeds_of(self.session.course, self.session.term, built)
        if self.session.reseed:
            seed = prepare.reseeded(seed, built)
        return Prepared(built, Reference(built), seed, allocate(points, weights), own, Profile())

    def _check_solution(self, prepared: Prepared) -> Prepared:
        # Here and not in the child: what it remembers of the handout serves every submission.
        answers = answers_of_solution(prepared.built)

        def profile() -> Message:
            try:
                bench = self._open(prepared, answers, self.zygotes.start())
                profile = attempt.record_profile(bench, self.suite)
                results = {key.hex(): value.hex() for key, value in prepared.reference.results.items()}
                return {"profile": profile, "results": results}
            except (GraderFault, StudentError) as error:
                return {"fault": f"{type(error).__name__}: {error}"}

        crashed: Message = {"fault": "its process crashed"}
        message = call_in_child(profile, seconds=CHILD_WALL_SECONDS) or crashed
        if "fault" in message or message["profile"]["broken"]:
            # What fails on the solution stands only if it fails twice: the machine may have ended something.
            self.zygotes.renew()
            self.zygotes.start()
            message = call_in_child(profile, seconds=CHILD_WALL_SECONDS) or crashed
        if "fault" in message:
            raise GraderFault(f"the suite could not be run on the solution: {message['fault']}")
        for key, value in message["results"].items():
            prepared.reference.results[bytes.fromhex(key)] = bytes.fromhex(value)
        return replace(prepared, profile=Profile(**message["profile"]))

    def _open(self, prepared: Prepared, answers: Answers, zygote: Zygote) -> Bench:
        self._bench = Bench(
            prepared.built,
            answers,
            zygote,
            reference=prepared.reference,
            seed=prepared.seed,
            wall_seconds=CHILD_WALL_SECONDS / 2,
        )
        return self._bench

    def _build_for(self, task: Message) -> BuiltAssignment:
        return self.session.extra[task["build"]] if task["build"] else self.session.build(task["student"])

    # --- one submission ---------------------------------------------------------------------------

    def before(self, task: Message) -> Message | None:
        """In the server: make ready what the child will share; or answer at once."""
        try:
            prepared = self.prepare(self._build_for(task))
        except GradecheckError as error:
            # Nobody knows which variant this student had.
            return self._not_gradable(task, self.prepare(self.session.built), str(error))
        except GraderFault as error:
            return {"done": task["number"], "fault": str(error)}
        except Exception:
            # why: one submission must not end the server for all others.
            return {"done": task["number"], "fault": traceback.format_exc()}
        if task["problem"] is not None:
            return self._not_gradable(task, prepared, task["problem"])
        try:
            self.zygotes.start(Path(task["path"]).read_bytes())
        except (OSError, GraderFault) as error:
            return {"done": task["number"], "fault": str(error)}
        return None

    def work(self, task: Message, send: Send) -> None:
        """In the child: grade one submission, and say what came of it."""
        started = time.perf_counter()
        try:
            prepared = self.prepare(self._build_for(task))
            data = Path(task["path"]).read_bytes()
            zygote = self.zygotes.start(data)
            with zygote.forking_ahead(LIMITS):
                answers = _read(data, prepared)
                send({"stage": "graded"})
                if not answers.defines_any:
                    send(self._not_gradable(task, prepared, ANOTHER, answers.flags))
                    return
                send(self._grade(task, prepared, answers, zygote, started))
        except NotebookError as error:
            send(self._not_gradable(task, prepared, str(error)))
        except (GraderFault, OSError) as error:
            send({"done": task["number"], "fault": f"{type(error).__name__}: {error}"})

    def _grade(
        self, task: Message, prepared: Prepared, answers: Answers, zygote: Zygote, started: float
    ) -> Message:
        parsed = time.perf_counter()
        bench = self._open(prepared, answers, zygote)
        if task["brief"]:
            bench.budgets = {question: brief(used) for question, used in prepared.profile.seconds.items()}
        opened = time.perf_counter()
        asked = task["questions"] if task["questions"] is not None else list(self.suite.checks)
        suite: Suite = self.suite
        if self.session.measure:
            suite = MeasuredSuite(self.suite, inflate=self.session.reseed)
        found: dict[str, dict[str, Found]] = {}
        printed: dict[str, str] = {}
        confirm = self.session.confirm_timeouts
        for question, checks, output in attempt.grade_questions(
            bench, suite, prepared.profile, asked, confirm=confirm
        ):
            found[question] = hold_back(checks, self.suite.checks[question])
            printed[question] = output
        if any(item.category == "crash" for checks in found.values() for item in checks.values()):
            # A zygote takes its jails along when it ends: who says that a submission did it shows that
            # the zygote lives.
            zygote.fork(LIMITS).end()
        needs = {item.question.id: item.question.needs for item in prepared.built.questions}
        found, flags = block_dependents(found, needs)
        if not task["brief"]:
            found = attempt.in_safe_words(found)
        bench.close()
        finished = time.perf_counter()
        result = make_result(
            task,
            prepared.built,
            self.suite,
            prepared.allocation,
            found,
            provenance=self.session.provenance_of(prepared.built),
            flags=(*answers.flags, *bench.flags, *flags),
            timings={
                "read": round(parsed - started, 4),
                "open": round(opened - parsed, 4),
                "checks": round(finished - opened, 4),
            },
        )
        detail = make_detail(found, printed, bench.jail.errors)
        if isinstance(suite, MeasuredSuite):
            detail["measured"] = suite.measured()
        return {
            "done": task["number"],
            "result": result.model_dump(mode="json", by_alias=True),
            "detail": detail,
        }

    def _not_gradable(
        self, task: Message, prepared: Prepared, problem: str, flags: tuple[str, ...] = ()
    ) -> Message:
        return not_gradable(
            task,
            prepared.built,
            self.suite,
            prepared.allocation,
            problem,
            provenance=self.session.provenance_of(prepared.built),
            flags=flags,
        )

    def not_readable(self, task: Message) -> Message:
        """In the server: a child ended while it read the notebook."""
        return self._not_gradable(task, self.prepare(self._build_for(task)), NOT_READABLE)


def _read(data: bytes, prepared: Prepared) -> Answers:
    with limited_reading():
        return find_answers(read_notebook(data), prepared.built, prepared.own_cells)


def brief(seconds: float) -> float:
    """CPU seconds for an answer that is known to be wrong, from what the solution needed."""
    return BRIEF_FACTOR * seconds + BRIEF_SECONDS
