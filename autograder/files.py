"""Writing files so that a reader never finds half of one."""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from autograder.errors import GradecheckError

__all__ = ["write_atomically"]


def write_atomically(
    path: Path,
    content: str | bytes,
    *,
    mode: int = 0o644,
    overwrite: bool = True,
    durable: bool = False,
) -> None:
    """Write a file beside its final name, then rename it: whole or not at all.

    Parameters
    ----------
    path : Path
        Where the file should be; missing folders are made.
    content : str or bytes
        Text is written as UTF-8.
    mode : int
        Permissions of the file.
    overwrite : bool
        If not, a file that is there already stays, whoever was first.
    durable : bool
        Wait until it is on the disk, so that a power cut does not lose what cannot be made again.

    Raises
    ------
    GradecheckError
        If the disk is full or the folder cannot be written.

    Notes
    -----
    The name beside it is the same each time, so that what a killed process left there is written over
    by the next one; a lock keeps two living ones apart.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    partial = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _locked(partial, mode) as file:
            try:
                if path.exists() and not overwrite:
                    partial.unlink()
                    return
                _fill(file, data, durable=durable)
                partial.replace(path)
                # Only now: who is killed before leaves a file that the next one can still write over.
                os.fchmod(file, stat.S_IMODE(os.fstat(file).st_mode) & mode)
            except BaseException:
                with contextlib.suppress(OSError):
                    partial.unlink()
                raise
        if durable:
            _sync_folder(path.parent)
    except OSError as error:
        raise GradecheckError(
            f"{path}: cannot be written: {error.strerror}; free some space or choose another folder"
        ) from None


@contextmanager
def _locked(partial: Path, mode: int) -> Iterator[int]:
    """Open the file beside, alone: whoever waited for it finds it renamed, and makes it anew."""
    while True:
        file = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, mode | stat.S_IWUSR)
        try:
            # A file system that knows no locks is used by one process at a time, we hope.
            with contextlib.suppress(OSError):
                fcntl.flock(file, fcntl.LOCK_EX)
            if _is_at(file, partial):
                yield file
                return
        finally:
            os.close(file)


def _is_at(file: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file), path.lstat())
    except FileNotFoundError:
        return False


def _fill(file: int, data: bytes, *, durable: bool) -> None:
    os.ftruncate(file, 0)
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(file, rest) :]
    if durable:
        os.fsync(file)


def _sync_folder(folder: Path) -> None:
    entry = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        # Not every file system can; the file itself is on the disk.
        with contextlib.suppress(OSError):
            os.fsync(entry)
    finally:
        os.close(entry)
