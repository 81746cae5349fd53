"""A file is there whole or not at all."""

from __future__ import annotations

import stat

import pytest

from autograder.errors import GradecheckError
from autograder.files import write_atomically


def test_folders_are_made_and_the_mode_is_set(tmp_path):
    path = tmp_path / "a" / "b.txt"
    write_atomically(path, "ä", mode=0o600)
    assert path.read_text(encoding="utf-8") == "ä"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_failed_write_leaves_the_old_file_and_no_part(tmp_path, monkeypatch):
    path = tmp_path / "grades.csv"
    write_atomically(path, "old")

    def full(self, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", full)
    with pytest.raises(GradecheckError, match=r"grades\.csv: cannot be written: No space left on device"):
        write_atomically(path, "new")
    assert [item.name for item in tmp_path.iterdir()] == ["grades.csv"]
    assert path.read_text() == "old"


def test_a_folder_that_is_a_file_is_named(tmp_path):
    (tmp_path / "out").write_text("")
    with pytest.raises(GradecheckError, match="cannot be written"):
        write_atomically(tmp_path / "out" / "x", "")
