"""Whatever a submission does, no student ever sees an input or a result of a hidden check."""

from __future__ import annotations

import base64
import io
import json
import sys
import zipfile
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "grade"))
sys.path.insert(0, str(Path(__file__).parent))
import mini_course
import told

from autograder.author import build
from autograder.feedback import export_as
from autograder.feedback.pages import render_feedback
from autograder.grade import Session, attempt, session
from autograder.grade.gradescope_results import results
from autograder.grade.run import grade
from autograder.gradebook import Attempt, Grade, open_gradebook
from autograder.models import CATEGORIES, load_course
from autograder.sandbox import Isolation, zygote

ROOT = Path(__file__).parents[3]
WRITTEN = {
    "averages": (
        "import numpy as np\ndef mean(values):\n    if len(values) == 0:\n        raise ValueError('empty')\n"
        "    return float(np.sum(values) / len(values))\n"
        "def largest(values):\n    return float(max(values))\n"
    ),
    "centering": (
        "class Centering:\n    def __init__(self, shift=0.0):\n        self.shift = shift\n"
        "    def fit(self, values):\n        self.m = mean(values)\n        return self\n"
        "    def transform(self, values):\n        return values - self.m + self.shift\n"
    ),
}
# What a cell does before the answers: threads, so that the cells run again for each question; a definition
# that stops with what an earlier question heard.
PREPARED = {
    "has_threads": (
        "import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n"
    ),
    "stops_with_what_it_remembers": "if remembered():\n    raise RuntimeError(remembered())\n",
}


def with_cells(course, first, **answers):
    """The solution with a cell in front, and with other answers."""
    document = mini_course.solution_notebook(course, **answers)
    cell = {"cell_type": "code", "metadata": {}, "source": first, "outputs": [], "execution_count": None}
    document["cells"].insert(0, cell)
    return document


def listening(tell):
    """Every answer, decorated."""
    return {name: told.spied(source, tell) for name, source in WRITTEN.items()}


def hand_in(course, folder):
    mini_course.submission(folder, "listens", with_cells(course, told.LISTENER, **listening("spy")))
    for name in told.TELLS:
        mini_course.submission(folder, name, with_cells(course, told.LISTENER, **listening(name)))
    for name, prepared in PREPARED.items():
        answers = listening("raises_what_it_remembers")
        answers["centering"] = prepared + answers["centering"]
        mini_course.submission(folder, name, with_cells(course, told.LISTENER + prepared, **answers))
    later = with_cells(course, told.LISTENER, **WRITTEN)
    wraps = "mean, largest = map(raises_what_it_remembers, (mean, largest))"
    later["cells"].append(later["cells"][0] | {"source": wraps})
    mini_course.submission(folder, "retouched", later)
    return folder


def listen(course, assignment, submissions, **options):
    """What a submission that prints all it is handed hears."""
    with Session(course, assignment, "demo", **options) as opened:
        graded = list(opened.grade(submissions))
    assert not any(item.fault for item in graded)
    printed = [q["printed"] for item in graded for q in item.detail["questions"].values()]
    return (*told.heard(printed), graded)


def what_is_hidden(course, assignment, everything, public):
    """What all checks said without what public ones said, and the source of the hidden suites."""
    numbers, texts, lines = everything[0] - public[0], everything[1] - public[1], set()
    for path in sorted((course.assignments / assignment).glob("*/test_hidden.py")):
        own, known = told.source_of(path), told.source_of(path.with_name("test_public.py"))
        shown = path.with_name("test_public.py").read_text() + path.with_name("prompt.md.j2").read_text()
        numbers |= own[0] - known[0]
        texts = {one for one in texts | own[1] if len(one) >= told.TEXT_LENGTH and one not in shown}
        texts -= set(CATEGORIES)
        lines |= own[2] - known[2]
    return told.Hidden(frozenset(numbers), frozenset(texts), frozenset(lines))


