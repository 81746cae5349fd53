"""Reads a notebook as bytes from anyone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Cell", "Notebook", "NotebookError", "read_notebook"]


class NotebookError(Exception):
    """The bytes are no notebook; the message tells the student what to hand in instead."""


@dataclass(frozen=True)
class Cell:
    """One cell as the file holds it."""

    source: str
    cell_type: str
    question: str | None = None
    """The question that the cell's metadata, id or tags name, if any."""


@dataclass(frozen=True)
class Notebook:
    """Cells in order, and the notebook's own metadata."""

    cells: tuple[Cell, ...]
    metadata: Mapping[str, Any] = field(default_factory=dict)

    @property
    def code(self) -> tuple[Cell, ...]:
        """Code cells in order."""
        return tuple(cell for cell in self.cells if cell.cell_type == "code")


def read_notebook(data: bytes) -> Notebook:
    """Read the bytes of an ``.ipynb`` file, tolerant of everything but the absence of cells.

    Parameters
    ----------
    data : bytes
        The file as received; formats 3 and 4, with or without a byte order mark, ids and metadata.

    Returns
    -------
    Notebook

    Raises
    ------
    NotebookError
        If the bytes are no notebook; the message says what was found and what to hand in.

    Examples
    --------
    >>> read_notebook(b'{"cells": [{"cell_type": "code", "source": ["x = 1"]}]}').code[0].source
    'x = 1'
    """
    values = _json(data)
    if not isinstance(values, dict):
        raise NotebookError(
            f"This is not a notebook: the file holds a JSON {type(values).__name__}. {_ADVICE}"
        )
    cells = values.get("cells")
    if cells is None and isinstance(values.get("worksheets"), list):
        cells = [cell for sheet in values["worksheets"] for cell in _items(sheet, "cells")]
    if not isinstance(cells, list):
        raise NotebookError(f"This is not a notebook: the file has no list of cells. {_ADVICE}")
    metadata = values.get("metadata")
    return Notebook(
        tuple(_cell(cell) for cell in cells if isinstance(cell, dict)),
        metadata if isinstance(metadata, dict) else {},
    )


_ADVICE = "Open your notebook in Jupyter, save it, and hand in the .ipynb file that it writes."


def _json(data: bytes) -> object:
    if not data.strip():
        raise NotebookError(f"The file is empty. {_ADVICE}")
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return json.loads(data.decode(encoding))
    except UnicodeDecodeError:
        raise NotebookError(f"This is not a notebook: the file is not UTF-8 text. {_ADVICE}") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise NotebookError(
            f"The notebook cannot be read: its JSON breaks off at {where}. {_ADVICE}"
        ) from None
    except (RecursionError, ValueError):
        raise NotebookError(f"The notebook cannot be read: its JSON is not a notebook's. {_ADVICE}") from None


def _items(holder: object, key: str) -> list[Any]:
    value = holder.get(key) if isinstance(holder, dict) else None
    return value if isinstance(value, list) else []


def _cell(values: Mapping[str, Any]) -> Cell:
    # Format 3 calls the text of a code cell "input".
    source = values.get("source", values.get("input", ""))
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    return Cell(
        # A lone surrogate is valid JSON and no text: it would break every later encoding.
        source=source.encode("utf-8", "replace").decode() if isinstance(source, str) else "",
        cell_type=str(values.get("cell_type", "raw")),
        question=_tagged_question(values),
    )


def _tagged_question(values: Mapping[str, Any]) -> str | None:
    metadata = values.get("metadata")
    ours = metadata.get("autograder") if isinstance(metadata, dict) else None
    if isinstance(ours, dict) and isinstance(ours.get("question"), str):
        return str(ours["question"])
    identity = values.get("id")
    if isinstance(identity, str) and "-" in identity:
        return identity.rsplit("-", 1)[0]
    return None
