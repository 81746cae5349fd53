"""What a question's code is made of: given cell, stub and answer.

Kept code gets only what is listed: a helper that explains itself away is worse than an error. What
only the removed bodies use goes into the answer cell of the solution notebook.
"""

from __future__ import annotations

import ast
import functools
import importlib.util
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.author.draft import DraftCell, annotated
from autograder.author.kept import check_compiles, check_imports, check_kept
from autograder.author.reword import numpy_idiom
from autograder.author.scope import (
    Origin,
    free_names,
    is_exception,
    literal,
    modules_of,
    origin,
    private_imports,
    raised_names,
)
from autograder.author.source import (
    Function,
    SourceModule,
    Target,
    find_module,
    find_target,
    find_unit,
)
from autograder.author.stub import Cut, cut, kept_text
from autograder.errors import GradecheckError
from autograder.models import Question

__all__ = ["Code", "question_code"]

REFERENCE = "mlref"
# Ours are written for scikit-learn's checks and for every array library; notebooks get what numpy needs.
NOTEBOOK_SIDE = {
    f"mlref.{name}": f"autograder.author.templates.notebook_side:{name.partition(':')[2]}"
    for name in (
        "arrays:from_numpy",
        "arrays:scatter_add",
        "base:Clusterer",
        "base:Estimator",
        "base:Transformer",
    )
}
OF_NOTEBOOK_SIDE = {copy: reference for reference, copy in NOTEBOOK_SIDE.items()}


@dataclass(frozen=True)
class Code:
    """The texts of one question."""

    given: str
    stub: str
    answer: str
    removed: tuple[str, ...]
    """Everything that a student must not see, as it stands in the reference."""


