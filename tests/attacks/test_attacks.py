"""Hostile submissions through the real jail: none gains a point, harms a neighbour or leaves anything behind.

Each other file of this folder is one submission. Its docstring says what it tries; it holds ``ANSWER`` (one
cell), ``CELLS`` or ``NOTEBOOK`` (bytes), and ``HONEST``, the most that its honest part is worth.
"""

from __future__ import annotations

import json
import os
import runpy
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "autograder" / "grade"))
import mini_course

from autograder.grade import Session
from autograder.sandbox import probe

ATTACKS = {path.stem: runpy.run_path(str(path)) for path in sorted(Path(__file__).parent.glob("[!t]*.py"))}
# What is known to succeed; an entry goes when the hole does.
OPEN = {
    "attribute_chain": "the scan for banned functions recurses: the grader fails twice, so no result",
    "banned_function_kept": "a ban holds for calls by name only; a reference taken earlier still works",
    "mapping_that_is_no_text": "/proc/<pid>/maps is read as UTF-8: the grader fails twice, so no result",
    "name_that_is_no_text": "/proc/<pid>/stat is read as UTF-8: the grader fails twice, so no result",
}
NAMES = [
    pytest.param(name, marks=pytest.mark.xfail(reason=OPEN[name], strict=True)) if name in OPEN else name
    for name in ATTACKS
]
SECONDS = 60.0
LEFT_BEHIND = "gradecheck-left-behind"


def notebook(attack):
    if "NOTEBOOK" in attack:
        return attack["NOTEBOOK"]
    sources = attack.get("CELLS") or [attack["ANSWER"]]
    cells = [{"cell_type": "code", "source": source, "metadata": {}} for source in sources]
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}


def descendants():
    found = [os.getpid()]
    for pid in found:
        for thread in Path(f"/proc/{pid}/task").glob("*/children"):
            found += map(int, thread.read_text().split())
    return set(found[1:])


@pytest.fixture(scope="module")
def batch(tmp_path_factory):
    """Every attack between two honest submissions: student -> what came of it, and of the machine."""
    if probe().tier not in ("A", "A+"):
        pytest.fail("these submissions signal processes: run them where the jail has namespaces")
    root = tmp_path_factory.mktemp("attacks")
    before = descendants()
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(root))
        for name in ("averages", "centering"):
            key = f"assignments/a01/{name}/question.toml"
            patch.setitem(mini_course.FILES, key, mini_course.FILES[key].replace("3.0", "1.0"))
        course = mini_course.write_course(root)
        honest = mini_course.solution_notebook(course)
        contents = {"honest": honest, **{name: notebook(attack) for name, attack in ATTACKS.items()}}
        made = [mini_course.submission(root / "in", *item) for item in contents.items()]
        made.append(mini_course.submission(root / "in", "honest at the end", honest))
        with Session(course, "a01", "demo", jobs=2) as session:
            started = time.monotonic()
            graded = {item.submission.student: item for item in session.grade(made)}
            seconds = time.monotonic() - started
    return graded, descendants() - before, seconds


@pytest.mark.parametrize("name", NAMES)
def test_there_is_a_result_and_nothing_is_gained_or_told(batch, name):
    graded = batch[0][name]
    assert graded.fault == ""
    assert graded.result.score <= ATTACKS[name].get("HONEST", 0.0)
    checks = [check for item in graded.result.questions for check in item.checks]
    assert all(check.outcome != "grader_error" for check in checks)
    messages = "".join(check.message for check in checks)
    assert len(messages) < 50_000
    assert all(letter.isprintable() or letter == "\n" for letter in messages)
    # An attack prints this word with what it should not have been able to see.
    assert "FOUND" not in json.dumps(graded.detail)


@pytest.mark.parametrize("student", ["honest", "honest at the end"])
def test_an_honest_submission_beside_them_gets_everything(batch, student):
    result = batch[0][student].result
    assert (result.status, result.score, result.flags) == ("graded", 100.0, ())


def test_everybody_gets_one_answer(batch):
    assert set(batch[0]) == {"honest", "honest at the end", *ATTACKS}


def test_no_process_is_left(batch):
    assert batch[1] == set()


def test_no_file_is_left(batch):
    folders = [Path(name) for name in ("/tmp", "/var/tmp", "/dev/shm", "/home", "/run")]
    assert not [folder for folder in folders if (folder / LEFT_BEHIND).exists()]


def test_it_does_not_take_for_ever(batch):
    assert batch[2] < SECONDS
