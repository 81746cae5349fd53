"""The pages: readable with a phone, a keyboard and a screen reader; nothing of a student's runs in them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest

from autograder.feedback.pages import KINDS, WORDS, render_feedback, render_report
from autograder.gradebook import Attempt, Grade
from autograder.models import (
    CATEGORIES,
    OUTCOMES,
    STATUSES,
    CheckResult,
    QuestionResult,
    Result,
    RosterEntry,
    Submission,
)

HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'


def a_result(student="ada", score=6.0, outcome="failed", message="", **changes) -> Result:
    checks = (
        CheckResult(id="test_a", title="one", visibility="public", score=6, max_score=6, outcome="passed"),
        CheckResult(
            id="test_b",
            title="two",
            visibility="hidden",
            score=0,
            max_score=4,
            outcome=outcome,
            category="value",
            message=message,
        ),
    )
    question = QuestionResult(
        id="q1", title="First", kind="code", score=score, max_score=10, status="partial", checks=checks
    )
    values = {
        "course": "Course",
        "term": "t",
        "assignment": "a",
        "student": student,
        "attempt": 1,
        "status": "graded",
        "score": score,
        "score_so_far": score or 0.0,
        "max_score": 10,
        "submission": {"file": "hw.ipynb", "sha256": "0" * 64, "received": None},
        "questions": (question,),
        "provenance": {"suite": "s", "variant": "v", "environment": "e", "isolation": "A", "version": "1"},
        "timings": {"open": 0.02, "checks": 0.03},
    }
    return Result(**(values | changes))


def of(result: Result, **changes) -> Grade:
    attempt = Attempt(1, Submission(result.student, "f", Path("f"), "0"), result)
    known = {"status": result.status, "raw": result.score, "final": result.score}
    return Grade(result.student, attempt, **(known | changes))


def report(*results: Result, roster=None) -> str:
    return render_report("Course", "HW", "t", [of(result).attempt for result in results], roster or {})


def of_checks(*checks: tuple, **changes) -> Result:
    """A result whose only question has checks of (outcome, category, message)."""
    made = tuple(
        CheckResult(
            id=f"test_{number}",
            title=f"check {number}",
            visibility=changes.get("visibility", "hidden"),
            score=float(outcome == "passed"),
            max_score=1,
            outcome=outcome,
            category=category,
            message=message,
        )
        for number, (outcome, category, message) in enumerate(checks)
    )
    result = a_result()
    return result.model_copy(update={"questions": (result.questions[0].model_copy(update={"checks": made}),)})


EVERYTHING = (
    ("passed", None, ""),
    ("failed", "value", "It differs. Hint: Look again."),
    ("passed", None, ""),
    ("failed", "not_written", "Not written yet: f."),
    ("failed", "not_written", "Not written yet: f."),
    ("failed", None, "This check passed. It says little alone."),
    ("blocked", "value", "This check uses another answer."),
    ("timeout", "timeout", "Too long."),
    ("error", "crash", "Ended."),
    ("grader_error", None, "Broken."),
)
PUBLIC = (("passed", None, ""), ("failed", "value", "expected 1, got 2"))


class Outline(HTMLParser):
    """Collects what a screen reader walks through."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.headings: list[int] = []
        self.tags: dict[str, list[dict[str, str | None]]] = {}
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.setdefault(tag, []).append(dict(attrs))
        if len(tag) == 2 and tag[0] == "h" and tag[1].isdigit():
            self.headings.append(int(tag[1]))


PAGES = {
    "feedback": lambda: render_feedback(of(a_result()), "HW"),
    "not gradable": lambda: render_feedback(of(a_result(status="not_gradable", score=0)), "HW"),
    "late": lambda: render_feedback(
        of(a_result(), days_late=3, penalty=6.0, final=0.0, steps=("3 < 4",)), "HW"
    ),
    "excused": lambda: render_feedback(of(a_result(), status="excused", final=None), "HW"),
    "pending": lambda: render_feedback(of(a_result(score=None)), "HW"),
    "everything": lambda: render_feedback(of(of_checks(*EVERYTHING), limit=3, used=1), "HW"),
    "too many attempts": lambda: render_feedback(of(a_result(), limit=2, used=2, extra=(3, 4)), "HW"),
    "only public checks": lambda: render_feedback(
        of(of_checks(*PUBLIC, visibility="public")), "HW", None, {"q1": 12}
    ),
    "words without an end": lambda: render_feedback(of(a_result("s" * 300, message="m" * 900)), "T" * 200),
    "report of words without an end": lambda: report(
        a_result("s" * 300, flags=("f" * 400,)), roster={"r" * 300: RosterEntry(id="r" * 300)}
    ),
    "report": lambda: report(a_result(), a_result("bob", 10.0)),
    "empty report": lambda: report(),
}


