"""Whole submissions through the real jail: what every kind of notebook gets, and what it cannot do."""

from __future__ import annotations

import gc
import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import mini_course

from autograder.errors import GraderFault
from autograder.grade import Session, bench, server
from autograder.sandbox import Limits

MEAN = (
    "import numpy as np\ndef mean(values):\n    if len(values) == 0:\n        raise ValueError('empty')\n"
    "    return float(np.sum(values) / len(values))\n"
)
LARGEST = "def largest(values):\n    return float(max(values))\n"
CENTERING = (
    "class Centering:\n    def __init__(self, shift=0.0):\n        self.shift = shift\n"
    "    def fit(self, values):\n        self.m = mean(values)\n        return self\n"
    "    def transform(self, values):\n        return values - self.m + self.shift\n"
)


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    root = tmp_path_factory.mktemp("course")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(root))
        yield mini_course.write_course(root)


@pytest.fixture(scope="module")
def session(course):
    mini_course.built_of(course)
    with Session(course, "a01", "demo", jobs=2) as opened:
        yield opened


@pytest.fixture
def grade(session, course, tmp_path):
    """Grade notebooks: name -> dict, bytes, or answers to put into the solution."""

    def run(**notebooks):
        made = []
        for name, content in notebooks.items():
            if isinstance(content, dict) and "cells" not in content:
                content = mini_course.solution_notebook(course, **content)
            made.append(mini_course.submission(tmp_path, name, content))
        return {graded.submission.student: graded for graded in session.grade(made)}

    return run


def outcomes(graded, question):
    found = next(item for item in graded.result.questions if item.id == question)
    return {check.id: (check.outcome, check.category) for check in found.checks}


def check_of(graded, name):
    return next(check for item in graded.result.questions for check in item.checks if check.id == name)


def cells(*sources):
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {},
        "cells": [{"cell_type": "code", "source": source, "metadata": {}} for source in sources],
    }


# --- points ---------------------------------------------------------------------------------------


def test_the_solution_gets_everything(grade):
    graded = grade(ada={})["ada"]
    assert graded.result.status == "graded"
    assert graded.result.score == graded.result.max_score == 100.0
    assert all(check.message == "" for item in graded.result.questions for check in item.checks)
    assert graded.result.flags == ()


def test_weights_and_points_decide(grade):
    answer = MEAN + "def largest(values):\n    return max(0.0, *map(float, values))\n"
    graded = grade(ada={"averages": answer})["ada"]
    averages = graded.result.questions[0]
    # 2 of 8 weights of a question with 2 of 3 points.
    assert averages.score == pytest.approx(66.67 * 6 / 8, abs=0.02)
    assert averages.status == "partial"
    assert graded.result.score == round(averages.score + graded.result.questions[1].score, 2)


def test_a_parametrised_function_is_one_check(grade):
    answer = LARGEST + MEAN.replace("return", "if len(values) == 17:\n        return 0.0\n    return")
    assert outcomes(grade(ada={"averages": answer})["ada"], "averages")["test_mean_of_many"] == (
        "failed",
        "value",
    )


def test_only_the_questions_asked_for_are_run(session, course, tmp_path):
    made = mini_course.submission(tmp_path, "ada", mini_course.solution_notebook(course))
    (graded,) = session.grade([made], questions=["centering"])
    assert [item.id for item in graded.result.questions] == ["centering"]


# --- what the platform looks at first -------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "category", "said"),
    [
        ("def maen(values):\n    return 0\n", "missing", "there is a maen"),
        ("def mean(values):\n    raise NotImplementedError\n", "not_written", "Not written yet"),
        ("def mean(values:\n    return 0\n", "missing", "not valid Python"),
        ("raise MemoryError\n" + MEAN + LARGEST, "missing", "Its cell stopped: MemoryError."),
        ("1 / 0\n" + MEAN + LARGEST, "missing", "ZeroDivisionError"),
        (LARGEST + "import numpy as np\nmean = np.mean\n", "banned", "numpy.mean"),
        (
            LARGEST
            + "from numpy import mean as average\ndef mean(values):\n    return float(average(values))\n",
            "banned",
            "numpy.mean",
        ),
    ],
)
def test_one_clear_line_instead_of_many_failures(grade, answer, category, said):
    graded = grade(ada={"averages": answer})["ada"]
    found = outcomes(graded, "averages")
    assert set(found.values()) == {("failed", category)}
    assert said in check_of(graded, "test_largest_of_three").message
    assert graded.result.questions[0].score == 0.0


