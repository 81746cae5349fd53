"""Writing files so that a reader never finds half of one."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from autograder.errors import GradecheckError

__all__ = ["write_atomically"]


def write_atomically(path: Path, content: str | bytes, *, mode: int = 0o644) -> None:
    """Write a file beside its final name, then rename it: whole or not at all.

    Parameters
    ----------
    path : Path
        Where the file should be; missing folders are made.
    content : str or bytes
        Text is written as UTF-8.
    mode : int
        Permissions of the file.

    Raises
    ------
    GradecheckError
        If the disk is full or the folder cannot be written.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
            file.write(data)
        partial.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            partial.unlink()
        raise GradecheckError(
            f"{path}: cannot be written: {error.strerror}; free some space or choose another folder"
        ) from None
