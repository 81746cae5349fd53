"""`grade`, killed at each of its writes and run again, ends as if nothing had happened."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from at_risk import copied, grade_all, snapshot
from write_points import killed_at, record

LISTED = Path(__file__).with_name("write_points.txt")
POINTS = [line for line in LISTED.read_text().splitlines() if not line.startswith("#")]


@pytest.fixture(scope="module")
def undisturbed(original, replay, tmp_path_factory):
    """The course after an undisturbed run, and the write points that the run passed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("autograder.grade.run.open_session", replay)
        course = copied(original, tmp_path_factory.mktemp("undisturbed") / "course", patch)
        note = course.root.parent / "points"
        passed = record(course.root, lambda: grade_all(course), note)
        return snapshot(course.root), passed


def test_every_write_point_is_listed(undisturbed):
    found = sorted(set(undisturbed[1]))
    assert found == POINTS, f"{LISTED.name} should hold:\n" + "\n".join(found)


@pytest.mark.parametrize("name", POINTS)
def test_after_a_kill_at_a_write_the_same_commands_end_the_same(undisturbed, course, replayed, name):
    whole, passed = undisturbed
    # The last time is where most is there that could be lost.
    occurrence = Counter(passed)[name]
    assert killed_at(course.root, name, occurrence, lambda: grade_all(course))
    grade_all(course)
    assert snapshot(course.root) == whole
