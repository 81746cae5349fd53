"""What a question's code is made of: given cell, stub and answer.

Kept code gets only what is listed: a helper that explains itself away is worse than an error. What
only the removed bodies use goes into the answer cell of the solution notebook.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

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
from autograder.author.stub import Cut, cut, kept_text, numpy_idiom
from autograder.errors import GradecheckError
from autograder.models import Question

__all__ = ["Code", "question_code"]

REFERENCE = "mlref"
# Ours are written for scikit-learn's checks and for every array library; notebooks get what numpy needs.
NOTEBOOK_SIDE = {
    "mlref.base:Estimator": "autograder.author.templates.notebook_side:Estimator",
    "mlref.arrays:from_numpy": "autograder.author.templates.notebook_side:from_numpy",
}
# Names through which code can reach what the syntax tree does not show.
OPAQUE = {"eval", "exec", "globals", "locals", "vars", "__import__"}


@dataclass(frozen=True)
class Code:
    """The texts of one question."""

    given: str
    stub: str
    answer: str
    removed: tuple[str, ...]
    """Everything that a student must not see, as it stands in the reference."""


@dataclass
class Cell:
    """A growing cell: imports first, then definitions, each behind those that it uses."""

    imports: dict[str, str] = field(default_factory=dict)
    blocks: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    """Name -> the reference or import statement that it stands for."""
    postponed: bool = False

    def claim(self, name: str, source: str) -> bool:
        """Note that `name` stands for `source`; False if it did already."""
        known = self.names.setdefault(name, source)
        if known != source:
            raise GradecheckError(
                f"one cell cannot hold {name!r} from {known!r} and from {source!r}; rename one"
            )
        if name in self.imports or source in self._claimed:
            return False
        self._claimed.add(source)
        return True

    _claimed: set[str] = field(default_factory=set)

    def text(self) -> str:
        """The source of the cell."""
        return "\n\n\n".join(part for part in (_imports(self), *_groups(self.blocks)) if part)


def _imports(cell: Cell) -> str:
    future = ["from __future__ import annotations"] if cell.postponed else []
    return "\n".join([*future, *sorted(set(cell.imports.values()), key=lambda line: (line.split()[1], line))])


def _groups(blocks: list[str]) -> Iterator[str]:
    """Join neighbouring one-line constants."""
    group: list[str] = []
    for block in blocks:
        if re.match(r"(async def|def|class|@)", block):
            if group:
                yield "\n".join(group)
                group = []
            yield block
        else:
            group.append(block)
    if group:
        yield "\n".join(group)


class Closure:
    """Collects what one question's texts need; state: the cells and what is already in them."""

    def __init__(self, question: Question, packages: tuple[str, ...], answers: Mapping[str, str]) -> None:
        self.question = question
        self.answers = answers
        self.visible = frozenset({"numpy", *modules_of(packages)})
        roots = {reference.split(".")[0].split(":")[0] for reference in (*question.solution, *question.given)}
        self.own = frozenset(roots | {REFERENCE, "autograder"}) - self.visible
        self.where = question.folder / "question.toml"
        self.units = _units(question)
        self.given = Cell(imports={"np": "import numpy as np"}, names={"np": "import numpy as np"})

    def origin(self, module: SourceModule, name: str) -> Origin | None:
        """Where a name comes from; None for the ``np`` that `numpy_idiom` wrote."""
        if name == "np" and name not in module.bindings:
            return None
        return origin(module, name, self.visible, self.own)

    def provided_elsewhere(self, found: Origin) -> bool:
        """Whether this question's answer or that of a needed question defines the name."""
        if found.reference in self.units:
            return True
        other = self.answers.get(found.reference)
        if other is None:
            return False
        if other not in self.question.needs:
            raise GradecheckError(
                f"{self.where}: uses {found.name!r}, which students write in question {other!r}; add {other!r} to 'needs'"
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
                f"{self.where}: the kept code of {user!r} uses 'namespace' in another way than 'xp = namespace(...)'"
            )
        elif not self.provided_elsewhere(found):
            if not (self.is_listed(found) or self.is_free(found)):
                raise GradecheckError(
                    f"{self.where}: the kept code of {user!r} uses {name!r}: add \"{found.reference}\" to 'given', "
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
        module, node = found.module, found.binding.node
        if found.reference in NOTEBOOK_SIDE:
            module, binding = find_unit(NOTEBOOK_SIDE[found.reference])
            node = binding.node
        text = numpy_idiom(kept_text(module, node, self.question.keep))
        for name in free_names(text):
            self.require(module, name, found.name)
        self.given.postponed |= module.postpones_annotations and _annotated(text)
        self.given.blocks.append(text)

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
                        f"{self.where}: {reference!r} in 'given' is a method of a class that 'solution' does not touch; "
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
                    f"{self.where}: kept code uses {target.reference!r}, which 'solution' leaves out of the stub; "
                    "give it a public name, or add it to 'given' instead"
                )
        before = {item.attr for item in ast.walk(node) if isinstance(item, ast.Attribute)}
        for name in _members(node):
            private = name.startswith("_") and not name.startswith("__")
            reference = f"{unit}.{name}"
            if private and name in before - used - written and reference not in self.question.given:
                raise GradecheckError(
                    f"{self.where}: only removed code uses the kept {reference!r}; add it to 'given' or to 'solution', "
                    "or make it a function of the module"
                )

    # --- the answer ---

    def answer(self, cuts: Mapping[str, Cut]) -> tuple[str, list[str]]:
        """Text of the answer cell, and of what only the removed bodies use."""
        cell = Cell(names=dict(self.given.names), imports={})
        helpers: list[str] = []
        for unit, removed in cuts.items():
            module = self.units[unit][0].module
            text = numpy_idiom(removed.solution)
            for name in free_names(text):
                self._answer_needs(cell, helpers, module, name)
            cell.blocks.append(text)
            cell.postponed |= module.postpones_annotations and _annotated(text)
        return cell.text(), helpers

    def _answer_needs(self, cell: Cell, helpers: list[str], module: SourceModule, name: str) -> None:
        found = self.origin(module, name)
        if found is None:
            return
        if found.kind == "namespace":
            raise GradecheckError(
                f"{module.path}: 'namespace' is used in another way than 'xp = namespace(...)'; the solution would "
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
        text = numpy_idiom(kept_text(found.module, found.binding.node))
        for inner in free_names(text):
            self._answer_needs(cell, helpers, found.module, inner)
        cell.blocks.append(text)
        cell.postponed |= found.module.postpones_annotations and _annotated(text)
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
    closure = Closure(question, packages, answers)
    cuts = {unit: cut(targets, question.keep) for unit, targets in closure.units.items()}
    closure.listed()
    stubs = [closure.stub(unit, removed) for unit, removed in cuts.items()]
    postponed = [
        unit
        for unit, text in zip(closure.units, stubs, strict=True)
        if closure.units[unit][0].module.postpones_annotations and _annotated(text)
    ]
    stub = Cell(blocks=stubs, postponed=bool(postponed)).text()
    given = closure.given.text()
    answer, helpers = closure.answer(cuts)
    _check_kept(closure, given, stub)
    for label, text in (("given cell", given), ("stub", stub), ("answer", answer)):
        _check_compiles(closure, label, text)
    removed = tuple(text for item in cuts.values() for text in item.removed)
    return Code(given, stub, answer, (*removed, *helpers))


def _units(question: Question) -> dict[str, list[Target]]:
    units: dict[str, list[Target]] = {}
    for reference in question.solution:
        target = find_target(reference)
        units.setdefault(f"{target.module.name}:{target.unit.name}", []).append(target)
    names = [unit.split(":")[1] for unit in units]
    if len(set(names)) != len(names):
        raise GradecheckError(
            f"{question.folder / 'question.toml'}: 'solution' names two objects called alike"
        )
    return units


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


def _annotated(text: str) -> bool:
    return any(
        getattr(node, "annotation", None) or getattr(node, "returns", None)
        for node in ast.walk(ast.parse(text))
    )


# --- checks of the result -----------------------------------------------------------------------------


def _check_kept(closure: Closure, given: str, stub: str) -> None:
    """Refuse what the handout must not hold, or would not survive."""
    written = {target.function.name for targets in closure.units.values() for target in targets}
    for text in (given, stub):
        for line in text.split("\n"):
            found = re.search(rf"\b{REFERENCE}\b|\bnamespace\(|\bxp\b", line)
            if found:
                raise GradecheckError(
                    f"{closure.where}: the handout would say {found.group()!r}: {line.strip()!r}; reword it or list "
                    "fewer things as 'given'"
                )
        tree = ast.parse(text)
        for node in ast.walk(tree):
            _check_node(closure, node)
        for call in _calls_while_defining(tree.body):
            name = getattr(call.func, "attr", None) or getattr(call.func, "id", None)
            if name in written:
                raise GradecheckError(
                    f"{closure.where}: kept code calls {name!r}, which is not written yet, while its cell runs; "
                    "call it inside a function"
                )


def _check_node(closure: Closure, node: ast.AST) -> None:
    if isinstance(node, ast.Name) and node.id in OPAQUE:
        raise GradecheckError(
            f"{closure.where}: kept code uses {node.id!r}, so what it needs cannot be told; rewrite it or move it "
            "into the solution"
        )
    if isinstance(node, ast.Global):
        raise GradecheckError(
            f"{closure.where}: kept code declares 'global {', '.join(node.names)}'; avoid it"
        )
    if isinstance(node, ast.Import | ast.ImportFrom):
        level = getattr(node, "level", 0)
        sources = (
            [node.module or ""] if isinstance(node, ast.ImportFrom) else [item.name for item in node.names]
        )
        for source in sources:
            if level or source.split(".")[0] in closure.own:
                raise GradecheckError(
                    f"{closure.where}: kept code imports {'.' * level + source!r}, which students do not have; import "
                    "at the top of the module and list the object in 'given'"
                )


def _calls_while_defining(body: list[ast.stmt]) -> Iterator[ast.Call]:
    """Calls that run when the cell runs: class bodies, decorators and defaults, not function bodies."""
    pending: list[ast.AST] = list(body)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Call):
            yield node
        if isinstance(node, Function):
            pending += [
                *node.decorator_list,
                *node.args.defaults,
                *(item for item in node.args.kw_defaults if item),
            ]
        elif isinstance(node, ast.Lambda):
            pending += node.args.defaults
        else:
            pending.extend(ast.iter_child_nodes(node))


def _check_compiles(closure: Closure, label: str, text: str) -> None:
    try:
        compile(text, f"<{label}>", "exec", dont_inherit=True)
    except SyntaxError as error:
        line = text.split("\n")[(error.lineno or 1) - 1].strip()
        raise GradecheckError(
            f"{closure.where}: the {label} does not compile: {error.msg} at {line!r}; do the solution markers "
            "cut a statement?"
        ) from None
