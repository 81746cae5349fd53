"""From a built assignment to a notebook: planned cells, percent text, JSON with ids of our own."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from autograder.author.first_cell import export_cell, first_cell
from autograder.author.hand_in import hand_in_cell
from autograder.author.render import render_template
from autograder.errors import GradecheckError
from autograder.files import write_atomically
from autograder.models import BuiltAssignment, BuiltQuestion

__all__ = ["Cell", "cells", "notebook", "notebook_text", "write_notebook"]

Kind = Literal["handout", "solution"]
CellType = Literal["code", "markdown"]
MANUAL_ANSWER = "*Your answer goes here.*"
# Long cells that a student runs and need not read: folded away by Jupyter and by Colab.
FOLDED = ("setup", "hand_in", "export")
KERNEL = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


@dataclass(frozen=True)
class Cell:
    """One cell as planned."""

    source: str
    cell_type: CellType
    question: str
    """Empty for the cells that belong to the whole assignment."""
    role: str

    @property
    def id(self) -> str:
        """Id in the notebook; for display and to break ties, since editors change ids."""
        return f"{self.question or 'assignment'}-{self.role}"


def cells(built: BuiltAssignment, kind: Kind) -> list[Cell]:
    """Plan the cells of a notebook.

    Parameters
    ----------
    built : BuiltAssignment
    kind : {"handout", "solution"}
        With the stubs or with the answers.

    Returns
    -------
    list of Cell
        Cover, set-up; for each question prompt, given code if any, answer and check; hand-in and export.
    """
    plan = [Cell(_cover(built), "markdown", "", "cover"), Cell(first_cell(built), "code", "", "setup")]
    shown: set[str] = set()
    for number, question in enumerate(built.questions, start=1):
        plan += _question_cells(built, question, number, kind, shown)
    plan.append(Cell(hand_in_cell(built), "code", "", "hand_in"))
    plan.append(Cell(export_cell(), "code", "", "export"))
    return plan


def _cover(built: BuiltAssignment) -> str:
    context = {
        "assignment": built.assignment,
        "built": built,
        "course": built.course,
        "hidden": sum(_hidden_checks(item.question.folder) for item in built.questions),
        "intro": built.intro.strip(),
        "packages": ", ".join(dict.fromkeys(["numpy", "pandas", "matplotlib", *built.assignment.packages])),
        "points": sum(item.question.points for item in built.questions),
        "term": built.term,
    }
    return render_template(built.course, "cover.md.j2", context).strip()


def _hidden_checks(folder: Path) -> int:
    path = folder / "test_hidden.py"
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    return len(re.findall(r"^def test_", text, re.MULTILINE))


def _question_cells(
    built: BuiltAssignment, item: BuiltQuestion, number: int, kind: Kind, shown: set[str]
) -> list[Cell]:
    question = item.question
    context = {
        "built": built,
        "names": question.names,
        "number": number,
        "prompt": item.prompt.strip(),
        "question": question,
        "variant": item.variant,
    }
    plan = [
        Cell(
            render_template(built.course, "question.md.j2", context).strip(),
            "markdown",
            question.id,
            "prompt",
        )
    ]
    if question.kind == "manual":
        return [*plan, Cell(MANUAL_ANSWER, "markdown", question.id, "answer")]
    if item.given:
        plan.append(Cell(_not_yet_shown(item.given, shown), "code", question.id, "given"))
    plan.append(Cell(item.stub if kind == "handout" else item.answer, "code", question.id, "answer"))
    plan.append(Cell(f'grader.check("{question.id}")', "code", question.id, "check"))
    return plan


def _not_yet_shown(given: str, shown: set[str]) -> str:
    """A given cell without the definitions that an earlier one holds; imports are repeated."""
    head, *definitions = given.split("\n\n\n")
    new = [text for text in definitions if text not in shown]
    shown.update(new)
    return "\n\n\n".join([head, *new])


# --- text and JSON --------------------------------------------------------------------------------


def notebook_text(built: BuiltAssignment, plan: Sequence[Cell]) -> str:
    """Percent-format text of a notebook; a course may add cells in its own ``notebook.py.j2``."""
    return render_template(built.course, "notebook.py.j2", {"built": built, "cells": plan})


def notebook(built: BuiltAssignment, kind: Kind) -> dict[str, Any]:
    """Make a notebook.

    Parameters
    ----------
    built : BuiltAssignment
    kind : {"handout", "solution"}

    Returns
    -------
    dict
        nbformat 4.5 JSON without outputs; the same input gives the same dict.

    Raises
    ------
    GradecheckError
        If a cell did not survive the way through text, such as one that holds a line ``# %%``.
    """
    import jupytext  # type: ignore[import-untyped]

    plan = cells(built, kind)
    text = notebook_text(built, plan)
    # By default jupytext takes comments such as "# cat is a class" for shell commands and uncomments them.
    percent = {"extension": ".py", "format_name": "percent", "comment_magics": False}
    read = [_read_cell(cell) for cell in jupytext.reads(text, fmt=percent).cells]
    _compare(built, plan, read)
    return {
        "cells": _with_ids(read),
        "metadata": KERNEL | {"autograder": _identity(built)},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _identity(built: BuiltAssignment) -> dict[str, str]:
    """What the notebook says about itself: no student, and the variant only as a hash."""
    return {"assignment": built.assignment.id, "term": built.term, "variant": built.variant_key}


def _read_cell(cell: Any) -> Cell:
    kind: CellType = "markdown" if cell.cell_type == "markdown" else "code"
    return Cell(cell.source, kind, cell.metadata.get("question", ""), cell.metadata.get("role", "text"))


def _compare(built: BuiltAssignment, plan: Sequence[Cell], read: Sequence[Cell]) -> None:
    """Every planned cell must have come through unchanged, in its place among the planned ones."""
    wanted = {(cell.question, cell.role) for cell in plan}
    found = [cell for cell in read if (cell.question, cell.role) in wanted]
    for index, cell in enumerate(plan):
        if index >= len(found) or found[index] != cell:
            came = found[index].source if index < len(found) else ""
            raise GradecheckError(
                f"{built.assignment.folder}: the cell {cell.id!r} did not come through the template "
                "unchanged: "
                f"{_first_difference(cell.source, came)}. Lines such as '# %%' end a cell: reword them"
            )
    if len(found) > len(plan):
        raise GradecheckError(
            f"{built.assignment.folder}: the template repeats the cell {found[len(plan)].id!r}"
        )


def _first_difference(planned: str, came: str) -> str:
    pairs = zip([*planned.split("\n"), ""], [*came.split("\n"), ""], strict=False)
    return next((f"{old!r} became {new!r}" for old, new in pairs if old != new), "its place or kind changed")


def _with_ids(read: Sequence[Cell]) -> list[dict[str, Any]]:
    seen: dict[str, int] = {}
    result = []
    for cell in read:
        seen[cell.id] = seen.get(cell.id, 0) + 1
        entry: dict[str, Any] = {
            "cell_type": cell.cell_type,
            "id": cell.id if seen[cell.id] == 1 else f"{cell.id}-{seen[cell.id]}",
            "metadata": {
                "autograder": {"question": cell.question, "role": cell.role},
                "tags": [tag for tag in (cell.question, cell.role) if tag],
            },
            "source": cell.source.splitlines(keepends=True),
        }
        if cell.role in FOLDED:
            entry["metadata"] |= {"jupyter": {"source_hidden": True}, "cellView": "form"}
        if cell.cell_type == "code":
            entry |= {"execution_count": None, "outputs": []}
        result.append(entry)
    return result


def to_bytes(content: dict[str, Any]) -> bytes:
    """The bytes of a notebook: one text for one content, whatever library made it."""
    return (json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def write_notebook(content: dict[str, Any], path: Path) -> None:
    """Write a notebook; the same content gives the same bytes.

    Parameters
    ----------
    content : dict
        From `notebook`.
    path : Path
    """
    write_atomically(path, to_bytes(content))