def everything_a_student_sees(course, book, out, handed_out):
    files = {f"feedback/{path.name}": path.read_bytes() for path in (out / "feedback").iterdir()}
    for form in ("feedback", "canvas", "gradescope", "nbgrader"):
        content = export_as(form, course, "a01", "demo", book)
        files[f"export.{form}"] = content if isinstance(content, bytes) else content.encode()
    for path in (out / "results").glob("*.json"):
        checks = [c for question in json.loads(path.read_text())["questions"] for c in question["checks"]]
        files[f"messages of {path.stem}"] = "\n".join(check["message"] for check in checks).encode()
    for one in book.attempts("demo", "a01"):
        shown = json.dumps(results(one.result), indent=1)
        files[f"gradescope of {one.submission.student}"] = shown.encode()
    for path in handed_out.rglob("handout*/**/*"):
        if path.is_file():
            files[str(path.relative_to(handed_out))] = path.read_bytes()
    files["handout.zip"] = next(handed_out.rglob("handout.zip")).read_bytes()
    return files


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    root = tmp_path_factory.mktemp("course")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(root))
        for name in WRITTEN:
            key = f"assignments/a01/{name}/question.toml"
            patch.setitem(mini_course.FILES, key, mini_course.FILES[key].replace("3.0", "0.5"))
        made = mini_course.write_course(root)
        mini_course.built_of(made)
        yield made


@pytest.fixture(scope="module", params=["as it is", "no better than tier B"])
def seen(request, course):
    """(everything that students see of a class of hostile submissions, what is hidden)."""
    with pytest.MonkeyPatch.context() as patch:
        if "B" in request.param:
            isolation = Isolation("B", ("namespaces are not used",), False)
            for module in (session, zygote):
                patch.setattr(module, "probe", lambda: isolation)
        yield seen_in(course, course.root / request.param)


def seen_in(course, root):
    out = root / "grades"
    handed_out = build(course, ["a01"], "demo", out=course.root / "out")[0]
    url = f"sqlite:///{root}/book.db"
    hand_in(course, root / "in")
    summary = grade(course, "a01", "demo", [root / "in"], out=out, gradebook=url, jobs=2)
    assert not summary.faults
    with open_gradebook(course, url) as book:
        files = everything_a_student_sees(course, book, out, handed_out)
        attempts = book.attempts("demo", "a01")
        printed = [q["printed"] for a in attempts for q in (a.detail or {})["questions"].values()]
        (spying,) = [a.submission for a in attempts if a.submission.student == "listens"]
    public = listen(course, "a01", [spying], public_only=True)
    return files, what_is_hidden(course, "a01", told.heard(printed), public)


def test_hostile_submissions_do_hear_what_is_hidden(seen):
    _, hidden = seen
    assert len(hidden.numbers) > 30
    assert any("rng.normal(size=size)" in line for line in hidden.lines)
    assert "test_largest_of_negative" in hidden.texts


def test_no_page_no_export_and_no_handout_tells_it(seen):
    files, hidden = seen
    assert len(files) > 40
    assert told.leaks(files, hidden) == {}


@pytest.mark.parametrize("assignment", ["a02_neighbors"])
def test_real_suites_tell_nothing_either(assignment, tmp_path):
    course = load_course(ROOT)
    handed_out = build(course, [assignment], "demo", out=tmp_path)[0]
    document = json.loads((handed_out / "solution" / f"{assignment}.ipynb").read_bytes())
    made = []
    for name in ("spy", "raises_it", "returns_it"):
        changed = json.loads(json.dumps(document))
        for cell in changed["cells"]:
            if cell["metadata"].get("autograder", {}).get("role") == "answer":
                cell["source"] = told.spied("".join(cell["source"]), name)
        first = {"cell_type": "code", "metadata": {}, "outputs": []}
        first["source"] = told.LISTENER + told.ONLY_PRINTS
        changed["cells"].insert(0, first)
        made.append(mini_course.submission(tmp_path / "in", name, changed))
    *all_heard, graded = listen(course, assignment, made, jobs=2)
    *public, _ = listen(course, assignment, made[:1], public_only=True)
    hidden = what_is_hidden(course, assignment, all_heard, public)
    assert len(hidden.numbers) > 1000
    files = {str(path): path.read_bytes() for path in handed_out.glob("handout*/**/*") if path.is_file()}
    points = set()
    for item in graded:
        result = item.result
        page = render_feedback(Grade(result.student, Attempt(1, item.submission, result)), "Title")
        files[result.student] = page.encode()
        points |= {f"{one.max_score:g}" for question in result.questions for one in question.checks}
    found = {name: what - points for name, what in told.leaks(files, hidden).items()}
    assert not {name: what for name, what in found.items() if what}