@pytest.mark.parametrize(
    ("largest", "category", "said"),
    [
        ("largest = 3.0\n", "type", "can be called"),
        ("", "missing", "Not defined: largest."),
        ("def largest(values):\n    raise NotImplementedError\n", "not_written", "Not written yet: largest."),
        ("def largest(x):\n    return 0.0\n", "signature", "'x', not 'values'"),
        ("def largest(values, start):\n    return 0.0\n", "signature", "start"),
        ("def largest():\n    return 0.0\n", "signature", "takes 0 positional"),
    ],
)
def test_a_slip_in_one_name_costs_the_checks_that_use_it(grade, largest, category, said):
    graded = grade(ada={"averages": MEAN + largest})["ada"]
    found = outcomes(graded, "averages")
    for name in ("test_largest_of_three", "test_largest_of_negative"):
        assert found[name] == ("failed", category)
        assert said in check_of(graded, name).message
    assert found["test_mean_of_three"] == found["test_mean_of_many"] == ("passed", None)


@pytest.mark.parametrize(
    ("result", "category", "said"),
    [
        ("np.array(float(max(values)))", "type", "should return a float"),
        ("np.array([max(values)])", "type", "shape (1,)"),
        ("float('nan') if len(values) == 3 else float(max(values))", "not_finite", "nan"),
        ("None", "type", "None"),
    ],
)
def test_a_result_of_the_wrong_kind_fails_the_check_that_saw_it(grade, result, category, said):
    graded = grade(ada={"averages": MEAN + f"def largest(values):\n    return {result}\n"})["ada"]
    found = outcomes(graded, "averages")
    assert found["test_largest_of_three"] == ("failed", category)
    assert said in check_of(graded, "test_largest_of_three").message
    assert found["test_mean_of_three"] == found["test_mean_of_many"] == ("passed", None)
    # Another check runs on its own.
    assert (found["test_largest_of_negative"][0] == "passed") == (category == "not_finite")


def test_fit_without_return_costs_what_goes_on_with_its_result(grade):
    graded = grade(ada={"centering": CENTERING.replace("        return self\n", "")})["ada"]
    message = check_of(graded, "test_centered_values").message
    assert message.startswith("Centering.fit returned None; it should return an object.")
    # None has no transform: that is not a name which the submission lacks.
    assert outcomes(graded, "centering")["test_shift"] == ("failed", "type")


def test_a_method_that_is_not_there_is_named(grade):
    graded = grade(ada={"centering": CENTERING.split("    def transform")[0]})["ada"]
    found = outcomes(graded, "centering")
    assert found["test_centered_values"] == found["test_shift"] == ("failed", "missing")
    assert found["test_fit_returns_the_object"] == ("passed", None)
    assert check_of(graded, "test_shift").message == (
        "Centering has no method transform. Hint: What is shift for?"
    )


@pytest.mark.parametrize(
    "largest",
    [
        "def largest(values, *, start=None):\n    return float(max(values))\n",
        "def largest(*args, **kwargs):\n    return float(max(args[0]))\n",
        "def largest(values):\n    return max(values)\n",
        "largest = lambda values: float(max(values))\n",
    ],
)
def test_other_ways_to_write_it_are_fine(grade, largest):
    assert grade(ada={"averages": MEAN + largest})["ada"].result.score == 100.0


