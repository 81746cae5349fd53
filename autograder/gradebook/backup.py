"""One file with all that cannot be made again: gradebook, submissions, dates, frozen variants, secrets."""

from __future__ import annotations

import hashlib
import io
import json
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from autograder.errors import GradecheckError
from autograder.files import write_atomically
from autograder.gradebook.store import Gradebook
from autograder.models import Course

__all__ = ["backup", "restore"]

SCHEMA = 1
MANIFEST, DATABASE = "manifest.json", "gradebook.db"
PRIVATE = 0o600


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
    content |= {name: path.read_bytes() for name, path in _files(course, book)}
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
    write_atomically(out, packed.getvalue(), mode=PRIVATE)
    return len(content)


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
    in_the_way = []
    for name, data in content.items():
        path = course.root / name
        if path.exists() and (name == DATABASE or path.read_bytes() != data):
            in_the_way.append(name)
    if in_the_way:
        raise GradecheckError(
            f"{course.root / in_the_way[0]}: is there already, and {len(in_the_way) - 1} others; "
            "move them away first, nothing was changed"
        )
    # The gradebook comes last: without it nothing looks restored.
    for name in sorted(content, key=lambda name: name == DATABASE):
        write_atomically(course.root / name, content[name], mode=PRIVATE)
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
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / DATABASE
            target = sqlite3.connect(copy)
            try:
                source.backup(target)
                target.execute("PRAGMA journal_mode = DELETE")
            finally:
                target.close()
            return copy.read_bytes()


def _files(course: Course, book: Gradebook) -> Iterator[tuple[str, Path]]:
    """Submissions that the gradebook knows, terms, locks and secrets, by their place in the course."""
    terms = course.assignments / "terms"
    found = {path for pattern in ("*.toml", "*.lock/**/*") for path in terms.glob(pattern) if path.is_file()}
    found |= {path for path in (course.root / ".secrets").glob("*") if path.is_file()}
    for term, assignment in book.assignments():
        for attempt in book.attempts(term, assignment):
            path = attempt.submission.path
            # One outside the course has a place that no backup can promise to restore.
            if path.is_file() and path.is_relative_to(book.root):
                found.add(path)
    for path in sorted(found):
        yield path.relative_to(book.root).as_posix(), path


def _read(archive: Path, course: Course) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(archive) as packed:
            manifest = json.loads(packed.read(MANIFEST))
            content = {name: packed.read(name) for name in manifest["files"]}
    except OSError as error:
        raise GradecheckError(f"{archive}: cannot be read: {error.strerror}") from None
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError):
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
