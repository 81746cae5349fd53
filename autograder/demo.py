"""A cohort of notebooks to try the grader on: right, wrong, half done, broken and unfriendly ones.

The right and wrong answers are the ones that prove the suites, from the course's ``solutions/``.
"""

from __future__ import annotations

import ast
import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from autograder.author import assemble, build, notebook
from autograder.certify.answers import read_answers
from autograder.files import write_atomically
from autograder.grade.run import Summary, grade
from autograder.models import BuiltAssignment, Course, load_term
from autograder.sandbox import probe

__all__ = ["TERM", "make_cohort", "run_demo"]

TERM = "demo"
Notebook = dict[str, Any]


def run_demo(course: Course, *, jobs: int = 2, out: Path | None = None) -> list[Summary]:
    """Build the demo term, make a cohort for each of its assignments, and grade it.

    Parameters
    ----------
    course : Course
        A course with a term called ``demo``.
    jobs : int
        How many submissions are graded at a time.
    out : Path, optional
        Folder for cohorts, grades and the demo's own gradebook; default ``grades/demo``.

    Returns
    -------
    list of Summary
        One for each assignment.
    """
    assignments = list(load_term(course, TERM).assignments)
    build(course, assignments, TERM)
    out = (out or course.root / "grades" / TERM).resolve()
    honest_only = probe().tier == "C"
    if honest_only:
        print("Isolation tier C: only honest notebooks are made, and only public checks run.")
    summaries = []
    for assignment in assignments:
        cohort = out / assignment / "cohort"
        make_cohort(course, assignment, cohort, honest_only=honest_only)
        summaries.append(
            grade(
                course,
                assignment,
                TERM,
                [cohort],
                jobs=jobs,
                out=out / assignment,
                gradebook=f"sqlite:///{out / 'gradebook.db'}",
                public_only=honest_only,
            )
        )
    return summaries


def make_cohort(course: Course, assignment: str, folder: Path, *, honest_only: bool = False) -> list[Path]:
    """Write the notebooks of a cohort, one file a student, named after what it is.

    Parameters
    ----------
    course, assignment
        What to answer; the variant is the demo term's.
    folder : Path
        Where to write.
    honest_only : bool
        Leave out what loops, floods or attacks.

    Returns
    -------
    list of Path
        The files.
    """
    built = assemble(course, assignment, TERM)
    solution, handout = notebook(built, "solution"), notebook(built, "handout")
    files: dict[str, bytes] = {"solution": to_bytes(solution), "untouched-handout": to_bytes(handout)}
    for question in built.questions:
        answers = [item for item in read_answers(course, built, question) if item.applies]
        for kind, most in (("right", 1), ("wrong", 2)):
            for answer in [item for item in answers if item.kind == kind][:most]:
                name = f"{kind}-{question.question.id}-{answer.name}"
                files[name] = to_bytes(with_answer(solution, question.question.id, answer.source))
    files["half-done"] = to_bytes(half_done(built, handout, solution))
    for change in HONEST if honest_only else (*HONEST, *HOSTILE):
        name = change.__name__.replace("_", "-")
        result = change(copy.deepcopy(solution))
        files[name] = result if isinstance(result, bytes) else to_bytes(result)
    paths = []
    for name, content in sorted(files.items()):
        path = folder / f"{name}.ipynb"
        write_atomically(path, content)
        paths.append(path)
    return paths


def to_bytes(document: Notebook) -> bytes:
    """A notebook as a file."""
    return json.dumps(document, indent=1, ensure_ascii=False).encode()


# --- parts of a notebook --------------------------------------------------------------------------


def answer_cells(document: Notebook) -> list[dict[str, Any]]:
    """The answer cells, in order."""
    return [
        cell for cell in document["cells"] if cell["metadata"].get("autograder", {}).get("role") == "answer"
    ]


def with_answer(document: Notebook, question: str, source: str) -> Notebook:
    """A copy in which one question is answered by `source`."""
    changed = copy.deepcopy(document)
    for cell in answer_cells(changed):
        if cell["metadata"]["autograder"]["question"] == question:
            cell["source"] = source
    return changed


