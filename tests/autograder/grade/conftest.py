"""Assignments made by hand, without files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from autograder.models import Assignment, BuiltAssignment, BuiltQuestion, Course, Question


def question(name: str, solution: list[str], stub: str, **values: object) -> BuiltQuestion:
    record = Question(id=name, folder=Path(name), title=name, points=1, solution=tuple(solution), **values)
    return BuiltQuestion(record, {}, "", "", stub, "")


MEAN_STUB = 'def mean(values):\n    """Return the mean."""\n    raise NotImplementedError\n'
MODEL_STUB = '''class Model:
    """A model."""

    def __init__(self, k=1):
        self.k = k

    def fit(self, X, y):
        """Learn."""
        raise NotImplementedError

    def predict(self, X):
        """Tell."""
        raise NotImplementedError
'''


@pytest.fixture
def built() -> BuiltAssignment:
    """Two questions: ``mean``, and ``Model`` that needs it."""
    questions = (
        question("averages", ["m:mean"], MEAN_STUB),
        question("models", ["m:Model.fit", "m:Model.predict"], MODEL_STUB, needs=("averages",)),
    )
    names = tuple(item.question.id for item in questions)
    assignment = Assignment(id="a00", folder=Path("a00"), title="A00", questions=names)
    return BuiltAssignment(Course(root=Path("."), name="c"), assignment, "demo", None, "", questions, "key")


def notebook_bytes(*cells: object, **more: object) -> bytes:
    """Code cells as text, or cells as dicts, as the bytes of a notebook."""
    made = [{"cell_type": "code", "source": cell} if isinstance(cell, str) else cell for cell in cells]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": made, **more}).encode()


@pytest.fixture
def as_bytes():
    """Make the bytes of a notebook."""
    return notebook_bytes
