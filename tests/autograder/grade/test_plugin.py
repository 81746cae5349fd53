"""``pytest assignments/``: the demo term's solution, through the same proxies as when grading."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import mini_course


def run_pytest(root, *arguments):
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "autograder.grade.plugin",
        "--import-mode=importlib",
    ]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(root), *sys.path])}
    return subprocess.run(
        [*command, "-p", "no:cacheprovider", "assignments", *arguments],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_plain_pytest_run_passes_on_the_solution(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    mini_course.built_of(mini_course.write_course(tmp_path))
    done = run_pytest(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "9 passed" in done.stdout


def test_a_check_that_does_not_hold_fails_there_too(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    course = mini_course.write_course(tmp_path)
    suite = course.assignments / "a01" / "centering" / "test_hidden.py"
    suite.write_text(suite.read_text().replace("np.array([2.5])", "np.array([2.75])"))
    mini_course.built_of(course)
    done = run_pytest(tmp_path)
    assert done.returncode == 1
    assert "1 failed, 8 passed" in done.stdout
