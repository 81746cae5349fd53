"""An otter assignment in both formats, and notebooks handed in for it, for tests and `record_otter`."""

# ruff: noqa: E501
from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

NAME = "hw"


def doctests(name: str, *cases: tuple[Any, ...], **more: Any) -> str:
    """A test file in OK format; a case is (code, hidden[, more])."""
    listed = [
        {"code": code, "hidden": hidden, "locked": False, **dict(*rest)} for code, hidden, *rest in cases
    ]
    suite = {"cases": listed, "scored": True, "setup": "", "teardown": "", "type": "doctest"}
    return f"OK_FORMAT = True\n\ntest = { ({'name': name, **more, 'suites': [suite]})!r}\n"


OK_TESTS = {
    "q1": doctests(
        "q1", (">>> square(3)\n9", False), (">>> square(-2) == 4\nTrue", False), (">>> square(10)\n100", True),
        points=3,
    ),
    "q2": doctests("q2", (">>> x == 5\nTrue", False), (">>> int(x) + 1\n6", True), points=[1, 2.5]),
    "q3": doctests(
        "q3",
        (">>> mean([1, 2, 3]) == 2\nTrue", False),
        (">>> bool(np.isclose(mean([1, 2]), 1.5))\nTrue", False),
        (">>> mean([])\nTraceback (most recent call last):\n  ...\nZeroDivisionError: division by zero", True),
        points=2, all_or_nothing=True,
    ),
    "q4": doctests(
        "q4",
        (">>> greet('Ada')\nHello, Ada!", False),
        (">>> greet('Bob')\nHello, Bob!", True),
        (">>> greet('') is None\nHello, !\nTrue", True),
    ),
    "q5": doctests(
        "q5",
        (">>> table.shape == (3, 2)\nTrue", False),
        (">>> set(table.columns) == {'a', 'b'}\nTrue", False),
        (">>> table['a'].tolist()\n[1, 2, 3]", True),
        (">>> table.equals(pd.DataFrame({'a': [1, 2, 3], 'b': [2, 3, 4]}))\nTrue", True),
        points=1,
    ),
    "q6": doctests(
        "q6",
        (">>> values = [3, 1, 2]\n>>> sort_in_place(values)\n>>> values\n[1, 2, 3]", False),
        (">>> values = []\n>>> assert sort_in_place(values) is None\n>>> assert values == []", True, {"points": 0.5}),
        points=2,
    ),
    "q7": doctests(
        "q7",
        (">>> 0 <= draw <= 1\nTrue", False),
        (">>> float(draw) == float(np.random.RandomState(42).random_sample())\nTrue", True),
        (">>> float(np.random.random()) == float(np.random.RandomState(42).random_sample())\nTrue", True),
    ),
    "q8": doctests(
        "q8",
        (">>> x == 'eight'\nTrue", False),
        (">>> len(x)\n5", True),
        (">>> np.isclose(len(x), 5)\nTrue", True),
        (">>> np.isclose(len(x), 5)\nnp.True_", True),
        (">>> 'e' in x and x.upper() == 'EIGHT' or x == 8\nTrue", True),
        (">>> round(len(x) / 3, 2) == 1.67\nTrue", True),
    ),
    "q9": doctests(
        "q9",
        (">>> Point(1, 2) == Point(1, 2)\nTrue", True),
        (">>> Point(1, 2)\nPoint(1, 2)", True),
        (">>> Point(3, 4).norm()\n5.0", True),
        (">>> Point(1, 2).z\nTraceback (most recent call last):\nAttributeError: 'Point' object has no attribute 'z'", True),
        points=4,
    ),
}  # fmt: skip

