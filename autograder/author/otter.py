"""Write ``tests/<question>.py``: the public checks as one file that otter runs and that needs only numpy."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from autograder.author.inline import TESTING, inline, unresolved_names
from autograder.author.signatures import expected_parameters
from autograder.errors import GradecheckError, did_you_mean
from autograder.models import BuiltQuestion, split_points

__all__ = ["test_file"]

FIXTURES = ("student", "variant", "rng")
# otter reads the first four; the runner brings the others.
RESERVED = (
    *("OK_FORMAT", "name", "points", "all_or_nothing"),
    *(
        "SEED",
        "VARIANT",
        "EXPECTED",
        "KINDS",
        "Answers",
        "NotDefined",
        "run",
        "explain",
        "source_line",
        "test_case",
    ),
)
RUNNER = ("autograder.author.signatures", "autograder.author.check_runner")


@dataclass(frozen=True)
class Check:
    """One test function of a suite, as its text says."""

    name: str
    title: str
    weight: Fraction
    hint: str
    source: str
    line: int
    arguments: tuple[str, ...]


def test_file(built: BuiltQuestion, seed: int) -> str:
    """Return the text of ``tests/<question>.py``.

    Parameters
    ----------
    built : BuiltQuestion
        The question; its folder holds ``test_public.py``.
    seed : int
        What the checks' ``rng`` comes from. It is readable by the student, so hidden checks use another.

    Returns
    -------
    str
        ASCII text in otter's exception format. It imports numpy and the standard library.

    Raises
    ------
    GradecheckError
        Naming file and line, if the suite uses what a student's machine does not have.
    """
    path = built.question.folder / "test_public.py"
    tree, text = _parse(path)
    checks = _checks(path, tree, text)
    kept, used = _kept_code(path, tree, text)
    inlined = inline(
        [*used, "CheckFailed", "run"], (*TESTING, *RUNNER), given=("SEED", "VARIANT", "EXPECTED")
    )
    _refuse_rebinding(path, tree, inlined)
    cases = [
        _case(index, check, points)
        for index, (check, points) in enumerate(zip(checks, _points(built, checks), strict=True))
    ]
    stub = expected_parameters(built.stub, built.question.names)
    expected = {name: text for name, text in stub.items() if text is not None}
    settings = f"SEED = {seed!r}\nVARIANT = {_literal(path, dict(built.variant))}\nEXPECTED = {expected!a}\n"
    result = "\n".join(
        [
            HEADER.format(question=built.question.id),
            settings,
            inlined,
            *([f"\n{kept}\n"] if kept else []),
            *(f"\n{check.source}\n" for check in checks),
            *cases,
        ]
    )
    missing = unresolved_names(result)
    if missing:
        raise GradecheckError(
            f"{path}: {', '.join(missing)}: not defined in a public check; import or define it there"
        )
    try:
        result.encode("ascii")
    except UnicodeEncodeError as error:
        # otter opens the file with the machine's own encoding.
        raise GradecheckError(
            f"{path}: {result[error.start]!r}: write it as an escape such as '\\u00e9'"
        ) from None
    return result


HEADER = '''\
"""Public checks of {question}. Generated: changes made here are not graded."""

from __future__ import annotations

try:
    from otter.test_files import test_case
except Exception:

    class test_case:
        def __init__(self, **case):
            self.__dict__.update(case)

        def __call__(self, test_func):
            self.test_func = test_func
            return self


OK_FORMAT = False
name = "{question}"
'''


# --- reading the suite ----------------------------------------------------------------------------


def _parse(path: Path) -> tuple[ast.Module, str]:
    # Lines of the text are those of the tree when split at newlines: others, such as a form feed, end none.
    try:
        text = path.read_text(encoding="utf-8")
        return ast.parse(text), text
    except FileNotFoundError:
        raise GradecheckError(
            f"{path}: there is no such file; a question needs at least one public check"
        ) from None
    except SyntaxError as error:
        raise GradecheckError(f"{path}:{error.lineno}: not Python: {error.msg}") from None


def _checks(path: Path, tree: ast.Module, text: str) -> list[Check]:
    checks = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            checks.append(_check(path, node, text))
    if not checks:
        raise GradecheckError(
            f"{path}: holds no function test_...; a question needs at least one public check"
        )
    return checks


def _check(path: Path, node: ast.FunctionDef, text: str) -> Check:
    where = f"{path}:{node.lineno}: {node.name}"
    title = " ".join((ast.get_docstring(node) or "").split())
    if not title:
        raise GradecheckError(f"{where}: needs a docstring, the line that a student reads")
    arguments = tuple(argument.arg for argument in node.args.args)
    for argument in arguments:
        if argument not in FIXTURES:
            why = "is for hidden checks only" if argument == "reference" else "is no fixture"
            raise GradecheckError(f"{where}: {argument!r} {why}; a public check takes {', '.join(FIXTURES)}")
    marks = _marks(where, node)
    for label, words in (("docstring", title), ("hint", marks["hint"])):
        if "<" in words or ">" in words:
            raise GradecheckError(f"{where}: {label} holds < or >, which Jupyter takes for HTML; use words")
    # The docstring is the case's name; the decorators are the case's arguments.
    body = node.body[1] if len(node.body) > 1 else node.body[0]
    if len(node.body) == 1:
        raise GradecheckError(f"{where}: claims nothing")
    lines = text.split("\n")
    docstring = node.body[0]
    kept = (
        lines[node.lineno - 1 : docstring.lineno - 1] + lines[(docstring.end_lineno or 0) : node.end_lineno]
    )
    if body.lineno <= (docstring.end_lineno or 0):
        raise GradecheckError(f"{where}: put the docstring on lines of its own")
    return Check(node.name, title, marks["weight"], marks["hint"], "\n".join(kept), node.lineno, arguments)


def _marks(where: str, node: ast.FunctionDef) -> dict[str, Any]:
    marks: dict[str, Any] = {"weight": Fraction(1), "hint": ""}
    for decorator in node.decorator_list:
        text = ast.unparse(decorator)
        call = decorator if isinstance(decorator, ast.Call) else None
        name = call.func.id if call and isinstance(call.func, ast.Name) else ""
        if call is None or name not in marks or len(call.args) != 1:
            raise GradecheckError(
                f"{where}: @{text}: a public check takes only @weight(number) and @hint(text)"
            )
        try:
            value = ast.literal_eval(call.args[0])
        except ValueError:
            raise GradecheckError(f"{where}: @{text}: write the value itself, not a name for it") from None
        marks[name] = Fraction(str(value)) if name == "weight" else " ".join(str(value).split())
    return marks


def _kept_code(path: Path, tree: ast.Module, text: str) -> tuple[str, list[str]]:
    """Return the suite's own text without checks, and what it imports from autograder.testing."""
    lines = text.split("\n")
    kept: list[str] = []
    used: list[str] = []
    for node in tree.body:
        where = f"{path}:{node.lineno}"
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            continue
        if isinstance(node, ast.ImportFrom) and node.module == "autograder.testing":
            used += _testing_imports(where, node)
            continue
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            _refuse_imports(where, node)
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            continue
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        first = min([node.lineno, *(item.lineno for item in getattr(node, "decorator_list", ()))])
        # Comments right above belong to the statement.
        while first >= 2 and lines[first - 2].startswith("#"):
            first -= 1
        gap = "\n\n" if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and kept else ""
        kept.append(gap + "\n".join(lines[first - 1 : node.end_lineno]))
    return "\n".join(kept), used


