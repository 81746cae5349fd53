"""Downloads whose table or time cannot be read: said in words, or one student's time is unknown."""

from __future__ import annotations

import io
import zipfile

import pytest

from autograder.errors import GradecheckError
from autograder.grade.intake import take_in

TABLE = "submission_0:\n  :submitters:\n  - :name: Ada\n    :sid: ada\n  :created_at: 2026-10-01 10:00:00 Z\n"
LEVELS = "l0: &l0 [x]\n" + "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]\n" for n in range(1, 9))


def archive(files, spoil=""):
    """A zip, in which the bytes of one member are not those of its checksum."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as made:
        for name, data in files.items():
            made.writestr(name, data)
    whole = content.getvalue()
    return whole.replace(files[spoil].encode(), files[spoil][::-1].encode(), 1) if spoil else whole


def taken(folder, data):
    (folder / "class.zip").write_bytes(data)
    return take_in([folder / "class.zip"], folder / "keep", assignment="a01").submissions


def gradescope(table):
    return {"export/submission_metadata.yml": table, "export/submission_0/a01.ipynb": "{}"}


@pytest.mark.parametrize(
    "table",
    [
        TABLE.replace("10-01", "02-31"),
        TABLE.replace(":name: Ada", "3"),
        "[" * 5000,
        "!!binary x",
        LEVELS + TABLE.replace("name: Ada\n    :sid: ada", "name: *l8"),
        LEVELS + TABLE.replace("- :name: Ada\n    :sid: ada", "*l8"),
    ],
)
def test_a_damaged_table_is_named(tmp_path, table):
    with pytest.raises(GradecheckError, match=r"submission_metadata\.yml: .*export it again"):
        taken(tmp_path, archive(gradescope(table)))


def test_a_table_that_the_zip_lost_is_named(tmp_path):
    data = archive(gradescope(TABLE), "export/submission_metadata.yml")
    with pytest.raises(GradecheckError, match=r"submission_metadata\.yml: cannot be read .*CRC"):
        taken(tmp_path, data)


def test_a_time_that_the_zip_lost_is_unknown(tmp_path):
    files = {"ada/a01/a01.ipynb": "{}", "ada/a01/timestamp.txt": "2015-02-02 14:58:23 UTC"}
    (whole,) = taken(tmp_path, archive(files))
    assert whole.received is not None
    (found,) = taken(tmp_path, archive(files, "ada/a01/timestamp.txt"))
    assert (found.problem, found.received) == (None, None)


def test_a_file_without_a_name_is_left_out(tmp_path):
    data = archive({"ada.ipynb": "{}", "bob": "x"})
    at = data.rindex(b"PK\x01\x02")  # in the table: no letters of the name, three of comment instead
    data = data[: at + 28] + b"\0\0\0\0\x03\0" + data[at + 34 :]
    (found,) = taken(tmp_path, data)
    assert (found.student, found.problem) == ("ada", None)
