"""What the tests of this folder share: a course to copy, runs to repeat, all that may be lost."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path
from typing import Any, ClassVar

from autograder.grade import run
from autograder.models import Course, load_course

WRONG = "def mean(values):\n    return 0.0\n\ndef largest(values):\n    return float(max(values))\n"
ROSTER = "id,name,email\nada,Ada,ada@example.org\nbob,Bob,bob@example.org\n"


def copied(original: Course, root: Path, monkeypatch: Any = None) -> Course:
    """A copy of a course, importable where a patch is given."""
    shutil.copytree(original.root, root, symlinks=True)
    if monkeypatch is not None:
        monkeypatch.syspath_prepend(str(root))
    return load_course(root)


def grade_all(course: Course) -> None:
    """The two runs of `grade` that every test of this folder is about."""
    for week in ("week1", "week2"):
        run.grade(course, "a01", "demo", [course.root / week], roster=course.root / "roster.csv")


class Replay:
    """Stands for `Session`: yields what the real one found."""

    found: ClassVar[dict[tuple[str, str], Any]] = {}
    provenances: ClassVar[dict[str, Any]] = {}

    def __init__(self, *arguments, **options):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        pass

    def provenance(self, student):
        return self.provenances[student]

    def grade(self, submissions):
        for submission in submissions:
            found = self.found[submission.student, submission.sha256]
            yield found.__class__(submission, found.result, found.detail)


def snapshot(root: Path) -> dict[str, object]:
    """All that a course holds after grading: files by their bytes, the gradebook by its rows."""
    files = {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted((root / "grades").rglob("*"))
        if path.is_file() and path.name != ".lock"
    }
    return files | rows(root / "gradebook.db")


def rows(database: Path) -> dict[str, object]:
    """Every row, without the moment at which it was written."""
    found: dict[str, object] = {}
    connection = sqlite3.connect(database)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    tables = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
    ).fetchall()
    for (table,) in tables:
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
        for number, *values in connection.execute(f"SELECT rowid, * FROM {table} ORDER BY rowid"):
            row = dict(zip(columns, values, strict=True))
            row.pop("recorded", None)
            found[f"{table} {number}"] = row
    connection.close()
    return found


def without_timings(found: dict[str, Any]) -> dict[str, Any]:
    """A snapshot without what differs from run to run by nature; the report shows the slowest."""
    return {name: _without_timings(found[name]) for name in found if Path(name).name != "report.html"}


def _without_timings(content: Any) -> Any:
    if isinstance(content, dict):
        return {key: _without_timings(value) for key, value in content.items() if key != "timings"}
    if isinstance(content, str | bytes) and content[:1] in ("{", b"{"):
        try:
            return _without_timings(json.loads(content))
        except ValueError:
            return content
    return content