HEAD = "import numpy as np\nfrom otter.test_files import test_case\n\nOK_FORMAT = False\n"
EXCEPTION_TESTS = {
    "q1": HEAD + '''
name = "q1"
points = 3

@test_case(hidden=False)
def t1(square):
    assert square(3) == 9

@test_case(points=2, hidden=True, name="big")
def t2(square):
    assert square(10) == 100, "ten"
''',
    "q2": HEAD + '''
import helper
name = "q2"
points = 2

@test_case()
def t1(x, missing):
    assert missing is None
    assert x == helper.FIVE

@test_case(hidden=True)
def t2(env):
    assert env.get("x") == 5 and "y" not in env
''',
    "q3": HEAD + '''
name = "q3"
points = 1

@test_case()
def t1(mean):
    try:
        mean([])
    except ZeroDivisionError:
        return
    assert False, "no error"

@test_case(points=0, hidden=True)
def t2(mean):
    assert np.isclose(mean(np.arange(5)), 2)
''',
    "q4": HEAD + '''
import contextlib, io
name = "q4"
points = [1, 1]

@test_case()
def t1(greet):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        greet("Ada")
    assert out.getvalue() == "Hello, Ada!\\n"

@test_case(hidden=True)
def t2(env):
    assert env["greet"]("") is None
''',
    "q5": HEAD + '''
import pandas as pd
name = "q5"
points = 1.5

@test_case()
def t1(table):
    pd.testing.assert_frame_equal(table, pd.DataFrame({"a": [1, 2, 3], "b": [2, 3, 4]}))

@test_case(hidden=True)
def t2(table):
    np.testing.assert_allclose(table["a"].mean(), 2)
''',
    "q6": HEAD + '''
name = "q6"
points = None
all_or_nothing = True

def check(f, values):
    copy = list(values)
    assert f(copy) is None
    assert copy == sorted(values)

@test_case()
def t1(sort_in_place):
    check(sort_in_place, [3, 1, 2])

@test_case(hidden=True, failure_message="Try the empty list.")
def t2(sort_in_place):
    check(sort_in_place, [])
''',
    "q8": HEAD + '''
name = "q8"

@test_case()
def t1(x):
    assert x == "eight"
''',
    "q9": HEAD + '''
name = "q9"
points = 1

@test_case(hidden=True)
def t1(Point):
    p = Point(3, 4)
    assert isinstance(p, Point) and p.norm() == 5

@test_case(hidden=True)
def t2(Point):
    assert repr(Point(1, 2)) == "Point(1, 2)"
''',
}  # fmt: skip
TESTS = {"ok": OK_TESTS, "exception": EXCEPTION_TESTS}
CONFIGS = {
    "ok": {"lang": "python", "assignment_name": NAME, "seed": 42},
    "exception": {"lang": "python", "assignment_name": NAME},
}
FILES = {"data.csv": "a,b\n1,2\n2,3\n3,4\n", "helper.py": "FIVE = 5\n"}
ENVIRONMENT = """\
name: otter-env
channels: [conda-forge]
dependencies:
  - python=3.13
  - pip
  - pip: ["otter-grader[grading,plugins]==7.0.0", pandas, "numpy>=2"]
"""