def test_a_banned_function_reached_at_run_time_is_noticed(grade):
    answer = (
        LARGEST + "import numpy\ndef mean(values):\n    return float(getattr(numpy, 'me' + 'an')(values))\n"
    )
    assert outcomes(grade(ada={"averages": answer})["ada"], "averages")["test_mean_of_many"] == (
        "failed",
        "banned",
    )


def test_what_the_scan_for_banned_names_cannot_read_is_flagged_for_staff(grade):
    answer = MEAN + "chain = lambda: np" + ".a" * 1500 + "\n" + LARGEST.replace("(max", "(chain and max")
    graded = grade(ada={"averages": answer})["ada"]
    assert graded.fault == ""
    assert graded.result.flags == (
        "averages: the scan for banned names could not read the answer: look at it",
    )


# --- dependents -----------------------------------------------------------------------------------


def test_a_dependent_is_not_blamed_for_what_it_needs(grade):
    wrong = MEAN.replace("len(values))", "(len(values) + 1))") + LARGEST
    graded = grade(ada={"averages": wrong})["ada"]
    found = outcomes(graded, "centering")
    assert found["test_centered_values"][0] == found["test_shift"][0] == "blocked"
    assert found["test_fit_returns_the_object"] == ("passed", None)
    assert graded.result.questions[1].status == "blocked"
    assert "averages" in check_of(graded, "test_shift").message
    assert any("centering" in flag for flag in graded.result.flags)


def test_a_dependent_that_is_not_written_is_not_blocked(grade):
    stub = CENTERING.replace(
        "self.m = mean(values)\n        return self", "raise NotImplementedError"
    ).replace("return values - self.m + self.shift", "raise NotImplementedError")
    graded = grade(ada={"averages": "x = 1\n", "centering": stub})["ada"]
    assert set(outcomes(graded, "centering").values()) == {("failed", "not_written")}


# --- messages -------------------------------------------------------------------------------------


def test_a_public_check_says_everything(grade):
    answer = MEAN.replace("/ len(values)", "/ (len(values) - 1)") + LARGEST
    message = check_of(grade(ada={"averages": answer})["ada"], "test_mean_of_three").message
    assert "4.5" in message
    assert "Add them up" in message


def test_a_hidden_check_says_its_hint_and_nothing_about_the_input(grade):
    largest = "def largest(values):\n    if values[0] < 0:\n        raise KeyError(str(values))\n"
    answer = MEAN + largest + "    return float(max(values))\n"
    graded = grade(ada={"averages": answer})["ada"]
    check = check_of(graded, "test_largest_of_negative")
    assert (check.outcome, check.category) == ("failed", "raises")
    assert check.message.endswith("Hint: Negative numbers have a largest one too.")
    assert "KeyError" not in check.message
    assert "-" not in check.message
    detail = graded.detail["questions"]["averages"]["checks"]["test_largest_of_negative"]["detail"]
    assert "KeyError" in detail


def test_what_is_printed_during_hidden_checks_is_for_staff(grade):
    answer = MEAN + "def largest(values):\n    print('PEEK', values)\n    return float(max(values))\n"
    graded = grade(ada={"averages": answer})["ada"]
    assert "PEEK" not in graded.result.to_json()
    assert "PEEK" in graded.detail["questions"]["averages"]["printed"]


# --- trouble --------------------------------------------------------------------------------------


def test_an_endless_function_costs_its_own_checks_only(grade):
    answer = MEAN + "def largest(values):\n    while True:\n        pass\n"
    graded = grade(ada={"averages": answer})["ada"]
    found = outcomes(graded, "averages")
    assert found["test_largest_of_three"] == found["test_largest_of_negative"] == ("timeout", "timeout")
    assert found["test_mean_of_three"] == found["test_mean_of_many"] == ("passed", None)
    assert graded.result.questions[0].status == "timeout"
    assert graded.result.questions[1].status == "passed"


