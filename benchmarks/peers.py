"""Ports an assignment to otter-grader and nbgrader, and runs both in an environment of their own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autograder.grade.prepare import seeds_of
from autograder.models import BuiltAssignment, Course

ROOT = Path(__file__).parents[1]
HERE = Path(__file__).parent
VENV = ROOT / ".venv-peers"
LOCK = ROOT / "requirements" / "peers.lock"

Checks = Mapping[str, list[tuple[str, str]]]
"""Question -> (visibility, check) of each of its checks."""
Notebook = dict[str, Any]

# What our handout adds for its own public checks; a peer brings its own.
OWN_ROLES = ("setup", "check", "hand_in", "export")

OTTER_HEAD = "from otter.test_files import test_case\n\nOK_FORMAT = False\n"
OTTER_CASE = """
@test_case(name={check!r}, points=1, hidden={hidden})
def {check}(env):
    import port
    port.run({question!r}, {visibility!r}, {check!r}, env)
"""


def make_environment() -> Path:
    """Install the peers once for each content of their lock file; return their Python."""
    python, stamp = VENV / "bin" / "python", VENV / "peers"
    if not stamp.is_file() or stamp.read_text() != LOCK.read_text():
        print("installing otter-grader and nbgrader into .venv-peers (once, some minutes)", flush=True)
        subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", "-r", str(LOCK)], check=True)
        stamp.write_text(LOCK.read_text())
    return python


def write_port(course: Course, built: BuiltAssignment, folder: Path) -> Checks:
    """Write what a peer needs beside a notebook to run our checks; return their names.

    The folder then holds ``port.py``, the suites and ``port_data.json``: variants, seeds, solution.
    """
    folder.mkdir(parents=True)
    shutil.copy(HERE / "port.py", folder)
    seed = seeds_of(course, built.term, built)
    checks: dict[str, list[tuple[str, str]]] = {}
    data: dict[str, Any] = {"variants": {}, "seeds": {}, "solution": []}
    for item in built.questions:
        question = item.question.id
        data["variants"][question] = dict(item.variant)
        data["solution"] += [item.given, item.answer]
        for visibility in ("public", "hidden"):
            text = (item.question.folder / f"test_{visibility}.py").read_text()
            (folder / f"{question}_{visibility}.py").write_text(text)
            data["seeds"][f"{question}/{visibility}"] = seed(question, visibility)
            own = [line[4 : line.index("(")] for line in text.splitlines() if line.startswith("def test_")]
            checks.setdefault(question, []).extend((visibility, check) for check in own)
    (folder / "port_data.json").write_text(json.dumps(data))
    return checks


# --- otter-grader ---------------------------------------------------------------------------------


def run_otter(python: Path, port: Path, checks: Checks, cohort: Path, work: Path) -> dict[str, Any]:
    """Grade a cohort with otter; return seconds and outcomes by student."""
    archive, submitted, out = work / "autograder.zip", work / "submitted", work / "otter.json"
    submitted.mkdir(parents=True)
    write_otter_archive(archive, port, checks)
    for path in sorted(cohort.glob("*.ipynb")):
        document = json.loads(path.read_text())
        document["cells"] = [cell for cell in document["cells"] if role(cell) not in OWN_ROLES]
        (submitted / path.name).write_text(json.dumps(document))
    notebooks = [str(path) for path in sorted(submitted.iterdir())]
    call(python, HERE / "peer_otter.py", str(archive), str(out), *notebooks, cwd=work)
    return dict(json.loads(out.read_text()))


def write_otter_archive(archive: Path, port: Path, checks: Checks) -> None:
    """An otter autograder of our checks: one test file per question, in exception format."""
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("otter_config.json", json.dumps({"lang": "python", "show_hidden": True}))
        for name in ("run_autograder", "setup.sh", "environment.yml", "run_otter.py"):
            file.writestr(name, "")
        for path in sorted(port.iterdir()):
            file.write(path, f"files/{path.name}")
        for question, own in checks.items():
            text = f"{OTTER_HEAD}name = {question!r}\npoints = None\n"
            for visibility, check in own:
                text += OTTER_CASE.format(
                    question=question, visibility=visibility, check=check, hidden=visibility == "hidden"
                )
            file.writestr(f"tests/{question}.py", text)


# --- nbgrader -------------------------------------------------------------------------------------


def run_nbgrader(
    python: Path, port: Path, checks: Checks, cohort: Path, work: Path, built: BuiltAssignment
) -> dict[str, Any]:
    """Grade a cohort with nbgrader; return seconds and outcomes by student."""
    course, name, out = work / "course", built.assignment.id, work / "nbgrader.json"
    tests = test_cells(checks)
    solution = [answer_cell(item.question.id, item.answer) for item in built.questions]
    write_notebook(course / "source" / name, name, [*given_cells(built), *solution, *tests], port)
    for path in sorted(cohort.glob("*.ipynb")):
        cells = nbgrader_cells(json.loads(path.read_text())["cells"])
        write_notebook(course / "submitted" / path.stem / name, name, [*cells, *tests], port)
    call(python, HERE / "peer_nbgrader.py", str(course), name, str(out), cwd=course)
    return dict(json.loads(out.read_text()))


def nbgrader_cells(cells: list[Notebook]) -> list[Notebook]:
    """The code of one of our notebooks with nbgrader's marks: the first answer of a question has its id."""
    marked: list[Notebook] = []
    seen: set[str] = set()
    for cell in cells:
        if cell["cell_type"] != "code" or role(cell) in OWN_ROLES:
            continue
        source = cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
        question = cell["metadata"].get("autograder", {}).get("question", "")
        is_answer = role(cell) == "answer" and question not in seen
        marked.append(answer_cell(question, source) if is_answer else code_cell(source))
        if is_answer:
            seen.add(question)
    return marked


