"""Templates fill in what is set and refuse what is not; prose stays readable for everybody."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.author.render import check_markdown, render_text
from autograder.errors import GradecheckError

WHERE = Path("prompt.md.j2")


def test_a_key_called_like_a_method_of_dict_is_the_key():
    assert (
        render_text(
            "{{ variant.values }} {{ variant['keys'] }}", WHERE, {"variant": {"values": 1, "keys": 2}}
        )
        == "1 2"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{{ varaint.k }}", "'varaint' is undefined; a template may use variant"),
        ("{{ variant.kernal }}", "no attribute 'kernal'"),
        ("a\n{% if %}", "line 2"),
        ("{{ variant.k + 'x' }}", "TypeError"),
    ],
)
def test_a_template_that_cannot_be_filled_in_names_the_file(text, message):
    with pytest.raises(GradecheckError, match=f"prompt.md.j2.*{message}"):
        render_text(text, WHERE, {"variant": {"k": 1}})


def test_blocks_leave_no_empty_lines():
    text = "a\n{% if variant.k %}\nb\n{% endif %}\nc\n"
    assert render_text(text, WHERE, {"variant": {"k": 1}}) == "a\nb\nc\n"


@pytest.mark.parametrize(
    "text",
    [
        "### One\n\n#### Two\n\n### Three",
        "```python\n# a comment\n```",
        "![a scatter plot](plot.png)",
        "| a | b |\n|---|---|\n| 1 | 2 |",
        '<img src="x.png" alt="a plot">',
        "<table><tr><th>a</th></tr></table>",
        "no heading, and $a | b$",
        "| a | b |\n| :-: | ---: |\n| 1 | 2 |\n| 3 | 4 |",
        "| a | b |\n|---|---|\n",
        "```\n| 1 | 2 |\n| 3 | 4 |\n```",
        "$$\n|a| \\le |b|\n$$",
    ],
)
def test_readable_text_passes(text):
    check_markdown(text, WHERE, above=2)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("# Title", "has level 1; use ###"),
        ("## Part", "has level 2"),
        ("#### Deep", "has level 4; use ###"),
        ("### One\n\n##### Three", "has level 5; use ### to ####"),
        ("![](plot.png)", "no alternative text"),
        ('<img src="x.png">', "no alternative text"),
        ("| | |\n|---|---|\n| 1 | 2 |", "empty header row"),
        ("<table><tr><td>1</td></tr></table>", "no <th>"),
        ("A.\n\n| f | 1 |\n| g | 2 |\n| h | 3 |", "begins with '| f | 1 |' has no header row"),
        ("| f | 1 |\n  | g | 2 |", "a row that names the columns and a row"),
    ],
)
def test_text_that_loses_somebody_is_refused(text, message):
    with pytest.raises(GradecheckError, match=message):
        check_markdown(text, WHERE, above=2)
