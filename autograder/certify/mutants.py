"""Wrong answers made from the reference, and which of them a suite lets live."""

from __future__ import annotations

import ast
import difflib
import importlib.util
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.certify.operators import OPERATORS, is_even
from autograder.errors import GradecheckError
from autograder.models import BuiltQuestion, Course

__all__ = ["Mutant", "Survey", "arguments_of", "make_mutants"]

# The engine's operators whose faults ours do not make already.
ENGINE = (
    *("core/AddNot", "core/NumberReplacer", "core/ReplaceAndWithOr", "core/ReplaceOrWithAnd"),
    *("core/ReplaceBreakWithContinue", "core/ReplaceContinueWithBreak", "core/ZeroIterationForLoop"),
    *("core/ReplaceTrueWithFalse", "core/ReplaceFalseWithTrue", "core/RemoveDecorator"),
    *("core/ReplaceBinaryOperator_Add_Mul", "core/ReplaceBinaryOperator_Mul_Add"),
    *("core/ReplaceBinaryOperator_Pow_Mul", "core/ReplaceBinaryOperator_Div_FloorDiv"),
    *("core/ReplaceComparisonOperator_Lt_Gt", "core/ReplaceComparisonOperator_Gt_Lt"),
    *("core/ReplaceComparisonOperator_LtE_Gt", "core/ReplaceComparisonOperator_GtE_Lt"),
    *("core/ReplaceUnaryOperator_Delete_USub", "core/ReplaceUnaryOperator_Delete_Not"),
)
MOST_EQUIVALENT = 0.05
GOAL = 0.97


@dataclass(frozen=True)
class Mutant:
    """One fault in the reference's code.

    Attributes
    ----------
    id : str
        Operator, function, number of the fault among those of this operator in the function: the same as
        long as the function is.
    source : str
        The answer cell with the fault.
    original : str
        The answer cell without.
    """

    id: str
    source: str
    original: str

    @property
    def diff(self) -> str:
        """The lines that differ."""
        before, after = self.original.splitlines(), self.source.splitlines()
        lines = list(difflib.unified_diff(before, after, n=0, lineterm=""))
        return "\n".join(line for line in lines[2:] if not line.startswith("@@"))


@dataclass(frozen=True)
class Survey:
    """What became of the mutants of one question.

    Attributes
    ----------
    question : str
    killed : dict
        Mutant -> the checks that failed, or what stopped it.
    survivors : tuple of Mutant
    equivalent : dict
        Survivor -> the argument that it gives the same results wherever the question is defined.
    trials : int
        How many submissions were graded for it.
    seconds : float
        How long that took.
    """

    question: str
    killed: Mapping[str, str]
    survivors: tuple[Mutant, ...]
    equivalent: Mapping[str, str]
    trials: int = 0
    seconds: float = 0.0

    @property
    def count(self) -> int:
        """All mutants."""
        return len(self.killed) + len(self.survivors)

    @property
    def raw(self) -> float:
        """Share of all mutants that were killed."""
        return len(self.killed) / self.count if self.count else 1.0

    @property
    def rate(self) -> float:
        """Share of those that are not equivalent."""
        living = [mutant for mutant in self.survivors if mutant.id not in self.equivalent]
        alive = len(living)
        return len(self.killed) / (len(self.killed) + alive) if self.count else 1.0

    def problems(self) -> list[str]:
        """One line for everything that falls short."""
        lines = []
        known = {mutant.id for mutant in self.survivors}
        stale = [name for name in self.equivalent if name not in known]
        if stale:
            lines.append(f"{self.question}: marked equivalent, but killed or gone: {', '.join(stale)}")
        marked = len(self.equivalent) - len(stale)
        if marked > MOST_EQUIVALENT * self.count:
            lines.append(
                f"{self.question}: {marked} of {self.count} mutants are marked equivalent; at most "
                f"{MOST_EQUIVALENT:.0%} may be"
            )
        if self.rate < GOAL:
            lines.append(
                f"{self.question}: {self.rate:.1%} of the mutants are killed; the goal is {GOAL:.0%}"
            )
        return lines

    def table(self) -> str:
        """Rates, survivors with their diff, and which operators they come from."""
        lines = [
            f"{self.question}: {len(self.killed)} of {self.count} mutants killed, {self.raw:.1%}; "
            f"without {len(self.equivalent)} equivalent ones {self.rate:.1%}; "
            f"{self.trials} trials in {self.seconds:.0f} s"
        ]
        for mutant in self.survivors:
            lines += [f"  survives: {mutant.id}", *(f"    {line}" for line in mutant.diff.splitlines())]
            if mutant.id in self.equivalent:
                lines.append(f"    equivalent: {self.equivalent[mutant.id]}")
        counts = Counter(mutant.id.split(":")[0] for mutant in self.survivors)
        lines += [f"  {count} of {name}" for name, count in counts.most_common()]
        return "\n".join(lines)


def arguments_of(course: Course, assignment: str, question: str) -> dict[str, str]:
    """Read which survivors are argued to be equivalent: ``solutions/A/Q/equivalent.toml``.

    Parameters
    ----------
    course : Course
    assignment, question : str

    Returns
    -------
    dict
        Mutant's id -> argument.

    Raises
    ------
    GradecheckError
        If the file is no table of texts, or an argument is empty.
    """
    path = course.solutions / assignment / question / "equivalent.toml"
    if not path.is_file():
        return {}
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise GradecheckError(f"{path}: not TOML: {error}") from None
    for name, argument in values.items():
        if not isinstance(argument, str) or not argument.strip():
            raise GradecheckError(
                f'{path}: {name!r} needs an argument: "id" = "why no input tells them apart"'
            )
    return values


