"""Zips of otter's grader.export: the notebook is taken, the log is never loaded."""

from __future__ import annotations

import io
import json
import pickle
import zipfile

import pytest

from autograder.grade.intake import take_in

NOTEBOOK = json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


class Bomb:
    """Whoever loads it finds out."""

    def __reduce__(self):
        return (pytest.fail, ("the log of a submission was loaded",))


def export(name="hw01", notebook=NOTEBOOK, **more):
    """The bytes of a zip as grader.export writes it, with a log that must not be loaded."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr(f"{name}.ipynb", notebook)
        archive.writestr(f"{name}.pdf", b"%PDF-1.4")
        archive.writestr(".OTTER_LOG", pickle.dumps(Bomb()))
        archive.writestr("__zip_filename__", f"{name}_2026_11_20T10_00_00_000000.zip")
        for path, content in more.items():
            archive.writestr(path, content)
    return data.getvalue()


@pytest.fixture
def take(tmp_path):
    def take(*paths):
        return take_in(list(paths), tmp_path / "kept", assignment="hw01")

    return take


def placed(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def test_the_log_of_these_tests_would_be_noticed():
    with pytest.raises(pytest.fail.Exception):
        pickle.loads(pickle.dumps(Bomb()))


def test_one_export_is_the_student_that_it_is_named_after(take, tmp_path):
    (submission,) = take(placed(tmp_path / "ada.zip", export())).submissions
    assert (submission.student, submission.file, submission.problem) == ("ada", "hw01.ipynb", None)
    assert submission.path.read_text() == NOTEBOOK


@pytest.mark.parametrize("place", ["ada.zip", "ada/hw01_2026_11_20T10_00_00_000000.zip"])
def test_a_folder_of_exports(take, tmp_path, place):
    placed(tmp_path / "in" / place, export())
    placed(tmp_path / "in" / "bob.ipynb", NOTEBOOK.encode())
    found = take(tmp_path / "in").submissions
    assert sorted((item.student, item.problem) for item in found) == [("ada", None), ("bob", None)]


def test_a_zip_of_exports_is_the_class(take, tmp_path):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("ada.zip", export())
        archive.writestr("bob.zip", export())
    found = take(placed(tmp_path / "class.zip", data.getvalue())).submissions
    assert sorted(item.student for item in found) == ["ada", "bob"]


def test_an_export_that_gradescope_unpacked(take, tmp_path):
    table = "submission_7:\n  :submitters:\n  - :name: Ada\n    :sid: ada\n    :email: a@b\n"
    placed(tmp_path / "in" / "submission_metadata.yml", table.encode())
    for name, content in {
        "hw01.ipynb": NOTEBOOK.encode(),
        "hw01.pdf": b"%PDF-1.4",
        ".OTTER_LOG": pickle.dumps(Bomb()),
        "__zip_filename__": b"hw01_2026.zip",
    }.items():
        placed(tmp_path / "in" / "submission_7" / name, content)
    found = take(tmp_path / "in")
    assert [(item.student, item.problem) for item in found.submissions] == [("ada", None)]
    assert found.skipped == ("submission_7/hw01.pdf: not the notebook to grade",)


def test_an_export_with_several_notebooks_takes_the_one_of_the_assignments_name(take, tmp_path):
    data = export(**{"scratch.ipynb": "{}"})
    (submission,) = take(placed(tmp_path / "ada.zip", data)).submissions
    assert (submission.file, submission.problem) == ("hw01.ipynb", None)


def test_an_export_without_a_notebook_is_still_a_submission(take, tmp_path):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("__zip_filename__", "x.zip")
        archive.writestr("../../.OTTER_LOG", pickle.dumps(Bomb()))
    (submission,) = take(placed(tmp_path / "ada.zip", data.getvalue())).submissions
    assert submission.student == "ada"
    assert "no notebook" in submission.problem
