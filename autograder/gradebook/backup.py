"""One file with all that cannot be made again: gradebook, submissions, dates, frozen variants, secrets."""

from __future__ import annotations

import hashlib
import io
import json
import re
import sqlite3
import zipfile
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from autograder.errors import GradecheckError
from autograder.files import write_atomically
from autograder.gradebook.sqlite import BACKUPS
from autograder.gradebook.store import Gradebook
from autograder.models import Course
from autograder.words import counted

__all__ = ["backup", "backup_with_time", "outside", "restore"]

SCHEMA = 1
MANIFEST, DATABASE = "manifest.json", "gradebook.db"
PRIVATE = 0o600
KEPT = 10
"""Backups with a time in their names that stay; the oldest go first."""
WITH_TIME = re.compile(r"\d{8}T\d{6}Z\.zip")
# With an older journal beside it, a gradebook that was put back would be changed by that.
JOURNALS = tuple(f"{DATABASE}{ending}" for ending in ("-wal", "-shm", "-journal"))


def backup(course: Course, book: Gradebook, out: Path) -> int:
    """Write a backup while others may go on grading.

    Parameters
    ----------
    course : Course
    book : Gradebook
        An SQLite file.
    out : Path
        The zip to write; only its owner may read it.

    Returns
    -------
    int
        How many files it holds.

    Raises
    ------
    GradecheckError
        If the gradebook is no SQLite file, or the zip cannot be written.
    """
    content = {DATABASE: _database(book)}
    content |= {name: _bytes_of(path) for name, path in _files(course, book)}
    manifest = {
        "schema": SCHEMA,
        "course": course.name,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "files": {name: hashlib.sha256(data).hexdigest() for name, data in sorted(content.items())},
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(MANIFEST, json.dumps(manifest, indent=1))
        for name, data in sorted(content.items()):
            archive.writestr(name, data)
    write_atomically(out, packed.getvalue(), mode=PRIVATE, durable=True)
    return len(content)


def backup_with_time(course: Course, book: Gradebook) -> Path:
    """Write a backup to the course's own folder for them, and remove what is older than the last ten.

    Parameters
    ----------
    course : Course
    book : Gradebook
        An SQLite file.

    Returns
    -------
    Path
        The new backup, in ``backups/``.
    """
    folder = course.root / BACKUPS
    out = folder / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}.zip"
    backup(course, book, out)
    ours = sorted(path for path in folder.iterdir() if WITH_TIME.fullmatch(path.name))
    for path in ours[:-KEPT]:
        path.unlink(missing_ok=True)
    return out


def outside(book: Gradebook) -> list[Path]:
    """Folders outside of the course with submissions that no backup holds.

    Parameters
    ----------
    book : Gradebook

    Returns
    -------
    list of Path
    """
    folders = {path.parent for path in _submissions(book) if not path.is_relative_to(book.root)}
    return sorted(folders)


def restore(course: Course, archive: Path) -> int:
    """Put a backup back into a course that has no gradebook.

    Parameters
    ----------
    course : Course
    archive : Path
        What `backup` wrote.

    Returns
    -------
    int
        How many files were written.

    Raises
    ------
    GradecheckError
        If the file is no whole backup of this course, or something else is in the place of what it holds;
        nothing is written then.
    """
    content = _read(archive, course)
    in_the_way = [name for name in JOURNALS if (course.root / name).exists()]
    for name, data in content.items():
        path = course.root / name
        if path.exists() and (name == DATABASE or path.read_bytes() != data):
            in_the_way.append(name)
    if in_the_way:
        others = len(in_the_way) - 1
        more = f", and so {'is' if others == 1 else 'are'} {counted(others, 'more file')}" if others else ""
        raise GradecheckError(
            f"{course.root / in_the_way[0]}: is there already{more}; move what is in the way elsewhere "
            "first, nothing was changed"
        )
    # The gradebook comes last: without it nothing looks restored.
    for name in sorted(content, key=lambda name: name == DATABASE):
        write_atomically(course.root / name, content[name], mode=PRIVATE, durable=True)
    return len(content)


def _database(book: Gradebook) -> bytes:
    """The gradebook as one consistent file, whoever writes to it meanwhile."""
    with book.reading() as connection:
        source = connection.connection.dbapi_connection
        if not isinstance(source, sqlite3.Connection):
            raise GradecheckError(
                f"{book.url}: only an SQLite gradebook is backed up here; use the database's own tool, "
                "such as pg_dump"
            )
        # In memory: a copy on the disk would stay there after a kill.
        target = sqlite3.connect(":memory:")
        try:
            source.backup(target)
            return target.serialize()
        finally:
            target.close()


def _files(course: Course, book: Gradebook) -> Iterator[tuple[str, Path]]:
    """Submissions that the gradebook knows, terms, locks and secrets, by their place in the course."""
    terms = course.assignments / "terms"
    found = {path for pattern in ("*.toml", "*.lock/**/*") for path in terms.glob(pattern) if path.is_file()}
    found |= {path for path in (course.root / ".secrets").glob("*") if path.is_file()}
    # One outside the course has a place that no backup can promise to restore.
    found |= {path for path in _submissions(book) if path.is_relative_to(book.root)}
    for path in sorted(found):
        yield path.relative_to(book.root).as_posix(), path


def _submissions(book: Gradebook) -> set[Path]:
    """Our copies of everything that was handed in."""
    attempts = [one for term, assignment in book.assignments() for one in book.attempts(term, assignment)]
    return {one.submission.path for one in attempts if one.submission.path.is_file()}


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise GradecheckError(f"{path}: cannot be read: {error.strerror}; no backup was written") from None


def _read(archive: Path, course: Course) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(archive) as packed:
            manifest = json.loads(packed.read(MANIFEST))
            content = {name: packed.read(name) for name in manifest["files"]}
    except OSError as error:
        raise GradecheckError(f"{archive}: cannot be read: {error.strerror}") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, ValueError, TypeError, RuntimeError):
        raise GradecheckError(f"{archive}: this is no whole backup; take another one") from None
    if manifest.get("schema") != SCHEMA or manifest.get("course") != course.name:
        raise GradecheckError(
            f"{archive}: a backup of the course {manifest.get('course')!r}, schema {manifest.get('schema')}; "
            f"this course is {course.name!r}, schema {SCHEMA}"
        )
    for name, data in content.items():
        parts = PurePosixPath(name)
        if parts.is_absolute() or ".." in parts.parts:
            raise GradecheckError(f"{archive}: {name!r} leads out of the course; this is no backup of ours")
        if hashlib.sha256(data).hexdigest() != manifest["files"][name]:
            raise GradecheckError(f"{archive}: {name} is damaged; take another backup")
    return content
