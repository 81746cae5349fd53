"""Hashes, and names that are safe as files."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata

__all__ = ["canonical_json", "sha256_of", "slug"]


def slug(student_id: str) -> str:
    """Name of a student's files: safe on every file system, different for different ids.

    Parameters
    ----------
    student_id : str
        Any text; it is data and never used as a path.

    Returns
    -------
    str
        At most 40 characters of ``[a-z0-9._-]``, plus ``-`` and eight hexadecimal digits of the
        id's sha256 whenever that changed anything, or the id ends like that itself.

    Examples
    --------
    >>> slug("ada")
    'ada'
    >>> slug("Ada Lovelace")
    'ada-lovelace-76740216'
    """
    folded = unicodedata.normalize("NFKC", student_id).lower()
    safe = re.sub(r"[^a-z0-9._-]", "-", folded)[:40]
    # A leading dot or dash would hide the file or read as an option.
    safe = re.sub(r"^[.-]+", "", safe)
    # An id that looks like another one's slug gets digits of its own.
    if safe and safe == student_id and not re.search(r"-[0-9a-f]{8}$", safe):
        return safe
    return f"{safe}-{hashlib.sha256(student_id.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def canonical_json(value: object) -> str:
    """One text for one value: sorted keys, no spaces; used wherever something is hashed."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def sha256_of(*parts: str | bytes) -> str:
    """Hexadecimal sha256 of the parts, each preceded by its length so that no two lists collide."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return digest.hexdigest()
