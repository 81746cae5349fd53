"""Runs the tests of an otter archive against one submission in the jail.

Each question gets a fork of the notebook's process as it was when the notebook checked the question (as
otter does), or as it was in the end; no test is in the jail while the notebook's own cells run, and of
a question's tests only the one that is running.

What is expected is compared here wherever that comes to the same as in otter: see `otter_doctest` and
`otter_functions`. Whole test functions do not run out here: over proxies, a function that prints or sorts in
place would fail tests that it passes with otter. What can only be decided inside is *advisory*: a submission
made to deceive can pass it.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from autograder.errors import GradecheckError
from autograder.grade import messages
from autograder.grade import otter_drivers as drivers
from autograder.grade.found import ENDINGS, PASSED, Found, in_words_of, named
from autograder.grade.otter_archive import Archive
from autograder.grade.otter_doctest import is_advisory, judge
from autograder.grade.otter_functions import function_is_advisory, judge_function
from autograder.grade.otter_notebook import Script
from autograder.grade.otter_tests import Case, OtterTest
from autograder.sandbox import CellError, Jail, Limits, Student, StudentError, StudentTimeout, Worker, Zygote

__all__ = ["LIMITS", "Checked", "advisory_checks", "run_checks", "try_modules"]

# Half is for the notebook's cells: otter has no limit, and such notebooks were written without one.
LIMITS = Limits(cpu_seconds=120.0, question_seconds=20.0)
WALL_SECONDS = 3 * LIMITS.cpu_seconds * LIMITS.wall_factor
SHARE_OF_REST = 0.5
SEED = 0
# A question is checked where the notebook last checks it in a cell that does not fail; so far back we look.
KEPT_CHECKS = 2


@dataclass
class Checked:
    """What a submission came to.

    Attributes
    ----------
    found : dict
        Question -> check -> what it found.
    printed : dict
        Question -> what was printed while it was checked.
    errors : list of CellError or None
        What stopped each cell; index 0 is what runs before the notebook.
    advisory : dict
        Question -> checks that passed as the submission's own process says of values that cannot leave it,
        beside those of `advisory_checks`.
    flags : list of str
        For staff: questions in which an object of the submission said that it equals plain data.
    """

    found: dict[str, dict[str, Found]] = field(default_factory=dict)
    printed: dict[str, str] = field(default_factory=dict)
    errors: list[CellError | None] = field(default_factory=list)
    advisory: dict[str, list[str]] = field(default_factory=dict)
    flags: list[str] = field(default_factory=list)


def limits_of(archive: Archive) -> Limits:
    """The limits, with room for the archive's files and a process for each state that is kept."""
    megabytes = sum(map(len, archive.files.values())) >> 20
    return Limits(
        cpu_seconds=LIMITS.cpu_seconds,
        question_seconds=LIMITS.question_seconds,
        disk_mb=LIMITS.disk_mb + 2 * megabytes,
        processes=LIMITS.processes + KEPT_CHECKS * len(archive.tests),
    )


def advisory_checks(archive: Archive) -> list[str]:
    """Checks that the submission's own process decides, as ``question.check``."""
    return [
        f"{test.name}.{name}"
        for test in archive.tests
        for name, case in test.checks.items()
        if (function_is_advisory(case) if test.kind == "exception" else is_advisory(case.source))
    ]


def run_checks(script: Script, archive: Archive, zygote: Zygote, *, public_only: bool = False) -> Checked:
    """Run a notebook, then every question's checks.

    Parameters
    ----------
    script : Script
    archive : Archive
    zygote : Zygote
    public_only : bool
        Leave hidden cases out.

    Returns
    -------
    Checked
    """
    moments = {place for places in script.checks.values() for place in places[-KEPT_CHECKS:]}
    seed = archive.config.get("seed")
    seed = SEED if seed is None or archive.config.get("seed_variable") else seed
    checked = Checked()
    started = time.monotonic()
    # Public cases that fail where a hidden one has run before.
    overheard: list[tuple[str, str]] = []
    knows_hidden = False
    with zygote.open(list(script.cells), limits_of(archive), seed % 2**32, moments) as jail:
        checked.errors = _by_cell(jail, script)
        bench = _Bench(jail, seed % 2**32)
        known = set(advisory_checks(archive))
        for test in archive.tests:
            cases = {name: case for name, case in test.checks.items() if not (public_only and case.hidden)}
            if not cases:
                continue
            bench.turn_to(_moment(jail, script.checks.get(test.file, ())[-KEPT_CHECKS:]))
            found = bench.question(test, cases)
            late = {name: case for name, case in cases.items() if found[name].outcome == "timeout"}
            if late:
                # A time limit stands only if it is reached twice, the second time alone.
                found |= bench.question(test, late)
            for name, case in cases.items():
                knows_hidden |= case.hidden or (name in late and any(c.hidden for c in cases.values()))
                if knows_hidden and not case.hidden and found[name].outcome != "passed":
                    overheard.append((test.name, name))
            checked.found[test.name] = found
            checked.printed[test.name] = bench.printed
            inside = [name for name in bench.inside if f"{test.name}.{name}" not in known]
            if inside:
                checked.advisory[test.name] = inside
            if bench.met_object:
                checked.flags.append(
                    f"{test.name}: {', '.join(bench.met_object)}: passed because an object of the submission "
                    "says that it equals what is expected: look at its class"
                )
    if overheard:
        # why: its messages are the submission's words, and what heard a hidden case may have chosen them.
        in_time = time.monotonic() - started < WALL_SECONDS / 2
        alone = run_checks(script, archive, zygote, public_only=True).found if in_time else {}
        for question, name in overheard:
            found = checked.found[question]
            sentence = messages.SENTENCES[found[name].category or "value"]
            found[name] = in_words_of(found[name], alone.get(question, {}).get(name), sentence)
    return checked