def half_done(built: BuiltAssignment, handout: Notebook, solution: Notebook) -> Notebook:
    """The first half of the questions is answered, the rest is as handed out."""
    answers = {cell["metadata"]["autograder"]["question"]: cell["source"] for cell in answer_cells(solution)}
    document = handout
    for question in built.questions[: len(built.questions) // 2]:
        document = with_answer(document, question.question.id, _text(answers[question.question.id]))
    return document


def code_cell(source: str) -> dict[str, Any]:
    """A cell as a student adds one."""
    return {"cell_type": "code", "metadata": {}, "source": source, "outputs": [], "execution_count": None}


def defined_names(cell: dict[str, Any]) -> list[str]:
    """Functions and classes that a cell defines."""
    tree = ast.parse(_text(cell["source"]))
    return [item.name for item in tree.body if isinstance(item, ast.FunctionDef | ast.ClassDef)]


def _text(source: str | list[str]) -> str:
    return source if isinstance(source, str) else "".join(source)


# --- what happens to honest notebooks -------------------------------------------------------------


def syntax_error_in_one_answer(document: Notebook) -> Notebook:
    """One answer does not parse; the others still count."""
    cell = answer_cells(document)[0]
    cell["source"] = _text(cell["source"]) + "\nif True print('oops')\n"
    return document


def newer_python_syntax(document: Notebook) -> Notebook:
    """Type parameters and template strings, which the grader's Python may not know."""
    cell = answer_cells(document)[-1]
    cell["source"] = "type Row[T] = list[T]\nlabel = t'{1}'\n" + _text(cell["source"])
    return document


def renamed_function(document: Notebook) -> Notebook:
    """A name that the first question asks for is misspelt."""
    cell = answer_cells(document)[0]
    name = defined_names(cell)[-1]
    cell["source"] = _text(cell["source"]).replace(name, f"my_{name}")
    return document


def deleted_cells(document: Notebook) -> Notebook:
    """Check cells and one answer are gone."""
    gone = answer_cells(document)[-1]
    document["cells"] = [
        cell
        for cell in document["cells"]
        if cell is not gone and cell["metadata"].get("autograder", {}).get("role") != "check"
    ]
    return document


def duplicated_cells(document: Notebook) -> Notebook:
    """Every answer is there twice, with the same ids, as copying leaves it."""
    cells = []
    for cell in document["cells"]:
        cells.append(cell)
        if cell["metadata"].get("autograder", {}).get("role") == "answer":
            cells.append(copy.deepcopy(cell))
    document["cells"] = cells
    return document


def metadata_and_ids_lost(document: Notebook) -> Notebook:
    """An editor dropped ids, tags and metadata."""
    for cell in document["cells"]:
        cell["metadata"] = {}
        cell.pop("id", None)
    document["nbformat_minor"] = 4
    document["metadata"] = {}
    return document


def crash_in_first_cell(document: Notebook) -> Notebook:
    """The first cell imports something that is not there; later cells still run."""
    document["cells"].insert(0, code_cell("import a_package_of_my_laptop"))
    return document


def plots_everywhere(document: Notebook) -> Notebook:
    """Figures, magics and shell commands between the answers."""
    plot = (
        "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 3, 2]); plt.show()\n"
        "!pip install nothing"
    )
    document["cells"] = [part for cell in document["cells"] for part in (cell, code_cell(plot))]
    return document


def empty_file(document: Notebook) -> bytes:
    """The upload failed."""
    return b""


def malformed_json(document: Notebook) -> bytes:
    """The file was cut off."""
    data = to_bytes(document)
    return data[: len(data) // 2]


def notebook_for_another_assignment(document: Notebook) -> Notebook:
    """The wrong file was handed in."""
    cells = [code_cell("def fibonacci(n):\n    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)\n")]
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


# --- what a run must survive ----------------------------------------------------------------------


def endless_loop(document: Notebook) -> Notebook:
    """The last answer never returns."""
    cell = answer_cells(document)[-1]
    tree = ast.parse(_text(cell["source"]))
    for function in [item for item in ast.walk(tree) if isinstance(item, ast.FunctionDef)]:
        function.body = ast.parse("while True:\n    pass").body
    cell["source"] = ast.unparse(tree)
    return document


def ends_its_process(document: Notebook) -> Notebook:
    """A cell calls os._exit."""
    document["cells"].insert(2, code_cell("import os\nos._exit(0)"))
    return document


def fifty_megabytes_of_prints(document: Notebook) -> Notebook:
    """A forgotten print in a loop."""
    document["cells"].insert(2, code_cell("for _ in range(50):\n    print('x' * 1_000_000)"))
    return document


def memory_hog(document: Notebook) -> Notebook:
    """Takes all memory that it can get."""
    hog = "hoard = []\nwhile True:\n    hoard.append(bytearray(64 << 20))"
    document["cells"].insert(2, code_cell(hog))
    return document


def wants_a_grader_error(document: Notebook) -> Notebook:
    """Returns objects that raise wherever a grader might touch them."""
    cell = answer_cells(document)[0]
    names = defined_names(cell)
    cell["source"] = (
        "class Thorn:\n"
        "    def __getattribute__(self, name):\n        raise SystemExit(name)\n"
        "    def __array__(self, *args, **kwargs):\n        raise KeyboardInterrupt\n"
        "    def __len__(self):\n        return 1 << 100\n"
        "    def __eq__(self, other):\n        return True\n"
        "    __repr__ = __len__\n\n"
    ) + "\n".join(f"def {name}(*args, **kwargs):\n    return Thorn()\n" for name in names)
    return document


HONEST: tuple[Callable[[Notebook], Notebook | bytes], ...] = (
    syntax_error_in_one_answer,
    newer_python_syntax,
    renamed_function,
    deleted_cells,
    duplicated_cells,
    metadata_and_ids_lost,
    crash_in_first_cell,
    plots_everywhere,
    empty_file,
    malformed_json,
    notebook_for_another_assignment,
)
HOSTILE: tuple[Callable[[Notebook], Notebook | bytes], ...] = (
    endless_loop,
    ends_its_process,
    fifty_megabytes_of_prints,
    memory_hog,
    wants_a_grader_error,
)
