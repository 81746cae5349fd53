"""The syntax tree finds objects; what is not certain is refused."""

from __future__ import annotations

import pytest

from autograder.author.source import comments, find_module, find_target
from autograder.errors import GradecheckError

TEXT = '''
import sys

def plain(x):
    """Plain."""
    return x

class Thing:
    """Thing."""

    @property
    def size(self):
        """Size."""
        return self._size

    @size.setter
    def size(self, value):
        """Set it."""
        self._size = value

    def twice(self):
        """One."""
        return 1

    def twice(self):
        """Two."""
        return 2

    if sys.platform:
        def maybe(self):
            """Maybe."""
            return 1

if sys.platform:
    def system(x):
        """System."""
        return x
else:
    def system(x):
        """Other."""
        return -x

def again(x):
    """First."""
    return x

def again(x):
    """Second."""
    return x

limit = 3
'''


def test_a_function_and_a_method_are_found_with_their_class(reference):
    module = reference.write(TEXT)
    assert find_target(f"{module}:plain").function.name == "plain"
    target = find_target(f"{module}:Thing.size")
    assert (target.unit.name, target.function.name) == ("Thing", "size")
    assert find_target(f"{module}:Thing.size:setter").function.lineno > target.function.lineno


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("plein", "has no 'plein' \\(did you mean 'plain'"),
        ("Thing.siez", "no such method of its own \\(did you mean 'size'"),
        ("Thing.twice", "defines 'twice' twice"),
        ("Thing.maybe", "stands inside another statement"),
        ("system", "bound inside a 'if' statement"),
        ("again", "binds 'again' 2 times"),
        ("sys", "only imports 'sys'"),
        ("limit", "is no function"),
        ("plain.inner", "is no class"),
        ("Thing", "whole class; list its methods .*:Thing.size"),
    ],
)
def test_what_is_not_one_plain_function_is_refused(reference, path, message):
    module = reference.write(TEXT)
    with pytest.raises(GradecheckError, match=message):
        find_target(f"{module}:{path}")


def test_a_module_that_does_not_exist_is_named():
    with pytest.raises(GradecheckError, match=r"'no_such_module_here.m' cannot be imported"):
        find_module("no_such_module_here.m")


def test_a_module_without_python_text_is_refused():
    with pytest.raises(GradecheckError, match="has no Python text"):
        find_module("sys")


def test_a_comment_inside_a_string_is_none():
    found = comments('x = "# no"  # yes\n')
    assert [(item.line, item.column, item.text) for item in found] == [(1, 12, "# yes")]
