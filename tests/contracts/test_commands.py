"""Every command has help, every path in the README exists."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from autograder.cli import app

ROOT = Path(__file__).parents[2]
COMMANDS = [command.callback.__name__ for command in app.registered_commands]
# What a command makes is not in a clone.
HEAVY = ("numpy", "pandas", "torch", "otter", "matplotlib", "pydantic")
MADE = ("build/", "grades/", "feedback/", "results/", "gradebook.db", ".venv", ".secrets")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_has_help_for_itself_and_each_option(command):
    result = CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "200", "TERM": "dumb"})
    assert result.exit_code == 0
    callback = next(c.callback for c in app.registered_commands if c.callback.__name__ == command)
    assert callback.__doc__.strip()


def test_help_needs_no_heavy_import():
    code = f"import sys; import autograder.cli; print([m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "SECURITY.md"])
def test_every_path_in_a_page_exists(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    paths = set(re.findall(r"`([\w.-]+/[\w./-]*|[\w-]+\.md)`", text))
    paths |= set(re.findall(r"\]\(([^)#:]+)\)", text))
    for path in sorted(paths):
        if not path.startswith(MADE):
            assert (ROOT / path).exists(), f"{page} names {path}"


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_every_make_target_in_a_page_exists(page):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for target in re.findall(
        r"(?:^|`)make ([a-z-]+)", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE
    ):
        assert target in targets, f"{page} names make {target}"


@pytest.mark.parametrize("given", [[], ["TERM=demo"], ["ASSIGNMENT=a02_neighbors"]])
def test_make_grade_of_submissions_says_what_it_needs_to_know(given):
    # What the make that runs these tests was given is not for this one.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    done = subprocess.run(
        ["make", "--silent", "--old-file=.venv/core", "grade", "SUBMISSIONS=somewhere", *given],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "somewhere needs to know what they are for: add ASSIGNMENT=... and TERM=..." in done.stderr
    assert "a02_neighbors" in done.stderr
    assert "2027-spring" in done.stderr
