"""A private course works with the package installed from a wheel, far from this checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[3]
BUILD = """
import sys
from pathlib import Path
import autograder
from autograder.author import build
from autograder.models import load_course
assert Path(sys.argv[2]) in Path(autograder.__file__).parents, autograder.__file__
print(*build(load_course(Path(sys.argv[1])), [], "demo"))
"""


def test_a_private_course_is_built_by_the_wheel(tiny, tmp_path):
    wheels = tmp_path / "wheels"
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*command, "--wheel-dir", str(wheels), str(ROOT)], check=True, capture_output=True)
    (wheel,) = wheels.glob("gradecheck-*.whl")
    installed = tmp_path / "installed"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)
    packages = os.pathsep.join([str(installed), str(tiny.reference.folder.parent)])
    run = subprocess.run(
        [sys.executable, "-P", "-c", BUILD, str(tiny.root), str(installed)],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": packages},
        check=False,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    assert (Path(run.stdout.strip()) / "handout" / "a01_tiny.ipynb").is_file()