class Closure:
    """Collects what one question's texts need; state: the cells and what is already in them."""

    def __init__(self, question: Question, packages: tuple[str, ...], answers: Mapping[str, str]) -> None:
        self.question = question
        self.answers = answers
        self.visible = frozenset({"numpy", *modules_of(packages)})
        roots = {reference.split(".")[0].split(":")[0] for reference in (*question.solution, *question.given)}
        self.own = frozenset(roots | {REFERENCE, "autograder"}) - self.visible
        self.where = question.folder / "question.toml"
        self.units = _units(question.solution, question)
        self.omitted = _units(question.omit, question)
        for unit, targets in self.omitted.items():
            if unit not in self.units or any(target.function is target.unit for target in targets):
                raise GradecheckError(
                    f"{self.where}: 'omit' takes methods of the classes in 'solution'; "
                    f"{targets[0].reference!r} is none"
                )
        self.given = DraftCell(imports={"np": "import numpy as np"}, names={"np": "import numpy as np"})

    def origin(self, module: SourceModule, name: str) -> Origin | None:
        """Where a name comes from; None for the ``np`` that `numpy_idiom` wrote."""
        if name == "np" and name not in module.bindings:
            return None
        found = origin(module, name, self.visible, self.own)
        if found.reference in OF_NOTEBOOK_SIDE:
            module, binding = find_unit(OF_NOTEBOOK_SIDE[found.reference])
            return Origin(found.kind, name, module, binding)
        return found

    def provided_elsewhere(self, found: Origin) -> bool:
        """Whether this question's answer or that of a needed question defines the name."""
        if found.reference in self.units:
            return True
        other = self.answers.get(found.reference)
        if other is None:
            return False
        if other not in self.question.needs:
            raise GradecheckError(
                f"{self.where}: uses {found.name!r}, which students write in question {other!r}; add "
                f"{other!r} to 'needs'"
            )
        return True

    # --- kept code ---

    def require(self, module: SourceModule, name: str, user: str) -> None:
        """Put into the given cell what kept code uses, if that is allowed."""
        found = self.origin(module, name)
        if found is None:
            return
        if found.kind == "library":
            self.given.claim(name, found.statement)
            self.given.imports[name] = found.statement
        elif found.kind == "namespace":
            raise GradecheckError(
                f"{self.where}: the kept code of {user!r} uses 'namespace' in another way than 'xp = "
                "namespace(...)'"
            )
        elif not self.provided_elsewhere(found):
            if not (self.is_listed(found) or self.is_free(found)):
                raise GradecheckError(
                    f'{self.where}: the kept code of {user!r} uses {name!r}: add "{found.reference}" to '
                    "'given', "
                    "or move what uses it into the solution"
                )
            self.give(found)

    def is_listed(self, found: Origin) -> bool:
        """Whether ``given`` names a definition."""
        return found.reference in self.question.given

    def is_free(self, found: Origin) -> bool:
        """Whether a definition gives nothing away: literals, type aliases, named errors, the base class."""
        if found.kind == "constant":
            return literal(found.binding.node)
        return found.reference in NOTEBOOK_SIDE or is_exception(found, self.visible, self.own)

    def give(self, found: Origin) -> None:
        """Add a definition to the given cell, behind what it uses."""
        if not self.given.claim(found.name, found.reference):
            return
        module, node = _notebook_side(found)
        text = numpy_idiom(kept_text(module, node, self.question.keep))
        for name in free_names(text):
            self.require(module, name, found.name)
        self.given.postponed |= module.postpones_annotations and annotated(text)
        self.given.add(text)

    def listed(self) -> None:
        """Add every entry of ``given``."""
        for reference in self.question.given:
            if reference in self.answers:
                raise GradecheckError(
                    f"{self.where}: 'given' shows {reference!r}, which students write in question "
                    f"{self.answers[reference]!r}"
                )
            if "." in reference.split(":")[1]:
                if not any(reference.startswith(unit + ".") for unit in self.units):
                    raise GradecheckError(
                        f"{self.where}: {reference!r} in 'given' is a method of a class that 'solution' "
                        "does not touch; "
                        "list the class"
                    )
                continue
            module, binding = find_unit(reference)
            self.give(origin(module, binding.name, self.visible, self.own))

    def stub(self, unit: str, removed: Cut) -> str:
        """Text of the stub of one object; what it uses goes into the given cell."""
        module = self.units[unit][0].module
        text = numpy_idiom(removed.stub)
        for name in free_names(text):
            self.require(module, name, unit)
        for name in raised_names(text):
            for place in _places(module, name, self.own):
                self.require(place, name, unit)
        self._check_private_members(unit, text)
        return text

    def _check_private_members(self, unit: str, stub: str) -> None:
        """Refuse private members that only removed code uses: they tell how it is done."""
        node = self.units[unit][0].unit
        if not isinstance(node, ast.ClassDef):
            return
        written = {target.function.name for target in self.units[unit]}
        used = {item.attr for item in ast.walk(ast.parse(stub)) if isinstance(item, ast.Attribute)}
        for target in self.units[unit]:
            if target.is_private_method and target.function.name in used:
                raise GradecheckError(
                    f"{self.where}: kept code uses {target.reference!r}, which 'solution' leaves out of "
                    "the stub; "
                    "give it a public name, or add it to 'given' instead"
                )
        before = {item.attr for item in ast.walk(node) if isinstance(item, ast.Attribute)}
        for name in _members(node):
            private = name.startswith("_") and not name.startswith("__")
            reference = f"{unit}.{name}"
            if private and name in before - used - written and reference not in self.question.given:
                raise GradecheckError(
                    f"{self.where}: only removed code uses the kept {reference!r}; add it to 'given' or to "
                    "'solution', "
                    "or make it a function of the module"
                )

    # --- the answer ---

    def answer(self, cuts: Mapping[str, Cut]) -> tuple[str, list[str]]:
        """Text of the answer cell, and of what only the removed bodies use."""
        cell = DraftCell(names=dict(self.given.names), imports={})
        helpers: list[str] = []
        for unit, removed in cuts.items():
            module = self.units[unit][0].module
            text = numpy_idiom(removed.solution)
            for name in free_names(text):
                self._answer_needs(cell, helpers, module, name)
            cell.add(text)
            cell.postponed |= module.postpones_annotations and annotated(text)
        return cell.text(), helpers

    def _answer_needs(self, cell: DraftCell, helpers: list[str], module: SourceModule, name: str) -> None:
        found = self.origin(module, name)
        if found is None:
            return
        if found.kind == "namespace":
            raise GradecheckError(
                f"{module.path}: 'namespace' is used in another way than 'xp = namespace(...)'; the "
                "solution would "
                "not read as numpy"
            )
        if found.kind == "library":
            if self.given.names.get(name) != found.statement:
                cell.claim(name, found.statement)
                cell.imports[name] = found.statement
            return
        given = self.given.names.get(found.name) == found.reference
        if given or self.provided_elsewhere(found) or not cell.claim(found.name, found.reference):
            return
        # Their examples would be run nowhere, and may name the reference.
        module, node = _notebook_side(found)
        text = numpy_idiom(kept_text(module, node))
        for inner in free_names(text):
            self._answer_needs(cell, helpers, module, inner)
        cell.add(text)
        cell.postponed |= module.postpones_annotations and annotated(text)
        if found.kind != "constant":
            helpers.append(text)


