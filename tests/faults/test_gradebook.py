"""The gradebook locked, full, read-only, damaged or old: told in one line, and nothing is lost."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sqlite3
import threading
from pathlib import Path

import pytest
from at_risk import grade_all, rows, snapshot
from write_points import in_fork, killed_at, record

from autograder.errors import GradecheckError
from autograder.grade import run
from autograder.gradebook import Gradebook, open_gradebook, read_grades, sqlite
from autograder.gradebook.tables import HEAD, metadata

OLD = Path(__file__).with_name("gradebook-0001.sql")


def write_old(path: Path) -> None:
    """A gradebook that the first version of this package wrote, grades and all."""
    connection = sqlite3.connect(path)
    connection.executescript(OLD.read_text())
    connection.close()


# --- made and brought up to date ------------------------------------------------------------------


def test_a_gradebook_of_the_first_version_is_brought_up_to_date_and_keeps_its_rows(course):
    write_old(course.root / "gradebook.db")
    before = rows(course.root / "gradebook.db")
    with open_gradebook(course) as book:
        grades = read_grades(course, "a01", "demo", book)
        assert {student: grade.final for student, grade in grades.items()} == {"ada": 100.0, "bob": 36.11}
    after = rows(course.root / "gradebook.db")
    assert after.pop("alembic_version 1") == {"version_num": HEAD}
    assert before.pop("alembic_version 1") == {"version_num": "0001"}
    assert after == before


def tables_of(path: Path) -> set[str]:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def test_a_kill_anywhere_in_a_migration_leaves_the_old_gradebook_or_the_new_one(course, tmp_path):
    path = course.root / "gradebook.db"

    def migrate():
        open_gradebook(course).close()

    write_old(path)
    old_tables = tables_of(path)
    before = rows(path)
    points = record(course.root, migrate, tmp_path / "points")
    assert "COMMIT of UPDATE alembic_version" in points
    for point in dict.fromkeys(points):
        for leftover in course.root.glob("gradebook.db*"):
            leftover.unlink()
        write_old(path)
        assert killed_at(course.root, point, points.count(point), migrate)
        assert tables_of(path) in (old_tables, {*metadata.tables, "alembic_version"}), point
        migrate()
        after = rows(path)
        assert after.pop("alembic_version 1") == {"version_num": HEAD}
        assert after == {key: row for key, row in before.items() if key != "alembic_version 1"}


def test_many_processes_that_make_a_gradebook_at_once_make_one(course):
    def make():
        with open_gradebook(course) as book:
            book.save_roster("demo", [])

    children = []
    for _ in range(4):
        pid = os.fork()
        if pid == 0:
            os._exit(in_fork(make))
        children.append(pid)
    assert [os.waitpid(pid, 0)[1] for pid in children] == [0] * 4
    assert tables_of(course.root / "gradebook.db") == {*metadata.tables, "alembic_version"}


# --- two at once ----------------------------------------------------------------------------------


def test_two_runs_of_one_assignment_into_two_folders_double_nothing(course, replayed):
    for name in ("one", "two"):
        (course.root / name).mkdir()

    def grade(name):
        run.grade(course, "a01", "demo", [course.root / "week1"], out=course.root / name)

    pid = os.fork()
    if pid == 0:
        os._exit(in_fork(lambda: grade("one")))
    grade("two")
    assert os.waitpid(pid, 0)[1] == 0
    found = rows(course.root / "gradebook.db")
    assert sum(key.startswith("attempts ") for key in found) == 3
    assert sum(key.startswith("results ") for key in found) == 3
    one, two = ((course.root / name / "grades.csv").read_bytes() for name in ("one", "two"))
    grade("one")
    assert (course.root / "one" / "grades.csv").read_bytes() == two
    assert one.count(b"\n") == two.count(b"\n")


def test_results_that_two_runs_bring_are_one(graded, replay):
    with open_gradebook(graded) as book:
        for attempt in book.attempts("demo", "a01"):
            found = replay.found[attempt.submission.student, attempt.submission.sha256].result
            book.add_result(attempt, found.model_copy(update={"timings": {"read": 9.0}}), {})
        assert [len(book.history(attempt)) for attempt in book.attempts("demo", "a01")] == [1, 1, 1, 1]


# --- locked ---------------------------------------------------------------------------------------


@contextlib.contextmanager
def locked(path: Path):
    connection = sqlite3.connect(path, check_same_thread=False)
    connection.execute("BEGIN EXCLUSIVE")
    try:
        yield connection
    finally:
        connection.close()


def test_a_lock_is_waited_for_with_a_word(graded, capsys, monkeypatch):
    whole = snapshot(graded.root)
    with locked(graded.root / "gradebook.db") as other:
        threading.Timer(0.6, other.rollback).start()
        grade_all(graded)
    assert "in use by another program; waiting for it" in capsys.readouterr().err
    assert snapshot(graded.root) == whole


def test_a_lock_that_stays_is_one_clear_line(graded, capsys, monkeypatch):
    monkeypatch.setattr(sqlite, "WAIT_SECONDS", 0.3)
    with (
        locked(graded.root / "gradebook.db"),
        pytest.raises(GradecheckError, match="another program is writing to it; wait for that"),
    ):
        grade_all(graded)


def test_who_only_reads_waits_for_no_writer(graded, capsys, monkeypatch):
    monkeypatch.setattr(sqlite, "WAIT_SECONDS", 0.0)
    with locked(graded.root / "gradebook.db"), open_gradebook(graded) as book:
        assert len(read_grades(graded, "a01", "demo", book)) == 3
    assert "waiting" not in capsys.readouterr().err


def test_an_interrupt_ends_the_wait(graded):
    def wait():
        signal.signal(signal.SIGALRM, signal.default_int_handler)
        signal.setitimer(signal.ITIMER_REAL, 0.5)
        with contextlib.suppress(KeyboardInterrupt):
            grade_all(graded)
            raise AssertionError("it did not wait")

    with locked(graded.root / "gradebook.db"):
        assert in_fork(wait) == 0


# --- read-only and damaged ------------------------------------------------------------------------


def test_a_gradebook_that_was_made_read_only_stays_so(graded):
    path = graded.root / "gradebook.db"
    path.chmod(0o440)
    open_gradebook(graded).close()
    assert path.stat().st_mode & 0o777 == 0o400


def test_a_database_that_cannot_be_written_is_one_line(graded, monkeypatch):
    monkeypatch.setattr(sqlite, "PRAGMAS", (*sqlite.PRAGMAS, "query_only = ON"))
    with open_gradebook(graded) as book, pytest.raises(GradecheckError, match=r"make the file .*writable"):
        book.save_roster("autumn", [run.read_roster(graded.root / "roster.csv", {})["ada"]])


def cut_to_nothing(data: bytes) -> bytes:
    return b""


def cut_in_half(data: bytes) -> bytes:
    return data[: len(data) // 2]


def cut_the_last_page(data: bytes) -> bytes:
    return data[:-4096]


def overwritten_header(data: bytes) -> bytes:
    return b"\0" * 100 + data[100:]


def overwritten_page(data: bytes) -> bytes:
    middle = len(data) // 4096 // 2 * 4096
    return data[:middle] + random.Random(4).randbytes(4096) + data[middle + 4096 :]


@pytest.mark.parametrize(
    "damage", [cut_to_nothing, cut_in_half, cut_the_last_page, overwritten_header, overwritten_page]
)
def test_damage_is_found_told_with_what_to_do_and_left_alone(graded, damage):
    (graded.root / "backups").mkdir()
    for name in ("20270101T000000Z.zip", "20270201T000000Z.zip"):
        (graded.root / "backups" / name).write_bytes(b"")
    path = graded.root / "gradebook.db"
    damaged = damage(path.read_bytes())
    path.write_bytes(damaged)
    before = {name: content for name, content in files(graded).items() if "gradebook.db" not in name}
    for command in (lambda: grade_all(graded), lambda: open_gradebook(graded)):
        with pytest.raises(GradecheckError) as raised:
            command()
        assert "\n" not in str(raised.value)
        assert "the file is damaged; move gradebook.db, gradebook.db-wal" in str(raised.value)
        assert "autograder restore" in str(raised.value)
        assert "20270201T000000Z.zip" in str(raised.value)
    assert path.read_bytes() == damaged
    assert {name: text for name, text in files(graded).items() if "gradebook.db" not in name} == before


def files(course) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(course.root.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("text", ["{", '{"schema": 1}', "\x00", "[]"])
def test_a_result_that_is_no_result_is_damage(graded, text):
    path = graded.root / "gradebook.db"
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DROP TRIGGER results_no_update")
        connection.execute("UPDATE results SET document = ? WHERE key = 2", (text,))
    with pytest.raises(GradecheckError, match="result 2 is no result; the file is damaged"):
        grade_all(graded)


def test_with_no_backup_the_line_says_where_one_would_be(tmp_path):
    (tmp_path / "gradebook.db").write_bytes(b"no database" * 1000)
    with pytest.raises(GradecheckError, match=r"restore a backup \(none is in .*backups\)"):
        Gradebook(f"sqlite:///{tmp_path / 'gradebook.db'}", "c", tmp_path)
