"""A signature is wrong at home exactly where the grader would refuse a call that the stub's takes."""

from __future__ import annotations

import ast
import inspect

import pytest

from autograder.author.signatures import expected_parameters, parameters_of, wrong_signature
from autograder.grade.platform_checks import refused_calls

TEXTS = [
    "",
    "a",
    "b",
    "a, b",
    "b, a",
    "a, b=1",
    "a=1, b=2",
    "a, *, b",
    "a, *, b=1",
    "a, b, c",
    "a, b, c=0",
    "a, *, c",
    "a, /, b=1",
    "*a",
    "**a",
    "*args, **kwargs",
    "a, **kwargs",
    "a, *args, b=1",
]


def arguments(text: str) -> ast.arguments:
    return ast.parse(f"def f({text}): pass").body[0].args


def inspected(text: str) -> list[tuple[str, str, bool]]:
    space: dict = {}
    exec(f"def f({text}): pass", space)
    parameters = inspect.signature(space["f"]).parameters.values()
    return [(p.name, p.kind.name, p.default is not p.empty) for p in parameters]


@pytest.mark.parametrize("text", TEXTS)
def test_the_tree_tells_what_inspect_tells(text):
    assert parameters_of(arguments(text)) == inspected(text)


@pytest.mark.parametrize("expected", TEXTS)
def test_what_is_wrong_here_is_refused_by_the_grader(expected):
    for got in TEXTS:
        refused = refused_calls({"f": inspected(got)}, {"f": inspected(expected)})
        assert bool(wrong_signature("f", inspected(got), expected)) == bool(refused), got


def test_the_line_shows_both():
    line = wrong_signature("r2_score", inspected("truth, guess"), "y_true, y_pred, sample_weight=None")
    assert line == "r2_score takes (truth, guess); it should take (y_true, y_pred, sample_weight=None)"


def test_what_a_stub_asks_for():
    stub = """\
def mean(values: "array", /, *, axis: int = 0) -> float:
    raise NotImplementedError


class Model(Base):
    k: int = 3

    def __init__(self, k: int = 5):
        self.k = k

    def fit(self, X, y=None):
        raise NotImplementedError

    @property
    def size(self):
        return 1

    @classmethod
    def of(cls, k):
        return cls(k)

    @staticmethod
    def distance(a, b):
        raise NotImplementedError
"""
    assert expected_parameters(stub, ("mean", "Model")) == {
        "mean": "values, /, *, axis=0",
        "Model": None,
        "Model.__init__": "k=5",
        "Model.fit": "X, y=None",
        "Model.size": None,
        "Model.of": "k",
        "Model.distance": "a, b",
    }
