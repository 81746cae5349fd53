"""Takes a person out of the gradebook; the ledger keeps its numbers."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import insert, select, update

from autograder.errors import GradecheckError
from autograder.gradebook.layers import student_key
from autograder.gradebook.store import Gradebook
from autograder.gradebook.tables import attempts, erasures, results, students
from autograder.gradebook.triggers import writable
from autograder.models import slug

__all__ = ["erase", "erased"]

ERASED = "erased"


def erase(book: Gradebook, student: str, folders: Iterable[Path], *, by: str, reason: str) -> str:
    """Replace a person by a pseudonym and remove what they wrote.

    Parameters
    ----------
    book : Gradebook
    student : str
    folders : iterable of Path
        Folders of views, from which the person's pages, results and submissions are removed.
    by, reason : str
        Who asked for it, and why.

    Returns
    -------
    str
        The pseudonym: scores stay under it, so that statistics and the ledger hold.

    Raises
    ------
    GradecheckError
        If the gradebook does not know the student, or nobody or no reason is given.

    Notes
    -----
    The submissions' bytes, names of files and what staff read of a run go; scores, dates, checks that
    passed and failed and every entry of staff stay. A backup made before still holds the person.
    A salted hash of the id stays too, so that the next download does not bring the person back: whoever
    holds the gradebook can ask whether an id was erased, and not read which.
    """
    if not by.strip() or not reason.strip():
        raise GradecheckError("--by and --reason are needed: an erasure says who asked for it and why")
    pseudonym = f"{ERASED}-{secrets.token_hex(4)}"
    with book.writing() as connection:
        key = student_key(connection, book.course, student)
        own = select(attempts.c.key).where(attempts.c.student == key)
        theirs = results.c.attempt.in_(own)
        stored = connection.scalars(select(attempts.c.path).where(attempts.c.student == key))
        paths = [book.root / path for path in stored]
        blank = dict.fromkeys(("name", "email", "canvas_id", "sis_login", "section"), "")
        connection.execute(update(students).where(students.c.key == key).values(id=pseudonym, **blank))
        with writable(connection, attempts, results):
            connection.execute(
                update(attempts).where(attempts.c.student == key).values(file=ERASED, path=ERASED, flags="[]")
            )
            for row in connection.execute(select(results.c.key, results.c.document).where(theirs)).all():
                values = {"document": _without_person(row.document), "detail": "{}"}
                connection.execute(update(results).where(results.c.key == row.key).values(values))
        now = datetime.now(UTC).isoformat(timespec="seconds")
        connection.execute(
            insert(erasures).values(student=key, by=by, reason=reason, recorded=now, marker=_marker(student))
        )
        # Within the transaction: whoever is interrupted here can say it again, and finds the name.
        for path in paths:
            path.unlink(missing_ok=True)
        for folder in folders:
            _remove_views(folder, slug(student))
    book.empty_journal()
    return pseudonym


def erased(book: Gradebook) -> Callable[[str], bool]:
    """Return a function that says whether an id is one that was erased.

    Parameters
    ----------
    book : Gradebook

    Returns
    -------
    callable
        Student -> bool.
    """
    query = select(erasures.c.marker).join(students, students.c.key == erasures.c.student)
    with book.reading() as connection:
        markers = connection.scalars(query.where(students.c.course == book.course)).all()
    return lambda student: any(_marker(student, marker.partition(":")[0]) == marker for marker in markers)


def _marker(student: str, salt: str | None = None) -> str:
    salt = secrets.token_hex(16) if salt is None else salt
    digest = hmac.new(salt.encode(), student.encode("utf-8", "surrogatepass"), hashlib.sha256)
    return f"{salt}:{digest.hexdigest()}"


def _without_person(document: str) -> str:
    values = json.loads(document)
    values["submission"]["file"] = ERASED
    values["flags"] = []
    for question in values["questions"]:
        for check in question["checks"]:
            check["message"] = ""
    return json.dumps(values, ensure_ascii=False)


def _remove_views(folder: Path, name: str) -> None:
    for path in (
        folder / "results" / f"{name}.json",
        folder / "feedback" / f"{name}.html",
        *(folder / "results" / "attempts").glob(f"{name}.????????.*json"),
    ):
        path.unlink(missing_ok=True)
