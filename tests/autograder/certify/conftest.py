"""The small course of the grading tests, in a folder of its own for each test."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "grade"))
import mini_course


@pytest.fixture
def course(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    # Another test's reference of the same name must not be found in its place.
    monkeypatch.delitem(sys.modules, "minilib", raising=False)
    return mini_course.write_course(tmp_path)
