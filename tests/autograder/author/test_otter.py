"""``tests/<question>.py``: read by otter, run without it, and told in words a student can use."""

from __future__ import annotations

import ast
import sys
import warnings
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from autograder.author.inline import unresolved_names
from autograder.author.otter import test_file as make_test_file
from autograder.errors import GradecheckError
from autograder.models import BuiltQuestion, Question
from autograder.testing import check_rng

with warnings.catch_warnings():
    # Widgets that otter imports use a deprecated form of traitlets.
    warnings.simplefilter("ignore")
    import otter  # noqa: F401

PUBLIC = '''\
"""Checks of a moving average."""

import numpy as np

from autograder.testing import assert_close, assert_raises, hint, weight

# Days in a week.
DAYS = 7


def week(rng):
    """Return one week of values."""
    return rng.normal(size=DAYS)


@weight(2)
@hint("What is the mean of one value?")
def test_window_of_one(student, rng):
    """a window of one value changes nothing"""
    values = week(rng)
    assert_close(student.moving_average(values, 1), values)


@hint("Divide by the window's length.")
def test_window_of_the_variant(student, variant):
    """the window of this handout, on the numbers 0 to 6"""
    k = variant["window"]
    expected = np.arange(DAYS - k + 1) + (k - 1) / 2
    assert_close(student.moving_average(np.arange(float(DAYS)), k), expected)


def test_bad_window(student):
    """a window of 0 raises a ValueError"""
    assert_raises(ValueError, student.moving_average, np.ones(3), 0)


def test_driver(student):
    """ten averages in a row"""

    def many(answers, n):
        values = np.arange(20.0)
        for _ in range(n):
            values = answers.moving_average(values, 2)
        return float(values[0])

    assert_close(student.run(many, 10), 5.0)
'''
HIDDEN = '''\
from autograder.testing import weight

@weight(4)
def test_random(student):
    """random"""
'''
RIGHT = """\
import numpy as np

def moving_average(values, window):
    if window < 1:
        raise ValueError("window must be at least 1")
    sums = np.cumsum(np.concatenate([[0.0], values]))
    return (sums[window:] - sums[:-window]) / window
"""


@pytest.fixture
def build(tmp_path: Path):
    """A function that writes a suite and returns the question built from it."""

    def write(public: str = PUBLIC, hidden: str = HIDDEN, variant: dict | None = None) -> BuiltQuestion:
        folder = tmp_path / "moving_average"
        folder.mkdir(exist_ok=True)
        (folder / "test_public.py").write_text(public, encoding="utf-8")
        (folder / "test_hidden.py").write_text(hidden, encoding="utf-8")
        question = Question(
            id="moving_average",
            folder=folder,
            title="Moving average",
            points=18,
            solution=("m:moving_average",),
        )
        return BuiltQuestion(question, {"window": 3} if variant is None else variant, "", "", "", "")

    return write


def run_cases(text: str, answer: str) -> dict[str, str]:
    """Run every case of a tests file as otter does; name -> "" or "Kind: text"."""
    space: dict = {}
    exec(compile(text, "tests/moving_average.py", "exec"), space)
    env: dict = {}
    exec(compile(answer, "<cell>", "exec"), env)
    found = {}
    for case in [item for item in space.values() if type(item).__name__ == "test_case"]:
        try:
            case.test_func(env)
            found[case.name] = ""
        except Exception as error:
            found[case.name] = f"{type(error).__name__}: {error}"
    return found


def outcomes(text: str, answer: str) -> list[str]:
    return list(run_cases(text, answer).values())


# --- the file -------------------------------------------------------------------------------------


def test_a_right_answer_passes_every_check(build):
    assert outcomes(make_test_file(build(), 7), RIGHT) == ["", "", "", ""]


def test_names_carry_docstring_and_share_of_the_questions_points(build):
    # Weights 2, 1, 1, 1 and 4 hidden: two ninths of 18 points are 4.
    assert list(run_cases(make_test_file(build(), 7), RIGHT)) == [
        "a window of one value changes nothing [4 points]",
        "the window of this handout, on the numbers 0 to 6 [2 points]",
        "a window of 0 raises a ValueError [2 points]",
        "ten averages in a row [2 points]",
    ]


