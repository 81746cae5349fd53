"""Reads the answers in ``right/`` and ``wrong/``: what they claim of themselves, and their code."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from autograder.author.render import render_text
from autograder.errors import GradecheckError, did_you_mean
from autograder.models import BuiltAssignment, BuiltQuestion, Course

__all__ = ["CandidateAnswer", "matches", "opened_stub", "read_answers", "unused_keys", "variant_filters"]

CONSTANTS = ("SHARE", "MAX_SHARE", "CAUGHT_BY", "VARIANTS")
DEFAULT_MAX_SHARE = 0.8
KINDS = ("right", "wrong")


@dataclass(frozen=True)
class CandidateAnswer:
    """One file, rendered with a variant.

    Attributes
    ----------
    question, name : str
    kind : {"right", "wrong"}
    title : str
        First line of the docstring.
    source : str
        What takes the place of the solution's answer cell.
    share : float
        For a right answer, the share of the points that it must get.
    max_share : float
        For a mistake, the most that it may get.
    caught_by : tuple of str
        Checks that must fail.
    applies : bool
        Whether the file is about this variant.
    """

    question: str
    kind: Literal["right", "wrong"]
    name: str
    title: str
    source: str
    share: float = 1.0
    max_share: float = DEFAULT_MAX_SHARE
    caught_by: tuple[str, ...] = ()
    applies: bool = True

    @property
    def is_ours(self) -> bool:
        """Whether it is tried without a file: the solution, the stub, the stub that counts as written."""
        return self.name.startswith("(")

    @property
    def label(self) -> str:
        """How tables and problems call it."""
        return self.name if self.is_ours else f"{self.kind}/{self.name}"


def read_answers(
    course: Course,
    built: BuiltAssignment,
    item: BuiltQuestion,
    *,
    kinds: Collection[str] = ("right", "wrong"),
) -> list[CandidateAnswer]:
    """Read the answers to a question for one build.

    Parameters
    ----------
    course : Course
    built : BuiltAssignment
    item : BuiltQuestion
    kinds : collection of str
        Folders that are read.

    Raises
    ------
    GradecheckError
        Naming the file, if one cannot be rendered or parsed, or does not define the question's names.
    """
    needed = {other.question.id: dict(other.variant) for other in built.questions}
    context = {"variant": dict(item.variant), "needed": needed, "question": item.question.id}
    others = {name for other in built.questions for name in other.question.names} - set(item.question.names)
    paths = _paths(course, built.assignment.id, item.question.id)
    return [_read(path, item, context, others) for path in paths if path.parent.name in kinds]


def _paths(course: Course, assignment: str, question: str) -> list[Path]:
    folder = course.solutions / assignment / question
    return sorted([*folder.glob("right/*.py"), *folder.glob("wrong/*.py")])


def _parsed(path: Path, context: Mapping[str, Any]) -> tuple[str, ast.Module]:
    text = render_text(path.read_text(encoding="utf-8"), path, context)
    try:
        return text, ast.parse(text)
    except SyntaxError as error:
        raise GradecheckError(
            f"{path}: line {error.lineno} is not Python once rendered: {error.msg}"
        ) from None


def _read(path: Path, item: BuiltQuestion, context: Mapping[str, Any], others: set[str]) -> CandidateAnswer:
    text, tree = _parsed(path, context)
    docstring = ast.get_docstring(tree)
    if not docstring:
        raise GradecheckError(f"{path}: write a docstring that says what is special about this answer")
    constants, removed = _constants(path, tree)
    filter_ = constants.get("VARIANTS", {})
    applies = _applies(path, filter_, item.variant)
    if applies:
        _check_names(path, tree, item.question.names, others)
    caught_by = constants.get("CAUGHT_BY", ())
    return CandidateAnswer(
        question=item.question.id,
        kind="right" if path.parent.name == "right" else "wrong",
        name=path.stem,
        title=docstring.split("\n")[0],
        source=_without(text, [tree.body[0], *removed]),
        share=float(constants.get("SHARE", 1.0)),
        max_share=float(constants.get("MAX_SHARE", DEFAULT_MAX_SHARE)),
        caught_by=(caught_by,) if isinstance(caught_by, str) else tuple(caught_by),
        applies=applies,
    )


def _constants(path: Path, tree: ast.Module) -> tuple[dict[str, Any], list[ast.stmt]]:
    values: dict[str, Any] = {}
    nodes: list[ast.stmt] = []
    for node in tree.body:
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            if name in CONSTANTS:
                try:
                    values[name] = _number(node.value) if "SHARE" in name else ast.literal_eval(node.value)
                except ValueError:
                    raise GradecheckError(f"{path}: {name} must be a literal (line {node.lineno})") from None
                if "SHARE" in name and not 0 <= values[name] <= 1:
                    raise GradecheckError(
                        f"{path}: {name} is {values[name]:g} (line {node.lineno}); write a share of the "
                        "points from 0 to 1, such as 0.8"
                    )
                nodes.append(node)
    if path.parent.name == "wrong" and "CAUGHT_BY" not in values:
        raise GradecheckError(f'{path}: add CAUGHT_BY = "the hidden check that must fail"')
    return values, nodes


def _number(node: ast.expr) -> float:
    """A number, or an expression of numbers such as ``1 - 2 / 18``."""
    if not all(
        isinstance(part, ast.Constant | ast.BinOp | ast.UnaryOp | ast.operator | ast.unaryop)
        for part in ast.walk(node)
    ):
        raise ValueError("not a number")
    value = eval(compile(ast.Expression(node), "<constant>", "eval"), {"__builtins__": {}})
    if not isinstance(value, int | float):
        raise ValueError("not a number")
    return float(value)


def _applies(path: Path, wanted: Any, variant: Mapping[str, Any]) -> bool:
    if not isinstance(wanted, dict):
        raise GradecheckError(f"{path}: VARIANTS must be a dict of variant key -> value or list of values")
    for key in wanted:
        if key not in variant:
            hint = did_you_mean(key, variant)
            raise GradecheckError(f"{path}: VARIANTS: the question's variant has no key {key!r}{hint}")
    return matches(wanted, variant)


def matches(wanted: Mapping[str, Any], variant: Mapping[str, Any]) -> bool:
    """Whether a variant is one that a file with this ``VARIANTS`` is about.

    Examples
    --------
    >>> matches({"metric": ["manhattan", "chebyshev"]}, {"metric": "euclidean", "k": 3})
    False
    """
    return all(
        variant.get(key) in (values if isinstance(values, list | tuple) else [values])
        for key, values in wanted.items()
    )


def variant_filters(
    course: Course, assignment: str, values: Mapping[str, Mapping[str, Any]]
) -> dict[str, dict[str, Mapping[str, Any]]]:
    """``VARIANTS`` of every file: which draws are worth a look.

    Parameters
    ----------
    course : Course
    assignment : str
    values : mapping
        Question -> values to render the files with.

    Returns
    -------
    dict
        Question -> ``right/name.py`` or ``wrong/name.py`` -> variant key -> value or values; empty for
        all variants.
    """
    filters: dict[str, dict[str, Mapping[str, Any]]] = {}
    for question, variant in values.items():
        context = {"variant": dict(variant), "needed": values, "question": question}
        filters[question] = {}
        for path in _paths(course, assignment, question):
            _, tree = _parsed(path, context)
            wanted = _constants(path, tree)[0].get("VARIANTS", {})
            _applies(path, wanted, variant)
            filters[question][f"{path.parent.name}/{path.name}"] = wanted
    return filters


def unused_keys(course: Course, built: BuiltAssignment, item: BuiltQuestion) -> list[str]:
    """Say which values of a question's variant nothing reads: they promise papers that differ.

    Parameters
    ----------
    course : Course
    built : BuiltAssignment
    item : BuiltQuestion

    Returns
    -------
    list of str
        One line each.
    """
    folder, question = item.question.folder, item.question.id
    variant_py = folder / "variant.py"
    texts = {path: path.read_text(encoding="utf-8") for path in _paths(course, built.assignment.id, question)}
    for path in built.assignment.folder.rglob("*.*"):
        if path.suffix in (".py", ".j2", ".toml"):
            text = path.read_text(encoding="utf-8")
            # Others name the question whose values they read.
            texts[path] = text if path.parent == folder or question in text else ""
    # What draw() returns is no use of it, what files() reads is.
    texts[variant_py] = "\n".join(re.findall(r"variant\b.*", texts.get(variant_py, "")))
    return [
        f"{variant_py}: {key!r} is drawn, but no prompt, suite or answer reads it; use it, or do not draw it"
        for key in item.variant
        if not any(re.search(rf"\b{re.escape(key)}\b", text) for text in texts.values())
    ]


def _check_names(path: Path, tree: ast.Module, names: tuple[str, ...], others: set[str]) -> None:
    defined = {
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef)
    }
    defined |= {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    missing = [name for name in names if name not in defined]
    if missing:
        raise GradecheckError(f"{path}: does not define {', '.join(missing)}")
    if defined & others:
        raise GradecheckError(
            f"{path}: defines {', '.join(sorted(defined & others))}, another question's answer"
        )


def _without(text: str, nodes: list[ast.stmt]) -> str:
    # As the parser counts lines: a rendered text has no other newline, and a form feed ends none.
    lines = text.split("\n")
    for node in nodes:
        assert node.end_lineno is not None
        for line in range(node.lineno - 1, node.end_lineno):
            lines[line] = ""
    return "\n".join(lines).strip("\n") + "\n"


def opened_stub(stub: str) -> str:
    r"""Return a stub that the platform takes for written, so that its checks run: none of them may pass.

    Examples
    --------
    >>> print(opened_stub("def f(x):\n    raise NotImplementedError\n"), end="")
    def f(x):
        _ = None
        raise NotImplementedError
    """
    return re.sub(r"^([ \t]+)(raise NotImplementedError\b)", r"\1_ = None\n\1\2", stub, flags=re.MULTILINE)
