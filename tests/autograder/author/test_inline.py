"""What is copied is what is needed, reads as it was written, and stands alone."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import numpy as np
import pytest

from autograder.author import inline as room
from autograder.author.inline import inline, unresolved_names
from autograder.errors import GradecheckError

FUTURE = "from __future__ import annotations\n"


@pytest.fixture
def modules(tmp_path: Path, monkeypatch):
    """A function that writes modules of a package `pkg` and returns their names."""
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "pkg").mkdir()

    def write(**texts: str) -> list[str]:
        (tmp_path / "pkg" / "__init__.py").write_text("")
        for name, text in texts.items():
            (tmp_path / "pkg" / f"{name}.py").write_text(text)
        importlib.invalidate_caches()
        room._read.cache_clear()
        room._inline.cache_clear()
        return [f"pkg.{name}" for name in texts]

    yield write
    room._read.cache_clear()
    room._inline.cache_clear()
    for name in [name for name in sys.modules if name.partition(".")[0] == "pkg"]:
        del sys.modules[name]


def run(text: str) -> dict:
    space: dict = {}
    exec(FUTURE + text, space)
    return space


def test_only_what_is_reached_comes_along(modules):
    names = modules(
        a='''
import math
import re

LIMIT = 3  # used
UNUSED = 4


def helper(x):
    return math.floor(x) + LIMIT


def stranger(x):
    return re.sub(x, x, x)


def wanted(x):
    """A docstring."""
    # A comment stays.
    return helper(x)
'''
    )
    text = inline(["wanted"], names)
    assert run(text)["wanted"](1.5) == 4
    assert "import math" in text
    assert "import re" not in text
    assert "stranger" not in text
    assert "UNUSED" not in text
    assert "docstring" not in text
    assert "# A comment stays." in text
    assert "LIMIT = 3  # used" in text


def test_names_follow_imports_between_modules_and_their_aliases(modules):
    names = modules(
        low="def one():\n    return 1\n\ndef check(x):\n    return x + one()\n\n"
        "def twice(x):\n    return x + 2\n",
        high="from pkg.low import twice as again\n\nclass Holder:\n    check = 5\n\n"
        "def check(x):\n    from pkg.low import check as low_check\n\n"
        "    return low_check(again(x)) + Holder.check\n",
    )
    space = run(inline(["check"], names))
    assert space["check"](0) == 8
    assert space["low_check"](0) == 1
    assert "import pkg" not in inline(["check"], names)
    assert "from pkg" not in inline(["check"], names)


def test_relative_imports_are_followed(modules):
    names = modules(
        low="def base():\n    return 7\n", high="from .low import base\n\ndef f():\n    return base()\n"
    )
    assert run(inline(["f"], names))["f"]() == 7


def test_a_class_with_nothing_but_a_docstring_stays_a_class(modules):
    names = modules(
        a='class Gone(Exception):\n    """Why."""\n\n\n'
        'class Kept(Gone):\n    def f(self):\n        """Why."""\n'
    )
    space = run(inline(["Kept"], names))
    assert issubclass(space["Kept"], space["Gone"])
    assert space["Kept"]().f() is None


def test_text_in_several_lines_and_decorators_are_kept(modules):
    names = modules(
        a='import functools\n\n# Explains.\nTEXT = """\n  two\n\n  lines\n"""\n\n\n'
        "@functools.cache\ndef f(x):\n    return TEXT\n"
    )
    text = inline(["f"], names)
    assert run(text)["f"](0) == "\n  two\n\n  lines\n"
    assert "@functools.cache\ndef f" in text
    assert "# Explains.\nTEXT" in text


def test_given_names_are_left_to_the_file_around(modules):
    names = modules(a="SEED = 0\n\n\ndef f():\n    return SEED\n")
    text = inline(["f"], names, given=["SEED"])
    assert "SEED = 0" not in text
    assert unresolved_names(text) == ["SEED"]
    assert run("SEED = 5\n" + text)["f"]() == 5


def test_what_a_student_cannot_import_is_refused(modules):
    names = modules(a="import scipy\n\n\ndef f():\n    return scipy\n")
    with pytest.raises(GradecheckError, match=r"pkg\.a: uses scipy, which a student's file cannot import"):
        inline(["f"], names)


def test_two_things_of_one_name_are_refused(modules):
    names = modules(
        low="def check():\n    return 1\n\ndef f():\n    return check()\n",
        high="from pkg.low import f\n\ndef check():\n    return f()\n",
    )
    with pytest.raises(GradecheckError, match=r"'check' is defined in pkg\.\w+ and in pkg\.\w+"):
        inline(["check"], names)


def test_an_unknown_name_is_refused(modules):
    with pytest.raises(GradecheckError, match=r"'nothing' is defined in none of pkg\.a"):
        inline(["nothing"], modules(a="x = 1\n"))


def test_unresolved_names_sees_into_functions_and_classes():
    text = "def f(a):\n    return [b for b in a if c(b)]\n\nclass K(D):\n    x = e\nimport math\nmath.pi\n"
    assert unresolved_names(text) == ["D", "c", "e"]


# --- the testing room itself ----------------------------------------------------------------------


def test_everything_a_public_check_may_use_stands_alone():
    import autograder.testing

    left_out = {"weight", "hint", "supporting", "stochastic", "marks", "banned_uses", "ban_probe_source"}
    names = sorted(set(autograder.testing.__all__) - left_out)
    text = inline(names)
    assert unresolved_names(text) == []
    assert "autograder" not in text
    assert "mlref" not in text
    space = run(text)
    assert set(names) <= set(space)
    space["assert_close"](np.float64(1.0), 1.0)
    with pytest.raises(AssertionError):
        space["assert_close"](-1.0, 1.0)


def test_a_single_claim_stays_small():
    assert len(inline(["assert_true"])) < 3000
    assert "tracemalloc" not in inline(["assert_close"])
    assert "gradient" not in inline(["assert_close"])
