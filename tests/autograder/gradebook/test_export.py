"""grades.csv: one row a student, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

from autograder.gradebook.export import grades_csv
from autograder.gradebook.policy import Grade
from autograder.gradebook.store import Attempt
from autograder.models import QuestionResult, Result, RosterEntry, Submission


def grade(student: str, score: float | None, flags: tuple[str, ...] = ()) -> Grade:
    question = QuestionResult(
        id="q1", title="Q", kind="code", score=score, max_score=10, status="x", checks=()
    )
    result = Result(
        course="c",
        term="t",
        assignment="a",
        student=student,
        attempt=1,
        status="graded",
        score=score,
        score_so_far=score or 0,
        max_score=10,
        submission={"file": "f", "sha256": "0", "received": None},
        questions=(question,),
        provenance={},
        flags=flags,
    )
    attempt = Attempt(1, Submission(student, "f", Path("f"), "0"), result)
    return Grade(student, attempt, "graded", raw=score, final=score)


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_columns_are_the_documented_ones():
    header = grades_csv([grade("ada", 1)], {}).splitlines()[0]
    assert header == (
        "student,name,email,section,attempt,received,status,score,max_score,q1,raw,days_late,penalty,flags"
    )


def test_scores_have_at_most_two_digits_and_unknown_ones_stay_empty():
    table = rows(grades_csv([grade("ada", 7.5), grade("bob", None)], {}))
    assert [row["score"] for row in table] == ["7.5", ""]


def test_a_rostered_student_without_a_file_has_a_row_and_no_score():
    (row,) = rows(grades_csv([Grade("ada")], {"ada": RosterEntry(id="ada", name="Ada")}))
    assert (row["name"], row["status"], row["score"]) == ("Ada", "no_submission", "")


def test_a_file_that_the_grader_failed_on_is_no_missing_file():
    attempt = Attempt(1, Submission("ada", "f", Path("f"), "0", attempt=2, flags=("late",)))
    waiting = Grade("ada", attempt, "no_result")
    (row,) = rows(grades_csv([waiting], {"ada": RosterEntry(id="ada", name="Ada")}))
    assert (row["name"], row["status"], row["attempt"], row["score"]) == ("Ada", "no_result", "2", "")
    assert row["flags"] == "late"


def test_names_with_commas_quotes_and_newlines_survive():
    name = 'Lovelace, "Ada"\nCountess'
    (row,) = rows(grades_csv([grade("ada", 1)], {"ada": RosterEntry(id="ada", name=name)}))
    assert row["name"] == name


def test_a_cell_never_starts_a_formula():
    table = rows(grades_csv([grade("=cmd|' /C calc'!A0", 1, flags=("@x",))], {}))
    assert table[0]["student"].startswith("'=")
    assert table[0]["flags"].startswith("'@")


def test_what_counts_stands_beside_how_it_came_about():
    late = replace(grade("ada", 8.0), days_late=3, penalty=2.4, final=5.6)
    (row,) = rows(grades_csv([late], {}))
    assert [row[name] for name in ("score", "raw", "days_late", "penalty")] == ["5.6", "8", "3", "2.4"]
