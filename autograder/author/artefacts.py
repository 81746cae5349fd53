"""The files of a student's folder, and zips that are the same bytes every time."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Collection, Mapping

from autograder.author.notebook import notebook, to_bytes
from autograder.author.otter import test_file
from autograder.author.render import render_template
from autograder.author.seeds import check_seed
from autograder.models import BuiltAssignment

__all__ = ["handout_files", "requirements", "solution_files", "zip_bytes"]

NUMPY = "numpy>=2.1"
# The first date that a zip can hold: the time of the build says nothing.
EPOCH = (1980, 1, 1, 0, 0, 0)


def handout_files(built: BuiltAssignment, secret: bytes) -> dict[str, bytes]:
    """Make every file that a student gets.

    Parameters
    ----------
    built : BuiltAssignment
    secret : bytes
        The term's; only seeds of public checks come from it.

    Returns
    -------
    dict
        Path inside the folder -> bytes, sorted.
    """
    name = f"{built.assignment.id}.ipynb"
    return dict(sorted({name: to_bytes(notebook(built, "handout")), **_beside(built, secret)}.items()))


def solution_files(built: BuiltAssignment, secret: bytes) -> dict[str, bytes]:
    """Make the same folder with the answers in the notebook."""
    name = f"{built.assignment.id}.ipynb"
    return dict(sorted({name: to_bytes(notebook(built, "solution")), **_beside(built, secret)}.items()))


def _beside(built: BuiltAssignment, secret: bytes) -> dict[str, bytes]:
    files = {"requirements.txt": requirements(built).encode()}
    for item in built.questions:
        files |= item.files
        if item.question.kind == "code":
            seed = check_seed(secret, built.assignment.id, item.question.id, "public", item.variant)
            files[f"tests/{item.question.id}.py"] = test_file(item, seed).encode()
    return files


def requirements(built: BuiltAssignment) -> str:
    """Text of ``requirements.txt``: what the assignment declares."""
    names = set(built.assignment.packages) - {"numpy"}
    context = {"requirements": [NUMPY, *sorted(names)]}
    return render_template(built.course, "requirements.txt.j2", context)


def zip_bytes(files: Mapping[str, bytes], *, executable: Collection[str] = ()) -> bytes:
    """Pack files, names sorted, without dates; uncompressed, since zlib's output changes with its version.

    Those that are named in `executable` may be run once they are unpacked.

    Examples
    --------
    >>> zip_bytes({"b": b"2", "a": b"1"}) == zip_bytes({"a": b"1", "b": b"2"})
    True
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            member = zipfile.ZipInfo(name, EPOCH)
            member.external_attr = (0o755 if name in executable else 0o644) << 16
            member.create_system = 3
            archive.writestr(member, files[name])
    return buffer.getvalue()
