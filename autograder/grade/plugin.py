"""pytest fixtures of a suite: ``student``, ``reference``, ``variant``, ``rng``.

When grading, the session leaves in pytest's configuration what finds a check's bench. In a plain
``pytest assignments/`` the demo term's solution is opened in the jail instead: the same proxies, so
what passes there passes when grading. Anything heavy is imported when a fixture is first used.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
    bench = _bench(request)
    with bench.check() as names:
        yield names


@pytest.fixture
def reference(request: pytest.FixtureRequest) -> Any:
    """The solution notebook's namespace, in this process."""
    return _bench(request).reference


@pytest.fixture
def variant(request: pytest.FixtureRequest) -> Mapping[str, Any]:
    """What was drawn for the question."""
    return dict(_bench(request).built.question(_question(request)).variant)


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> np.random.Generator:
    """A generator seeded by term, question, check and variant, never by the submission."""
    from autograder.testing.seeds import check_rng

    name = request.function.__name__
    visibility = "public" if request.path.name == "test_public.py" else "hidden"
    return check_rng(_bench(request).seed(_question(request), visibility), name)


def _question(request: pytest.FixtureRequest) -> str:
    return request.path.parent.name


def _bench(request: pytest.FixtureRequest) -> Bench:
    from autograder.grade.bench import BENCH

    finder = request.config.stash.get(BENCH, None)
    if finder is None:
        finder = request.config.stash[BENCH] = _Demo(request.config)
    return finder(request.node)


class _Demo:
    """Opens the demo term's solution of each assignment once, and each question in turn."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.benches: dict[Path, Bench] = {}
        self.question: Path | None = None

    def __call__(self, item: pytest.Item) -> Bench:
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
