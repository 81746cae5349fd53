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

OPEN_FLAGS = os.O_NOFOLLOW | os.O_CLOEXEC


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
                _fill(file, data, mode, durable=durable)
                partial.replace(path)
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
        try:
            file = os.open(partial, os.O_WRONLY | os.O_CREAT | OPEN_FLAGS, mode | stat.S_IWUSR)
        except PermissionError:
            if not partial.exists():
                raise
            _make_writable(partial)
            continue
        try:
            _lock(file)
            if _is_at(file, partial):
                yield file
                return
        finally:
            os.close(file)


def _make_writable(partial: Path) -> None:
    """Let its owner write to what was killed after it had got its permissions, and before it got its name."""
    with contextlib.suppress(FileNotFoundError):
        file = os.open(partial, os.O_RDONLY | OPEN_FLAGS)
        try:
            # A living one has the lock, and its file is renamed meanwhile.
            _lock(file)
            if _is_at(file, partial):
                os.fchmod(file, stat.S_IRUSR | stat.S_IWUSR)
        finally:
            os.close(file)


def _lock(file: int) -> None:
    # A file system that knows no locks is used by one process at a time, we hope.
    with contextlib.suppress(OSError):
        fcntl.flock(file, fcntl.LOCK_EX)


def _is_at(file: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file), path.lstat())
    except FileNotFoundError:
        return False


def _fill(file: int, data: bytes, mode: int, *, durable: bool) -> None:
    os.ftruncate(file, 0)
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(file, rest) :]
    os.fchmod(file, stat.S_IMODE(os.fstat(file).st_mode) & mode)
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
