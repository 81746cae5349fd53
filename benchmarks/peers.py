"""Ports an assignment to otter-grader and nbgrader, and runs both in an environment of their own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autograder.models import BuiltAssignment

ROOT = Path(__file__).parents[1]
HERE = Path(__file__).parent
VENV = ROOT / ".venv-peers"

OTTER_HEAD = "from otter.test_files import test_case\n\nOK_FORMAT = False\n"
OTTER_CASE = """
@test_case(name={check!r}, points=1, hidden={hidden})
def {check}(env):
    import port
    port.run({question!r}, {visibility!r}, {check!r}, env)
"""


def make_environment() -> Path:
    """Install the peers once; return their Python."""
    python = VENV / "bin" / "python"
    stamp = VENV / "peers"
    lock = ROOT / "requirements" / "peers.lock"
    if not stamp.exists() or stamp.stat().st_mtime < lock.stat().st_mtime:
        print("installing otter-grader and nbgrader into .venv-peers (once, some minutes)", flush=True)
        subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", "-r", str(lock)], check=True)
        stamp.touch()
    return python


def run_otter(
    python: Path, port: Path, checks: Mapping[str, Any], cohort: Path, work: Path
) -> dict[str, Any]:
    """Grade a cohort with otter; return seconds and passed checks by student."""
    archive = work / "autograder.zip"
    with zipfile.ZipFile(archive, "w") as file:
        config = {"assignment_name": None, "lang": "python", "show_hidden": True}
        file.writestr("otter_config.json", json.dumps(config))
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
    notebooks = [str(path) for path in sorted(cohort.glob("*.ipynb"))]
    out = work / "otter.json"
    call(python, HERE / "peer_otter.py", str(archive), str(out), *notebooks, cwd=work)
    return dict(json.loads(out.read_text()))


def run_nbgrader(
    python: Path, port: Path, checks: Mapping[str, Any], cohort: Path, work: Path, built: BuiltAssignment
) -> dict[str, Any]:
    """Grade a cohort with nbgrader; return seconds and passed checks by student."""
    course, name = work / "course", built.assignment.id
    source = course / "source" / name
    source.mkdir(parents=True)
    for path in port.iterdir():
        shutil.copy(path, source)
    write_notebook(
        source / f"{name}.ipynb", [answer(q.question.id, q.answer) for q in built.questions], checks
    )
    for path in sorted(cohort.glob("*.ipynb")):
        folder = course / "submitted" / path.stem / name
        folder.mkdir(parents=True)
        cells = json.loads(path.read_text())["cells"]
        own = [
            answer(question.question.id, answer_text(cells, question.question.id))
            for question in built.questions
        ]
        given = [code(question.given) for question in built.questions if question.given]
        write_notebook(folder / f"{name}.ipynb", [*given, *own], checks)
        for item in port.iterdir():
            shutil.copy(item, folder)
    out = work / "nbgrader.json"
    call(python, HERE / "peer_nbgrader.py", str(course), name, str(out), cwd=course)
    return dict(json.loads(out.read_text()))


def write_notebook(path: Path, cells: list[dict[str, Any]], checks: Mapping[str, Any]) -> None:
    """An nbgrader notebook: answers, then one graded cell per check."""
    tests = [
        code(
            f"import port\nport.run({question!r}, {visibility!r}, {check!r}, globals())",
            grade_id=f"{question}--{check}",
            grade=True,
            points=1,
            locked=True,
        )
        for question, own in checks.items()
        for visibility, check in own
    ]
    document = {"cells": [*cells, *tests], "metadata": KERNEL, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(document))


KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}


def code(source: str, *, grade_id: str = "", **nbgrader: Any) -> dict[str, Any]:
    """A code cell, with nbgrader's metadata if it has an id."""
    metadata: dict[str, Any] = {}
    if grade_id:
        base = {"schema_version": 3, "grade_id": grade_id, "grade": False, "solution": False, "locked": False}
        metadata["nbgrader"] = {**base, "task": False, "cell_type": "code", **nbgrader}
    return {
        "cell_type": "code",
        "id": (grade_id or f"cell{abs(hash(source)) % 10**8}").replace("_", "-")[:60],
        "metadata": metadata,
        "source": source,
        "outputs": [],
        "execution_count": None,
    }


def answer(question: str, source: str) -> dict[str, Any]:
    """An answer cell of nbgrader."""
    return code(source, grade_id=f"answer-{question}", solution=True)


def answer_text(cells: list[dict[str, Any]], question: str) -> str:
    """The source of a question's answer cell in a notebook of ours."""
    for cell in cells:
        mark = cell["metadata"].get("autograder", {})
        if mark.get("question") == question and mark.get("role") == "answer":
            source = cell["source"]
            return source if isinstance(source, str) else "".join(source)
    return ""


def call(python: Path, script: Path, *arguments: str, cwd: Path) -> None:
    """Run a script in the peers' environment with our testing room on the path and one thread per pool."""
    environment = dict(os.environ) | {
        "PYTHONPATH": str(ROOT),
        "PATH": f"{python.parent}:{os.environ['PATH']}",
        "JUPYTER_PLATFORM_DIRS": "1",
    }
    done = subprocess.run(
        [str(python), str(script), *arguments],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{script.name} failed:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
