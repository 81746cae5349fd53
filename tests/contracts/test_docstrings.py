"""Every public name is documented; arrays with shapes."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import sys
from pathlib import Path

import pytest

import autograder
import mlref

ROOT = Path(__file__).parents[2]
# Run inside the jail or as a program; they have readers of their own.
LEFT_OUT = ("autograder.__main__", "autograder.gradebook.migrations", "autograder.sandbox.inside")
ARRAY_WORDS = ("array", "ndarray")


def public_objects():
    for package in (autograder, mlref):
        for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if info.name.startswith(LEFT_OUT) or info.name.rsplit(".", 1)[1].startswith("_"):
                continue
            module = importlib.import_module(info.name)
            for name in getattr(module, "__all__", ()):
                item = getattr(module, name)
                if getattr(item, "__module__", None) == info.name:
                    yield f"{info.name}.{name}", item


OBJECTS = dict(public_objects())


@pytest.mark.parametrize("name", [name for name, item in OBJECTS.items() if callable(item)])
def test_a_public_name_has_a_docstring(name):
    assert (inspect.getdoc(OBJECTS[name]) or "").strip(), f"{name} has no docstring"


def entries_of_rooms():
    """What other rooms and suites use: the functions that a package re-exports, and all of mlref."""
    exported = {
        id(getattr(module, name))
        for module in list(sys.modules.values())
        if getattr(module, "__name__", "").startswith("autograder") and hasattr(module, "__path__")
        for name in getattr(module, "__all__", ())
    }
    for name, item in OBJECTS.items():
        if inspect.isfunction(item) and (name.startswith("mlref") or id(item) in exported):
            yield name


@pytest.mark.parametrize("name", list(entries_of_rooms()))
def test_a_function_documents_every_parameter(name):
    text = inspect.getdoc(OBJECTS[name]) or ""
    missing = [p for p in inspect.signature(OBJECTS[name]).parameters if p not in text]
    assert not missing, f"{name}: {missing} not in the docstring"


@pytest.mark.parametrize("name", [name for name in OBJECTS if name.startswith("mlref")])
def test_an_array_is_documented_with_its_shape(name):
    item = OBJECTS[name]
    members = (
        [item, *(m for n, m in vars(item).items() if not n.startswith("_"))]
        if inspect.isclass(item)
        else [item]
    )
    for member in members:
        for line in (inspect.getdoc(member) or "").splitlines():
            kind = line.partition(" : ")[2]
            if kind.split(" ")[0].rstrip(",") in ARRAY_WORDS:
                assert "shape" in kind or "same shape" in kind, f"{name}: {line.strip()!r} has no shape"


def test_every_module_says_what_it_is():
    for path in [*ROOT.glob("autograder/**/*.py"), *ROOT.glob("mlref/**/*.py")]:
        text = path.read_text(encoding="utf-8")
        assert not text or text.lstrip().startswith('"""'), path