@pytest.mark.parametrize("page", PAGES)
def test_a_page_has_a_language_landmarks_and_headings_in_order(page):
    outline = Outline(PAGES[page]())
    assert outline.tags["html"][0]["lang"] == "en"
    assert {"header", "main", "footer", "title"} <= set(outline.tags)
    assert outline.headings[0] == 1
    assert outline.headings.count(1) == 1
    assert all(b - a <= 1 for a, b in zip(outline.headings, outline.headings[1:], strict=False))


@pytest.mark.parametrize("page", PAGES)
def test_every_header_cell_says_what_it_heads(page):
    assert all(cell.get("scope") in ("col", "row") for cell in Outline(PAGES[page]()).tags.get("th", []))


@pytest.mark.parametrize("page", PAGES)
def test_a_page_needs_nothing_from_elsewhere_and_runs_nothing(page):
    outline = Outline(PAGES[page]())
    assert not {"script", "link", "img", "iframe", "object"} & set(outline.tags)
    assert "http://" not in PAGES[page]().replace("http-equiv", "")
    assert any("default-src 'none'" in (meta.get("content") or "") for meta in outline.tags["meta"])


def test_every_outcome_and_status_has_words():
    assert set(OUTCOMES) | set(STATUSES) <= set(WORDS)
    assert len({sign for sign, *_ in WORDS.values()}) >= 6  # shapes, not colours, tell them apart


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_a_state_is_told_in_words(outcome):
    assert WORDS[outcome][1] in render_feedback(of(a_result(outcome=outcome)), "HW")


def test_what_a_student_wrote_is_text_and_never_markup():
    result = a_result(student=HOSTILE, message=HOSTILE)
    result = result.model_copy(update={"submission": {"file": HOSTILE, "sha256": "0", "received": None}})
    for page in (render_feedback(of(result), "HW", RosterEntry(id="x", name=HOSTILE)), report(result)):
        assert not {"script", "img"} & set(Outline(page).tags)
        assert "&lt;script&gt;" in page


def test_the_report_has_a_table_with_the_numbers_of_the_picture():
    page = report(*(a_result(f"s{i}", float(i)) for i in range(11)))
    assert page.count("<svg") == 2
    assert '<tr><th scope="row">9 to 10</th><td class="n">2</td></tr>' in page


def test_the_report_names_who_is_missing_and_what_is_flagged():
    page = report(a_result(flags=("notebook of another assignment",)), roster={"zoe": RosterEntry(id="zoe")})
    assert "zoe" in page
    assert "notebook of another assignment" in page


def test_a_page_of_a_file_that_could_not_be_graded_says_why_wherever_that_is_told():
    told = a_result(status="not_gradable", score=0, message="the file is cut off")
    (question,) = told.questions
    manual = question.model_copy(update={"id": "m", "kind": "manual", "checks": ()})
    for questions in [(question,), (manual, question)]:
        page = render_feedback(of(told.model_copy(update={"questions": questions})), "HW")
        assert "<p>The file is cut off.</p>" in page
    flags = ("for staff only", "not gradable: the zip is too large")
    page = render_feedback(of(told.model_copy(update={"questions": (manual,), "flags": flags})), "HW")
    assert "<p>The zip is too large.</p>" in page
    assert "for staff only" not in page


def test_the_student_never_sees_flags():
    assert "for staff only" not in render_feedback(of(a_result(flags=("for staff only",))), "HW")


def test_a_late_submission_says_how_its_points_came_about():
    page = render_feedback(of(a_result(), days_late=3, penalty=6.0, final=0.0, steps=("Due <never>.",)), "HW")
    assert "0 of 10 points" in page
    assert "earned 6 points" in page
    assert "Due &lt;never&gt;." in page