def test_needs_only_numpy_and_the_standard_library(build):
    text = make_test_file(build(), 7)
    modules = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            modules.update(item.name.split(".")[0] for item in node.names)
        elif isinstance(node, ast.ImportFrom):
            modules.add(str(node.module).split(".")[0])
    assert modules - set(sys.stdlib_module_names) == {"numpy", "otter"}
    assert "autograder" not in text
    assert "mlref" not in text


def test_every_name_is_bound_and_the_text_is_ascii(build):
    text = make_test_file(build(), 7)
    assert unresolved_names(text) == []
    assert text.isascii()


def test_reads_as_otters_exception_format(build, tmp_path):
    from otter.test_files import create_test_file
    from otter.test_files.exception_test import ExceptionTestFile

    path = tmp_path / "moving_average.py"
    path.write_text(make_test_file(build(), 7))
    found = create_test_file(str(path), None)
    assert isinstance(found, ExceptionTestFile)
    env: dict = {}
    exec(RIGHT, env)
    found.run(env)
    assert found.passed_all
    assert (found.name, found.possible) == ("moving_average", 10)


def test_the_same_bytes_twice_and_others_for_another_seed_or_variant(build):
    text = make_test_file(build(), 7)
    assert text == make_test_file(build(), 7)
    assert text != make_test_file(build(), 8)
    assert text != make_test_file(build(variant={"window": 2}), 7)


def test_rng_is_the_graders(build):
    public = '''\
from autograder.testing import assert_true

def test_numbers(student, rng):
    """numbers"""
    assert_true(student.record(rng.normal(size=4)), "recorded")
'''
    answer = "seen = []\ndef record(values):\n    seen.append(values)\n    return True\n"
    space: dict = {}
    exec(make_test_file(build(public), 123), space)
    env: dict = {}
    exec(answer, env)
    space["case_1"].test_func(env)
    assert np.array_equal(env["seen"][0], check_rng(123, "test_numbers").normal(size=4))


def test_streams_differ_by_check_and_by_seed():
    drawn = {check_rng(seed, name).integers(2**60) for seed in (1, 2) for name in ("test_a", "test_b")}
    assert len(drawn) == 4


def test_comments_and_helpers_of_the_suite_are_kept(build):
    text = make_test_file(build(), 7)
    assert "# Days in a week.\nDAYS = 7" in text
    assert "return rng.normal(size=DAYS)" in text


def test_gradient_checks_come_along(build):
    public = '''\
import numpy as np
from autograder.testing import check_gradient

def test_slope(student, rng):
    """the slope of the squared length"""
    x = rng.normal(size=4)
    check_gradient(lambda p: float(np.sum(p["x"] ** 2)), {"x": x}, {"x": student.slope(x)})
'''
    text = make_test_file(build(public), 7)
    assert outcomes(text, "def slope(x):\n    return 2 * x") == [""]
    (failure,) = outcomes(text, "def slope(x):\n    return x * 1.0")
    assert failure.startswith("Wrong gradient: x: your gradient and the numerical one disagree.")
    assert "1/2 of the right one" in failure


def test_efficiency_checks_come_along(build):
    public = '''\
import numpy as np
from autograder.testing import assert_scales

def test_loop(student):
    """no loop over rows"""
    assert_scales(student.sums, lambda n: (np.ones((n, 3)),))
'''
    text = make_test_file(build(public), 7)
    assert outcomes(text, "def sums(X):\n    return X.sum(axis=1)") == [""]
    (failure,) = outcomes(text, "def sums(X):\n    return [sum(x) for x in X]")
    assert failure.startswith("Too much work: your code executes")


def test_points_follow_exact_fractions(build):
    hidden = HIDDEN.replace("@weight(4)", '@weight("1/3")')
    names = list(run_cases(make_test_file(build(hidden=hidden), 7), RIGHT))
    share = Fraction(18) * 2 / (5 + Fraction(1, 3))
    assert names[0].endswith(f"[{float(share):g} points]")


# --- what a student reads -------------------------------------------------------------------------


def first_failure(build, answer: str) -> str:
    return outcomes(make_test_file(build(), 7), answer)[0]


def test_an_undefined_name(build):
    text = first_failure(build, "")
    assert (
        text
        == "Not defined: moving_average does not exist yet; run the cell that defines it, then check again"
    )


