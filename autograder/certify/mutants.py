"""Wrong answers made from the reference by rule."""

from __future__ import annotations

import ast
import difflib
import importlib.util
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.certify.operators import OPERATORS, UNHEARD, is_even
from autograder.errors import GradecheckError
from autograder.models import BuiltQuestion

__all__ = ["Mutant", "kept_methods", "leaves_work_to", "make_mutants", "mutants_of"]

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
DEFINITION = ast.FunctionDef | ast.ClassDef
Fault = tuple[tuple[str, str], str]
"""Operator and function, and the text that it makes."""


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


def make_mutants(item: BuiltQuestion, *, given: Collection[str] = ()) -> list[Mutant]:
    """Make every mutant of a question's solution, our faults and the engine's, each program once.

    Changed is what the question asks for, with the helpers of its package. Left out is what has a name and a
    proof of its own: checks of arguments in general, code that a variant gives away, and what another module
    offers to everybody (`leaves_work_to`).

    Parameters
    ----------
    item : BuiltQuestion
    given : collection of str
        What this or another variant of the question gives to the student.

    Returns
    -------
    list of Mutant
    """
    return mutants_of(item.answer, _reached(item, given)[0], given=kept_methods(item.stub))


def leaves_work_to(item: BuiltQuestion) -> list[str]:
    """Functions for everybody that a question's reference calls: a student writes that part too.

    Parameters
    ----------
    item : BuiltQuestion

    Returns
    -------
    list of str
        Such as a search written for speed; none if the reference does all the work itself.
    """
    return sorted(_reached(item, ())[1] - {"np"})


def kept_methods(stub: str) -> set[str]:
    """Methods that a stub holds with their body: given to the student, whatever the answer makes of them.

    Parameters
    ----------
    stub : str

    Returns
    -------
    set of str
        Such as ``"KNeighborsRegressor.__init__"``.
    """
    classes = [top for top in ast.parse(stub).body if isinstance(top, ast.ClassDef)]
    return {
        f"{top.name}.{method.name}"
        for top in classes
        for method in top.body
        if isinstance(method, ast.FunctionDef) and not isinstance(method.body[-1], ast.Raise)
    }


def mutants_of(
    source: str, wanted: Collection[str], prefix: str = "", *, given: Collection[str] = ()
) -> list[Mutant]:
    """Make the mutants of a text's definitions.

    Parameters
    ----------
    source : str
    wanted : collection of str
        The top-level definitions that are changed.
    prefix : str
        What is put before the name of a function in the ids.
    given : collection of str
        Methods that are left as they are.

    Returns
    -------
    list of Mutant
    """
    tree = ast.parse(source)
    original = ast.unparse(tree)
    seen = {original}
    found: list[Mutant] = []
    numbers: Counter[str] = Counter()
    for (operator, owner), text in (*_ours(tree, wanted), *_engines(tree, wanted)):
        name = f"{operator}:{prefix}{owner}"
        # A number is given also to what another operator has made: ids stay when operators come.
        numbers[name] += 1
        if text in seen or owner in given or not _parsed(text):
            continue
        seen.add(text)
        found.append(Mutant(f"{name}:{numbers[name]}", text, original))
    return found


def _reached(item: BuiltQuestion, given: Collection[str]) -> tuple[set[str], set[str]]:
    """Definitions that make up the answer, and those of others at which it ends."""
    own, public = _package(item)
    bodies = {str(node.name): node for node in ast.parse(item.answer).body if isinstance(node, DEFINITION)}
    reached: set[str] = set()
    others: set[str] = set()
    todo = [name for name in item.question.names if name in bodies]
    while todo:
        name = todo.pop()
        reached.add(name)
        used = {node.id for node in ast.walk(bodies[name]) if isinstance(node, ast.Name)} & set(bodies)
        others |= used & public
        todo += (used & own) - public - reached - set(given)
    return reached, others


