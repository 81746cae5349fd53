"""Made-up downloads: class zips, students' zips, Gradescope's, Canvas's and Moodle's, otter's, damaged."""

from __future__ import annotations

import contextlib
import io
import json
import random
import struct
import tempfile
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from types import SimpleNamespace

from damage import NUMBERS, damaged
from fuzzing import Kind, Make, Run

from autograder.errors import GradecheckError
from autograder.feedback import exports
from autograder.grade.intake import take_in
from autograder.grade.notebook import NotebookError, read_notebook
from autograder.grade.roster import read_roster
from autograder.gradebook.lms import canvas_csv, moodle_csv
from autograder.models import RosterEntry

Files = list[tuple[str, bytes]]

NOTEBOOK = json.dumps({"cells": [{"cell_type": "code", "source": "x = 1", "metadata": {}}]}).encode()
STUDENTS = (
    "ada",
    "Bob Ross",
    "Zoë Ødegård",
    "李",
    "o'neil",
    "=cmd()",
    "<b>x</b>",
    "-",
    "..",
    "CON",
    "a" * 200,
)
NAMES = (
    *(
        "../../evil.ipynb",
        "/etc/passwd",
        "..\\..\\evil.ipynb",
        "C:\\x.ipynb",
        "",
        ".",
        "..",
        "/",
        "a/../b.ipynb",
    ),
    *(
        "a\0b.ipynb",
        "\u202egnp.ipynb",
        "x" * 60_000 + ".ipynb",
        "a/" * 400 + "b.ipynb",
        "con.ipynb",
        "\n.ipynb",
    ),
    *(
        ".hidden.ipynb",
        "__MACOSX/._a.ipynb",
        "ada.ipynb/",
        "ada.ipynb/x",
        "\ud800.ipynb",
        "ada.IPYNB",
        "ada.zip",
    ),
    *(
        "submission_metadata.yml",
        "timestamp.txt",
        "a_1_2_x.ipynb",
        "_1_2_.ipynb",
        "A_9_assignsubmission_file_",
    ),
)
ROSTER = {
    name: RosterEntry(id=name, name=name, email=f"{number}@x.org", canvas_id=str(number))
    for number, name in enumerate(STUDENTS)
}


# --- honest downloads -------------------------------------------------------------------------------


def student(rng: random.Random) -> str:
    return rng.choice(STUDENTS)


def of_a_class(rng: random.Random) -> Files:
    wrapper = rng.choice(("", "class/", "a01/"))
    made = [(f"{wrapper}{student(rng)}.ipynb", NOTEBOOK) for _ in range(rng.randrange(1, 5))]
    made += [(f"{wrapper}{student(rng)}/a01.ipynb", NOTEBOOK) for _ in range(rng.randrange(4))]
    return [*made, (f"{wrapper}{student(rng)}.zip", zipped(of_a_student(rng)))]


def of_a_student(rng: random.Random) -> Files:
    return [(rng.choice(("a01.ipynb", "hw/a01.ipynb", "other.ipynb")), NOTEBOOK), ("data.csv", b"1,2\n")]


def of_otter(rng: random.Random) -> Files:
    """What ``grader.export`` writes: a notebook, its PDF, a log that is a pickle."""
    log = rng.choice(
        (b"\x80\x04\x8c\x05posix\x94\x8c\x06system\x94\x93\x94\x8c\x02id\x94\x85R.", b"", b"x" * 100)
    )
    made = [
        ("a01.ipynb", NOTEBOOK),
        (".OTTER_LOG", log),
        ("a01.pdf", b"%PDF-1.4"),
        ("__zip_filename__", b"a01.zip"),
    ]
    return made[: rng.randint(1, 4)] + ([("hw/second.ipynb", NOTEBOOK)] if rng.random() < 0.2 else [])


def of_gradescope(rng: random.Random) -> Files:
    text = io.StringIO()
    made: Files = []
    for number in range(rng.randrange(1, 4)):
        people = "".join(
            f"  - :name: {json.dumps(student(rng))}\n    :sid: '{number}'\n    :email: {number}@x.org\n"
            for _ in range(rng.choice((0, 1, 2)))
        )
        time = rng.choice(("2026-10-01 10:00:00.123 Z", "2026-10-01", "never", "", "2026-02-31 10:00:00 Z"))
        text.write(f"submission_{number}:\n  :submitters:\n{people}  :created_at: {time}\n")
        made.append((f"assignment_1_export/submission_{number}/a01.ipynb", NOTEBOOK))
    table = text.getvalue()
    if rng.random() < 0.6:
        table = broken_table(rng, table)
    return [*made, ("assignment_1_export/submission_metadata.yml", table.encode("utf-8", "replace"))]


