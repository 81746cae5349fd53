"""Names every write of a process as Python itself reports it, and kills the process at one of them.

Nothing in the package knows of this: audit events tell of files, SQLite's trace tells of statements.
A write that somebody adds gets a name here by itself, and the list in ``write_points.txt`` is then wrong.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import sqlite3.dbapi2
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
VERBS = {
    "os.rename": "rename",
    "os.remove": "remove",
    "os.mkdir": "mkdir",
    "os.rmdir": "rmdir",
    "os.chmod": "chmod",
    "os.truncate": "truncate",
    "os.link": "link",
    "os.symlink": "symlink",
}
CHANGES = ("INSERT", "UPDATE", "DELETE", "CREATE", "DROP", "ALTER", "COMMIT", "BEGIN IMMEDIATE")


def watch(root: Path, at: Callable[[str], None]) -> None:
    """Call `at(name)` before every write that this process makes below a folder or in a database."""
    watched = os.getpid()
    last = [""]

    def heard(event: str, arguments: tuple[object, ...]) -> None:
        if os.getpid() != watched:
            return
        if event == "open" and isinstance(arguments[2], int) and arguments[2] & WRITING:
            named("open", arguments[0])
        elif event in VERBS:
            # A rename is named after the file that there is afterwards.
            named(VERBS[event], arguments[1 if event == "os.rename" else 0])

    def named(verb: str, path: object) -> None:
        if isinstance(path, int):
            path = os.readlink(f"/proc/self/fd/{path}")
        if isinstance(path, str | bytes | os.PathLike):
            place = Path(os.fsdecode(path))
            if place.is_relative_to(root) and "__pycache__" not in place.parts:
                at(f"{verb} {_kind(place.relative_to(root))}")

    def stated(statement: str) -> None:
        if statement.startswith(CHANGES):
            words = [word.strip('"') for word in statement.split()]
            table = words[{"INSERT": 2, "DELETE": 2}.get(words[0], 1)] if words[0] != "COMMIT" else ""
            what = f"{words[0]} {table}".strip()
            at(f"COMMIT of {last[0]}" if what == "COMMIT" else what)
            last[0] = what

    def connect(*arguments: object, **options: object) -> sqlite3.Connection:
        connection: sqlite3.Connection = plain_connect(*arguments, **options)
        if arguments[0] != ":memory:":
            connection.set_trace_callback(stated)
        return connection

    plain_connect: Callable[..., sqlite3.Connection] = sqlite3.dbapi2.connect
    sqlite3.connect = sqlite3.dbapi2.connect = connect
    sys.addaudithook(heard)


def _kind(place: Path) -> str:
    """A file's folder and ending: its name is a student's."""
    name = place.name.removeprefix(".").removesuffix(".part")
    ending = ".detail.json" if name.endswith(".detail.json") else Path(name).suffix
    return str(place.parent / f"*{ending}") if ending else str(place)


def in_fork(work: Callable[[], object]) -> int:
    """Run `work` in a fork that ends there; return its exit code, the negative signal if it was killed."""
    pid = os.fork()
    if pid == 0:
        # A fault test that hangs is a failure, not a wait.
        signal.alarm(60)
        code = 1
        try:
            work()
            code = 0
        except BaseException as error:
            os.write(2, f"{type(error).__name__}: {error}\n".encode())
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def record(root: Path, work: Callable[[], object], note: Path) -> list[str]:
    """The write points that `work` passes, in order; `note` is a file for them, outside of `root`."""
    with note.open("w") as file:

        def run() -> None:
            watch(root, lambda name: print(name, file=file))
            work()
            file.flush()

        code = in_fork(run)
    assert code == 0
    return note.read_text().splitlines()


def killed_at(root: Path, name: str, occurrence: int, work: Callable[[], object]) -> bool:
    """Run `work` in a fork that is killed ahead of a write; return whether it got there."""
    seen: Counter[str] = Counter()

    def at(point: str) -> None:
        seen[point] += 1
        if point == name and seen[point] == occurrence:
            os.kill(os.getpid(), signal.SIGKILL)

    def run() -> None:
        watch(root, at)
        work()

    code = in_fork(run)
    assert code in (0, -signal.SIGKILL), code
    return code != 0