def _package(item: BuiltQuestion) -> tuple[set[str], set[str]]:
    """Top-level names of the package from which the answer is cut; those public in another module of it."""
    own: set[str] = set(item.question.names)
    public: set[str] = set()
    paths = set()
    for entry in item.question.solution:
        spec = importlib.util.find_spec(entry.split(":")[0])
        if spec is not None and spec.origin is not None:
            paths.add(Path(spec.origin))
    for path in sorted({file for module in paths for file in module.parent.glob("*.py")}):
        names = {str(node.name) for node in ast.parse(path.read_bytes()).body if isinstance(node, DEFINITION)}
        own |= names
        if path not in paths:
            public |= {name for name in names if not name.startswith("_")} & _offered(path)
    return own, public


def _offered(path: Path) -> set[str]:
    """What ``__all__`` of a file lists."""
    for node in ast.parse(path.read_bytes()).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
            return set(ast.literal_eval(node.value))
    return set()


def _ours(tree: ast.Module, wanted: Collection[str]) -> Iterator[Fault]:
    for top in tree.body:
        if getattr(top, "name", None) in wanted:
            yield from _of_definition(tree, top)


def _of_definition(tree: ast.Module, top: ast.stmt) -> Iterator[Fault]:
    for parent, field, index, node, owner in _places(top, getattr(top, "name", "")):
        for name, rewriting in OPERATORS.items():
            if name == "swapped_arguments" and is_even(parent) and isinstance(node, ast.BinOp):
                continue
            for new in rewriting(node):
                _put(parent, field, index, ast.fix_missing_locations(ast.copy_location(new, node)))
                try:
                    yield (name, owner), ast.unparse(tree)
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
            if isinstance(child, ast.keyword) and child.arg in UNHEARD:
                continue
            inner = f"{owner}.{child.name}" if isinstance(child, ast.FunctionDef) else owner
            yield node, field, index, child, inner
            yield from _places(child, inner)


def _put(parent: ast.AST, field: str, index: int | None, node: ast.AST) -> None:
    if index is None:
        setattr(parent, field, node)
    else:
        getattr(parent, field)[index] = node


def _engines(tree: ast.Module, wanted: Collection[str]) -> Iterator[Fault]:
    """What cosmic-ray's operators make of the same code, one definition at a time."""
    try:
        from cosmic_ray.mutating import mutate_code  # type: ignore[import-untyped]
        from cosmic_ray.plugins import get_operator  # type: ignore[import-untyped]
    except ImportError:
        raise GradecheckError(
            "certify --mutants also runs the operators of cosmic-ray, which is not installed: "
            "pip install cosmic-ray, or make setup-dev"
        ) from None
    for index, top in enumerate(tree.body):
        if getattr(top, "name", None) not in wanted:
            continue
        source = ast.unparse(top)
        owners, heard = _owners(source), _heard(source)
        for name in ENGINE:
            operator, occurrence = get_operator(name)(), 0
            while (text := mutate_code(source, operator, occurrence)) is not None:
                occurrence += 1
                line = _first_difference(source, text)
                if line in owners and (changed := _parsed(text)) and _heard(text) != heard:
                    tree.body[index] = changed
                    yield (name.removeprefix("core/"), owners[line]), ast.unparse(tree)
                    tree.body[index] = top


class _Unheard(ast.NodeTransformer):
    """Takes off the keywords that change no result."""

    def visit_keyword(self, node: ast.keyword) -> ast.AST | None:
        return None if node.arg in UNHEARD else self.generic_visit(node)


def _heard(text: str) -> str:
    return ast.unparse(_Unheard().visit(ast.parse(text)))


def _parsed(text: str) -> ast.stmt | None:
    """The definition; none where the engine made something that is not Python."""
    try:
        return ast.parse(text).body[0]
    except SyntaxError:
        return None


def _owners(source: str) -> dict[int, str]:
    """Line -> function that it belongs to, of a definition's lines that do something."""
    top = ast.parse(source).body[0]
    nodes = _places(top, str(getattr(top, "name", "")))
    return {node.lineno: owner for _, _, _, node, owner in nodes if hasattr(node, "lineno")}


def _first_difference(before: str, after: str) -> int:
    pairs = zip(before.splitlines(), after.splitlines(), strict=False)
    return next((number for number, (old, new) in enumerate(pairs, 1) if old != new), 0)
