"""A test function that waits for verdicts comes to what it comes to when it is called."""

from __future__ import annotations

import contextlib
import io

import pytest

from autograder.grade import otter_drivers as drivers
from autograder.grade.otter_functions import function_is_advisory, judge_function, waiting
from autograder.grade.otter_tests import Case, OtterTest
from autograder.sandbox import Zygote

NOTEBOOK = """\
import numpy as np

def square(x):
    return x ** 2

def greet(name):
    print(f"Hello, {name}!")

def sort_in_place(values):
    values.sort()

def stops():
    raise StopIteration

def leaves():
    raise SystemExit

class Liar:
    __eq__ = lambda self, other: True

liar = Liar()
expected = 9
"""
MODULE = """\
import contextlib, io
import numpy as np

def helper(value):
    assert value == 9
"""
CAPTURED = "out = io.StringIO()\nwith contextlib.redirect_stdout(out):\n"
# Each is called as it is too, and has to come to the same.
BODIES = [
    "assert square(3) == 9",
    "assert square(3) == 8",
    "assert square(3) == 8, 'no'",
    "assert square(3) == 9\nassert square(2) == 5",
    "assert square('a') == 9",
    "assert (square(3)\n        == 9), 'over lines'\nassert square(2) == 4  # a comment",
    "if square(3) == 9:\n    assert square(2) == 4\nelse:\n    assert False",
    "if square(3) == 9:\n    return\nassert square(2) == 5",
    "for x in range(3):\n    assert square(x) == x * x",
    "for x in range(3):\n    assert square(x) == x",
    "y = square(3)\nassert y == 9 and y < 10",
    CAPTURED + "    greet('Ada')\nassert out.getvalue() == 'Hello, Ada!\\n'",
    CAPTURED + "    assert greet('Ada') is None\nassert out.getvalue()",
    "values = [3, 1]\nassert sort_in_place(values) is None\nassert values == [1, 3]",
    "try:\n    assert square(3) == 8\nexcept AssertionError:\n    pass",
    "with contextlib.suppress(AssertionError):\n    assert square(3) == 8",
    "with contextlib.suppress(TypeError):\n    assert square('a') == 8\n    assert False",
    "try:\n    square('a')\nexcept TypeError:\n    return\nassert False, 'no error'",
    "helper(square(3))",
    "helper(square(2))",
    "np.testing.assert_allclose(square(np.arange(3)), [0, 1, 4])",
    "np.testing.assert_allclose(square(np.arange(3)), [0, 1, 5])",
    "np.testing.assert_allclose(square(3), 9.1, atol=0.2)",
    "np.testing.assert_equal({'a': square(1)}, {'a': 1})",
    "np.testing.assert_array_equal(square('a'), 3)",
    "assert np.isclose(square(1.5), 2.25)",
    "assert square(3) == expected",
    "assert env['square'](3) == 9 and 'nothing' not in env",
    "assert all(square(x) >= 0 for x in range(3))",
    "assert liar == 4",
    "assert square(np.arange(2)) == 1",
    "n = 2\nassert [square(x) for x in range(n)] == [0, 1]",
    "assert (z := square(3)) == 9\nassert z == 9",
    "assert isinstance(square(3), int)",
    "def inner():\n    return 9\nassert inner() == square(3)",
    "stops()\nassert square(3) == 8",
    "assert stops() == 1",
    "pass",
]


@pytest.fixture(scope="module")
def jail():
    with Zygote(("numpy",), ("numpy",)) as zygote, zygote.open([drivers.STAND_IN, NOTEBOOK]) as jail:
        yield jail


def case_of(body: str) -> Case:
    text = "def t(square, greet, sort_in_place, stops, leaves, liar, expected, env):\n"
    return Case("t", text + "".join(f"    {line}\n" for line in body.splitlines()), "t", True, 1.0)


def judged(jail, body):
    worker = jail.question()
    worker.student.run(drivers.load_module, MODULE, "tests/q.py")
    worker.start_check(5)
    return judge_function(OtterTest("q", "q", "exception", False, (), MODULE), case_of(body), worker.student)


def by_calling(body: str) -> bool:
    names: dict[str, object] = {}
    exec(NOTEBOOK, names)
    module: dict[str, object] = {}
    exec(MODULE + case_of(body).source, module)
    asked = ("square", "greet", "sort_in_place", "stops", "leaves", "liar", "expected")
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            module["t"](**{name: names[name] for name in asked}, env=names)
    except Exception:
        return False
    return True


@pytest.mark.parametrize("body", BODIES, ids=[str(number) for number in range(len(BODIES))])
def test_a_function_comes_to_what_it_comes_to_when_called(jail, body):
    assert judged(jail, body).passed is by_calling(body)


@pytest.mark.parametrize(
    ("body", "advisory"),
    [
        ("assert square(3) == 9", False),
        ("np.testing.assert_allclose(square(3), 9)", False),
        ("out = io.StringIO()\nwith contextlib.redirect_stdout(out):\n    assert square(3) == 9", False),
        ("if env:\n    return\nassert square(3) == 9", True),
        ("helper(square(3))", True),
        ("for x in [3]:\n    assert square(x) == 9", True),
        ("assert isinstance(square(3), int)", True),
    ],
)
def test_what_only_the_inside_can_decide_is_known_before(body, advisory):
    assert function_is_advisory(case_of(body)) is advisory


def test_a_value_that_the_inside_knows_makes_no_strong_verdict(jail):
    assert judged(jail, "assert square(3) == expected").advisory
    assert judged(jail, "assert liar == 4").met_object
    assert not judged(jail, "assert square(3) == 9").advisory


def test_what_is_expected_is_not_in_the_text_that_is_sent():
    source = case_of(
        "assert square(3) == (\n    81649\n), 'and 81649'\nx = 1\nassert square(4) == 81649"
    ).source
    found = waiting(source)
    assert "81649" not in found.source
    assert [line.strip() for line in found.source.splitlines()[1:]] == ["yield 1", "", "", "x = 1", "yield 2"]
    assert found.reached == {1, 2}


def test_a_function_that_does_not_come_to_its_assertions_has_not_passed():
    class Jumping:
        """A submission that moved the test function to its end."""

        def run(self, driver, *given):
            return "done", "", 0

    test = OtterTest("q", "q", "exception", False, (), MODULE)
    verdict = judge_function(test, case_of("assert square(3) == 9"), Jumping())
    assert not verdict.passed
    assert verdict.text == "the test did not run to its end"


@pytest.mark.parametrize("answer", [None, ("at", "", 99), ("at", "", 1), (1, 2, 3), ("done", "", "0")])
def test_a_forged_answer_is_no_pass(answer, monkeypatch):
    class Forged:
        def run(self, driver, *given):
            return answer if driver is drivers.step_case else ("", None, "plain", 8)

    monkeypatch.setattr("autograder.grade.otter_functions.MAX_STEPS", 5)
    test = OtterTest("q", "q", "exception", False, (), MODULE)
    assert not judge_function(test, case_of("assert square(3) == 9"), Forged()).passed


def test_a_failure_names_the_line_of_the_test(jail):
    verdict = judged(jail, "x = 1\nassert square(3) == 8, 'no'")
    assert verdict.text == "In t, line 3 of tests/q.py: assert square(3) == 8, 'no'\nAssertionError: no"
    verdict = judged(jail, "helper(square(2))")
    assert verdict.text.startswith("In t, line 5 of tests/q.py: assert value == 9")