def make_mutants(item: BuiltQuestion) -> list[Mutant]:
    """Make every mutant of a question's solution, our faults and the engine's, each text once.

    Only code of the modules that hold the question's names is changed: how arguments are checked in
    general is not this question's to test.

    Parameters
    ----------
    item : BuiltQuestion

    Returns
    -------
    list of Mutant
    """
    tree = ast.parse(item.answer)
    wanted = _own_names(item)
    original = ast.unparse(tree)
    seen = {_normal(original)}
    found: list[Mutant] = []
    numbers: Counter[str] = Counter()
    for name, source in (*_ours(tree, wanted), *_engines(original, wanted)):
        # A number is given also to what another operator has made: ids stay when operators come.
        numbers[name] += 1
        try:
            text = _normal(source)
        except SyntaxError:
            continue
        if text in seen:
            continue
        seen.add(text)
        found.append(Mutant(f"{name}:{numbers[name]}", source, original))
    return found


def _normal(source: str) -> str:
    """The same text for the same program, however it is set: ``x[ -1]`` and ``x[-1]``."""
    return ast.unparse(ast.parse(source))


def _own_names(item: BuiltQuestion) -> set[str]:
    """Top-level names of the modules from which the answer is cut."""
    names: set[str] = set(item.question.names)
    for module in {entry.split(":")[0] for entry in item.question.solution}:
        spec = importlib.util.find_spec(module)
        if spec is None or spec.origin is None:
            continue
        path = Path(spec.origin)
        package = module.count(".") > 1 or path.name == "__init__.py"
        for file in path.parent.glob("*.py") if package else [path]:
            for node in ast.parse(file.read_text(encoding="utf-8")).body:
                names.add(getattr(node, "name", ""))
    return names


def _ours(tree: ast.Module, wanted: set[str]) -> Iterator[tuple[str, str]]:
    for top in tree.body:
        if getattr(top, "name", None) in wanted:
            yield from _of_definition(tree, top)


def _of_definition(tree: ast.Module, top: ast.stmt) -> Iterator[tuple[str, str]]:
    for parent, field, index, node, owner in _places(top, getattr(top, "name", "")):
        for name, rewriting in OPERATORS.items():
            if name == "swapped_arguments" and is_even(parent) and isinstance(node, ast.BinOp):
                continue
            for new in rewriting(node):
                _put(parent, field, index, ast.fix_missing_locations(ast.copy_location(new, node)))
                try:
                    yield f"{name}:{owner}", ast.unparse(tree)
                finally:
                    _put(parent, field, index, node)


def _places(node: ast.AST, owner: str) -> Iterator[tuple[ast.AST, str, int | None, ast.AST, str]]:
    """Every node inside that a prompt can make a promise about.

    That leaves out messages, docstrings, annotations, defaults and ``__repr__``.
    """
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", "decorator_list", "args") and not isinstance(node, ast.Call):
            continue
        children = list(enumerate(value)) if isinstance(value, list) else [(None, value)]
        for index, child in children:
            if not isinstance(child, ast.AST) or isinstance(child, ast.Raise | ast.Assert | ast.JoinedStr):
                continue
            if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
                continue
            if isinstance(child, ast.FunctionDef) and child.name == "__repr__":
                continue
            inner = f"{owner}.{child.name}" if isinstance(child, ast.FunctionDef) else owner
            yield node, field, index, child, inner
            yield from _places(child, inner)


def _put(parent: ast.AST, field: str, index: int | None, node: ast.AST) -> None:
    if index is None:
        setattr(parent, field, node)
    else:
        getattr(parent, field)[index] = node


def _engines(source: str, wanted: set[str]) -> Iterator[tuple[str, str]]:
    """What cosmic-ray's operators make of the same code."""
    try:
        from cosmic_ray.mutating import mutate_code  # type: ignore[import-untyped]
        from cosmic_ray.plugins import get_operator  # type: ignore[import-untyped]
    except ImportError:
        raise GradecheckError(
            "certify --mutants also runs the operators of cosmic-ray, which is not installed: "
            "pip install cosmic-ray, or make setup-dev"
        ) from None
    owners = _owners(source, wanted)
    for name in ENGINE:
        operator, occurrence = get_operator(name)(), 0
        while (text := mutate_code(source, operator, occurrence)) is not None:
            occurrence += 1
            line = _first_difference(source, text)
            if line in owners:
                yield f"{name.removeprefix('core/')}:{owners[line]}", text


def _owners(source: str, wanted: set[str]) -> dict[int, str]:
    """Line -> function that it belongs to, of lines that do something."""
    tree = ast.parse(source)
    owners: dict[int, str] = {}
    for top in tree.body:
        name = getattr(top, "name", None)
        if name in wanted:
            for _, _, _, node, owner in _places(top, str(name)):
                if hasattr(node, "lineno"):
                    owners[node.lineno] = owner
    return owners


def _first_difference(before: str, after: str) -> int:
    pairs = zip(before.splitlines(), after.splitlines(), strict=False)
    return next((number for number, (old, new) in enumerate(pairs, 1) if old != new), 0)
