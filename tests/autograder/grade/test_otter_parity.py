"""Honest notebooks score what otter-grader gives them, question by question, in both formats."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import otter_cohort as cohort

from autograder.grade.otter import adopt, course_for
from autograder.grade.run import grade

# Written by otter itself, see record_otter.py.
RECORDED = json.loads(Path(__file__).with_name("otter_scores.json").read_text())["scores"]


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    root = tmp_path_factory.mktemp("course")
    course = course_for(root, root, lambda line: None)
    (root / "in").mkdir()
    for name, text in cohort.COHORT.items():
        (root / "in" / f"{name}.ipynb").write_text(text)
    found = {}
    for kind in cohort.TESTS:
        (root / f"{kind}.zip").write_bytes(cohort.archive_of(kind))
        name, term = adopt(course, root / f"{kind}.zip", assignment=kind, term=None, say=lambda line: None)
        summary = grade(course, name, term, [root / "in"], jobs=2)
        assert summary.ok
        found[kind] = {entry.student: entry.result for entry in summary.grades}
    return found


@pytest.mark.parametrize("name", cohort.COHORT)
@pytest.mark.parametrize("kind", cohort.TESTS)
def test_a_notebook_scores_what_otter_gives_it(results, kind, name):
    theirs, ours = RECORDED[kind][name], results[kind][name]
    mine = {
        question.id: [
            question.score,
            question.max_score,
            [check.outcome == "passed" for check in question.checks],
        ]
        for question in ours.questions
    }
    expected = {
        question: [pytest.approx(score, abs=1e-5), pytest.approx(possible, abs=1e-5), passed]
        for question, (score, possible, passed) in theirs["questions"].items()
    }
    assert mine == expected
    assert ours.score == pytest.approx(theirs["total"], abs=1e-5)
    assert ours.max_score == pytest.approx(theirs["possible"], abs=1e-5)


def test_what_was_recorded_is_what_otter_says_of_one_notebook_now(tmp_path):
    pytest.importorskip("otter", reason="otter-grader is not installed: the recorded scores stand alone")
    (tmp_path / "ok.zip").write_bytes(cohort.archive_of("ok"))
    (tmp_path / "hw.ipynb").write_text(cohort.COHORT["wrong"])
    here = Path(__file__).parent
    code = (
        f"import sys, json; sys.path.insert(0, {str(here)!r}); from record_otter import recorded; "
        "from pathlib import Path; print(json.dumps(recorded(Path('hw.ipynb'), Path('ok.zip'))))"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout.splitlines()[-1]) == RECORDED["ok"]["wrong"]
