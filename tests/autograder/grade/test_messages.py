"""What students read: everything about a public check, nothing that was handed to a hidden one."""

from __future__ import annotations

from autograder.grade.messages import CAUSES, SENTENCES, hidden_message, public_message
from autograder.models import CATEGORIES


def test_every_category_has_a_sentence():
    assert tuple(SENTENCES) == CATEGORIES
    assert all(text.endswith(".") for text in (*SENTENCES.values(), *CAUSES.values()))


def test_a_hidden_message_takes_no_text_of_the_submission():
    for category in CATEGORIES:
        assert hidden_message(category, "Think.") == f"{SENTENCES[category]} Hint: Think."


def test_a_gradient_names_the_class_of_its_error():
    assert "sign" in hidden_message("gradient", "", "sign")
    assert hidden_message("gradient", "", None) == SENTENCES["gradient"]
    assert hidden_message("value", "", "sign") == SENTENCES["value"]


def test_a_public_message_tells_what_and_where():
    frames = [("<cell 3>", 7, "mean", "    return total / 0")]
    message = public_message("raises", "Divide by n.", "ZeroDivisionError: division by zero", frames)
    for part in ("ZeroDivisionError", "<cell 3>", "line 7", "total / 0", "Hint: Divide by n."):
        assert part in message


def test_a_public_message_without_text_falls_back_to_the_sentence():
    assert public_message("value", "", "") == SENTENCES["value"]