def _by_cell(jail: Jail, script: Script) -> list[CellError | None]:
    """Errors by the notebook's own numbers of its code cells."""
    errors: list[CellError | None] = [None] * (max(script.numbers, default=0) + 1)
    for number, error in zip(script.numbers, jail.errors, strict=True):
        errors[number] = error or errors[number]
    return errors


def _moment(jail: Jail, places: Collection[int]) -> int | None:
    """Where the question's last check ran; None if it never did, and then otter checks it in the end."""
    return next((place for place in sorted(places, reverse=True) if jail.errors[place - 1] is None), None)


class _Bench:
    """Lends a submission's names to one case after the other."""

    def __init__(self, jail: Jail, seed: int) -> None:
        self.jail, self.seed = jail, seed
        self.moment: int | None = None
        self.printed = ""
        self.inside: list[str] = []
        """Cases of the question that passed by what was decided inside."""
        self.met_object: list[str] = []
        self._deadline = time.monotonic() + WALL_SECONDS

    def turn_to(self, moment: int | None) -> None:
        """Begin a question, at that moment of the notebook's run."""
        self.moment, self.inside, self.met_object, self.printed = moment, [], [], ""

    def question(self, test: OtterTest, cases: Mapping[str, Case]) -> dict[str, Found]:
        """Run cases of the question in a process of their own, and in a fresh one where that has died."""
        left = self.jail.limits.question_seconds
        found: dict[str, Found] = {}
        worker: Worker | None = None
        for name, case in cases.items():
            try:
                if worker is None or not worker.alive:
                    self._keep_output(worker)
                    worker = self._worker(test, left)
                with _time(worker, left) as spent:
                    found[name] = self._case(test, name, case, worker.student)
                left -= spent[0]
            except StudentError as error:
                found[name] = _stopped(case, error)
                left = min(left, worker.cpu_left) if worker is not None else left
        self._keep_output(worker)
        return found

    def _worker(self, test: OtterTest, seconds: float) -> Worker:
        if seconds <= 0 or time.monotonic() > self._deadline:
            raise StudentTimeout("the question's time is used up")
        worker = self.jail.question((), seconds, self.seed, self.moment)
        if test.kind == "exception":
            worker.student.run(drivers.load_module, test.module, f"tests/{test.file}.py")
        return worker

    def _keep_output(self, worker: Worker | None) -> None:
        if worker is not None:
            self.printed = (self.printed + worker.output())[: LIMITS.output_bytes]

    def _case(self, test: OtterTest, name: str, case: Case, student: Student) -> Found:
        if test.kind == "exception":
            verdict = judge_function(test, case, student)
        else:
            verdict = judge(case.source, student)
        if not verdict.passed:
            return _failed(case, verdict.raised, verdict.text)
        self.inside += [name] if verdict.advisory else []
        self.met_object += [name] if verdict.met_object else []
        return PASSED if case.hidden else Found("passed", None, case.success_message)


@contextmanager
def _time(worker: Worker, left: float) -> Iterator[list[float]]:
    """Limit a case to its share of what is left; say what it took."""
    spent = [0.0]
    worker.start_check(max(left, 0.0) * SHARE_OF_REST)
    try:
        yield spent
    finally:
        usage = worker.end_check()
        spent[0] = max(usage.cpu_seconds, usage.wall_seconds / LIMITS.wall_factor)


# --- in words -------------------------------------------------------------------------------------

NAMED = {"NotImplementedError": "not_written", "NameError": "missing", "MemoryError": "memory"}


def _failed(case: Case, raised: str, text: str) -> Found:
    kind = raised.split(":", 1)[0].strip().rpartition(".")[2]
    category = "value" if kind in ("", "AssertionError") else NAMED.get(kind, "raises")
    return _told(case, Found("failed", category, detail=text), text)


def _stopped(case: Case, error: StudentError) -> Found:
    """The submission's process ended, or never came to this case."""
    for kind, outcome, category in ENDINGS:
        if isinstance(error, kind):
            return _told(case, Found(outcome, category, detail=str(error)), str(error))
    text = named(error)
    return _told(case, Found("failed", "raises", detail=text), text)


def _told(case: Case, found: Found, text: str) -> Found:
    """With what the student may read: of a hidden case the kind of failure alone."""
    assert found.category is not None
    if case.hidden:
        message = messages.hidden_message(found.category, "")
        return Found(found.outcome, found.category, message, f"{case.name}: {found.detail}")
    message = "\n".join(filter(None, (case.failure_message, messages.SENTENCES[found.category], text)))
    return Found(found.outcome, found.category, message, found.detail)


def try_modules(archive: Archive, files: Collection[str], zygote: Zygote) -> None:
    """Run every test file of exception format in a jail, without its tests and without a submission.

    Raises
    ------
    GradecheckError
        If one cannot be run here: every submission would fail it.
    """
    tests = [test for test in archive.tests if test.kind == "exception"]
    with zygote.open([drivers.STAND_IN, *files], limits_of(archive)) as jail:
        for test in tests:
            worker = jail.question()
            try:
                worker.student.run(drivers.load_module, test.module, f"tests/{test.file}.py")
            except StudentError as error:
                raise GradecheckError(
                    f"{archive.path}: tests/{test.file}.py cannot be run here: {named(error)}; "
                    "install what it needs, and name it in environment.yml"
                ) from None
