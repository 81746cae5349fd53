"""The story of a grade is as long as there is something to tell."""

from __future__ import annotations

from autograder.gradebook.explain import _questions
from autograder.models import CheckResult, QuestionResult, Result


def lines(*outcomes, status="graded"):
    checks = tuple(
        CheckResult(
            id=f"test_{number}",
            title=f"check {number}",
            visibility="hidden",
            score=float(outcome == "passed"),
            max_score=1,
            outcome=outcome,
            category=category,
        )
        for number, (outcome, category) in enumerate(outcomes)
    )
    question = QuestionResult(
        id="kd_tree", title="T", kind="code", score=0, max_score=15, status="failed", checks=checks
    )
    result = Result(
        **dict.fromkeys(("course", "term", "assignment", "student"), "x"),
        **dict.fromkeys(("attempt", "score", "score_so_far", "max_score"), 1),
        status=status,
        submission={},
        questions=(question,),
        provenance={},
    )
    return list(_questions(result))[1 if status == "graded" else 0 :]


def test_checks_that_all_failed_alike_are_one_line():
    assert lines(*[("failed", "not_written")] * 13) == [
        "  kd_tree: 0 of 15 (failed)",
        "    all 13 checks (failed, not written)",
    ]


def test_checks_that_failed_in_different_ways_are_all_told():
    told = lines(("failed", "value"), ("failed", "shape"), ("passed", None))
    assert told[1:] == [
        "    -1 test_0 (hidden; failed, value): check 0",
        "    -1 test_1 (hidden; failed, shape): check 1",
    ]
    assert len(lines(("failed", "value"), ("passed", None))) == 2
    assert lines(("failed", "value"))[1].startswith("    -1 test_0")


def test_of_a_file_that_could_not_be_graded_no_checks_are_listed():
    (line,) = lines(*[("error", None)] * 13, status="not_gradable")
    assert "the flags below say why" in line