def test_an_unwritten_answer(build):
    text = first_failure(build, "def moving_average(values, window):\n    raise NotImplementedError")
    assert text == "Not written yet: moving_average still raises NotImplementedError"


def test_an_unwritten_answer_does_not_pass_as_a_runtime_error(build):
    public = PUBLIC.replace("assert_raises(ValueError", "assert_raises(RuntimeError")
    text = make_test_file(build(public), 7)
    assert "Not written yet" in outcomes(text, "def moving_average(v, w):\n    raise NotImplementedError")[2]


def test_a_crash_names_the_students_line_and_the_checks(build, tmp_path):
    text = make_test_file(build(), 7)
    cell = tmp_path / "cell.py"
    cell.write_text(
        "def inner(d):\n    return d['\u2039b\u203a'.upper()]\n\n"
        "def moving_average(v, w):\n    return inner({})\n"
    )
    path = tmp_path / "check.py"
    path.write_text(text)
    space: dict = {}
    exec(compile(text, str(path), "exec"), space)
    env: dict = {}
    exec(compile(cell.read_text(), str(cell), "exec"), env)
    with pytest.raises(Exception, match="KeyError") as caught:
        space["case_1"].test_func(env)
    assert type(caught.value).__name__ == "Your code stopped"
    assert str(caught.value).splitlines() == [
        "KeyError: '\u2039B\u203a'",
        "    in inner, line 2 of its cell: return d['\u2039b\u203a'.upper()]",
        "    at: assert_close(student.moving_average(values, 1), values)",
    ]
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("def moving_average(v):\n    return v", "Wrong signature: moving_average() takes 1 positional"),
        (
            "def moving_average(v, w):\n    return list(v)",
            "Wrong type: your result: expected numpy array of shape (7,), got list",
        ),
        (
            "def moving_average(v, w):\n    return None",
            "Wrong type: your result: expected numpy array of shape (7,), got None",
        ),
        (
            "def moving_average(v, w):\n    return v[1:]",
            "Wrong shape: your result: expected shape (7,), got (6,)",
        ),
        (
            "def moving_average(v, w):\n    return v * float('nan')",
            "Not finite: your result: 7 of 7 entries are wrong",
        ),
        ("def moving_average(v, w):\n    return v.astype(int)", "Wrong kind of values: "),
        ("def moving_average(v, w):\n    return -v", "Wrong value: your result: 7 of 7 entries are wrong"),
        ("def moving_average(v, w):\n    raise SystemExit(3)", "Your code stopped: SystemExit: 3"),
        ("def moving_average(v, w):\n    return moving_average(v, w)", "Your code stopped: RecursionError"),
    ],
)
def test_each_kind_of_failure_has_its_words(build, answer, expected):
    assert first_failure(build, answer).startswith(expected)


@pytest.fixture
def asking(build):
    """The tests file of a question whose stub takes (values, window=3, *, pad=None)."""
    stub = "def moving_average(values, window=3, *, pad=None):\n    raise NotImplementedError\n"
    return make_test_file(replace(build(), stub=stub), 7)


OPTIONAL = RIGHT.replace("(values, window)", "(values, window=3, *, pad=None)")


def test_other_parameters_fail_at_home_what_they_fail_when_graded(asking):
    assert outcomes(asking, OPTIONAL) == ["", "", "", ""]
    expected = "it should take (values, window=3, *, pad=None)"
    got = outcomes(asking, RIGHT)
    line = f"Wrong signature: moving_average takes (values, window); {expected}"
    assert got == [line, line, line, line]


def test_a_wrong_signature_is_told_before_the_checks_own_result(asking):
    answer = OPTIONAL.replace("window", "width").replace("raise ValueError", "return print")
    first, second = outcomes(asking, answer)[2].split("\n")[:2]
    assert first.startswith(
        "Wrong signature: moving_average takes (values, width=..., *, pad=...); it should"
    )
    assert second.startswith("    Wrong reaction to bad input: ")


def test_parameters_may_follow_if_they_are_optional(asking):
    answer = OPTIONAL.replace("pad=None", "pad=None, scale=1.0")
    assert outcomes(asking, answer) == ["", "", "", ""]