def test_a_function_that_ends_the_process_costs_its_own_checks_only(grade):
    answer = MEAN + "import os\ndef largest(values):\n    print('LAST WORDS', flush=True)\n    os._exit(0)\n"
    graded = grade(ada={"averages": answer})["ada"]
    assert "LAST WORDS" in graded.detail["questions"]["averages"]["printed"]
    found = outcomes(graded, "averages")
    assert found["test_largest_of_three"] == ("error", "crash")
    assert found["test_mean_of_many"] == ("passed", None)


def test_a_notebook_that_ends_its_process_gets_a_result(grade):
    graded = grade(ada=cells("import os\nos._exit(0)", MEAN, LARGEST, CENTERING))["ada"]
    assert graded.result.score == 0.0
    assert outcomes(graded, "averages")["test_mean_of_three"] == ("error", "crash")
    # Not "blocked": what ended the notebook is not the fault of a needed answer.
    assert outcomes(graded, "centering")["test_shift"] == ("error", "crash")


def test_a_broken_cell_stops_nothing_else(grade):
    assert (
        grade(ada=cells("def (", "1 / 0", MEAN, LARGEST, CENTERING, "input('?')"))["ada"].result.score
        == 100.0
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "empty"), (b"{", "breaks off"), (b"[" * 200_000, "JSON"), (cells("x = 1"), "none of the names")],
)
def test_what_cannot_be_graded_says_why_and_is_flagged(grade, content, said):
    graded = grade(ada=content)["ada"]
    assert graded.result.status == "not_gradable"
    assert graded.result.score == 0.0
    assert any(flag.startswith("not gradable") for flag in graded.result.flags)
    assert said in check_of(graded, "test_mean_of_three").message


def test_a_problem_found_at_intake_is_passed_on(session, course, tmp_path):
    from dataclasses import replace

    made = replace(mini_course.submission(tmp_path, "ada", b"x"), problem="this is a PDF", flags=("late",))
    (graded,) = session.grade([made])
    assert graded.result.status == "not_gradable"
    assert graded.result.flags[0] == "late"


def test_a_file_that_is_gone_is_the_graders_fault(session, course, tmp_path):
    made = mini_course.submission(tmp_path, "ada", b"{}")
    made.path.unlink()
    (graded,) = session.grade([made])
    assert graded.result is None
    assert "No such file" in graded.fault


def test_forged_equality_gains_nothing(grade):
    answer = (
        "class Any(float):\n    def __eq__(self, other):\n        return True\n"
        "    def __sub__(self, other):\n        return 0.0\n    __rsub__ = __sub__\n"
        "def mean(values):\n    return Any(0)\ndef largest(values):\n    return Any(0)\n"
    )
    assert grade(ada={"averages": answer})["ada"].result.questions[0].score <= 66.67 / 8 + 0.01


# --- the same bytes -------------------------------------------------------------------------------


def test_the_same_bytes_for_any_number_of_jobs(session, course, tmp_path):
    contents = {
        "ada": mini_course.solution_notebook(course),
        "ben": mini_course.solution_notebook(
            course, averages=MEAN + "def largest(values):\n    return 1 / 0\n"
        ),
        "cyn": b"{",
        "dan": cells("import os\nos._exit(0)", MEAN),
    }
    made = [mini_course.submission(tmp_path, name, content) for name, content in contents.items()]

    def graded(opened):
        return {
            item.submission.student: (
                item.result.model_copy(update={"timings": {}}).to_json(),
                json.dumps(item.detail),
            )
            for item in opened.grade(made)
        }

    with Session(course, "a01", "demo", jobs=1) as alone:
        assert graded(alone) == graded(session) == graded(session)


def test_provenance_names_all_that_a_grade_depends_on(session, grade):
    result = grade(ada={})["ada"].result
    assert result.provenance == session.provenance("ada")
    assert set(result.provenance) == {"suite", "variant", "environment", "isolation", "version"}


# --- our own mistakes -----------------------------------------------------------------------------


def broken_by(word, error):
    """A `find_answers` that raises where a notebook holds a word."""

    def find(notebook, *rest):
        if any(word in cell.source for cell in notebook.code):
            raise error
        return server.find_answers_of_old(notebook, *rest)

    return find


