"""Fills templates in: question.toml, prompts, the cells of a notebook.

Only plain text comes out of a template, never JSON. A name that a template uses and nobody set is an error.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2

from autograder.errors import GradecheckError
from autograder.models import Course

__all__ = ["check_markdown", "render_file", "render_template", "render_text"]


class TextEnvironment(jinja2.Environment):
    """Plain text; ``variant.values`` is the variant's value, not the method of a dict."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Look a name up among a mapping's keys before its methods."""
        if isinstance(obj, Mapping) and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)


@functools.lru_cache(maxsize=16)
def _environment(templates: Path | None) -> TextEnvironment:
    package = jinja2.PackageLoader("autograder.author")
    own = [jinja2.FileSystemLoader(templates)] if templates else []
    environment = TextEnvironment(
        loader=jinja2.ChoiceLoader([*own, package]),
        undefined=jinja2.StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["commented"] = _commented
    return environment


def _commented(text: str) -> str:
    return "\n".join(f"# {line}".rstrip() for line in text.split("\n"))


def render_text(text: str, where: Path, context: Mapping[str, Any]) -> str:
    """Fill a text in.

    Parameters
    ----------
    text : str
        Jinja template.
    where : Path
        File to name in errors.
    context : mapping
        What the template may use.

    Returns
    -------
    str

    Raises
    ------
    GradecheckError
        If the template is malformed or uses a name that is not set.

    Examples
    --------
    >>> render_text("k = {{ variant.k }}", Path("prompt.md.j2"), {"variant": {"k": 5}})
    'k = 5'
    """
    try:
        return _environment(None).from_string(text).render(**context)
    except jinja2.TemplateSyntaxError as error:
        raise GradecheckError(f"{where}, line {error.lineno}: {error.message}") from None
    except jinja2.UndefinedError as error:
        known = ", ".join(sorted(context))
        raise GradecheckError(f"{where}: {error.message}; a template may use {known}") from None
    except (TypeError, ValueError, ArithmeticError, LookupError) as error:
        raise GradecheckError(f"{where}: {type(error).__name__}: {error}") from None


def render_file(path: Path, context: Mapping[str, Any]) -> str:
    """Fill in a file of the course; see `render_text`."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise GradecheckError(f"{path}: there is no such file; write it") from None
    except UnicodeDecodeError as error:
        raise GradecheckError(f"{path}: not UTF-8 text ({error.reason} at byte {error.start})") from None
    return render_text(text, path, context)


def render_template(course: Course, name: str, context: Mapping[str, Any]) -> str:
    """Fill in one of our templates, or the course's own in ``assignments/templates/``."""
    folder = course.assignments / "templates"
    environment = _environment(folder if folder.is_dir() else None)
    try:
        return environment.get_template(name).render(**context)
    except jinja2.TemplateNotFound as error:
        raise GradecheckError(f"{folder}: template {error.name!r} does not exist") from None
    except jinja2.TemplateSyntaxError as error:
        raise GradecheckError(f"{error.filename}, line {error.lineno}: {error.message}") from None
    except jinja2.UndefinedError as error:
        raise GradecheckError(f"template {name}: {error.message}") from None


# --- accessible text ------------------------------------------------------------------------------


def check_markdown(text: str, where: Path, *, above: int) -> None:
    """Refuse text that a screen reader cannot find its way through.

    Parameters
    ----------
    text : str
        Markdown.
    where : Path
        File to name in errors.
    above : int
        Level of the heading above the text; headings inside must be deeper, by one step at a time.

    Raises
    ------
    GradecheckError
        For a heading of a wrong level, an image without alternative text, a table without headers.
    """
    prose = _without_code(text)
    level = above
    for heading in re.finditer(r"^(#{1,6})\s+(.+?)\s*#*$", prose, re.M):
        depth = len(heading.group(1))
        if not above < depth <= level + 1:
            expected = (
                f"{'#' * (above + 1)}" if level == above else f"{'#' * (above + 1)} to {'#' * (level + 1)}"
            )
            raise GradecheckError(
                f"{where}: heading {heading.group().strip()!r} has level {depth}; use {expected}, so that no "
                "level is skipped"
            )
        level = depth
    for image in re.finditer(
        r"!\[\s*\]\(([^)]*)\)|<img\b(?![^>]*\balt\s*=\s*[\"'][^\"']+[\"'])[^>]*>", prose
    ):
        raise GradecheckError(
            f"{where}: image {image.group()!r} has no alternative text; say in words what it shows"
        )
    for row in re.finditer(r"^\s*(\|?.*\|.*)\n\s*\|?\s*:?-{2,}:?\s*(\|\s*:?-+:?\s*)*\|?\s*$", prose, re.M):
        if not row.group(1).strip().strip("|").replace("|", "").strip():
            raise GradecheckError(f"{where}: a table has an empty header row; name its columns")
    for rows in re.finditer(r"(?:^[ \t]*\|.*\|.*\|[ \t]*(?:\n|\Z)){2,}", prose, re.M):
        first, second = rows.group().strip().split("\n")[:2]
        if not re.fullmatch(r"[\s|:-]*-[\s|:-]*", second):
            raise GradecheckError(
                f"{where}: the table that begins with {first.strip()!r} has no header row; write one above "
                "it: a row that names the columns and a row |---|---|"
            )
    for table in re.finditer(r"<table\b.*?</table>", prose, re.S | re.I):
        if "<th" not in table.group().lower():
            raise GradecheckError(f"{where}: an HTML table has no <th>; name its columns")


def _without_code(text: str) -> str:
    """Markdown with its fenced blocks blanked: a comment in code is no heading."""
    return re.sub(r"^(```|~~~).*?^\1[^\n]*$", "", text, flags=re.M | re.S)
