"""A suite as pytest collected it, and how one of its checks is run.

Collected once; every submission then runs the same items in a forked child.
"""

from __future__ import annotations

import os
import re
import sys
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from fractions import Fraction
from inspect import signature
from pathlib import Path
from types import FunctionType
from typing import Any, Literal

import pytest

from autograder.errors import GradecheckError
from autograder.grade.bench import BENCH
from autograder.grade.plugin import FIXTURES
from autograder.sandbox.drivers import driver_source
from autograder.testing.decorators import marks
from autograder.testing.seeds import check_rng

__all__ = ["Check", "Suite", "collect_suite"]

Visibility = Literal["public", "hidden"]
FILES: Mapping[str, Visibility] = {"test_public.py": "public", "test_hidden.py": "hidden"}
# What a run on a terminal needs and a grader does not; it costs half of the time of a check.
UNUSED_PLUGINS = (
    *("terminal", "capture", "logging", "warnings", "cacheprovider", "faulthandler", "junitxml", "pastebin"),
    *("stepwise", "unraisableexception", "threadexception", "debugging", "doctest", "setuponly", "setupplan"),
)


@dataclass(frozen=True)
class Check:
    """One test function of a suite, with all of its parametrised items."""

    id: str
    question: str
    title: str
    visibility: Visibility
    weight: Fraction
    hint: str
    items: tuple[pytest.Function, ...]
    is_supporting: bool = False


class Suite:
    """All checks of an assignment by question, public ones first."""

    def __init__(self, checks: Mapping[str, Sequence[Check]], runner: _Runner) -> None:
        self.checks = {question: tuple(own) for question, own in checks.items()}
        self._runner = runner

    def weights(self, question: str) -> dict[str, Fraction]:
        """Check id -> weight."""
        return {check.id: check.weight for check in self.checks[question]}

    def run(self, item: pytest.Function) -> BaseException | None:
        """Set up, call and tear down one item; return the first exception of the three, or None."""
        return self._runner.run(item)


def collect_suite(
    files: Iterable[Path], root: Path, stash: Callable[[pytest.Config], None], use: Callable[[Suite], None]
) -> None:
    """Collect test files with pytest and call `use` with the suite, inside pytest's session.

    Parameters
    ----------
    files : iterable of Path
        ``test_public.py`` and ``test_hidden.py`` of the questions, in order.
    root : Path
        The course; no configuration and no ``conftest.py`` above it counts.
    stash : callable
        Gets pytest's configuration, to leave there what the fixtures need.
    use : callable
        Works with the suite; what it raises comes out of this function.

    Raises
    ------
    GradecheckError
        If a file cannot be collected, a check has no docstring, or two checks share a name.
    """
    runner = _Runner(stash, use)
    # Test files leave nothing behind, and no plug-in of this machine has a say.
    sys.dont_write_bytecode = True
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS"):
        os.environ.pop(name, None)
    arguments = [
        "-c",
        os.devnull,
        "--rootdir",
        str(root),
        "--confcutdir",
        str(root),
        "--import-mode=importlib",
    ]
    arguments += ["--assert=plain", "-p", "autograder.grade.plugin"]
    for name in UNUSED_PLUGINS:
        arguments += ["-p", f"no:{name}"]
    code = pytest.main([*arguments, *map(str, files)], plugins=[runner])
    if runner.error is not None:
        raise runner.error
    if not runner.used:
        raise GradecheckError(f"{root}: the suite cannot be collected (pytest's exit code {int(code)})")


class _Runner:
    """The pytest plug-in: keeps collection errors, takes over the run loop, catches what checks raise."""

    def __init__(self, stash: Callable[[pytest.Config], None], use: Callable[[Suite], None]) -> None:
        self.stash, self.use = stash, use
        self.error: BaseException | None = None
        self.used = False
        self._failures: list[str] = []
        self._raised: BaseException | None = None

    def pytest_configure(self, config: pytest.Config) -> None:
        self.stash(config)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._failures.append(_where_it_stops(report))

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self) -> None:
        warnings.simplefilter("ignore")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        try:
            if self._failures:
                raise GradecheckError("\n".join(self._failures))
            suite = Suite(_group(session.items), self)
            _warm_up(session.items)
            self.used = True
            self.use(suite)
        except BaseException as error:
            self.error = error
        return True

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[Any]) -> pytest.TestReport:
        if call.excinfo is not None and self._raised is None:
            self._raised = call.excinfo.value
        # No text of a traceback is made: it would cost more than the check.
        assert call.when != "collect"
        outcome: Literal["passed", "failed"] = "passed" if call.excinfo is None else "failed"
        return pytest.TestReport(item.nodeid, item.location, {}, outcome, None, call.when)

    def run(self, item: pytest.Function) -> BaseException | None:
        if _needs_only_ours(item):
            return _call(item)
        self._raised = None
        item.ihook.pytest_runtest_protocol(item=item, nextitem=None)
        return self._raised


