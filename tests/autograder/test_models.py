"""The vocabulary: TOML becomes records or an error that says file, key and the nearest right one."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.errors import GradecheckError
from autograder.models import (
    LatePolicy,
    find_course,
    load_assignment,
    load_course,
    load_question,
    load_term,
    sha256_of,
    slug,
)


@pytest.fixture
def course(tmp_path):
    def write(name, text):
        path = tmp_path / "assignments" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    write("course.toml", 'name = "Course"\ntimezone = "Europe/Berlin"\n')
    write("terms/2027-spring.toml", "[hw]\ndue = 2027-02-08T20:00:00+01:00\n")
    write("hw/assignment.toml", 'title = "HW"\nquestions = ["first"]\n')
    write(
        "hw/first/question.toml", 'title = "Q"\npoints = 5\nsolution = ["m:f", "m:C.fit", "m:C.x:setter"]\n'
    )
    write.root = tmp_path
    return write


def load_everything(root):
    loaded = load_course(root)
    load_term(loaded, "2027-spring")
    load_question(load_assignment(loaded, "hw").folder / "first")


def test_a_course_is_found_from_any_folder_below(course):
    assert find_course(course.root / "assignments" / "hw" / "first") == course.root


def test_outside_a_course_the_error_says_what_to_do(tmp_path):
    with pytest.raises(GradecheckError, match=r"course\.toml; go to your course or give --course DIR"):
        find_course(tmp_path)


def test_records_hold_what_the_files_say(course):
    loaded = load_course(course.root)
    assert load_assignment(loaded, "hw").questions == ("first",)
    assert load_term(loaded, "2027-spring").assignments["hw"].due.isoformat() == "2027-02-08T20:00:00+01:00"


def test_a_question_asks_for_the_top_level_names_once_each(course):
    assert load_question(course.root / "assignments" / "hw" / "first").names == ("f", "C")


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("course.toml", 'nmae = "x"\n', r"course\.toml: unknown key 'nmae' \(did you mean 'name'\?\)"),
        (
            "course.toml",
            'name = "x"\ntimezone = "Mars"\n',
            r"course\.toml: key 'timezone': 'Mars' is no time zone",
        ),
        ("course.toml", "name = \n", r"course\.toml: not TOML: .*line 1"),
        ("course.toml", 'timezone = "UTC"\n', r"course\.toml: key 'name' is missing"),
        ("course.toml", 'name = "x"\nlate = {policy = "never"}\n', r"key 'late\.policy'"),
        (
            "hw/assignment.toml",
            'title = "x"\nquestions = []\n',
            r"hw/assignment\.toml: key 'questions': list at least",
        ),
        (
            "hw/assignment.toml",
            'title = "x"\nquestions = ["frist"]\n',
            r"'frist' has no folder .*did you mean 'first'",
        ),
        ("hw/assignment.toml", 'title = "x"\nquestions = ["Q 1"]\n', r"'Q 1' is no question id"),
        (
            "hw/assignment.toml",
            'title = "x"\nid = "y"\nquestions = ["first"]\n',
            r"key 'id' is set by the folder",
        ),
        (
            "hw/first/question.toml",
            'title = "x"\npionts = 3\npoints = 1\n',
            r"unknown key 'pionts' \(did you mean 'points'",
        ),
        (
            "hw/first/question.toml",
            'title = "x"\npoints = 0\n',
            r"key 'points': input should be greater than 0 \(got 0\)",
        ),
        (
            "hw/first/question.toml",
            'title = "x"\npoints = 1\nsolution = ["f"]\n',
            r"'f' should read 'module:name'",
        ),
        (
            "terms/2027-spring.toml",
            "[hw]\ndue = 2027-02-08T20:00:00\n",
            r"\[hw\]: key 'due': '2027-02-08 20:00:00' has no zone; write 2027-02-08T20:00:00\+01:00 "
            r"\(in Europe/Berlin, the timezone of course\.toml\)",
        ),
        ("terms/2027-spring.toml", "[hw]\ndue = 2027-07-08\n", r"write 2027-07-08T23:59:00\+02:00 \(in"),
        (
            "terms/2027-spring.toml",
            '[hw]\ndue = "next week"\n',
            r"key 'due': 'next week' is no date; write 2027-02-05T20:00:00\+01:00 \(in",
        ),
        (
            "terms/2027-spring.toml",
            "[hw]\nreleased = 2027-02-09T20:00:00Z\ndue = 2027-02-08T20:00:00Z\n",
            r"spring\.toml, \[hw\]: key 'due': is before key 'released', 2027-02-09T20.* \(got 2027-02-08T20",
        ),
        (
            "terms/2027-spring.toml",
            "[hw]\ndue = 2027-02-08T20:00:00Z\ncloses = 2027-02-07T20:00:00Z\n",
            r"key 'closes': is before key 'due', 2027-02-08T20",
        ),
        (
            "terms/2027-spring.toml",
            "[hw]\ndue = 2027-02-08T20:00:00Z\ncloses = 2027-02-09T20:00:00\n",
            r"key 'closes': '2027-02-09 20:00:00' has no zone; write 2027-02-09T20:00:00\+01:00 \(in",
        ),
        (
            "terms/2027-spring.toml",
            "[hw]\ndue = 2027-02-08 20:00\n",
            r"not TOML: .*; a date reads 2027-02-05T20:00:00\+01:00",
        ),
        (
            "terms/2027-spring.toml",
            '[hw]\ndrop = ["frist"]\n',
            r"spring\.toml, \[hw\] drop: no question 'frist' \(did you mean 'first'\?\)",
        ),
        ("terms/2027-spring.toml", "[hw1]\n", r"\[hw1\] is no assignment of this course \(did you mean 'hw'"),
        ("terms/2027-spring.toml", "hw = 3\n", r"expected a table \[assignment\], got 3"),
    ],
)
def test_every_mistake_in_a_file_is_one_clear_line(course, file, text, message):
    course(file, text)
    with pytest.raises(GradecheckError, match=message) as caught:
        load_everything(course.root)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("late", "message"),
    [
        ('{ policy = "percent-per-day" }', r"key 'late': policy 'percent-per-day' needs 'percent'; write 10"),
        ('{ policy = "percent-per-day", percent = 0.1 }', r"key 'late\.percent': write 10 for 10 %"),
        (
            '{ policy = "percent-per-day", percent = 10, at_most = 0.5 }',
            r"key 'late\.at_most': write 50 for 50 %",
        ),
        ('{ policy = "grace-then-zero", percent = 10 }', r"'grace-then-zero' does not use 'percent'; remove"),
        ('{ policy = "none", at_most = 50, grace_days = 2 }', r"'none' does not use 'at_most', 'grace_days'"),
        ("{ grace_days = 2 }", r"'none' does not use 'grace_days'"),
        ('"percent-per-day"', r"key 'late': write a table, such as { policy = \"none\" }"),
        ("false", r"key 'late': write a table, such as { policy = \"none\" }"),
    ],
)
def test_a_late_policy_that_would_do_something_else_is_refused(course, late, message):
    course("course.toml", f'name = "x"\nlate = {late}\n')
    with pytest.raises(GradecheckError, match=message) as caught:
        load_course(course.root)
    assert "\n" not in str(caught.value)


def test_none_needs_no_table(course):
    course("course.toml", 'name = "x"\nlate = "none"\n')
    assert load_course(course.root).late == LatePolicy(policy="none")


def test_an_unknown_term_or_assignment_lists_the_known_ones(course):
    loaded = load_course(course.root)
    with pytest.raises(GradecheckError, match=r"'2027-sprnig' is not known \(did you mean '2027-spring'\?\)"):
        load_term(loaded, "2027-sprnig")
    with pytest.raises(GradecheckError, match=r"assignment 'hx' is not known.*there are: hw"):
        load_assignment(loaded, "hx")


def test_a_file_that_is_not_text_is_named(course):
    (course.root / "assignments" / "course.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(GradecheckError, match=r"course\.toml: not UTF-8"):
        load_course(course.root)


@given(st.text(max_size=80))
def test_a_slug_is_a_safe_file_name(student):
    name = slug(student)
    assert re.fullmatch(r"[a-z0-9._-]{0,49}", name)
    assert not name.startswith(".")
    assert name not in ("", ".", "..")


@given(st.text(max_size=60), st.text(max_size=60))
def test_different_students_have_different_slugs(one, other):
    assert one == other or slug(one) != slug(other)


@given(st.text(string.ascii_lowercase + string.digits + "_", min_size=1, max_size=40))
def test_a_plain_id_is_its_own_slug(student):
    assert slug(student) == student


def test_a_hash_of_parts_depends_on_where_they_are_cut():
    assert sha256_of("ab", "c") != sha256_of("a", "bc")
