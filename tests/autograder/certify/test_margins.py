"""A limit that a right answer comes near, or that a mistake exceeds by little, withholds the certificate."""

from __future__ import annotations

import json

import pytest

from autograder.certify import certify_assignment

LIMIT = "assert_close(student.mean(values), reference.mean(values)"


def off_by(course, share, place="right/loops", check="test_mean_of_many"):
    """An answer whose mean is off by a share of the limit 0.001."""
    suite = course.assignments / "a01" / "averages" / "test_hidden.py"
    text = suite.read_text()
    assert LIMIT in text
    suite.write_text(text.replace(LIMIT, f"{LIMIT}, rtol=0.0, atol=0.001"))
    # The public check has a limit of its own.
    public = course.assignments / "a01" / "averages" / "test_public.py"
    public.write_text(public.read_text().replace("6.0])), 3.0)", "6.0])), 3.0, rtol=0.0, atol=1.0)"))
    path = course.solutions / "a01" / "averages" / f"{place}.py"
    text = path.read_text()
    old = "/ len(values)"
    assert old in text
    path.write_text(text.replace(old, f"{old} + {share * 0.001!r}"))


def certificate_of(course):
    return certify_assignment(course, "a01", "demo", jobs=2, questions=["averages"])


@pytest.mark.parametrize(("share", "is_close"), [(0.3, False), (0.5, True)])
def test_a_right_answer_must_stay_below_a_third_of_a_limit(course, share, is_close):
    off_by(course, share)
    certificate = certificate_of(course)
    assert certificate.ok != is_close, certificate.table()
    if is_close:
        line = certificate.problems()[0]
        where = "averages: right/loops on term, draw 1, draw 2"
        assert f"{where}: its error is 0.5 times the limit of test_mean_of_many" in line
        assert "widen the limit" in line


MISTAKE = '''\
"""The mean is a little off."""

CAUGHT_BY = "test_mean_of_many"


def mean(values):
    if len(values) == 0:
        raise ValueError("empty")
    return sum(float(v) for v in values) / len(values)


def largest(values):
    return {largest}
'''


@pytest.mark.parametrize(
    ("share", "largest", "is_close"),
    [(1.5, "float(max(values))", True), (5.0, "float(max(values))", False), (1.5, "-1.0", False)],
)
def test_a_mistake_must_exceed_some_limit_by_three_times(course, share, largest, is_close):
    (course.solutions / "a01" / "averages" / "wrong" / "a_little_off.py").write_text(
        MISTAKE.format(largest=largest)
    )
    off_by(course, share, "wrong/a_little_off")
    certificate = certificate_of(course)
    assert certificate.ok != is_close, certificate.table()
    if is_close:
        line = certificate.problems()[0]
        where = "wrong/a_little_off on term, draw 1, draw 2"
        assert f"{where}: its error is only 1.5 times the limit of test_mean_of_many" in line
        assert "tighten the limit" in line


def test_the_certificate_shows_who_is_closest_on_either_side(course):
    (course.solutions / "a01" / "averages" / "wrong" / "a_little_off.py").write_text(
        MISTAKE.format(largest="float(max(values))")
    )
    off_by(course, 5.0, "wrong/a_little_off")
    off_by_right = course.solutions / "a01" / "averages" / "right" / "loops.py"
    off_by_right.write_text(off_by_right.read_text().replace("/ len(values)", "/ len(values) + 0.0002"))
    certificate = certificate_of(course)
    assert "test_mean_of_many: 0.2 (right/loops on term), 5 (wrong/a_little_off on " in certificate.table()
    right, mistake = json.loads(certificate.to_json())["margins"]["averages"]["test_mean_of_many"]
    assert (right["name"], right["error_over_limit"]) == ("right/loops", 0.2)
    assert (mistake["name"], mistake["error_over_limit"]) == ("wrong/a_little_off", 5.0)
    assert "test_empty_is_refused" not in json.loads(certificate.to_json())["margins"]["averages"]


def test_the_table_says_what_its_variants_are(course):
    certificate = certificate_of(course)
    assert next(iter(certificate.variants)) == "term"
    assert all(name.startswith("draw ") for name in list(certificate.variants)[1:])
    assert "draw N: other variants" in certificate.table()
