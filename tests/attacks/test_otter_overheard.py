"""`grade --otter`: what a student reads about a public case was said where no hidden case has run."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "autograder" / "grade"))
import otter_cohort as cohort

from autograder.grade.otter import adopt, course_for
from autograder.grade.run import grade

PIPE = """
import os
import sys

executor = sys.modules["inside.executor"]
fork = executor.raw_fork
ends = []


def fork_with_a_pipe():
    if not ends:
        ends.extend(os.pipe())
        os.set_blocking(ends[0], False)
    return fork()


executor.raw_fork = fork_with_a_pipe


def heard():
    try:
        return os.read(ends[0], 4000)
    except (OSError, IndexError):
        return b""
"""
CASES = {
    "q1": cohort.doctests("q1", (">>> square(3)\n9", False), (">>> square(7041)\n49575681", True), points=2),
    "q2": cohort.doctests(
        "q2",
        (">>> total([1, 2])\n3", False),
        (">>> total([5])\n5", True),
        (">>> total([8])\n8", False),
        points=3,
    ),
}
SUBMISSIONS = {
    "passes_it_on": (
        PIPE,
        "def square(x):\n    os.write(ends[1], b'%d' % x)\n    return x * x",
        "def total(values):\n    raise ValueError(heard().decode() or 'nothing')",
    ),
    "remembers_it": (
        "seen = []",
        "def square(x):\n    return x * x",
        "def total(values):\n    seen.append(7000 + 41 * values[0])\n"
        "    return (sum(values), seen) if len(seen) > 2 else 3",
    ),
    "wrong": ("", "def square(x):\n    return x", "def total(values):\n    return -1"),
}


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    root = tmp_path_factory.mktemp("otter")
    (root / "hw01-autograder_2026_11_21T10_21_36.zip").write_bytes(cohort.archive(CASES))
    (root / "in").mkdir()
    for name, sources in SUBMISSIONS.items():
        cells = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": text} for text in sources]
        document = {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": cells}
        (root / "in" / f"{name}.ipynb").write_text(json.dumps(document))
    course = course_for(None, root, print)
    name, term = adopt(course, next(root.glob("*.zip")), assignment=None, term=None, say=print)
    summary = grade(course, name, term, [root / "in"], jobs=1)
    assert summary.ok, summary.faults
    return {entry.student: entry.result for entry in summary.grades}


def messages(result):
    return {f"{q.id}.{check.id}": check.message for q in result.questions for check in q.checks}


def test_a_hidden_input_is_not_told_in_a_later_public_case(graded):
    assert "7041" not in "".join(messages(graded["passes_it_on"]).values())
    assert "7205" not in "".join(messages(graded["remembers_it"]).values())


def test_a_public_case_still_says_what_came(graded):
    said = messages(graded["wrong"])
    assert "Expected: 9" in said["q1.case_1"]
    for case in ("q2.case_1", "q2.case_3"):
        assert "-1" in said[case], said[case]