def question_code(question: Question, packages: tuple[str, ...], answers: Mapping[str, str]) -> Code:
    """Make the given cell, the stub and the answer of one question.

    Parameters
    ----------
    question : Question
        With its variant filled in.
    packages : tuple of str
        What the assignment declares.
    answers : mapping of str to str
        ``module:name`` -> the other question of the assignment that asks for it.

    Returns
    -------
    Code

    Raises
    ------
    GradecheckError
        If anything about the texts is not certain; the message names the line to add.
    """
    if not question.solution:
        if question.kind == "code":
            raise GradecheckError(
                f"{question.folder / 'question.toml'}: key 'solution' is empty; list what to write"
            )
        return Code("", "", "", ())
    where = f"{question.folder / 'question.toml'}: "
    try:
        return _question_code(question, packages, tuple(answers.items()), _stamps(question))
    except GradecheckError as error:
        # What is wrong with a reference names its module; the person looks for the question that asked.
        raise GradecheckError(where + str(error).removeprefix(where)) from None


@functools.lru_cache(maxsize=256)
def _question_code(
    question: Question, packages: tuple[str, ...], answers: tuple[tuple[str, str], ...], stamps: object
) -> Code:
    """Hundreds of students share a few variants; `stamps` makes an edited reference a new question."""
    closure = Closure(question, packages, dict(answers))
    cuts = {
        unit: cut(targets, question.keep, closure.omitted.get(unit, ()))
        for unit, targets in closure.units.items()
    }
    closure.listed()
    stubs = [closure.stub(unit, removed) for unit, removed in cuts.items()]
    postponed = [
        unit
        for unit, text in zip(closure.units, stubs, strict=True)
        if closure.units[unit][0].module.postpones_annotations and annotated(text)
    ]
    stub = DraftCell(blocks=stubs, postponed=bool(postponed)).text()
    given = closure.given.text()
    answer, helpers = closure.answer(cuts)
    for label, text in (("given cell", given), ("stub", stub), ("answer", answer)):
        check_compiles(closure.where, label, text)
        check_imports(closure.where, text, closure.visible)
    written = {target.function.name for targets in closure.units.values() for target in targets}
    check_kept(closure.where, given, written)
    check_kept(closure.where, stub, written)
    removed = tuple(text for item in cuts.values() for text in item.removed)
    return Code(given, stub, answer, (*removed, *helpers))


def _stamps(question: Question) -> tuple[tuple[str, int], ...]:
    """When the files of the reference were last changed."""
    roots = {reference.split(":")[0].split(".")[0] for reference in (*question.solution, *question.given)}
    files = [path for root in sorted({*roots, REFERENCE}) for path in _files(root)]
    return tuple((str(path), path.stat().st_mtime_ns) for path in files)


def _files(root: str) -> list[Path]:
    spec = importlib.util.find_spec(root)
    folders = [Path(folder) for folder in (spec.submodule_search_locations or ())] if spec else []
    plain = [Path(spec.origin)] if spec and spec.origin and not folders else []
    return plain + [path for folder in folders for path in sorted(folder.rglob("*.py"))]


def _units(references: Sequence[str], question: Question) -> dict[str, list[Target]]:
    units: dict[str, list[Target]] = {}
    for reference in references:
        target = find_target(reference)
        units.setdefault(f"{target.module.name}:{target.unit.name}", []).append(target)
    names = [unit.split(":")[1] for unit in units]
    if len(set(names)) != len(names):
        raise GradecheckError(
            f"{question.folder / 'question.toml'}: 'solution' names two objects called alike"
        )
    return units


def _notebook_side(found: Origin) -> tuple[SourceModule, ast.stmt]:
    """The text of a definition, or what notebooks get in its place."""
    module, binding = found.module, found.binding
    if found.reference in NOTEBOOK_SIDE:
        module, binding = find_unit(NOTEBOOK_SIDE[found.reference])
    return module, binding.node


def _places(module: SourceModule, name: str, own: Collection[str]) -> list[SourceModule]:
    """The module that binds an error which a docstring names: this one, or one that it imports from."""
    if name in module.bindings:
        return [module]
    imported = [find_module(source) for source in private_imports(module, own)]
    return [item for item in imported if name in item.bindings][:1]


def _members(node: ast.ClassDef) -> Iterator[str]:
    for item in node.body:
        if isinstance(item, Function | ast.ClassDef):
            yield item.name
        elif isinstance(item, ast.Assign):
            yield from (target.id for target in item.targets if isinstance(target, ast.Name))
        elif isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name):
            yield item.target.id