def test_methods_are_compared_where_a_check_uses_them(build):
    public = '''\
from autograder.testing import assert_close

def test_learned(student):
    """what is learned"""
    assert_close(student.Model(2).fit(3).total, 5)

def test_made(student):
    """what is made"""
    assert_close(student.Model(2).shift, 2)
'''
    text = "class Model:\n    def __init__(self, shift=0):\n        self.shift = shift\n\n"
    text += "    def fit(self, x):\n        self.total = self.shift + x\n        return self\n"
    built = build(public)
    question = built.question.model_copy(update={"solution": ("m:Model.fit",)})
    tests = make_test_file(replace(built, question=question, stub=text), 7)
    assert outcomes(tests, text) == ["", ""]
    got = outcomes(tests, text.replace("(self, x)", "(self, data)").replace("+ x", "+ data"))
    assert got == ["Wrong signature: Model.fit takes (data); it should take (x)", ""]
    dataclass_ = "from dataclasses import dataclass\n\n@dataclass\nclass Model:\n    shift: int = 0\n\n"
    assert outcomes(tests, dataclass_ + text[text.index("    def fit") :]) == ["", ""]


def test_a_form_feed_ends_no_line(build):
    public = PUBLIC.replace("# Days in a week.", "# Days\x0cin a\x1cweek.\n\x0c")
    assert outcomes(make_test_file(build(public), 7), RIGHT) == ["", "", "", ""]


def test_html_is_disarmed(build):
    text = first_failure(build, "def moving_average(v, w):\n    raise ValueError('<script>')")
    assert text.startswith("Your code stopped: ValueError: \u2039script\u203a")


def test_an_interrupt_passes_through(build):
    space: dict = {}
    exec(make_test_file(build(), 7), space)
    env: dict = {}
    exec("def moving_average(v, w):\n    raise KeyboardInterrupt", env)
    with pytest.raises(KeyboardInterrupt):
        space["case_1"].test_func(env)


# --- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("(student, rng)", "(student, reference)", "'reference' is for hidden checks only"),
        ("(student, rng)", "(student, tmp_path)", "'tmp_path' is no fixture"),
        ('    """a window of one value changes nothing"""\n', "", "needs a docstring"),
        ("a window of one value", "a window < 2", "docstring holds < or >"),
        ("mean of one value?", "mean if k > 1?", "hint holds < or >"),
        ("@weight(2)", "@pytest.mark.parametrize('k', [1])", "takes only @weight"),
        ("@weight(2)", "@weight(DAYS)", "write the value itself"),
        (
            "import numpy as np\n",
            "import numpy as np\nimport pytest\n",
            "pytest is not on a student's machine",
        ),
        (
            "import numpy as np\n",
            "import numpy as np\nfrom mlref import metrics\n",
            "mlref is not on a student's",
        ),
        (
            "assert_close, assert_raises",
            "assert_close, assert_clos",
            "no 'assert_clos' (did you mean 'assert_close'?)",
        ),
        ("assert_close, assert_raises", "assert_close as near, assert_raises", "under its own name"),
        ("def week(rng)", "def run(rng)", "'run' is reserved"),
        ("DAYS = 7", "points = 7", "'points' is reserved"),
        ("def week(rng)", "def _compare(rng)", "'_compare' is reserved"),
        ("values = week(rng)", "values = weak(rng)", "weak: not defined in a public check"),
        ("np.ones(3), 0)", "np.ones(3), len('\u00e9'))", "write it as an escape"),
        ("DAYS = 7", "DAYS = ", "not Python"),
    ],
)
def test_what_a_students_machine_does_not_have_is_refused(build, old, new, message):
    assert old in PUBLIC
    with pytest.raises(GradecheckError) as caught:
        make_test_file(build(PUBLIC.replace(old, new)), 7)
    assert message in str(caught.value)
    assert "test_public.py" in str(caught.value)


def test_a_variant_that_is_no_plain_data_is_refused(build):
    with pytest.raises(GradecheckError, match=r"variant\.py: values must be numbers"):
        make_test_file(build(variant={"window": Fraction(1, 2)}), 7)


def test_a_suite_without_checks_is_refused(build):
    with pytest.raises(GradecheckError, match="at least one public check"):
        make_test_file(build("import numpy as np\n"), 7)