def _where_it_stops(report: pytest.CollectReport) -> str:
    """File, line and error of a suite that cannot be collected; pytest's own report is a traceback."""
    said = str(report.longrepr)
    lines = re.findall(rf"{re.escape(Path(report.nodeid).name)}:(\d+)", said)
    errors = [line[1:].strip() for line in said.split("\n") if line.startswith("E ")]
    where = ":".join([report.nodeid, *lines[-1:]])
    return f"{where}: the suite cannot be collected: {errors[-1] if errors else said}"


def _needs_only_ours(item: pytest.Function) -> bool:
    """Whether pytest has nothing to set up: no fixture but ours, no mark but a plain ``parametrize``."""
    known = item.stash.get(PLAIN, None)
    if known is None:
        given = {*FIXTURES, *_parameters(item)}
        known = (
            # Our own fixtures ask for request.
            set(item.fixturenames) <= given | {"request"}
            and set(signature(item.function).parameters) <= given
            and all(m.name == "parametrize" and not m.kwargs.get("indirect") for m in item.iter_markers())
        )
        item.stash[PLAIN] = known
    return known


PLAIN = pytest.StashKey[bool]()


def _warm_up(items: Iterable[pytest.Item]) -> None:
    """Do once what every submission's process would otherwise do for itself."""
    check_rng(0, "")
    modules = {}
    for item in items:
        assert isinstance(item, pytest.Function)
        _needs_only_ours(item)
        modules[item.module.__name__] = item.module
    for module in modules.values():
        for helper in vars(module).values():
            if isinstance(helper, FunctionType) and helper.__module__ == module.__name__:
                with suppress(TypeError):
                    driver_source(helper)


def _parameters(item: pytest.Function) -> dict[str, Any]:
    return dict(item.callspec.params) if hasattr(item, "callspec") else {}


def _call(item: pytest.Function) -> BaseException | None:
    """Call the test function as pytest would: its bookkeeping costs more than most checks."""
    bench = item.config.stash[BENCH](item)
    values = _parameters(item)
    try:
        with ExitStack() as stack:
            for name in item.fixturenames:
                if name == "student":
                    values[name] = stack.enter_context(bench.check())
                elif name in FIXTURES and name not in values:
                    values[name] = FIXTURES[name](bench, item.path, item.originalname)
            item.function(**values)
    except BaseException as error:
        return error
    return None


def _group(items: Iterable[pytest.Item]) -> dict[str, list[Check]]:
    groups: dict[tuple[Path, str], list[pytest.Function]] = {}
    for item in items:
        if not isinstance(item, pytest.Function):
            raise GradecheckError(f"{item.nodeid}: a suite holds test functions and nothing else")
        groups.setdefault((item.path, item.originalname), []).append(item)
    checks: dict[str, list[Check]] = {}
    for (path, name), own in groups.items():
        function = own[0].function
        title = " ".join((function.__doc__ or "").split())
        if not title:
            raise GradecheckError(f"{path}: {name} has no docstring; it is the line that a student reads")
        question = path.parent.name
        if any(check.id == name for check in checks.get(question, ())):
            raise GradecheckError(f"{path}: {name} is also a public check of {question}; rename one of them")
        marked = marks(function)
        check = Check(
            id=name,
            question=question,
            title=title,
            visibility=FILES[path.name],
            weight=marked["weight"],
            hint=marked["hint"],
            items=tuple(own),
            is_supporting=marked["supporting"],
        )
        checks.setdefault(question, []).append(check)
    return checks