@pytest.mark.parametrize(
    ("error", "has_result"),
    [(KeyError("SLIP"), False), (MemoryError(), True), (RecursionError(), True)],
)
def test_an_exception_of_ours_is_a_fault_and_a_notebook_too_large_to_read_is_not(
    course, tmp_path, monkeypatch, error, has_result
):
    monkeypatch.setattr(server, "find_answers_of_old", server.find_answers, raising=False)
    monkeypatch.setattr(server, "find_answers", broken_by("STUMBLE", error))
    made = [
        mini_course.submission(tmp_path, "ada", cells("STUMBLE = 1", MEAN)),
        mini_course.submission(tmp_path, "ben", mini_course.solution_notebook(course)),
    ]
    with Session(course, "a01", "demo", confirm_timeouts=False) as session:
        graded = {item.submission.student: item for item in session.grade(made)}
    assert graded["ben"].result.score == 100.0
    if has_result:
        assert graded["ada"].result.status == "not_gradable"
        assert "more time or memory" in graded["ada"].result.flags[0]
    else:
        assert graded["ada"].result is None
        assert "KeyError: 'SLIP'" in graded["ada"].fault
        assert "Traceback" in graded["ada"].fault


def test_a_server_that_fails_says_why(course, monkeypatch):
    monkeypatch.setattr(server, "collect_suite", lambda *args: {}["SLIP"])
    with pytest.raises(GraderFault, match="KeyError: 'SLIP'"):
        Session(course, "a01", "demo").start()


def test_no_collection_of_garbage_lets_one_thread_into_the_parser_of_another(course, monkeypatch):
    # While pytest parses, a thread reads the requirements of packages. Python 3.11 raises SystemError ("AST
    # constructor recursion depth mismatch") where a callback of the collector lets it parse in between.
    real = server.collect_suite

    def collect(*args):
        assert not gc.isenabled()
        real(*args)

    monkeypatch.setattr(server, "collect_suite", collect)
    with Session(course, "a01", "demo"):
        pass


def test_a_submission_that_takes_too_long_by_the_clock_gets_a_result(course, tmp_path, monkeypatch):
    # No fork because of the thread; the cells that run again sleep, which uses no CPU time.
    stuck = (
        "import os, threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n"
    )
    stuck += "time.sleep(0.5)\n"
    dies = "def mean(values):\n    os._exit(1)\ndef largest(values):\n    os._exit(1)\n"
    made = mini_course.submission(tmp_path, "ada", cells(stuck, dies, CENTERING))
    monkeypatch.setattr(server, "CHILD_WALL_SECONDS", 4.0)  # half of it is the submission's
    with Session(course, "a01", "demo") as session:
        (graded,) = session.grade([made])
    assert graded.fault == ""
    assert graded.result.score == 0.0
    assert graded.result.questions[1].status == "timeout"


ENDLESS = "while True:\n    pass\nglobals()['largest'] = max\n"


def test_a_cell_that_never_ends_is_named_where_something_is_not_defined(course, tmp_path, monkeypatch):
    monkeypatch.setattr(bench, "LIMITS", Limits(cpu_seconds=1.0))
    mini_course.built_of(course)
    apart = mini_course.submission(tmp_path, "apart", cells(MEAN, ENDLESS))
    inside = mini_course.submission(tmp_path, "inside", cells(MEAN + LARGEST + "while True:\n    pass\n"))
    with Session(course, "a01", "demo", confirm_timeouts=False) as session:
        graded = {item.submission.student: item for item in session.grade([apart, inside])}
    assert check_of(graded["apart"], "test_largest_of_three").message == (
        "Not defined: largest. The cell that starts with 'while True:' ran too long and was stopped."
    )
    assert check_of(graded["apart"], "test_mean_of_many").outcome == "passed"
    assert "a loop that does not end" in check_of(graded["inside"], "test_mean_of_many").message