def archive(
    tests: Mapping[str, str],
    config: Mapping[str, Any] | None = None,
    files: Mapping[str, str] | None = None,
    **more: str,
) -> bytes:
    """The bytes of an autograder.zip; `more` are members by name, with _ for a dot."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as written:
        written.writestr("otter_config.json", json.dumps(config or {"lang": "python"}))
        written.writestr("environment.yml", ENVIRONMENT)
        for name in ("run_autograder", "setup.sh", "run_otter.py"):
            written.writestr(name, "# not used\n")
        for name, text in tests.items():
            written.writestr(f"tests/{name}.py", text)
        for name, text in (files or {}).items():
            written.writestr(f"files/{name}", text)
        for name, text in more.items():
            written.writestr(name, text)
    return data.getvalue()


def archive_of(kind: str) -> bytes:
    """The assignment in a format, "ok" or "exception"."""
    return archive(TESTS[kind], CONFIGS[kind], FILES)


# --- notebooks ------------------------------------------------------------------------------------

RIGHT = {
    "init": "# Initialize Otter\nimport otter\ngrader = otter.Notebook('hw.ipynb')",
    "imports": "import numpy as np\nimport pandas as pd",
    "q1": "def square(x):\n    return x ** 2",
    "q2": "x = 5",
    "q3": "def mean(v):\n    return sum(v) / len(v)",
    "q4": "def greet(name):\n    print(f'Hello, {name}!')",
    "q5": "table = pd.read_csv('data.csv')",
    "q6": "def sort_in_place(v):\n    v.sort()",
    "q7": "draw = np.random.random()",
    # The name of another question's answer, as courses do.
    "q8": "x = 'eight'",
    "q9": """class Point:
    def __init__(self, x, y):
        self.x, self.y = x, y

    def __eq__(self, other):
        return (self.x, self.y) == (other.x, other.y)

    def __repr__(self):
        return f'Point({self.x}, {self.y})'

    def norm(self):
        return (self.x ** 2 + self.y ** 2) ** 0.5""",
}
# Hidden cases alone: otter assign leaves such a question without a check in the notebook.
UNCHECKED = ("q9",)


def notebook(
    changes: Mapping[str, str] | None = None,
    *,
    without: tuple[str, ...] = (),
    checks: bool = True,
    more: tuple[tuple[str, dict[str, Any]], ...] = (),
    name: str | None = NAME,
) -> str:
    """A notebook as handed in; `more` are cells at its end with their metadata."""
    cells: list[tuple[str, dict[str, Any]]] = []
    for key, source in {**RIGHT, **(changes or {})}.items():
        if key not in without:
            cells.append((source, {}))
        if checks and key[0] == "q" and key not in UNCHECKED:
            cells.append((f'grader.check("{key}")', {"deletable": False}))
    metadata: dict[str, Any] = {
        "kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"},
        "otter": {"OK_FORMAT": True, "assignment_name": name, "tests": {}},
    }
    made = [
        {"cell_type": "code", "metadata": own, "execution_count": None, "outputs": [], "source": source}
        for source, own in (*cells, *more)
    ]
    return json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": metadata, "cells": made})


COHORT = {
    "right": notebook(),
    "without_checks": notebook(checks=False),
    "wrong": notebook(
        {"q1": "def square(x):\n    return 9", "q3": "def mean(v):\n    return sum(v) / max(len(v), 1)"}
    ),
    "stubs": notebook({"q1": "def square(x):\n    ...", "q2": "x = ...", "q5": "table = ..."}),
    "raises": notebook({"q2": "x = undefined", "q5": "table = pd.read_csv('no.csv')", "q8": "x = 1 / 0"}),
    "syntax": notebook({"q3": "def mean(v)\n    return 1"}),
    "without_init": notebook(without=("init",)),
    "prints": notebook(
        {
            "q1": "def square(x):\n    print('working')\n    return x * x",
            "q4": "def greet(name):\n    return f'Hello, {name}!'",
        }
    ),
    "rebinds_later": notebook(
        more=(("square = None\nx = 99\ntable = 3", {}), ("grader.check_all()", {}), ("grader.export()", {}))
    ),
    "checks_twice": notebook(
        {"q1": "def square(x):\n    return 1"},
        more=(("def square(x):\n    return x * x", {}), ('grader.check("q1")', {})),
    ),
    "numpy_values": notebook(
        {
            "q1": "def square(x):\n    return np.int64(x) ** 2",
            "q2": "x = np.float64(5)",
            "q3": "def mean(v):\n    return np.mean(v)",
        }
    ),
    "tagged_cells": notebook(
        more=(("x = 'ignored'", {"tags": ["otter_ignore"]}), ("x = 5", {"otter": {"tests": ["q2"]}}))
    ),
    "rebinds_round": notebook({"q2": "x = 5\nround = 3"}),
    "old_numpy_display": notebook(
        {"imports": "import numpy as np, pandas as pd\nnp.set_printoptions(legacy='1.25')"}
    ),
    "magics": notebook(
        {
            "imports": "%matplotlib inline\nimport numpy as np, pandas as pd\nimport matplotlib.pyplot as plt",
            "q1": "%%time\ndef square(x):\n    return x ** 2",
        }
    ),
    "objects": notebook(
        {
            "q2": "from fractions import Fraction\nx = Fraction(5)",
            "q9": "from dataclasses import dataclass\n@dataclass\nclass Point:\n    x: float\n    y: float\n"
            "    def norm(self):\n        return np.hypot(self.x, self.y)",
        }
    ),
}
