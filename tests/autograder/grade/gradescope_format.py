"""What Gradescope documents: ``submission_metadata.json`` as it comes, ``results.json`` as it must be."""

from __future__ import annotations

import json

from autograder.grade.gradescope_results import clean

ADA = {"email": "ada@example.edu", "id": 7, "name": "Ada L."}
METADATA = {
    "id": 123456,
    "created_at": "2027-02-01T14:22:32.365935-07:00",
    "assignment": {
        "due_date": "2027-02-02T00:00:00.000000-08:00",
        "group_size": 4,
        "group_submission": False,
        "id": 25828,
        "course_id": 1234,
        "late_due_date": None,
        "release_date": "2027-01-01T00:00:00.000000-07:00",
        "title": "Averages",
        "total_points": "100.0",
    },
    "submission_method": "upload",
    "users": [ADA],
    "previous_submissions": [],
}
FORMATS = ("text", "html", "simple_format", "md", "ansi")
VISIBILITIES = ("hidden", "after_due_date", "after_published", "visible")
TOP = {
    "score": float,
    "execution_time": float,
    "output": str,
    "output_format": FORMATS,
    "test_output_format": FORMATS,
    "test_name_format": FORMATS,
    "visibility": VISIBILITIES,
    "stdout_visibility": VISIBILITIES,
    "extra_data": dict,
    "tests": list,
    "leaderboard": list,
}
TEST = {
    "score": float,
    "max_score": float,
    "status": ("passed", "failed"),
    "name": str,
    "name_format": FORMATS,
    "number": str,
    "output": str,
    "output_format": FORMATS,
    "tags": list,
    "visibility": VISIBILITIES,
    "extra_data": dict,
}


def valid(text: str) -> dict:
    """The content of results.json, if it is exactly what Gradescope documents."""
    content = json.loads(text)
    for known, item in [(TOP, content), *((TEST, test) for test in content["tests"])]:
        for key, value in item.items():
            expected = known[key]
            assert value in expected if isinstance(expected, tuple) else type(value) is expected, (key, value)
        for value in (item.get("output", ""), item.get("name", "")):
            assert value == clean(value)
    assert content["score"] == round(sum(test.get("score", 0.0) for test in content["tests"]), 2)
    for test in content["tests"]:
        assert 0 <= test.get("score", 0) <= test.get("max_score", 0)
        assert ("score" in test) == ("max_score" in test) == ("status" in test)
    numbers = [test["number"] for test in content["tests"] if "number" in test]
    assert len(set(numbers)) == len(numbers)
    assert content["stdout_visibility"] == "hidden"
    return content


def points(content: dict) -> tuple[float, float]:
    scored = [test for test in content["tests"] if "score" in test]
    return round(sum(t["score"] for t in scored), 2), round(sum(t["max_score"] for t in scored), 2)


def told(content: dict) -> str:
    """All that a student can ever read."""
    return content["output"] + "".join(test["name"] + test["output"] for test in content["tests"])
