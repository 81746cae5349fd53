"""The course in docs/question.md is built and proven as it stands on the page."""

from __future__ import annotations

import re
from pathlib import Path

from autograder.author import build
from autograder.certify import certify_assignment
from autograder.models import Question, load_course

PAGE = Path(__file__).parents[2] / "docs" / "question.md"
FILE = re.compile(r"^## `(\S+)`\n(?:(?!^##|^```).*\n)*?```\w+\n([\s\S]*?)^```$", re.M)


def test_what_the_page_shows_is_a_course_that_gets_its_certificate(tmp_path):
    text = PAGE.read_text(encoding="utf-8")
    files = dict(FILE.findall(text))
    assert len(files) == text.count("## `"), "a file without a block"
    for name, content in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    course = load_course(tmp_path)
    build(course, ["a05_losses"], "demo")
    certificate = certify_assignment(course, "a05_losses", "demo", jobs=2)
    assert certificate.ok, certificate.table()
    assert certificate.idle_checks("softmax") == []


def test_the_page_names_every_key_of_a_question():
    text = PAGE.read_text(encoding="utf-8")
    for key in set(Question.model_fields) - {"id", "folder"}:
        assert f"`{key}`" in text