def broken_table(rng: random.Random, table: str) -> str:
    levels = "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]\n" for n in range(1, rng.choice((3, 9))))
    made: tuple[Callable[[], str], ...] = (
        lambda: damaged(rng, table.encode()).decode("utf-8", "replace"),
        lambda: table.replace(
            ":submitters:", rng.choice((":people:", ":submitters: 3\n  :x:", "!!python/name:os"))
        ),
        lambda: table.replace(
            "  - :name:", rng.choice(("  - - :name:", "  - 3\n  - :name:", "  -\n  - :n:"))
        ),
        lambda: table.replace(
            "submission_0:", rng.choice(("3:", "null:", "? [a, b]\n:", "../..:", "''", "{}:"))
        ),
        lambda: (
            "l0: &l0 [x]\n"
            + levels
            + f"submission_0:\n  :submitters:\n  - :name: *l{levels.count(chr(10))}\n"
        ),
        lambda: "l0: &l0 [x]\n" + levels + f"submission_0:\n  :submitters: *l{levels.count(chr(10))}\n",
        lambda: "a: &a\n  b: *a\n" + table,
        lambda: "a: &a\n  <<: *a\n" + table,
        lambda: "[" * rng.choice((50, 5000)),
        lambda: "- " * rng.choice((50, 3000)) + "x",
        lambda: rng.choice(
            ("", "3", "[]", "a", "---\n---\n", "\t", "\0", "a: b: c", "%YAML 9.9\n---\n{}", "!!binary x")
        ),
        lambda: table.replace("2026", rng.choice(("0000", "99999", "-1", "!!timestamp x", "1" * 5000))),
    )
    return rng.choice(made)()


def of_canvas(rng: random.Random) -> Files:
    return [
        (f"{student(rng)}{rng.choice(('', '_LATE'))}_{number}_{rng.randrange(10**9)}_a01.ipynb", NOTEBOOK)
        for number in range(rng.randrange(1, 5))
    ]


def of_moodle(rng: random.Random) -> Files:
    ending = rng.choice(("_assignsubmission_file_/a01.ipynb", "_assignsubmission_file_a01.ipynb"))
    return [(f"{student(rng)}_{number}{ending}", NOTEBOOK) for number in range(rng.randrange(1, 5))]


def of_nbgrader(rng: random.Random) -> Files:
    stamp = rng.choice(
        (b"2015-02-02 14:58:23.948203 America/Los_Angeles", b"x", b"\xff", b"2015-02-02 14:58 ../../x")
    )
    name = student(rng)
    return [(f"{name}/a01/a01.ipynb", NOTEBOOK), (f"{name}/a01/timestamp.txt", stamp)]


HONEST = (of_a_class, of_a_student, of_otter, of_gradescope, of_gradescope, of_canvas, of_moodle, of_nbgrader)


# --- damage -----------------------------------------------------------------------------------------


