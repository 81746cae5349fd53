"""An answer that a later cell completes or corrects counts as it works at home, after "Run all"."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import mini_course

from autograder.grade import Session

MEAN = (
    "import numpy as np\ndef mean(values):\n    if len(values) == 0:\n        raise ValueError('empty')\n"
    "    return float(np.sum(values) / len(values))\n"
)
LARGEST = "def largest(values):\n    return float(max(values))\n"
WRONG = "def largest(values):\n    return 1.0\n"
HALF = (
    "class Centering:\n    def __init__(self, shift=0.0):\n        self.shift = shift\n"
    "    def fit(self, values):\n        self.m = mean(values)\n        return self\n"
)
TRANSFORM = "def transform(self, values):\n    return values - self.m + self.shift\n"
STUB = HALF.replace("self.m = mean(values)\n        return self", "raise NotImplementedError") + (
    "    def transform(self, values):\n        raise NotImplementedError\n"
)
FIT = "def fit(self, values):\n    self.m = mean(values)\n    return self\n"


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    root = tmp_path_factory.mktemp("course")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(root))
        yield mini_course.write_course(root)


@pytest.fixture(scope="module")
def session(course):
    mini_course.built_of(course)
    with Session(course, "a01", "demo", jobs=1) as opened:
        yield opened


@pytest.fixture
def grade(session, course, tmp_path):
    """Grade the solution with some answers replaced and untagged cells at the end."""

    def run(answers, *later):
        whole = mini_course.solution_notebook(course, **answers)
        whole["cells"] += [{"cell_type": "code", "source": source, "metadata": {}} for source in later]
        (graded,) = session.grade([mini_course.submission(tmp_path, "ada", whole)])
        assert graded.result is not None, graded.fault
        return graded

    return run


@pytest.mark.parametrize(
    "later",
    [
        TRANSFORM + "Centering.transform = transform\n",
        TRANSFORM + "setattr(Centering, 'transform', transform)\n",
        "def method(kind):\n    return lambda f: setattr(kind, f.__name__, f)\n@method(Centering)\n"
        + TRANSFORM,
        "class Centering(Centering):\n" + "".join(f"    {line}\n" for line in TRANSFORM.splitlines()),
    ],
    ids=["attribute", "setattr", "decorator", "subclass"],
)
def test_a_class_is_completed_in_a_later_cell(grade, later):
    assert grade({"centering": HALF}, later).result.score == 100.0


def test_methods_are_attached_to_the_class_of_the_handout(grade):
    later = FIT + TRANSFORM + "Centering.fit, Centering.transform = fit, transform\n"
    assert grade({"centering": STUB}, later).result.score == 100.0


@pytest.mark.parametrize(
    ("answer", "later"),
    [
        (MEAN + WRONG, LARGEST),
        (
            MEAN + WRONG,
            "_old = largest\ndef largest(values):\n    return _old(values) - 1.0 + float(max(values))\n",
        ),
        (
            MEAN + "def top(values):\n    return 1.0\ndef largest(values):\n    return top(values)\n",
            "def top(values):\n    return float(max(values))\n",
        ),
        ("import numpy as np\n" + LARGEST + "def mean(values):\n    raise NotImplementedError\n", MEAN),
    ],
    ids=["corrected", "wrapper", "helper", "written later"],
)
def test_a_function_is_corrected_in_a_later_cell(grade, answer, later):
    assert grade({"averages": answer}, later).result.score == 100.0


def test_a_wrapper_around_an_answer_that_no_cell_is_tagged_for(grade):
    later = "_old = largest\ndef largest(values):\n    return _old(values)\n"
    assert grade({"averages": MEAN}, LARGEST, later).result.score == 100.0


def test_a_later_use_of_the_name_for_something_else_changes_nothing(grade):
    assert grade({}, "largest = 3.0\nmean = [largest]\n").result.score == 100.0


def test_the_first_run_stands_where_the_second_gives_no_more_points(grade):
    graded = grade({"averages": MEAN + WRONG}, "print(largest([1.0, 2.0]))\nlargest = None\n")
    checks = {check.id: check for check in graded.result.questions[0].checks}
    assert checks["test_mean_of_many"].outcome == "passed"
    assert checks["test_largest_of_negative"].category == "value"


def test_what_is_banned_is_banned_in_later_cells_too(grade):
    later = "from numpy import mean as kept\ndef mean(values):\n    return float(kept(values))\n"
    graded = grade({"averages": LARGEST + "def mean(values):\n    return 0.0\n"}, later)
    checks = {check.id: check for check in graded.result.questions[0].checks}
    assert checks["test_mean_of_many"].outcome == "failed"