def text_of(page: str) -> str:
    """What a reader reads, with a bar for each tag."""
    body = page[page.index("<main") :]
    return re.sub(r"[|\s]*\|[|\s]*", "|", re.sub(r"<[^>]*>", "|", body))


def test_what_passed_is_folded_and_comes_last():
    page = render_feedback(of(of_checks(*EVERYTHING)), "HW")
    folded = page.index('<details><summary><span class="state"><span aria-hidden="true">✓')
    assert folded > page.index("check 9")
    assert folded < page.index("check 0") < page.index("check 2")
    assert "passed|: 2 checks" in text_of(page)


def test_checks_that_failed_alike_are_told_once():
    page = render_feedback(of(of_checks(*EVERYTHING)), "HW")
    assert page.count("Not written yet: f.") == 1
    assert "not passed|: 2 checks|Not written yet: f.|Which checks|check 3" in text_of(page)
    every = render_feedback(of(of_checks(*EVERYTHING[3:5])), "HW")
    assert "not passed|: all 2 checks|Not written yet: f." in text_of(every)


def test_a_check_that_is_held_back_is_not_called_failed():
    page = text_of(render_feedback(of(of_checks(EVERYTHING[5])), "HW"))
    assert "◇|passed, held back|: check 0" in page
    assert "✗" not in page.partition("How to read this")[0].partition("Overview")[2].partition("check 0")[2]


def test_what_needs_an_earlier_part_says_what_to_do_and_when_it_counts():
    page = text_of(render_feedback(of(of_checks(EVERYTHING[6])), "HW"))
    assert "needs an earlier part first" in page
    assert "hand in again: then it is checked anew" in page
    assert "hand in again: then it is checked anew" not in text_of(render_feedback(of(a_result()), "HW"))


def test_a_student_reads_how_many_attempts_are_used_and_which_do_not_count():
    page = PAGES["too many attempts"]()
    assert "2 of 2 attempts used" in page
    assert "Attempts 3, 4 are kept, but do not count: only the first 2 do." in page
    assert "attempts used" not in PAGES["feedback"]()


def test_a_page_of_public_checks_alone_says_what_is_still_to_run():
    said = "Only the public checks have run: 1 of 2 passed. 12 hidden checks, with other inputs, run"
    page = PAGES["only public checks"]()
    assert f"{said} when the assignment is graded." in page
    due = datetime(2027, 2, 8, 20, tzinfo=UTC)
    result = of_checks(*PUBLIC, visibility="public")
    later = render_feedback(of(result, due=due), "HW", None, {"q1": 12, "another": 5})
    assert f"{said} after the deadline, 2027-02-08 20:00+00:00." in later
    assert "have run" not in render_feedback(of(of_checks(*PUBLIC)), "HW", None, {"q1": 12})
    assert "have run" not in render_feedback(of(result), "HW", None, {"q1": 0})


def test_every_kind_of_failure_has_words_for_the_report():
    assert set(CATEGORIES) | set(OUTCOMES) - {"passed"} <= set(KINDS)
    page = report(of_checks(*EVERYTHING))
    assert "not written 1" in page
    assert "held back 1" in page
    assert all(meaning in unescape(page) for _, meaning in KINDS.values())


def test_a_wide_table_says_that_it_scrolls():
    page = report(a_result(flags=("a flag",)))
    assert page.count('class="wide"') == page.count("it scrolls sideways") == 2


def test_one_is_one():
    page = render_feedback(of(a_result(score=1.0, max_score=1), final=0.0), "HW")
    assert "0 of 1 point<" in page
    assert "earned 1 point." in page
    assert "1 submission, mean" in report(a_result())
    assert "2 submissions, mean" in report(a_result(), a_result("bob"))


def test_signs_that_turn_a_line_around_are_shown_as_what_they_are():
    student = "ada\u202egpj\u200b\x1b[2J"
    for page in (
        render_feedback(of(a_result(student, message="line\none\u2066")), "HW"),
        report(a_result(student, flags=(f"of {student}",))),
    ):
        assert "ada\\u202egpj\\u200b\\x1b[2J" in page
        assert not re.search("[\u200b\u202e\u2066\x1b]", page)
