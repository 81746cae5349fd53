"""Claims a classmate's identity, the solution's role and a full score wherever a notebook holds metadata."""

import json

OURS = {
    "assignment": "a01",
    "term": "demo",
    "student": "honest",
    "question": "averages",
    "role": "solution",
    "score": 100,
    "points": 100,
    "seed": 0,
}
NBGRADER = {"grade": True, "grade_id": "averages", "points": 100, "solution": True, "locked": True}
WRONG = "def mean(values):\n    return 0.0\n\n\ndef largest(values):\n    return 0.0\n"
CELL = {
    "cell_type": "code",
    "id": "averages-answer",
    "metadata": {
        "autograder": OURS,
        "nbgrader": NBGRADER,
        "otter": {"tests": ["averages"]},
        "tags": ["skip"],
    },
    "outputs": [
        {
            "output_type": "display_data",
            "metadata": {},
            "data": {"text/html": "<script>alert(1)</script>" * 1000, "application/javascript": "alert(1)"},
        }
    ],
    "source": WRONG,
}
NOTEBOOK = json.dumps(
    {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"autograder": OURS, "student": "honest", "members": ["honest"], "otter": OURS},
        "cells": [CELL],
    }
).encode()
