"""The files of an assignment say what the gradebook says, and nothing of anybody else's is touched."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from autograder.feedback import views_folder, write_views
from autograder.gradebook import open_gradebook
from autograder.models import QuestionResult, Result, RosterEntry, Submission, load_course

PROVENANCE = dict.fromkeys(("suite", "variant", "environment", "isolation", "version"), "x")


@pytest.fixture
def course(tmp_path):
    for name, text in {
        "assignments/course.toml": 'name = "mini"\n',
        "assignments/terms/spring.toml": "[a01]\n",
        "assignments/terms/autumn.toml": "[a01]\n",
        "assignments/a01/assignment.toml": 'title = "HW"\npackages = []\nquestions = ["q"]\n',
        "assignments/a01/q/question.toml": 'title = "Q"\npoints = 1\nsolution = []\n',
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return load_course(tmp_path)


@pytest.fixture
def book(course):
    with open_gradebook(course) as book:
        yield book


@pytest.fixture
def out(course):
    folder = views_folder(course, "a01", "spring")
    folder.mkdir(parents=True)
    (folder / ".lock").touch()  # as a run leaves it
    return folder


def hand_in(book, student, content="1", term="spring"):
    digest = content.ljust(64, "0")
    book.add_attempts(term, "a01", [Submission(student, "hw.ipynb", Path("kept"), digest)])
    return next(a for a in book.attempts(term, "a01") if a.submission.sha256 == digest)


def grade(book, attempt, term="spring"):
    question = QuestionResult(
        id="q", title="Q", kind="code", score=1, max_score=1, status="passed", checks=()
    )
    result = Result(
        course="mini",
        term=term,
        assignment="a01",
        student=attempt.submission.student,
        attempt=1,
        status="graded",
        score=1,
        score_so_far=1,
        max_score=1,
        submission={"file": "hw.ipynb", "sha256": attempt.submission.sha256, "received": None},
        questions=(question,),
        provenance=PROVENANCE,
    )
    book.add_result(attempt, result, {})


def status(out):
    with (out / "grades.csv").open() as file:
        return {row["student"]: row["status"] for row in csv.DictReader(file)}


def test_the_students_of_another_term_are_in_no_view(course, book, out):
    book.save_roster("autumn", [RosterEntry(id="wilhelmina")])
    book.save_roster("spring", [RosterEntry(id="ada"), RosterEntry(id="bob")])
    grade(book, hand_in(book, "ada"))
    write_views(course, "a01", "spring", book, out)
    assert status(out) == {"ada": "graded", "bob": "no_submission"}
    report = (out / "report.html").read_text()
    assert "bob" in report
    assert "wilhelmina" not in report


def test_without_a_roster_only_those_who_handed_in_are_listed(course, book, out):
    book.save_roster("autumn", [RosterEntry(id="ada"), RosterEntry(id="wilhelmina")])
    grade(book, hand_in(book, "ada"))
    write_views(course, "a01", "spring", book, out)
    assert status(out) == {"ada": "graded"}


def test_an_older_attempt_does_not_stand_in_for_one_without_a_result(course, book, out):
    grade(book, hand_in(book, "ada", "1"))
    write_views(course, "a01", "spring", book, out)
    assert (out / "results" / "ada.json").exists()
    hand_in(book, "ada", "2")  # the grader failed on this one
    write_views(course, "a01", "spring", book, out)
    assert status(out) == {"ada": "no_result"}
    assert not (out / "results" / "ada.json").exists()
    assert not (out / "feedback" / "ada.html").exists()
    assert (out / "results" / "attempts" / f"ada.{'1'.ljust(8, '0')}.json").exists()
    assert "1 submission without a result" in (out / "report.html").read_text()


def test_the_flag_of_one_who_is_not_on_the_roster_is_in_every_view(course, book, out):
    book.save_roster("spring", [RosterEntry(id="ada")])
    grade(book, hand_in(book, "eve"))
    write_views(course, "a01", "spring", book, out)
    for name in ("grades.csv", "report.html", "results/eve.json"):
        assert "not on the roster" in (out / name).read_text(), name


def test_attempts_beyond_the_limit_are_in_every_view_of_staff_and_no_page_is_about_them(course, book, out):
    term = course.assignments / "terms" / "spring.toml"
    term.write_text("[a01]\nattempts = 1\ndue = 2027-01-01T00:00:00+00:00\n")
    for content in "12":
        grade(book, hand_in(book, "ada", content))
    write_views(course, "a01", "spring", book, out)
    for name in ("grades.csv", "report.html"):
        assert "not counted, as 1 may be handed in: attempt 2" in (out / name).read_text(), name
    page = (out / "feedback" / "ada.html").read_text()
    assert "attempt 1; 1 of 1 attempts used" in page
    assert "Attempt 2 is kept, but does not count: only the first one does." in page


def test_files_of_others_are_never_removed(course, book, out):
    others = ["results/config.json", "results/notes.txt", "feedback/index.html", "feedback/mine.css"]
    foreign = {"student": "bob", "term": "spring", "assignment": "a01"}
    for name in others:
        (out / name).parent.mkdir(exist_ok=True)
        (out / name).write_text(json.dumps(foreign))
    grade(book, hand_in(book, "ada"))
    write_views(course, "a01", "spring", book, out)
    assert all((out / name).exists() for name in others)


@pytest.mark.parametrize("is_ours", [True, False])
def test_a_view_of_somebody_gone_is_removed_only_where_a_run_has_worked(course, book, out, is_ours):
    grade(book, hand_in(book, "ada"))
    write_views(course, "a01", "spring", book, out)
    gone = json.loads((out / "results" / "ada.json").read_text()) | {"student": "gone"}
    (out / "results" / "gone.json").write_text(json.dumps(gone))
    (out / "feedback" / "gone.html").write_text("page")
    if not is_ours:
        (out / ".lock").unlink()
    write_views(course, "a01", "spring", book, out)
    assert (out / "results" / "gone.json").exists() is not is_ours
    assert (out / "feedback" / "gone.html").exists() is not is_ours
