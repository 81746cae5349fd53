"""A cell while it is put together."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from autograder.errors import GradecheckError

__all__ = ["DraftCell", "annotated"]


@dataclass
class DraftCell:
    """A growing cell: imports first, then definitions, each behind those that it uses."""

    imports: dict[str, str] = field(default_factory=dict)
    """Name -> import statement."""
    names: dict[str, str] = field(default_factory=dict)
    """Name -> the reference or import statement that it stands for."""
    blocks: list[str] = field(default_factory=list)
    postponed: bool = False
    """Whether annotations must not be evaluated."""

    def claim(self, name: str, source: str) -> bool:
        """Note that `name` stands for `source`; False if it did already."""
        known = self.names.get(name)
        if known not in {None, source}:
            raise GradecheckError(
                f"one cell cannot hold {name!r} from {known!r} and from {source!r}; rename one"
            )
        self.names[name] = source
        return known is None

    def add(self, text: str) -> None:
        """Append a definition; one statement can define two names, and is added once."""
        if text not in self.blocks:
            self.blocks.append(text)

    def text(self) -> str:
        """The source of the cell."""
        return "\n\n\n".join(part for part in (self._imports(), *_paragraphs(self.blocks)) if part)

    def _imports(self) -> str:
        future = ["from __future__ import annotations"] if self.postponed else []
        lines = sorted(set(self.imports.values()), key=lambda line: (line.split()[1], line))
        return "\n".join([*future, *lines])


def _paragraphs(blocks: list[str]) -> Iterator[str]:
    """Join neighbouring constants."""
    group: list[str] = []
    for block in blocks:
        if re.match(r"(async def|def|class)\b|@", block):
            if group:
                yield "\n".join(group)
                group = []
            yield block
        else:
            group.append(block)
    if group:
        yield "\n".join(group)


def annotated(text: str) -> bool:
    """Whether a text annotates a parameter, a result or a variable."""
    return any(
        getattr(node, "annotation", None) or getattr(node, "returns", None)
        for node in ast.walk(ast.parse(text))
    )
