"""Backup and restore, drilled: destroyed, restored, resumed, and as if nothing had happened."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest
from at_risk import copied, rows, snapshot
from write_points import in_fork, killed_at, record

from autograder.errors import GradecheckError
from autograder.grade import run
from autograder.gradebook import Layer, add_layer, backup, open_gradebook, restore
from autograder.gradebook.backup import KEPT, backup_with_time, outside
from autograder.models import load_course

LAYER = Layer("override", "kim", "read again", question="averages", score=Decimal("40.50"))


def week(course, number):
    folder = course.root / f"week{number}"
    run.grade(course, "a01", "demo", [folder], roster=course.root / "roster.csv")


def override(course):
    with open_gradebook(course) as book:
        add_layer(book, "demo", "a01", "bob", LAYER)


def saved(course) -> Path:
    with open_gradebook(course) as book:
        return backup_with_time(course, book)


def aside(course):
    """What the message about a damaged gradebook says."""
    for path in course.root.glob("gradebook.db*"):
        path.rename(path.with_name(f"damaged-{path.name}"))


def test_graded_backed_up_destroyed_restored_and_resumed_is_as_undisturbed(
    original, course, replayed, tmp_path
):
    straight = copied(original, tmp_path / "straight")
    for one in (straight, course):
        week(one, 1)
        override(one)
    archive = saved(course)
    for one in (straight, course):
        week(one, 2)
    whole = snapshot(straight.root)
    assert snapshot(course.root) == whole
    path = course.root / "gradebook.db"
    path.write_bytes(random.Random(1).randbytes(path.stat().st_size))
    shutil.rmtree(course.root / "grades")
    with pytest.raises(GradecheckError, match=rf"damaged.*autograder restore {archive}"):
        week(course, 2)
    with pytest.raises(GradecheckError, match="is there already"):
        restore(course, archive)
    aside(course)
    restore(course, archive)
    # What came after the backup is handed to `grade` once more.
    for number in (1, 2):
        week(course, number)
    assert snapshot(course.root) == whole


def test_a_journal_of_the_old_gradebook_never_meets_the_restored_one(course, replayed):
    """A kill leaves a journal; SQLite would play it into whatever file is put beside it."""
    week(course, 1)
    archive = saved(course)
    kept = rows(course.root / "gradebook.db")

    def killed_after_more():
        book = open_gradebook(course)
        with book.writing() as connection:
            connection.exec_driver_sql("UPDATE students SET name = 'somebody else'")
        os.kill(os.getpid(), 9)

    assert in_fork(killed_after_more) == -9
    assert (course.root / "gradebook.db-wal").stat().st_size > 0
    (course.root / "gradebook.db").unlink()
    with pytest.raises(GradecheckError, match=r"gradebook\.db-wal: is there already"):
        restore(course, archive)
    aside(course)
    restore(course, archive)
    assert rows(course.root / "gradebook.db") == kept


def test_every_backup_made_while_a_run_grades_is_consistent(original, course, replayed, tmp_path):
    week(course, 1)
    child = os.fork()
    if child == 0:
        os._exit(in_fork(lambda: week(course, 2)))
    archives = []
    while not archives or os.waitpid(child, os.WNOHANG) == (0, 0):
        archives.append(tmp_path / f"{len(archives)}.zip")
        with open_gradebook(course) as book:
            backup(course, book, archives[-1])
    for archive in {archives[0], archives[len(archives) // 2], archives[-1]}:
        empty = load_course(shutil.copytree(original.root, tmp_path / f"from-{archive.stem}"))
        restore(empty, archive)
        assert rows(empty.root / "gradebook.db")
        with open_gradebook(empty) as book:
            attempts = book.attempts("demo", "a01")
            assert len(attempts) >= 3
            assert all(attempt.submission.path.is_file() for attempt in attempts)


@pytest.mark.parametrize("what", ["cut", "changed", "no zip", "empty"])
def test_a_damaged_backup_is_refused_and_nothing_is_written(graded, what, tmp_path):
    data = saved(graded).read_bytes()
    middle = len(data) // 2
    damaged = {
        "cut": data[:middle],
        "changed": data[:middle] + bytes([data[middle] ^ 255]) + data[middle + 1 :],
        "no zip": b"x" * 1000,
        "empty": b"",
    }[what]
    archive = tmp_path / "backup.zip"
    archive.write_bytes(damaged)
    aside(graded)
    before = sorted(map(str, graded.root.rglob("*")))
    with pytest.raises(GradecheckError, match=r"no whole backup|damaged|cannot be read"):
        restore(graded, archive)
    assert sorted(map(str, graded.root.rglob("*"))) == before


def test_a_backup_is_private_whole_and_leaves_nothing_beside_it(graded, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    archive = saved(graded)
    assert archive.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in archive.parent.iterdir()] == [archive.name]
    with zipfile.ZipFile(archive) as packed:
        database = tmp_path / "copy.db"
        database.write_bytes(packed.read("gradebook.db"))
    assert rows(database) == rows(graded.root / "gradebook.db")


def test_the_last_ten_backups_stay_and_what_is_not_ours(graded):
    folder = graded.root / "backups"
    folder.mkdir()
    old = [folder / f"2020010{day}T{hour:02}0000Z.zip" for day in (1, 2) for hour in range(8)]
    for path in (*old, folder / "before-the-exam.zip"):
        path.write_bytes(b"")
    new = saved(graded)
    assert sorted(folder.iterdir()) == sorted([*old[-(KEPT - 1) :], new, folder / "before-the-exam.zip"])


def test_submissions_outside_of_the_course_are_named(course, replayed, tmp_path):
    run.grade(course, "a01", "demo", [course.root / "week1"], out=tmp_path / "elsewhere")
    with open_gradebook(course) as book:
        assert outside(book) == [tmp_path / "elsewhere" / "submissions"]
        backup(course, book, tmp_path / "backup.zip")


def test_a_database_that_cannot_be_copied_is_one_line(graded, monkeypatch):
    def full(*arguments):
        raise sqlite3.OperationalError("database or disk is full")

    with open_gradebook(graded) as book:
        monkeypatch.setattr(sqlite3, "connect", full)
        with pytest.raises(GradecheckError, match="free some space"):
            backup(graded, book, graded.root / "x.zip")
    assert not (graded.root / "x.zip").exists()


def test_a_kill_at_any_write_of_a_backup_or_a_restore_leaves_what_can_go_on(graded, tmp_path):
    whole = snapshot(graded.root)

    def back_up():
        with open_gradebook(graded) as book:
            backup(graded, book, graded.root / "b" / "x.zip")

    def put_back():
        restore(graded, graded.root / "b" / "x.zip")

    for point in dict.fromkeys(record(graded.root, back_up, tmp_path / "points")):
        (graded.root / "b" / "x.zip").unlink(missing_ok=True)
        assert killed_at(graded.root, point, 1, back_up)
        assert not (graded.root / "b" / "x.zip").exists()
        back_up()
        assert [path.name for path in (graded.root / "b").iterdir()] == ["x.zip"]
    aside(graded)
    points = record(graded.root, put_back, tmp_path / "points")
    for point in dict.fromkeys(points):
        aside(graded)
        assert killed_at(graded.root, point, points.count(point), put_back)
        put_back()
        assert snapshot(graded.root) == whole