def zipped(files: Files, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    content = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(content, "w", method) as archive:
        warnings.simplefilter("ignore")  # of names given twice
        for name, data in files:
            try:
                archive.writestr(zipfile.ZipInfo(name.replace("\0", "_")), data, method)
            except (UnicodeEncodeError, ValueError, struct.error):
                archive.writestr("odd", data, method)
    return content.getvalue()


def odd_files(rng: random.Random, files: Files) -> Files:
    """The same with names, contents and numbers of files that nobody hands in."""
    made = list(files)
    for _ in range(rng.choice((0, 1, 1, 3))):
        at = rng.randrange(len(made))
        name, data = made[at]
        change: Callable[[], list[tuple[str, bytes]]] = rng.choice(
            (
                lambda name=name, data=data: [(rng.choice(NAMES), data)],
                lambda name=name, data=data: [(name, data), (name, b"another")],
                lambda name=name, data=data: [(name, damaged(rng, data or b"x"))],
                lambda name=name, data=data: [(name, b"")],
                lambda name=name, data=data: [(name.rpartition(".")[0] + ".zip", nested(rng))],
                lambda name=name, data=data: [(name, bytes(rng.choice((1 << 20, 30 << 20))))],
                lambda name=name, data=data: [(f"{n}/{name}", data) for n in range(rng.choice((2, 300)))],
                lambda name=name, data=data: [(f"{name}/{name}", data), (name, data)],
            )
        )
        made[at : at + 1] = change()
    return made


def nested(rng: random.Random) -> bytes:
    """A zip in a zip in a zip, or one that is another's twin."""
    inner = zipped([(rng.choice(("a01.ipynb", "x.ipynb")), NOTEBOOK)])
    for _ in range(rng.choice((1, 2, 30))):
        inner = zipped([(rng.choice(("a01.zip", "x.zip")), inner)])
    return inner


def overwritten(rng: random.Random, data: bytes) -> bytes:
    """Fields of a header, of the table or of its end set to numbers that they never have."""
    content = bytearray(data)
    # (signature, offsets of two bytes, of four bytes): versions, flags, method, times, CRC, sizes, lengths
    kinds = (
        (b"PK\x03\x04", (4, 6, 8, 10, 12, 26, 28), (14, 18, 22)),
        (b"PK\x01\x02", (4, 6, 8, 10, 12, 14, 28, 30, 32, 34), (16, 20, 24, 38, 42)),
        (b"PK\x05\x06", (4, 6, 8, 10, 20), (12, 16)),
    )
    for _ in range(rng.randint(1, 3)):
        signature, short, long = rng.choice(kinds)
        starts = [at for at in range(len(content) - 3) if content[at : at + 4] == signature]
        if starts:
            width, offset = rng.choice((("<H", rng.choice(short)), ("<I", rng.choice(long))))
            at, size = rng.choice(starts) + offset, struct.calcsize(width)
            number = rng.choice((*NUMBERS, 1, 8, 9, 12, 14, 93, 99, 0x800, 0x2041)) % (1 << 8 * size)
            content[at : at + size] = struct.pack(width, number)[: max(0, len(content) - at)]
    return bytes(content)


def zip64(rng: random.Random, data: bytes) -> bytes:
    """With the records of a large archive, which say something else."""
    end = data.rfind(b"PK\x05\x06")
    if end < 0:
        return data
    numbers = [rng.choice((0, 1, end, 2**32, 2**63, 2**64 - 1)) for _ in range(4)]
    record = b"PK\x06\x06" + struct.pack("<QHHIIQQQQ", rng.choice((44, 0, 2**63)), 45, 45, 0, 0, *numbers)
    locator = b"PK\x06\x07" + struct.pack("<IQI", 0, rng.choice((end, 0, 2**63)), rng.choice((1, 0, 9)))
    tail = bytearray(data[end:])
    tail[8:20] = b"\xff" * 12
    return data[:end] + record + locator + bytes(rng.choice((tail, data[end:])))


def around(rng: random.Random, data: bytes) -> bytes:
    noise = rng.randbytes(rng.choice((1, 100, 70_000)))
    return rng.choice((noise + data, data + noise, data + data, noise, b"", b"PK", b"PK\x05\x06" + bytes(18)))


DAMAGE = (damaged, damaged, overwritten, overwritten, overwritten, zip64, around, lambda rng, data: data)
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)


def make(rng: random.Random) -> bytes:
    if rng.random() < 0.1:
        return roster(rng)
    files = odd_files(rng, rng.choice(HONEST)(rng))
    is_large = sum(len(content) for _, content in files) > 2 << 20  # which takes LZMA minutes
    data = zipped(files, zipfile.ZIP_DEFLATED if is_large else rng.choice(METHODS))
    if rng.random() < 0.15:  # one student's damaged zip among others
        return zipped([("ada.zip", rng.choice(DAMAGE)(rng, data)), ("bob.ipynb", NOTEBOOK)])
    return rng.choice(DAMAGE)(rng, data)


ROSTERS = (
    "id,name,email,canvas_id,sis_login,section\nada,Ada,ada@x.org,1,a,1\nbob,Bob,,2,,\n",
    "Student,ID,SIS User ID,SIS Login ID,Section,a01 (7)\nPoints Possible,,,,,10\nAda,1,ada,a,1,\n",
    "Identifier,Full name,Email address,Status,Grade\nParticipant 12,Ada,ada@x.org,No,\nParticipant 3,B,,\n",
    "First name,ID number,Full name,Email address,Department\nAda,ada,Ada,ada@x.org,1\n",
)