def _testing_imports(where: str, node: ast.ImportFrom) -> list[str]:
    import autograder.testing

    names = []
    for item in node.names:
        if item.asname:
            raise GradecheckError(f"{where}: import {item.name} under its own name, not as {item.asname}")
        if item.name not in autograder.testing.__all__:
            near = did_you_mean(item.name, autograder.testing.__all__)
            raise GradecheckError(f"{where}: autograder.testing has no {item.name!r}{near}")
        if item.name not in ("weight", "hint"):
            names.append(item.name)
    return names


def _refuse_imports(where: str, node: ast.Import | ast.ImportFrom) -> None:
    modules = (
        [item.name for item in node.names]
        if isinstance(node, ast.Import)
        else ["." * node.level + (node.module or "")]
    )
    for module in modules:
        top = module.split(".")[0]
        if top in ("pytest", "mlref", "autograder", "hypothesis") or top == "":
            raise GradecheckError(
                f"{where}: {module} is not on a student's machine; import numpy and autograder.testing"
            )


def _refuse_rebinding(path: Path, tree: ast.Module, inlined: str) -> None:
    taken = set(RESERVED)
    for node in ast.parse(inlined).body:
        taken.update(_bound_names(node))
    for node in tree.body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            continue
        for name in _bound_names(node):
            if name in taken:
                raise GradecheckError(f"{path}:{node.lineno}: the name {name!r} is reserved; choose another")


def _bound_names(node: ast.stmt) -> list[str]:
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return [node.name]
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return []
    return [n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]


# --- writing --------------------------------------------------------------------------------------


def _points(built: BuiltQuestion, checks: list[Check]) -> list[float]:
    """Each public check's share of the question's points, hidden checks counted in."""
    hidden = built.question.folder / "test_hidden.py"
    weights = [check.weight for check in checks]
    if hidden.is_file():
        for node in _parse(hidden)[0].body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                weights.append(_hidden_weight(hidden, node))
    shares = split_points(weights, Fraction(built.question.points))
    return [round(float(share), 2) for share in shares[: len(checks)]]


def _hidden_weight(path: Path, node: ast.FunctionDef) -> Fraction:
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and getattr(decorator.func, "id", "") == "weight":
            try:
                return Fraction(str(ast.literal_eval(decorator.args[0])))
            except (ValueError, IndexError):
                raise GradecheckError(f"{path}:{node.lineno}: @weight: write the number itself") from None
    return Fraction(1)


def _case(index: int, check: Check, points: float) -> str:
    label = f"{check.title} [{points:g} point{'' if points == 1 else 's'}]"
    hint = f"Hint: {check.hint}"
    message = f", failure_message={hint!a}" if check.hint else ""
    return (
        f"\n@test_case(name={label!a}, points={points:g}{message})\n"
        f"def case_{index + 1}(env):\n    run({check.name}, env)\n"
    )


def _literal(path: Path, variant: dict[str, Any]) -> str:
    text = ascii(variant)
    try:
        same = ast.literal_eval(text) == variant
    except (ValueError, SyntaxError):
        same = False
    if not same:
        raise GradecheckError(
            f"{path.parent / 'variant.py'}: values must be numbers, text, lists or dicts, got {text}"
        )
    return text
