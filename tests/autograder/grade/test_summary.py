"""What `grade` prints: names and flags are text, and the counts add up."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from autograder.grade.run import Summary
from autograder.grade.summary import print_summary
from autograder.gradebook import TIME_UNKNOWN, Attempt, Grade
from autograder.models import Result, Submission


def grade(student="ada", flags=()):
    result = Result(
        course="c",
        term="t",
        assignment="a",
        student=student,
        attempt=1,
        status="graded",
        score=1,
        score_so_far=1,
        max_score=1,
        submission={},
        questions=(),
        provenance={},
        flags=flags,
    )
    attempt = Attempt(1, Submission(student, "f", Path("f"), "0"), result)
    return Grade(student, attempt, "graded", raw=1, final=1)


@pytest.mark.parametrize("text", ["[/a].ipynb", "[bold]x", "[link=http://x]", ":bomb:", "a\\[b]"])
def test_names_flags_and_faults_are_printed_as_they_are(capsys, text):
    summary = Summary(Path("out"), [grade(text, (text,))], faults={text: text}, skipped=(text,))
    print_summary(summary)
    printed = capsys.readouterr().out
    assert printed.count(text) == 5


def test_a_name_moves_no_cursor(capsys):
    print_summary(Summary(Path("out"), [grade("a\x1b[2Jb", ("\x1b]0;title\x07",))], skipped=("\x1b[2J",)))
    assert "\x1b" not in capsys.readouterr().out


def test_counts_are_of_attempts_and_never_negative(capsys):
    print_summary(Summary(Path("out"), [grade()], graded=2, known=1))
    assert "1 student: 2 attempts graded now, 1 known before" in capsys.readouterr().out


def test_submissions_without_a_time_are_counted_in_one_line(capsys):
    grades = [replace(grade(name), flags=(TIME_UNKNOWN,)) for name in ("ada", "bob")]
    print_summary(Summary(Path("out"), grades))
    printed = capsys.readouterr().out
    assert "2 submissions without a time: no late policy is applied to them" in printed
    assert TIME_UNKNOWN not in printed
