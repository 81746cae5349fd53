"""A small course, graded once; its grading can be replayed, so that a run is only its writes."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "autograder" / "grade"))
import mini_course
from at_risk import ROSTER, WRONG, Replay, copied, grade_all

from autograder.grade import run
from autograder.grade.session import Session


@pytest.fixture(scope="session")
def original(tmp_path_factory):
    """The course with two folders of submissions, in the second of which bob hands in again."""
    root = tmp_path_factory.mktemp("original")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(root))
        course = mini_course.write_course(root)
        mini_course.built_of(course)
        right = mini_course.solution_notebook(course)
        wrong = mini_course.solution_notebook(course, averages=WRONG)
        mini_course.submission(root / "week1", "ada", right)
        mini_course.submission(root / "week1", "bob", wrong)
        mini_course.submission(root / "week1", "broken", b'{"cells": [')
        mini_course.submission(root / "week2", "bob", right)
        (root / "roster.csv").write_text(ROSTER)
        yield course


@pytest.fixture
def course(original, tmp_path, monkeypatch):
    """A copy to be changed."""
    return copied(original, tmp_path / "course", monkeypatch)


@pytest.fixture(scope="session")
def replay(original, tmp_path_factory):
    """The class that replays, after one real run that it learned from."""
    real = Session.grade

    def noted(self, submissions):
        for graded in real(self, submissions):
            Replay.found[graded.submission.student, graded.submission.sha256] = graded
            Replay.provenances[graded.submission.student] = self.provenance(graded.submission.student)
            yield graded

    with pytest.MonkeyPatch.context() as patch:
        course = copied(original, tmp_path_factory.mktemp("first") / "course", patch)
        patch.setattr(Session, "grade", noted)
        grade_all(course)
    return Replay


@pytest.fixture(scope="session")
def finished(original, replay, tmp_path_factory):
    """The course after both runs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "open_session", replay)
        course = copied(original, tmp_path_factory.mktemp("finished") / "course", patch)
        grade_all(course)
    return course


@pytest.fixture
def graded(finished, replayed, tmp_path, monkeypatch):
    """A copy of it to be changed; grading replays."""
    return copied(finished, tmp_path / "graded", monkeypatch)


@pytest.fixture
def replayed(replay, monkeypatch):
    monkeypatch.setattr(run, "open_session", replay)
