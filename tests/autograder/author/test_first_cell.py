"""The cells around the questions, in a real Jupyter kernel, with otter and without."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path

import nbclient
import nbformat
import pytest

from autograder.author.first_cell import export_cell, first_cell
from autograder.author.hand_in import hand_in_cell
from autograder.author.otter import test_file as make_test_file
from autograder.models import Assignment, BuiltAssignment, BuiltQuestion, Course, Question

PUBLIC = {
    "total": '''\
import numpy as np
from autograder.testing import assert_close, hint

@hint("Start from zero.")
def test_total(student):
    """the sum of three numbers"""
    assert_close(student.total(np.array([1.0, 2.5, 3.0])), 6.5)

def test_empty(student):
    """the sum of nothing"""
    assert_close(student.total(np.array([])), 0.0)
''',
    "counter": '''\
from autograder.testing import assert_equal

def test_counts(student):
    """counts up"""
    counter = student.Counter()
    counter.count()
    assert_equal(counter.count(), 2)
''',
}
STUBS = {
    "total": "import numpy as np\n\ndef total(values):\n    raise NotImplementedError",
    "counter": """\
class Counter:
    def __init__(self):
        self.n = 0

    def count(self):
        raise NotImplementedError""",
}
RIGHT = {
    "total": "import numpy as np\n\ndef total(values):\n    return float(np.sum(values))",
    "counter": STUBS["counter"].replace("raise NotImplementedError", "self.n += 1\n        return self.n"),
}
NO_OTTER = "import sys\nsys.modules['otter'] = None"


@pytest.fixture
def handout(tmp_path: Path) -> BuiltAssignment:
    """A folder as a student gets it, less the notebook; the build it came from."""
    course = Course(root=tmp_path, name="course")
    items = []
    (tmp_path / "home" / "tests").mkdir(parents=True)
    for name, text in PUBLIC.items():
        folder = tmp_path / name
        folder.mkdir()
        (folder / "test_public.py").write_text(text)
        target = "Counter" if name == "counter" else name
        question = Question(id=name, folder=folder, title=name, points=10, solution=(f"m:{target}",))
        items.append(BuiltQuestion(question, {}, "", "", STUBS[name], RIGHT[name]))
        (tmp_path / "home" / "tests" / f"{name}.py").write_text(make_test_file(items[-1], 5))
    assignment = Assignment(id="a", folder=tmp_path, title="A", questions=tuple(PUBLIC))
    return BuiltAssignment(course, assignment, "t", None, "", tuple(items), "key")


def run_notebook(handout: BuiltAssignment, sources: list[str], name: str = "a.ipynb") -> list[str]:
    """Write a notebook into the student's folder, run it there, and return what each cell shows."""
    home = handout.course.root / "home"
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    notebook = nbformat.v4.new_notebook(cells=cells)
    nbformat.write(notebook, home / name)
    client = nbclient.NotebookClient(
        notebook, timeout=60, kernel_name="python3", resources={"metadata": {"path": str(home)}}
    )
    client.execute()
    return [shown(cell) for cell in notebook.cells]


def shown(cell: nbformat.NotebookNode) -> str:
    """Text of a cell's outputs; the web form where there is one, as a browser prefers it."""
    parts = []
    for output in cell.outputs:
        if output.output_type == "stream":
            parts.append(output.text)
        elif output.output_type == "error":
            parts.append("\n".join(output.traceback))
        else:
            parts.append(output.data.get("text/html") or output.data.get("text/plain", ""))
    return "\n".join(parts)


def test_with_otter_a_right_notebook_passes_checks_and_exports(handout):
    sources = [
        first_cell(handout),
        RIGHT["total"],
        "grader.check('total')",
        RIGHT["counter"],
        "grader.check('counter')",
        "grader.check_all()",
        hand_in_cell(handout),
        export_cell(),
        "print(type(grader).__module__, sorted(n for n in globals() if 'set_up' in n or 'Report' in n))",
    ]
    out = run_notebook(handout, sources)
    assert out[0] == ""
    assert "passed!" in out[2]
    assert "passed!" in out[4]
    assert "All test cases passed" in out[5] or out[5].count("passed!") == 2
    assert "a.ipynb: nothing to warn about." in out[6]
    assert out[8].startswith("otter.check.notebook ['_set_up']")
    assert re.search(
        r"a\.ipynb was saved [\d-]+ \d\d:\d\d:\d\d\. If you have changed it since, save it", out[7]
    )
    (exported,) = (handout.course.root / "home").glob("*.zip")
    with zipfile.ZipFile(exported) as archive:
        assert "a.ipynb" in archive.namelist()


def test_the_link_to_the_zip_is_one_that_jupyter_can_follow(handout):
    # JupyterLab tells the notebook's whole path; a link to that leads nowhere, and the zip would hold it.
    home = handout.course.root / "home"
    told = f"import os\nos.environ['JPY_SESSION_NAME'] = {str(home / 'a.ipynb')!r}"
    out = run_notebook(handout, [first_cell(handout), told, hand_in_cell(handout), export_cell()])
    (exported,) = home.glob("*.zip")
    assert f'href="{exported.name}"' in out[3]
    with zipfile.ZipFile(exported) as archive:
        assert "a.ipynb" in archive.namelist()


def test_with_otter_a_wrong_answer_reads_as_docstring_hint_and_kind(handout):
    wrong = "def total(values):\n    return values.sum() + 1"
    out = run_notebook(
        handout, [first_cell(handout), wrong, "grader.check('total')", "grader.check('counter')"]
    )
    assert "the sum of three numbers [5 points]" in out[2]
    assert "Hint: Start from zero." in out[2]
    assert "Wrong value: your result: expected 6.5, got 7.5" in out[2]
    assert "at: assert_close(student.total(np.array([1.0, 2.5, 3.0])), 6.5)" in out[2]
    assert "Not defined: Counter does not exist yet; run the cell that defines it" in out[3]
    for text in out[2:]:
        assert "Traceback" not in text
        assert "otter/" not in text


