"""pytest fixtures of a suite: ``student``, ``reference``, ``variant``, ``rng``.

When grading, the session leaves in pytest's configuration what finds a check's bench. In a plain
``pytest assignments/`` the demo term's solution is opened in the jail instead: the same proxies, so
what passes there passes when grading. Anything heavy is imported when a fixture is first used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import numpy as np

    from autograder.grade.bench import Bench

DEMO_TERM = "demo"


@pytest.fixture
def student(request: pytest.FixtureRequest) -> Iterator[Any]:
    """The submission's names, through proxies into the jail."""
    with _bench(request).check() as names:
        yield names


@pytest.fixture
def reference(request: pytest.FixtureRequest) -> Any:
    """The solution notebook's namespace, in this process."""
    return _reference(_bench(request), request.path, request.function.__name__)


@pytest.fixture
def variant(request: pytest.FixtureRequest) -> Mapping[str, Any]:
    """What was drawn for the question."""
    return _variant(_bench(request), request.path, request.function.__name__)


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> np.random.Generator:
    """A generator seeded by term, question, check and variant, never by the submission."""
    return _rng(_bench(request), request.path, request.function.__name__)


def _reference(bench: Bench, path: Path, name: str) -> Any:
    return bench.reference


def _variant(bench: Bench, path: Path, name: str) -> Mapping[str, Any]:
    return dict(bench.built.question(path.parent.name).variant)


def _rng(bench: Bench, path: Path, name: str) -> np.random.Generator:
    from autograder.testing.seeds import check_rng

    visibility = "public" if path.name == "test_public.py" else "hidden"
    return check_rng(bench.seed(path.parent.name, visibility), name)


FIXTURES: Mapping[str, Callable[[Bench, Path, str], Any]] = {
    "student": lambda bench, path, name: bench.check(),
    "reference": _reference,
    "variant": _variant,
    "rng": _rng,
}
"""How each fixture's value comes from (bench, test file, function name); ``student`` is a context."""


def _bench(request: pytest.FixtureRequest) -> Bench:
    from autograder.grade.bench import BENCH

    finder: Callable[[pytest.Item], Bench] | None = request.config.stash.get(BENCH, None)
    if finder is None:
        finder = _Demo(request.config).bench_of
        request.config.stash[BENCH] = finder
    return finder(request.node)


class _Demo:
    """Opens the demo term's solution of each assignment once, and each question in turn."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.benches: dict[Path, Bench] = {}
        self.question: Path | None = None

    def bench_of(self, item: pytest.Item) -> Bench:
        """The solution, turned to the item's question."""
        folder = item.path.parent
        if folder.parent not in self.benches:
            self.benches[folder.parent] = self._open(folder.parent)
        bench = self.benches[folder.parent]
        if folder != self.question:
            bench.open_question(folder.name)
            self.question = folder
        return bench

    def _open(self, folder: Path) -> Bench:
        from autograder.grade.prepare import open_solution

        bench, close = open_solution(folder, DEMO_TERM)
        self.config.add_cleanup(close)
        return bench
