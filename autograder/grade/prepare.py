"""What grading an assignment needs before the first submission: builds, seeds, zygotes, provenance."""

from __future__ import annotations

import contextlib
import platform
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import cache, partial
from importlib import metadata
from pathlib import Path

import autograder
from autograder.author import assemble, check_seed, load_secret
from autograder.author.sealed import read_sealed
from autograder.errors import GradecheckError, GraderFault, did_you_mean
from autograder.grade.bench import Bench, Seed, answers_of_solution
from autograder.grade.reference import Reference
from autograder.models import BuiltAssignment, Course, find_course, load_course, sha256_of
from autograder.sandbox import Zygote

__all__ = [
    "Zygotes",
    "environment_hash",
    "limited",
    "open_solution",
    "reseeded",
    "seeds_of",
    "suite_files",
    "suite_hash",
]

# Every notebook may use these; they are loaded before the fork only for notebooks that do.
ALWAYS_VISIBLE = ("numpy", "pandas", "matplotlib")
PLOTTING = ("pandas", "matplotlib", "matplotlib.pyplot")
IMPORTS_PLOTTING = re.compile(rb"\b(?:import|from)\s+(?:pandas|matplotlib)\b")
MODULE_OF = {"scikit-learn": "sklearn", "pillow": "PIL", "pyyaml": "yaml", "beautifulsoup4": "bs4"}


def limited(built: BuiltAssignment, only: Collection[str] | None) -> BuiltAssignment:
    """Keep some questions of a build, and what they need; None keeps all."""
    if only is None:
        return built
    wanted = set(only)
    for question in only:
        if question not in built.assignment.questions:
            folder = built.assignment.folder
            is_there = (folder / question / "question.toml").is_file()
            hint = (
                "; its folder is there: add it, behind the questions that it needs"
                if is_there
                else did_you_mean(question, built.assignment.questions)
            )
            raise GradecheckError(
                f"{folder / 'assignment.toml'}: key 'questions' does not list {question!r}{hint}"
            )
    # A needed question is listed before, so one pass backwards finds all.
    for item in reversed(built.questions):
        if item.question.id in wanted:
            wanted.update(item.question.needs)
    return replace(built, questions=tuple(item for item in built.questions if item.question.id in wanted))


def seeds_of(course: Course, term: str, built: BuiltAssignment) -> Seed:
    """Seeds of a build's checks: those of public checks are in the handout, those of hidden ones are not."""
    sealed = read_sealed(course, built.assignment.id, term)
    if sealed is not None:
        return partial(sealed.seed, built)
    secret = load_secret(course, term)

    def seed(question: str, visibility: str) -> int:
        return check_seed(secret, built.assignment.id, question, visibility, built.question(question).variant)

    return seed


def reseeded(seed: Seed, built: BuiltAssignment) -> Seed:
    """Other seeds for the same checks, by the build's key: a draw that `certify` tries."""

    def other(question: str, visibility: str) -> int:
        return int(sha256_of(str(seed(question, visibility)), built.variant_key)[:16], 16) >> 1

    return other


class Zygotes:
    """The zygotes of an assignment: one with its packages, a second for notebooks that plot or use pandas.

    Parameters
    ----------
    course : Course
    packages : sequence of str
        What the assignment declares.
    """

    def __init__(self, course: Course, packages: Sequence[str]) -> None:
        self.visible = tuple(dict.fromkeys((*ALWAYS_VISIBLE, *packages)))
        self.declared = tuple(dict.fromkeys(("numpy", *(MODULE_OF.get(name, name) for name in packages))))
        self.forbidden = (course.assignments, course.solutions)
        self._running: dict[bool, Zygote] = {}
        self._old: list[Zygote] = []

    def start(self, data: bytes = b"") -> Zygote:
        """Return the zygote that suits a notebook's bytes, started if need be."""
        plots = IMPORTS_PLOTTING.search(data) is not None
        if plots not in self._running:
            preload = (*self.declared, *PLOTTING) if plots else self.declared
            try:
                zygote = self._zygote(preload)
            except GraderFault:
                # Once more: the machine may have ended it.
                zygote = self._zygote(preload)
            self._running[plots] = zygote
        return self._running[plots]

    def _zygote(self, preload: Sequence[str]) -> Zygote:
        return Zygote(self.visible, tuple(dict.fromkeys(preload)), forbidden=self.forbidden)

    def renew(self) -> None:
        """Start afresh with the next notebook; jails that are open keep the zygote they came from."""
        self._old += self._running.values()
        self._running = {}

    def close(self) -> None:
        """End all of them."""
        for zygote in (*self._running.values(), *self._old):
            zygote.close()


def open_solution(folder: Path, term: str) -> tuple[Bench, Callable[[], None]]:
    """Open a term's solution of the assignment in `folder`; also return what closes it."""
    course = load_course(find_course(folder))
    built = assemble(course, folder.name, term)
    with contextlib.ExitStack() as stack:
        zygotes = Zygotes(course, built.assignment.packages)
        stack.callback(zygotes.close)
        bench = Bench(
            built,
            answers_of_solution(built),
            zygotes.start(),
            reference=Reference(built),
            seed=seeds_of(course, term, built),
        )
        stack.callback(bench.close)
        return bench, stack.pop_all().close
    raise AssertionError("unreachable")


# --- provenance -----------------------------------------------------------------------------------


def suite_files(built: BuiltAssignment, *, public_only: bool = False) -> list[Path]:
    """Test files of the questions in order."""
    names = ("test_public.py",) if public_only else ("test_public.py", "test_hidden.py")
    files = [item.question.folder / name for item in built.questions for name in names]
    return [file for file in files if file.is_file()]


def suite_hash(built: BuiltAssignment) -> str:
    """sha256 of all that decides what a check claims: question folders, solutions, what suites import."""
    parts: list[str | bytes] = []
    for item in built.questions:
        folder = item.question.folder
        for path in sorted(folder.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                parts += [item.question.id, path.relative_to(folder).as_posix(), path.read_bytes()]
        parts += [item.given, item.answer]
    testing = Path(autograder.__file__).parent / "testing"
    for path in sorted(testing.glob("*.py")):
        parts += [path.name, path.read_bytes()]
    return sha256_of(*parts)


@cache
def environment_hash(packages: tuple[str, ...]) -> str:
    """sha256 of Python's version and those of the packages that a grade may depend on."""
    names = sorted({*ALWAYS_VISIBLE, "ipython", "pytest", "scipy", *packages})
    versions = []
    for name in names:
        with contextlib.suppress(metadata.PackageNotFoundError):
            versions.append(f"{name}=={metadata.version(name)}")
    return sha256_of(platform.python_implementation(), platform.python_version(), *versions)
