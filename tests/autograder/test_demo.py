"""The demo's cohort: at least two dozen notebooks of every kind, and each gets what it earns."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from autograder.author import build
from autograder.demo import HONEST, HOSTILE, make_cohort, run_demo
from autograder.models import load_course

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A copy of the sample course, so that nothing is written into the checkout."""
    root = tmp_path_factory.mktemp("course")
    for name in ("assignments", "solutions"):
        shutil.copytree(ROOT / name, root / name)
    return load_course(root)


@pytest.fixture(scope="module")
def results(course):
    """Every result of the demo, by assignment and student."""
    found = {}
    for summary in run_demo(course, jobs=2):
        assert summary.ok, summary.faults
        for attempt in (grade.attempt for grade in summary.grades):
            found[summary.out.name, attempt.submission.student] = attempt.result
    return found


def score(results, name, assignment="a02_neighbors"):
    return results[assignment, name].score


def test_a_cohort_has_at_least_two_dozen_notebooks_of_every_kind(course, tmp_path):
    build(course, ["a02_neighbors"], "demo", out=tmp_path / "build")
    names = [path.stem for path in make_cohort(course, "a02_neighbors", tmp_path / "cohort")]
    assert len(names) >= 24
    assert {change.__name__.replace("_", "-") for change in (*HONEST, *HOSTILE)} <= set(names)
    assert any(name.startswith("right-") for name in names)
    assert any(name.startswith("wrong-") for name in names)


def test_an_honest_cohort_holds_nothing_that_loops_or_attacks(course, tmp_path):
    build(course, ["a02_neighbors"], "demo", out=tmp_path / "build")
    names = {
        path.stem for path in make_cohort(course, "a02_neighbors", tmp_path / "cohort", honest_only=True)
    }
    assert not {change.__name__.replace("_", "-") for change in HOSTILE} & names


def test_what_is_right_in_any_form_gets_everything(results):
    for name in (
        "solution",
        "duplicated-cells",
        "metadata-and-ids-lost",
        "crash-in-first-cell",
        "plots-everywhere",
        "fifty-megabytes-of-prints",
    ):
        assert score(results, name) == 100, name


def test_what_is_not_there_gets_nothing(results):
    for name in ("untouched-handout", "empty-file", "malformed-json", "notebook-for-another-assignment"):
        assert score(results, name) == 0, name
    assert results["a02_neighbors", "malformed-json"].status == "not_gradable"


def test_one_broken_answer_leaves_the_others(results):
    for name in ("syntax-error-in-one-answer", "endless-loop", "deleted-cells", "wants-a-grader-error"):
        assert 50 < score(results, name) < 100, name
    assert 30 < score(results, "half-done") < 80


def test_every_mistake_loses_points_and_every_right_answer_keeps_its_share(results):
    for (_, name), result in results.items():
        if name.startswith("wrong-"):
            assert result.score < 100, name
        if name.startswith("right-"):
            assert result.score > 95, name


def test_nothing_becomes_a_grader_error(results):
    assert all(result.status in ("graded", "not_gradable") for result in results.values())


def test_no_page_holds_a_path_of_the_machine_or_a_hidden_input(course, results):
    root = course.root / "grades" / "demo"
    for page in root.glob("*/feedback/*.html"):
        text = page.read_text()
        assert str(course.root) not in text
        assert "Traceback" not in text
    for path in root.glob("*/results/*.json"):
        json.loads(path.read_text())
