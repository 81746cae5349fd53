"""docs/names.md names objects that exist, with the signatures that they have."""

import importlib
import inspect
import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "names.md"
OBJECT = re.compile(r"`(mlref[\w.]*):(\w+)(\(.*?\))?`(?=[,; ]|$)")
QUESTIONS = (6, 6, 6, 7, 7, 7, 6, 6, 7, 7, 6, 7)
EXAMS = {"M": 11, "F": 13}


def signature_of(item):
    """Parameters with their defaults, as a page shows them; nothing for what is not called."""
    if not callable(item):
        return ""
    parameters = [
        parameter.replace(annotation=inspect.Parameter.empty)
        for parameter in inspect.signature(item).parameters.values()
    ]
    text = str(inspect.Signature(parameters))
    return re.sub(r"<function (\w+) at \w+>", r"\1", text)


def rows():
    """Cells of every table row that starts with the id of a question."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines if line[:2] == "| "]
    return {row[0]: row for row in cells if re.fullmatch(r"[AMF]\d+(\.\d+)?", row[0])}


NAMED = [
    (row[0], module, name, signature)
    for row in rows().values()
    for module, name, signature in OBJECT.findall(row[-1])
]


@pytest.mark.parametrize(("question", "module", "name", "signature"), NAMED)
def test_a_named_object_exists_with_this_signature(question, module, name, signature):
    item = getattr(importlib.import_module(module), name)
    assert name in importlib.import_module(module).__all__
    assert signature == signature_of(item), f"{question}: docs/names.md shows another signature"


def test_every_question_of_the_catalogue_has_a_row():
    expected = {f"A{a:02d}.{q}" for a, n in enumerate(QUESTIONS, start=1) for q in range(1, n + 1)}
    expected |= {f"{exam}{item}" for exam, n in EXAMS.items() for item in range(1, n + 1)}
    assert set(rows()) == expected


@pytest.mark.parametrize("question", rows())
def test_a_row_names_something_or_says_why_not(question):
    cell = rows()[question][-1]
    assert OBJECT.search(cell) or cell.startswith(("no function", "absent")), question
