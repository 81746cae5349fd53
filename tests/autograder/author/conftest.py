"""A tiny private course, and a way to ask what a reference of one's own is cut into."""

from __future__ import annotations

import importlib
import itertools
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path

import pytest

from autograder.author.closure import Code, question_code
from autograder.models import Course, Question, load_course

NUMBER = itertools.count(1)


@dataclass
class Reference:
    """A package of reference modules in a folder of its own; ``REF`` in a text stands for its name."""

    name: str
    folder: Path

    def write(self, text: str, module: str = "m") -> str:
        """Write a module and return its dotted name."""
        source = textwrap.dedent(text).replace("REF", self.name)
        (self.folder / f"{module}.py").write_text(source, encoding="utf-8")
        importlib.invalidate_caches()
        return f"{self.name}.{module}"

    def code(
        self,
        text: str,
        solution: list[str],
        given: list[str] | None = None,
        *,
        omit: list[str] | None = None,
        keep: tuple[str, ...] = (),
        needs: tuple[str, ...] = (),
        packages: tuple[str, ...] = ("numpy",),
        answers: dict[str, str] | None = None,
    ) -> Code:
        """Cut a module; entries are names in it."""
        module = self.write(text)

        def full(entries: list[str]) -> tuple[str, ...]:
            return tuple(entry if ":" in entry else f"{module}:{entry}" for entry in entries)

        question = Question(
            id="q",
            folder=self.folder,
            title="A question",
            points=10,
            solution=tuple(f"{module}:{entry}" for entry in solution),
            given=full(given or []),
            omit=full(omit or []),
            keep=keep,
            needs=needs,
        )
        others = {f"{module}:{name}": owner for name, owner in (answers or {}).items()}
        return question_code(question, packages, others)


@pytest.fixture
def reference(tmp_path, monkeypatch):
    """A new, importable package."""
    name = f"reference_{next(NUMBER)}"
    folder = tmp_path / "packages" / name
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text('"""Private reference."""\n', encoding="utf-8")
    monkeypatch.syspath_prepend(str(folder.parent))
    yield Reference(name, folder)
    for module in [module for module in sys.modules if module.split(".")[0] == name]:
        del sys.modules[module]


MODULE = '''
import numpy as np


def scaled_sum(values, factor=2.0):
    """Sum of the values, scaled.

    Parameters
    ----------
    values : array of shape (n,)
    factor : float

    Returns
    -------
    total : float

    Notes
    -----
    Multiply once, after the sum.
    """
    total = np.sum(np.asarray(values, dtype=np.float64))
    return float(factor * total)


class Scaler:
    """Scale columns."""

    def __init__(self, power=1):
        self.power = power

    def fit(self, X):
        """Learn the scale.

        Returns
        -------
        self : Scaler
        """
        self.scale_ = scaled_sum(np.abs(X)) ** self.power
        return self
'''

FILES = {
    "course.toml": 'name = "Tiny course"\n',
    "terms/2027-spring.toml": "[a01_tiny]\ndue = 2027-02-08T20:00:00+00:00\n",
    "terms/demo.toml": "[a01_tiny]\n",
    "a01_tiny/assignment.toml": 'title = "Tiny"\nquestions = ["sums", "scaler"]\n',
    "a01_tiny/intro.md.j2": "Two small parts.\n\n### Rules\n\nWork alone.\n",
    "a01_tiny/sums/question.toml": """\
title = "A scaled sum"
points = 4
solution = ["REF.m:scaled_sum"]
""",
    "a01_tiny/sums/variant.py": """\
import numpy as np


def draw(rng, needed):
    return {"factor": float(rng.integers(2, 1000)), "values": "kept"}


def files(rng, variant):
    return {"sums.csv": {"x": rng.normal(size=3)}, "sums.npz": {"b": rng.normal(size=2), "a": np.arange(2)}}
""",
    "a01_tiny/sums/prompt.md.j2": "Sum the values of `sums.csv` and multiply by {{ variant.factor }}.\n",
    "a01_tiny/sums/test_public.py": '''\
import numpy as np

from autograder.testing import assert_close, hint, weight


@weight(1)
@hint("Multiply by the factor.")
def test_one_value(student, variant):
    """the sum of one value"""
    assert_close(student.scaled_sum(np.array([3.0]), variant["factor"]), 3.0 * variant["factor"])
''',
    "a01_tiny/sums/test_hidden.py": '''\
import numpy as np

from autograder.testing import assert_close, hint, weight


@weight(3)
@hint("What is the sum of nothing at all?")
def test_empty_and_odd(student, rng):
    """no values, and an odd one"""
    assert_close(student.scaled_sum(np.zeros(0)), 0.0)
    # An unlikely constant that nobody would guess.
    assert_close(student.scaled_sum(np.array([17.2531]), 1.0), 17.2531)
''',
    "a01_tiny/scaler/question.toml": """\
title = "A scaler"
points = 6
solution = ["REF.m:Scaler.fit"]
needs = ["sums"]
""",
    "a01_tiny/scaler/variant.py": """\
def draw(rng, needed):
    return {"twice": 2 * needed["sums"]["factor"]}
""",
    "a01_tiny/scaler/prompt.md.j2": "Scale by {{ needed.sums.factor }}, so by {{ variant.twice }} twice.\n",
    "a01_tiny/scaler/test_public.py": '''\
import numpy as np

from autograder.testing import assert_true


def test_returns_itself(student):
    """fit returns the scaler"""
    scaler = student.Scaler()
    assert_true(scaler.fit(np.ones((2, 2))) is scaler)
''',
}


@dataclass
class TinyCourse:
    """Files of a course, and a reference that it points at."""

    root: Path
    reference: Reference

    @property
    def course(self) -> Course:
        """The course as it stands on disk now."""
        return load_course(self.root)

    def write(self, name: str, text: str) -> Path:
        """Write a file below assignments/."""
        path = self.root / "assignments" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("REF", self.reference.name), encoding="utf-8")
        return path

    def replace(self, name: str, old: str, new: str) -> None:
        """Change a file below assignments/."""
        text = (self.root / "assignments" / name).read_text(encoding="utf-8")
        assert old in text
        self.write(name, text.replace(old, new))


@pytest.fixture
def tiny(tmp_path, reference, monkeypatch):
    """Two questions, of which the second needs the first."""
    monkeypatch.delenv("AUTOGRADER_SECRET", raising=False)
    course = TinyCourse(tmp_path / "course", reference)
    reference.write(MODULE)
    for name, text in FILES.items():
        course.write(name, text)
    return course
