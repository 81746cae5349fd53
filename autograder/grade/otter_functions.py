"""Judges test functions (exception format): they run in the jail, what they assert is judged here.

``assert square(3) == 9`` in such a function becomes a place where it waits: its names are there inside, the
comparison is taken apart as in `otter_doctest`, and the function goes on, or the assertion fails in it. It
runs inside otherwise, so that it may capture what is printed, change arguments in place and look at any
object. What it compares in other ways (in helpers, loops and ``try``, of objects) is decided inside.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from autograder.grade import otter_drivers as drivers
from autograder.grade.definitions import lines_of, shares_lines
from autograder.grade.otter_apart import Apart, Raised
from autograder.grade.otter_doctest import Inside, Verdict, may_be_taken_apart
from autograder.grade.otter_tests import Case, OtterTest
from autograder.sandbox import Student

__all__ = ["Waiting", "function_is_advisory", "judge_function", "waiting"]

MAX_STEPS = 100_000
NUMPY_TESTS = tuple(
    f"np.testing.assert_{name}"
    for name in ("allclose", "almost_equal", "array_almost_equal", "array_equal", "equal")
)
# Inside such a block an assertion may fail on purpose.
EXPECT_FAILURE = ("raises", "suppress", "warns")


@dataclass(frozen=True)
class Waiting:
    """A test function that waits for verdicts.

    Attributes
    ----------
    source : str
        Its text, with ``yield NUMBER`` in place of each assertion that is judged here.
    asserted : dict
        Number -> the assertion.
    reached : frozenset of int
        Those that every run to the end comes to.
    """

    source: str
    asserted: Mapping[int, ast.Assert | ast.Expr] = field(default_factory=dict)
    reached: frozenset[int] = frozenset()


def function_is_advisory(case: Case) -> bool:
    """Whether nothing that the function surely asserts can be judged here."""
    return not waiting(case.source).reached


@lru_cache(maxsize=4096)
def waiting(source: str) -> Waiting:
    """Make a test function wait where it asserts what can be judged here.

    Parameters
    ----------
    source : str
        The function's text.

    Returns
    -------
    Waiting
    """
    try:
        function = ast.parse(source).body[0]
    except (SyntaxError, ValueError, RecursionError, MemoryError, IndexError):
        return Waiting(source)
    own = list(_own_nodes(function))
    if not isinstance(function, ast.FunctionDef) or any(
        isinstance(node, ast.Yield | ast.YieldFrom | ast.Await) for node in own
    ):
        return Waiting(source)
    lines = lines_of(source)
    asserted: dict[int, ast.Assert | ast.Expr] = {}
    reached: set[int] = set()
    for statement, is_sure in _statements(function.body, True):
        if _is_judged(statement) and not shares_lines(lines, statement):
            assert isinstance(statement, ast.Assert | ast.Expr)
            number = len(asserted) + 1
            asserted[number] = statement
            reached |= {number} if is_sure else set()
    for number, statement in asserted.items():
        first, last = statement.lineno - 1, statement.end_lineno or statement.lineno
        indent = lines[first][: len(lines[first]) - len(lines[first].lstrip())]
        lines[first:last] = [f"{indent}yield {number}\n", *["\n"] * (last - first - 1)]
    return Waiting("".join(lines), asserted, frozenset(reached))


def _own_nodes(function: ast.AST) -> Iterator[ast.AST]:
    """Nodes of a function without those of functions and classes in it."""
    todo = list(ast.iter_child_nodes(function))
    while todo:
        node = todo.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            todo += ast.iter_child_nodes(node)


def _statements(body: Sequence[ast.stmt], is_sure: bool) -> Iterator[tuple[ast.stmt, bool]]:
    """Statements that run in order, and whether every run to the end comes to them."""
    for statement in body:
        yield statement, is_sure
        if isinstance(statement, ast.With):
            said = " ".join(ast.unparse(item.context_expr) for item in statement.items).lower()
            if not any(word in said for word in EXPECT_FAILURE):
                yield from _statements(statement.body, is_sure)
        elif isinstance(statement, ast.If):
            # Not loops: to wait outside ten thousand times would use up the question's time.
            yield from _statements([*statement.body, *statement.orelse], False)
        is_definition = isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        parts = () if is_definition else (statement, *_own_nodes(statement))
        is_sure = is_sure and not any(isinstance(node, ast.Return) for node in parts)


def _is_judged(statement: ast.stmt) -> bool:
    if any(isinstance(node, ast.NamedExpr) for node in ast.walk(statement)):
        return False
    if isinstance(statement, ast.Expr):
        node = statement.value
        return (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and ast.unparse(node.func) in NUMPY_TESTS
            and not any(isinstance(item, ast.Starred) for item in node.args)
            and all(item.arg is not None for item in node.keywords)
        )
    return isinstance(statement, ast.Assert) and may_be_taken_apart(statement)


# --- running it -----------------------------------------------------------------------------------


def judge_function(test: OtterTest, case: Case, student: Student) -> Verdict:
    """Run a test function in the jail and judge here what it asserts.

    Parameters
    ----------
    test : OtterTest
        Its file, of which the jail holds the module.
    case : Case
    student : Student
        The submission, for this check.

    Returns
    -------
    Verdict

    Raises
    ------
    StudentError
        If the submission's process ends, or takes too long.
    """
    function, file = waiting(case.source), f"tests/{test.file}.py"
    action, message, failed = "start", "", ""
    judged: set[int] = set()
    is_strong = met_object = False
    for _ in range(MAX_STEPS):
        answer = student.run(
            drivers.step_case, action, function.source, case.function, file, message[:MAX_STEPS]
        )
        if type(answer) is not tuple or [type(part) for part in answer] != [str, str, int]:
            return Verdict(False, "malformed", "the submission sent a malformed answer")
        state, text, number = answer
        if state != "at" or number not in function.asserted:
            break
        work = Apart(Inside(student, captured=False))
        action, message = _verdict(work, function.asserted[number])
        judged.add(number)
        failed = failed or (message or "AssertionError" if action == "fail" else "")
        is_strong, met_object = is_strong or work.compared, met_object or work.met_object
    if state == "raised":
        return Verdict(False, text, f"{_place(test, case, number)}\n{text.strip()}")
    if state != "done" or failed or function.reached - judged:
        return Verdict(False, "AssertionError", failed or "the test did not run to its end")
    return Verdict(True, advisory=not is_strong, met_object=met_object)


def _verdict(work: Apart, statement: ast.Assert | ast.Expr) -> tuple[str, str]:
    """How the function goes on: "on", "fail" with a message, or "raised" with what was raised inside."""
    try:
        if isinstance(statement, ast.Assert):
            said = work.assertion(statement, work.part(statement.test))
        else:
            assert isinstance(statement.value, ast.Call)
            said = work.testing(statement.value)
    except Raised:
        return "raised", ""
    if said is None:
        return "on", ""
    name, _, text = said.strip().partition(":")
    return ("fail", text.strip()) if name == "AssertionError" else ("raised", "")


def _place(test: OtterTest, case: Case, line: int) -> str:
    """Where in the test file: a line of the function, or of a helper."""
    texts = [text.splitlines()[line - 1 : line] for text in (case.source, test.module)] if line > 0 else []
    source = " ".join(part.strip() for lines in texts for part in lines).strip()
    return f"In {case.function}, line {line} of tests/{test.file}.py: {source}"
