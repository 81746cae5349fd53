"""Files as they come in, on disk or in a zip: their names are made text, their bytes read up to a limit."""

from __future__ import annotations

import errno
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from autograder.errors import GradecheckError

__all__ = [
    "FileOnDisk",
    "Source",
    "Unreadable",
    "as_text",
    "blaming_the_file",
    "files_below",
    "members_of",
    "open_zip",
]

MAX_ARCHIVE = 1 << 30
MAX_MEMBERS = 20_000
MAX_DEPTH = 20
BOUNDED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class Unreadable(Exception):
    """One file's bytes cannot be had, and the file itself is to blame."""


def files_below(folder: Path) -> dict[PurePosixPath, Source]:
    """Every file below a folder by its path there; links are left out."""
    found: dict[PurePosixPath, Source] = {}

    def refuse(error: OSError) -> None:
        raise error

    for parent, folders, names in os.walk(folder, onerror=refuse):
        folders.sort()
        if len(Path(parent).relative_to(folder).parts) >= MAX_DEPTH:
            folders.clear()
        for file in (Path(parent, name) for name in sorted(names)):
            if file.is_file() and not file.is_symlink():
                found[PurePosixPath(as_text(file.relative_to(folder).as_posix()))] = FileOnDisk(file)
    return dict(sorted(found.items()))


def as_text(name: str) -> str:
    """A file's name need not be text on disk; as a student's id it has to be."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


@contextmanager
def blaming_the_file() -> Iterator[None]:
    """Make one error of all that zipfile and its decompressors raise for a damaged archive."""
    try:
        yield
    except (Unreadable, GradecheckError):
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
            raise  # the disk's fault; bz2 and a wrong offset come without a number or as EINVAL
        raise Unreadable(str(error) or type(error).__name__) from None


class Source:
    """Bytes of one file, read only as far as a limit."""

    mark = b""
    """Stands for the bytes where they cannot be read, so that another such file is another attempt."""

    def read_start(self, limit: int) -> bytes:
        """At most `limit` bytes."""
        raise NotImplementedError

    def read(self, limit: int) -> bytes | None:
        """All bytes, or None if there are more than `limit`."""
        content = self.read_start(limit + 1)
        return content if len(content) <= limit else None


class FileOnDisk(Source):
    """One of a folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read_start(self, limit: int) -> bytes:
        with self.path.open("rb") as file:
            return file.read(limit)


class ZipMember(Source):
    """One in a zip."""

    def __init__(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> None:
        self.archive = archive
        self.info = info
        self.mark = f"{info.filename} {info.CRC:08x} {info.file_size}".encode("utf-8", "replace")

    def read_start(self, limit: int) -> bytes:
        # Reading in a bounded way: the size in the archive's table may lie. Of bzip2 and LZMA zipfile unpacks
        # at once what it is asked for, and 4 kB may hold 100 MB.
        step = 1 << 20 if self.info.compress_type in BOUNDED else 1 << 12
        content = bytearray()
        with blaming_the_file(), self.archive.open(self.info) as file:
            while len(content) < limit and (part := file.read(min(step, limit - len(content)))):
                content += part
        return bytes(content)


def open_zip(path: Path) -> zipfile.ZipFile:
    """Open a zip that staff downloaded; what is wrong with it is an error."""
    try:
        with blaming_the_file():
            return zipfile.ZipFile(path)
    except Unreadable as error:
        raise GradecheckError(f"{path}: not a zip that can be read ({error}); download it again") from None


def members_of(path: Path, archive: zipfile.ZipFile) -> dict[PurePosixPath, Source]:
    """Every file of a zip by its path there, which leads nowhere else; `path` is what errors begin with."""
    infos = [info for info in archive.infolist() if info.filename and not info.is_dir()]
    if len(infos) > MAX_MEMBERS:
        raise GradecheckError(f"{path}: the zip holds {len(infos)} files; at most {MAX_MEMBERS} are read")
    if sum(info.file_size for info in infos) > MAX_ARCHIVE:
        raise GradecheckError(f"{path}: the zip unpacks to more than {MAX_ARCHIVE >> 30} GB")
    found: dict[PurePosixPath, Source] = {}
    for info in infos:
        parts = [part for part in info.filename.replace("\\", "/").split("/") if part not in ("", ".", "..")]
        if parts:
            found[PurePosixPath(*parts)] = ZipMember(archive, info)
    return found
