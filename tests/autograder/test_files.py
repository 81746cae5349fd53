"""A file is there whole or not at all."""

from __future__ import annotations

import os
import stat
import threading

import pytest

from autograder.errors import GradecheckError
from autograder.files import write_atomically


def names(folder):
    return sorted(item.name for item in folder.iterdir())


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_folders_are_made_and_the_mode_is_set(tmp_path, mode):
    path = tmp_path / "a" / "b.txt"
    write_atomically(path, "ä", mode=mode)
    assert path.read_text(encoding="utf-8") == "ä"
    assert stat.S_IMODE(path.stat().st_mode) == mode


def test_a_failed_write_leaves_the_old_file_and_no_part(tmp_path, monkeypatch):
    path = tmp_path / "grades.csv"
    write_atomically(path, "old")

    def full(self, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", full)
    with pytest.raises(GradecheckError, match=r"grades\.csv: cannot be written: No space left on device"):
        write_atomically(path, "new")
    assert names(tmp_path) == ["grades.csv"]
    assert path.read_text() == "old"


def test_an_interrupt_leaves_no_part(tmp_path, monkeypatch):
    def interrupted(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr("os.ftruncate", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(tmp_path / "grades.csv", "new")
    assert names(tmp_path) == []


@pytest.mark.parametrize("mode", [0o644, 0o400])
def test_what_a_killed_process_left_is_written_over(tmp_path, mode):
    pid = os.fork()
    if pid == 0:
        os.replace = lambda *arguments: os._exit(9)
        write_atomically(tmp_path / "a", "a longer text", mode=mode)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 9
    assert names(tmp_path) == [".a.part"]
    write_atomically(tmp_path / "a", "short", mode=mode)
    assert names(tmp_path) == ["a"]
    assert (tmp_path / "a").read_text() == "short"


def test_many_writers_of_one_file_never_mix(tmp_path):
    texts = [letter * 300_000 for letter in "abcdef"]
    writers = [threading.Thread(target=write_atomically, args=(tmp_path / "x", text)) for text in texts]
    for writer in writers:
        writer.start()
    seen = set()
    while any(writer.is_alive() for writer in writers):
        if (tmp_path / "x").exists():
            seen.add((tmp_path / "x").read_text())
    for writer in writers:
        writer.join()
    assert seen | {(tmp_path / "x").read_text()} <= set(texts)
    assert names(tmp_path) == ["x"]


def test_what_must_not_be_overwritten_stays(tmp_path):
    write_atomically(tmp_path / "x", "first", overwrite=False, durable=True)
    write_atomically(tmp_path / "x", "second", overwrite=False)
    assert (tmp_path / "x").read_text() == "first"
    assert names(tmp_path) == ["x"]


def test_a_folder_that_is_a_file_is_named(tmp_path):
    (tmp_path / "out").write_text("")
    with pytest.raises(GradecheckError, match="cannot be written"):
        write_atomically(tmp_path / "out" / "x", "")
