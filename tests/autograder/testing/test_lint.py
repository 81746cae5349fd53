"""The suite linter: silent on a clean suite; each way to leak or to prove nothing is named with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.models import BuiltQuestion, Question
from autograder.testing.lint import lint_suite

PUBLIC = '''\
import numpy as np

from autograder.testing import assert_close, hint


@hint("Add them up.")
def test_small(student, variant):
    """the mean of two numbers"""
    assert_close(student.mean(np.array([1.0, variant["top"]])), 1.5)
'''
HIDDEN = '''\
import numpy as np
import pytest

from autograder.testing import assert_close, assert_true, assert_unchanged, hint, weight


def compare(student, reference, X):
    expected = reference.mean(X)
    assert_close(student.mean(X), expected)


@weight(9)
@hint("Which axis?")
def test_random(student, reference, rng):
    """the mean of random numbers"""
    for size in (3, 5):
        X = rng.normal(size=size)
        compare(student, reference, X)


@hint("Any power?")
@pytest.mark.parametrize("power, sign", [(1, -1)])
def test_powers(student, power, sign):
    """powers"""
    model = student.Model(power).fit(np.ones(3), sign)
    assert_true(model.score(np.ones(3)) > 0, "the score is not positive")


@hint("Nothing in place.")
def test_unchanged(student):
    """the input stays"""
    assert_unchanged(student.mean, np.ones(3))


@hint("Step by step.")
def test_chain(student):
    """a chain of means"""

    def chain(answers, n, factor):
        x = answers.mean(np.ones(3))
        for _ in range(n):
            x = x * factor + 0.25
        return float(x)

    assert_close(student.run(chain, 10, 1.23456), 12.25, rtol=10)
'''


@pytest.fixture
def lint(tmp_path: Path):
    """A function that writes both suites and returns what the linter says, without the folder."""

    def run(public: str = PUBLIC, hidden: str = HIDDEN) -> list[str]:
        (tmp_path / "test_public.py").write_text(public)
        (tmp_path / "test_hidden.py").write_text(hidden)
        question = Question(id="mean", folder=tmp_path, title="Mean", points=10, solution=("m:mean",))
        built = BuiltQuestion(question, {"top": 2.0}, "", "", "", "", {"rows.csv": b"1"})
        return [message.replace(str(tmp_path) + "/", "") for message in lint_suite(tmp_path, built)]

    return run


def test_a_clean_suite_is_silent(lint):
    assert lint() == []


def only(messages: list[str]) -> str:
    (message,) = messages
    return message


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("student.check(reference.mean(X))", "reference.mean(X) comes from the reference"),
        ("student.check(X, tolerance=expected)", "expected comes from the reference"),
        ("student.Model(2).fit(X, expected - 1)", "expected - 1 comes from the reference"),
        ("getattr(student, 'mean')(expected)", "expected comes from the reference"),
        ("student.run(drive, X, expected)", "expected comes from the reference"),
        ("model.fit(X, right)", "right comes from the reference"),
        ("model.predict(X)[0].fit(low)", "low comes from the reference"),
        (
            "assert_true(student.mean(X) == 3.0, 'is')",
            "student.mean(X) == 3.0: the student's object would decide",
        ),
        (
            "assert_true(abs(expected - student.mean(X)) < 1, '')",
            "expected - student.mean(X): the student's object",
        ),
        ("assert_true(np.allclose(student.mean(X), 3), '')", "allclose accepts any type"),
        ("assert_close(student.mean(X), pytest.approx(student.mean(X)))", "approx accepts any type"),
        ("assert_unchanged(lambda a: student.mean(a), X)", "assert_unchanged is handed a lambda"),
        ("assert_close(student.mean(np.load('rows.npy')), 1.0)", "'rows.npy' is no file of this question"),
        ("assert_close(student.mean(X), variant['tap'])", "variant has no 'tap' (did you mean 'top'?)"),
        ("student.run(lambda answers: 1.0)", "student.run: name a function of this file"),
        ("student.mean(np.random.default_rng().normal(size=3))", "np.random.default_rng draws other numbers"),
        ("student.mean(np.random.normal(size=3))", "np.random.normal draws other numbers each time"),
    ],
)
def test_each_leak_is_named_with_its_line(lint, line, words):
    hidden = (
        HIDDEN
        + f'''

def drive(answers, X, y):
    return 1.0


@hint("h")
def test_leak(student, reference, variant, X):
    """leak"""
    expected = reference.mean(X)
    right = {{"a": expected}}
    low, high = right["a"], X
    model = student.Model(3)
    assert_close(student.mean(high), 1.0)
    {line}
'''
    )
    number = hidden.splitlines().index(f"    {line}") + 1
    messages = [message for message in lint(hidden=hidden) if "'X' is no fixture" not in message]
    message = only(messages)
    assert message.startswith(f"test_hidden.py:{number}: ")
    assert words in message


def test_a_value_may_be_sent_on_purpose(lint):
    hidden = (
        HIDDEN
        + '''

@hint("h")
def test_round_trip(student, reference):
    """decoding what was encoded"""
    assert_close(student.decode(reference.encode(3.0)), 3.0)  # sent on purpose
'''
    )
    assert lint(hidden=hidden) == []


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("x * factor + 0.25", "x * factor + 0.251327", "driver chain holds 0.251327: a student can read it"),
        ("x * factor + 0.25", "x * factor + 31416", "driver chain holds 31416"),
        ("x * factor + 0.25", "x * factor + OFFSET", "driver chain uses 'OFFSET', which is not there"),
        (
            "(student, reference, rng)",
            "(student, reference, rng, tmp_path)",
            "'tmp_path' is no fixture of a hidden",
        ),
        ('    """powers"""\n', "", "test_powers has no docstring"),
        ('@hint("Any power?")\n', "", "test_powers has no @hint"),
        ('"""powers"""', '"""powers < 2"""', "docstring holds < or >"),
        ("    assert_unchanged(student.mean, np.ones(3))", "    student.mean(np.ones(3))", "claims nothing"),
        ("def test_chain(", "def test_powers(", "test_powers is already in test_hidden.py"),
        ("def test_chain(", "def test_small(", "test_small is already in test_public.py"),
    ],
)
def test_what_makes_a_check_useless_or_unclear(lint, old, new, words):
    assert old in HIDDEN
    assert words in only(lint(hidden=HIDDEN.replace(old, new)))


def test_efficiency_never_decides_a_question(lint):
    hidden = HIDDEN.replace(
        "assert_unchanged(student.mean, np.ones(3))", "assert_scales(student.mean, np.ones)"
    )
    assert lint(hidden=hidden) == []  # 1 of 13
    heavy = hidden.replace('@hint("Nothing in place.")', '@weight(4)\n@hint("Nothing in place.")')
    assert "efficiency checks weigh 25% of the question; 15% is the most" in only(lint(hidden=heavy))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("import numpy as np\n", "import numpy as np\nimport pytest\n", "imports pytest"),
        (
            "import numpy as np\n",
            "import numpy as np\nfrom mlref.metrics import r2_score\n",
            "imports mlref.metrics",
        ),
        (
            "(student, variant)",
            "(student, variant, reference)",
            "'reference' is no fixture of a public check",
        ),
    ],
)
def test_public_checks_stand_alone(lint, old, new, words):
    message = only(lint(public=PUBLIC.replace(old, new)))
    assert words in message
    assert message.startswith("test_public.py:")


def test_an_unreadable_suite_is_said_not_raised(lint):
    assert "cannot be read as Python" in only(lint(public="def ("))


def test_an_empty_suite(lint):
    assert "holds no function test_" in only(lint(public="x = 1\n"))


CHANCE = '''

@stochastic()
@hint("Draw.")
def test_coin(student, rng):
    """half are heads"""
    toss(student, rng)


def toss(student, rng):
    assert_rate(int(student.heads(400, rng)), 400, 0.5)
'''


def test_a_check_that_draws_says_so(lint):
    assert lint(hidden=HIDDEN + CHANCE) == []
    undeclared = only(lint(hidden=HIDDEN + CHANCE.replace("@stochastic()\n", "")))
    assert undeclared.endswith(
        "test_coin: assert_rate may fail a right answer by chance: mark it with @stochastic()"
    )


def test_a_declared_chance_is_used(lint):
    by_eye = CHANCE.replace("assert_rate(int(", "assert_true(200 < int(").replace(
        ", 400, 0.5)", " < 240, '')"
    )
    unused = only(lint(hidden=HIDDEN + by_eye))
    assert "test_coin: @stochastic declares a chance that no claim uses" in unused
    assert "assert_mean or assert_rate" in unused
