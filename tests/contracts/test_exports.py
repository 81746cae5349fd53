"""Exported names are pinned: one that comes or goes is a decision, made in exported_names.txt."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

import pytest

import autograder
import mlref

PINNED = Path(__file__).parent / "exported_names.txt"


def exported() -> dict[str, str]:
    """Every module of mlref, and every room of autograder, with its ``__all__``."""
    names = [info.name for info in pkgutil.walk_packages(mlref.__path__, "mlref.")]
    names += [info.name for info in pkgutil.iter_modules(autograder.__path__, "autograder.") if info.ispkg]
    found = {}
    for name in sorted(names):
        module = importlib.import_module(name)
        found[name] = ", ".join(sorted(getattr(module, "__all__", ())))
    return found


def pinned() -> dict[str, str]:
    lines = PINNED.read_text(encoding="utf-8").splitlines()
    return dict(line.split(": ", 1) for line in lines if line and not line.startswith("#"))


@pytest.mark.parametrize("module", sorted({*exported(), *pinned()}))
def test_a_module_exports_exactly_what_is_pinned(module):
    assert exported().get(module, "") == pinned().get(module, ""), f"{module}: change {PINNED.name} too"


@pytest.mark.parametrize("module", sorted(exported()))
def test_every_exported_name_is_there(module):
    loaded = importlib.import_module(module)
    for name in getattr(loaded, "__all__", ()):
        assert hasattr(loaded, name), f"{module}.{name}"