# --- the test itself ------------------------------------------------------------------------------


def planted(text):
    """The same secret in every kind of file."""
    document = {"cells": [], "metadata": {"kernelspec": {"note": text}}, "nbformat": 4, "nbformat_minor": 5}
    output = {"output_type": "stream", "text": ["before\n", *text.splitlines(keepends=True)]}
    with_output = document | {"metadata": {}, "cells": [{"cell_type": "code", "outputs": [output]}]}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("tests/q.py", text)
    twice = io.BytesIO()
    with zipfile.ZipFile(twice, "w") as archive:
        archive.writestr("inner.zip", packed.getvalue())
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace("'", "&#39;")
    return {
        "feedback.html": f"<p>{escaped}</p>".encode(),
        "metadata.ipynb": json.dumps(document).encode(),
        "output.ipynb": json.dumps(with_output).encode(),
        "handout.zip": packed.getvalue(),
        "zip in a zip": twice.getvalue(),
        "grades.csv": f'ada,"{text}"'.encode(),
    }


@pytest.mark.parametrize("form", ["{0!r}", "[-{0:.8f} 1.]", "got {0:.6g}", "{0:.3e}", "x={0:.17g},"])
def test_a_number_is_found_in_every_notation_and_kind_of_file(form):
    number = 0.7341859276435
    text = form.format(number)
    files = planted(text)
    assert len(told.leaks(files, told.Hidden(frozenset({number}), frozenset(), frozenset()))) == len(files)
    assert not told.leaks(files, told.Hidden(frozenset({0.7342859}), frozenset(), frozenset()))


@pytest.mark.parametrize(
    "text",
    ["values = rng.normal(size=size) + variant['offset'] < 3", "test_mean_of_many", "a secret & a text"],
)
def test_source_names_and_texts_are_found_in_every_kind_of_file(text):
    hidden = told.Hidden(frozenset(), frozenset({text}), frozenset())
    by_line = told.Hidden(frozenset(), frozenset(), frozenset({"".join(text.split())}))
    files = planted(text)
    for one in (hidden, by_line):
        assert {name.partition("!")[0] for name in told.leaks(files, one)} == set(files)


def test_a_message_that_holds_an_exceptions_text_is_found(course, seen, monkeypatch):
    _, hidden = seen
    plain = attempt.failure

    def careless(check, raised):
        found = plain(check, raised)
        return attempt.Found(found.outcome, found.category, found.message + str(raised), found.detail)

    monkeypatch.setattr(attempt, "failure", careless)
    submission = mini_course.submission(
        course.root / "again",
        "raises",
        with_cells(course, told.LISTENER, **listening("raises_it")),
    )
    with Session(course, "a01", "demo") as opened:
        (graded,) = opened.grade([submission])
    page = render_feedback(Grade("raises", Attempt(1, submission, graded.result)), "Title")
    assert len(told.leaks({"page": page.encode()}, hidden)["page"]) > 3


def test_what_only_looks_like_a_secret_is_not_reported():
    hidden = told.Hidden(
        frozenset({12345.678}), frozenset({"a secret text"}), frozenset({"x=reference.mean(y)"})
    )
    digest = base64.b16encode(b"12345.678").decode()
    assert not told.leaks(
        {"page": f"12 345 points, 0.12345678, v12345.678 {digest} a secret".encode()}, hidden
    )