def roster(rng: random.Random) -> bytes:
    """A list of students; its first line tells it from an archive."""
    text = rng.choice(ROSTERS)
    made = (
        lambda: damaged(rng, text.encode()),
        lambda: text.replace(",", rng.choice((";", "\t", ",,", '","', '"'))).encode(),
        lambda: text.replace(
            "Ada", rng.choice(("=1+1", "\0", "é" * 70_000, '"', "Ada\n", "\ufeff"))
        ).encode(),
        lambda: text.encode(rng.choice(("utf-16", "utf-8-sig", "cp1252"))),
        lambda: text.encode() + b"x," * rng.choice((10, 100_000)),
        lambda: text.replace("Ada", '"' + "x" * 200_000 + '"').encode(),
        lambda: rng.choice((b"", b"\n", b"\r", b'"', b"\0", b"\xef\xbb\xbf", b",", b";\n;")),
        lambda: text.encode() * rng.choice((2, 500)),
        lambda: (text.replace("ada", "ada\xe9")).encode("latin-1", "replace"),
    )
    return b"roster\n" + rng.choice(made)()


# --- who reads them ---------------------------------------------------------------------------------


def run(data: bytes, rng: random.Random) -> str:
    """Take a download in; nothing is written but copies, and nothing is raised but the named error."""
    known = ROSTER if rng.random() < 0.5 else None
    with tempfile.TemporaryDirectory() as folder:
        if data.startswith(b"roster\n"):
            return read_list(Path(folder), data, rng)
        place, keep = Path(folder, "in"), Path(folder, "keep")
        as_folder = rng.random() < 0.3 and unpack(data, place)
        if not as_folder:
            place = Path(folder, rng.choice(("class.zip", "ada.zip")))
            place.write_bytes(data)
        before = everything(folder)
        try:
            taken = take_in([place], keep, assignment="a01", roster=known)
        except GradecheckError as error:
            str(error).encode()
            return "intake: GradecheckError"
        new = everything(folder) - before
        assert all(path.is_relative_to("keep") for path in new), new
        return "intake: " + ", ".join(sorted({read(item) for item in taken.submissions}))


def read(item: object) -> str:
    for text in (item.student, item.file, item.problem or "", *item.members, *item.flags):
        text.encode()
    assert item.path.parent.name == "keep"
    if item.problem is not None:
        return "a problem named"
    try:
        read_notebook(item.path.read_bytes())
    except NotebookError:
        return "NotebookError"
    return "a notebook"


def filled(path: Path, fill: Callable[..., str], *more: object) -> None:
    """Fill a column of an LMS's own table, as ``export --into`` does."""
    with contextlib.redirect_stderr(io.StringIO()):
        fill(GRADES, ROSTER, *more, exports._template(path), None).encode()


RESULT = SimpleNamespace(max_score=10.0)
GRADES = {name: SimpleNamespace(student=name, status="graded", final=7.5, result=RESULT) for name in STUDENTS}
READERS: dict[str, Callable[[Path], object]] = {
    "roster": read_roster,
    "Canvas's table": lambda path: filled(path, canvas_csv, "a01"),
    "Moodle's table": lambda path: filled(path, moodle_csv),
}


def read_list(folder: Path, data: bytes, rng: random.Random) -> str:
    path = folder / "table.csv"
    path.write_bytes(data.partition(b"\n")[2])
    reader = rng.choice(tuple(READERS))
    try:
        READERS[reader](path)
    except GradecheckError as error:
        str(error).encode()
        return f"{reader}: GradecheckError"
    return f"{reader}: read"


def unpack(data: bytes, place: Path) -> bool:
    """As a folder instead, as far as its names can stand on a disk."""
    place.mkdir()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            archive.extractall(place)
    except Exception:
        return any(path.is_file() for path in place.rglob("*"))
    return True


def everything(folder: str) -> set[PurePosixPath]:
    return {path.relative_to(folder) for path in Path(folder).rglob("*") if path.is_file()}


def start() -> tuple[Make, Run]:
    return make, run


KIND = Kind("archives", ".zip", start, cpu_seconds=20.0, memory=2 << 30)
