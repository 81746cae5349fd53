"""What a certificate is for: one hash over everything that a proof of the suites depends on."""

from __future__ import annotations

import importlib.metadata
import platform
from pathlib import Path

from autograder.author.assemble import assemble
from autograder.author.lock import lock_path
from autograder.models import Course, load_assignment, need_suites, sha256_of

__all__ = ["certificate_key"]

# A grade may depend on these besides what the assignment declares.
ALWAYS = ("gradecheck", "numpy", "scipy", "pytest", "ipython")


def certificate_key(course: Course, assignment_id: str, term: str) -> str:
    """Key of the certificate that this assignment needs now.

    Parameters
    ----------
    course : Course
    assignment_id, term : str

    Returns
    -------
    str
        sha256 over the assignment's folder, its solutions, the frozen variants, the code cut from the
        reference, and the versions of Python and of the packages.
    """
    assignment = need_suites(load_assignment(course, assignment_id))
    built = assemble(course, assignment_id, term)
    parts: list[str | bytes] = [term]
    for folder in (assignment.folder, course.solutions / assignment_id):
        for path in _files(folder):
            parts += [path.relative_to(folder).as_posix(), path.read_bytes()]
    parts.append(lock_path(course, assignment_id, term).read_bytes())
    for item in built.questions:
        parts += [item.question.id, item.given, item.stub, item.answer]
    parts.append(platform.python_version())
    for name in sorted({*ALWAYS, *assignment.packages}):
        parts.append(f"{name}=={_version(name)}")
    return sha256_of(*parts)


def _files(folder: Path) -> list[Path]:
    found = [path for path in folder.rglob("*") if path.is_file()]
    hidden = {"__pycache__", ".ipynb_checkpoints"}
    return sorted(path for path in found if not hidden & set(path.parts) and not path.name.startswith("."))


def _version(distribution: str) -> str:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"