def test_without_otter_a_renamed_notebook_reads_the_same(handout):
    crash = "def total(values):\n    table = {}\n    return table[len(values)]"
    sources = [
        NO_OTTER,
        first_cell(handout),
        STUBS["counter"],
        "grader.check('counter')",
        crash,
        "grader.check('total')",
        RIGHT["total"],
        RIGHT["counter"],
        "grader.check_all()",
        hand_in_cell(handout),
        export_cell(),
        "grader.check('nothing')",
    ]
    out = run_notebook(handout, sources, "my copy (1).ipynb")
    assert out[3].splitlines() == [
        "counter: 0 of 1 public checks passed",
        "  failed: counts up [10 points]",
        "    Not written yet: Counter.count still raises NotImplementedError",
    ]
    assert out[5].splitlines() == [
        "total: 0 of 2 public checks passed",
        "  failed: the sum of three numbers [5 points]",
        "    Your code stopped: KeyError: 3",
        "        in total, line 3 of its cell: return table[len(values)]",
        "        at: assert_close(student.total(np.array([1.0, 2.5, 3.0])), 6.5)",
        "    Hint: Start from zero.",
        "  failed: the sum of nothing [5 points]",
        "    Your code stopped: KeyError: 0",
        "        in total, line 3 of its cell: return table[len(values)]",
        "        at: assert_close(student.total(np.array([])), 0.0)",
    ]
    assert out[8].splitlines() == [
        "counter: 1 of 1 public checks passed",
        "total: 2 of 2 public checks passed",
    ]
    assert "my copy (1).ipynb: " in out[9]
    assert "the empty Counter" not in out[9]
    told, saved = out[10].splitlines()
    assert told == "Save this notebook and hand in the file itself."
    assert saved.startswith("my copy (1).ipynb was saved ")
    assert "tests/nothing.py is missing" in out[11].replace("\\", "/")


def test_a_lone_notebook_unpacks_its_handout_and_never_over_a_file(handout):
    home = handout.course.root / "home"
    with zipfile.ZipFile(home / "ada (1).zip", "w") as archive:
        for path in (home / "tests").glob("*.py"):
            archive.write(path, f"handout/tests/{path.name}")
            path.unlink()
        archive.writestr("handout/a.ipynb", "{}")
        archive.writestr("handout/tests/../../outside.py", "")
    (home / "tests").rmdir()
    out = run_notebook(
        handout, [NO_OTTER, first_cell(handout), RIGHT["total"], "grader.check('total')"], "alone.ipynb"
    )
    assert out[3] == "total: 2 of 2 public checks passed"
    assert json.loads((home / "alone.ipynb").read_text())["cells"]
    assert not (home.parent / "outside.py").exists()
    assert not (home / "outside.py").exists()


def test_only_its_own_handout_is_unpacked_also_beside_tests_of_another_assignment(handout):
    home = handout.course.root / "home"
    with zipfile.ZipFile(home / "own.zip", "w") as archive:
        for path in (home / "tests").glob("*.py"):
            archive.write(path, f"tests/{path.name}")
            path.unlink()
        archive.writestr("a.ipynb", "{}")
        archive.writestr("numbers.csv", "1")
    with zipfile.ZipFile(home / "library.zip", "w") as archive:
        archive.writestr("library/tests/test_all.py", "")
        archive.writestr("library/setup.py", "")
    with zipfile.ZipFile(home / "exported.zip", "w") as archive:
        archive.writestr("a.ipynb", "{}")
        archive.writestr("log.csv", "")
    (home / "broken.zip").write_bytes(b"PK")
    (home / "tests" / "essay.py").write_text("")
    out = run_notebook(handout, [first_cell(handout), RIGHT["total"], "grader.check('total')"])
    assert out[0] == ""
    assert "passed!" in out[2]
    files = sorted(path.name for path in home.rglob("*.*") if path.suffix in {".py", ".csv"})
    assert files == ["counter.py", "essay.py", "numbers.csv", "total.py"]


def test_tests_of_another_assignment_are_told(handout):
    home = handout.course.root / "home"
    (home / "tests" / "counter.py").rename(home / "tests" / "essay.py")
    out = run_notebook(handout, [first_cell(handout), "grader.check('total')", "grader.check('counter')"])
    assert out[0].startswith(
        "The folder tests/ beside this notebook has no counter.py. Put the whole handout"
    )
    assert "total: 0 of 2 public checks passed" in out[1]
    # With otter installed too: a stack of its own would say less.
    assert out[2].replace("\\", "/").startswith("counter: tests/counter.py is missing. Put the whole")


def test_without_tests_the_first_cell_says_what_to_do_and_does_not_raise(handout):
    home = handout.course.root / "home"
    for path in (home / "tests").glob("*.py"):
        path.unlink()
    (home / "tests").rmdir()
    out = run_notebook(
        handout, [NO_OTTER, first_cell(handout), "grader.check('total')", "grader.check_all()"]
    )
    assert "There is no folder tests/ beside this notebook" in out[1]
    assert "files.upload()" in out[1]
    assert "is missing" in out[2]


def test_the_cells_are_plain_text_without_trailing_newline(handout):
    for source in (first_cell(handout), export_cell()):
        compile(source, "cell", "exec")
        assert source.isascii()
        assert not source.endswith("\n")