def given_cells(built: BuiltAssignment) -> list[Notebook]:
    """What the questions hand out."""
    return [code_cell(item.given) for item in built.questions if item.given]


def test_cells(checks: Checks) -> list[Notebook]:
    """One graded cell per check."""
    return [
        code_cell(
            f"import port\nport.run({question!r}, {visibility!r}, {check!r}, globals())",
            grade_id=f"{question}--{check}",
            grade=True,
            points=1,
            locked=True,
        )
        for question, own in checks.items()
        for visibility, check in own
    ]


def answer_cell(question: str, source: str) -> Notebook:
    """An answer cell of nbgrader."""
    return code_cell(source, grade_id=f"answer-{question}", solution=True)


def code_cell(source: str, *, grade_id: str = "", **marks: Any) -> Notebook:
    """A code cell, with nbgrader's metadata if it has an id."""
    metadata: Notebook = {}
    if grade_id:
        base = {"schema_version": 3, "grade_id": grade_id, "grade": False, "solution": False, "locked": False}
        metadata["nbgrader"] = {**base, "task": False, "cell_type": "code", **marks}
    return {
        "cell_type": "code",
        "metadata": metadata,
        "source": source,
        "outputs": [],
        "execution_count": None,
    }


def write_notebook(folder: Path, name: str, cells: list[Notebook], port: Path) -> None:
    """A notebook in a folder of its own, with what the checks need beside it."""
    shutil.copytree(port, folder)
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    document = {"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 4}
    (folder / f"{name}.ipynb").write_text(json.dumps(document))


# --- both -----------------------------------------------------------------------------------------


def role(cell: Notebook) -> str:
    """What a cell of ours is for."""
    return str(cell["metadata"].get("autograder", {}).get("role", ""))


def call(python: Path, script: Path, *arguments: str, cwd: Path) -> None:
    """Run a script in the peers' environment, with our testing room on the path."""
    environment = one_thread() | {
        "PYTHONPATH": str(ROOT),
        # nbgrader starts alembic by name.
        "PATH": f"{python.parent}:{os.environ['PATH']}",
        # Nobody's Jupyter settings have a say, and nothing is left behind.
        "HOME": str(cwd),
    }
    done = subprocess.run(
        [str(python), str(script), str(time.monotonic()), *arguments],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{script.name} failed:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")


def one_thread() -> dict[str, str]:
    """The environment with one thread per pool: two pools on two cores would spin against each other."""
    return dict(os.environ) | dict.fromkeys(THREADS, "1")


THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
