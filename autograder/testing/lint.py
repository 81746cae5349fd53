"""Reads a suite as text and says what would leak, prove nothing or confuse a student."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

from autograder.errors import did_you_mean
from autograder.models import BuiltQuestion
from autograder.testing.flow import (
    calls_student,
    free_names,
    holds,
    is_students,
    student_names,
    tainted_names,
)

__all__ = ["lint_suite"]

FIXTURES = {"public": {"student", "variant", "rng"}, "hidden": {"student", "reference", "variant", "rng"}}
# An answer's efficiency may be gamed, so it never decides a question.
EFFICIENCY = {"assert_scales", "assert_memory", "assert_cpu"}
EFFICIENCY_SHARE = Fraction(15, 100)
TAKES_FUNCTION = {*EFFICIENCY, "assert_unchanged", "assert_deterministic"}
# Claims whose limits follow from a chance of failing, which the check has to declare.
CHANCE = {"assert_mean", "assert_rate"}
LOOSE = {"allclose", "isclose", "array_equal", "assert_allclose", "assert_array_equal", "approx"}
# Draws that no seed of the check decides: a regrade would ask something else.
UNSEEDED = re.compile(r"np\.random\.(rand|randn|randint|random|normal|uniform|choice|permutation|shuffle)\Z")
READERS = {"np.load", "np.loadtxt", "np.genfromtxt", "open"}
# A comment on the line that says so lets a value of the reference through, such as a text to be decoded.
ON_PURPOSE = "sent on purpose"
LEAK_DIGITS = 5

Message = tuple[int, str]


def lint_suite(folder: Path, built: BuiltQuestion) -> list[str]:
    """Return what is wrong with a question's two suites, one ``file:line: text`` each.

    Parameters
    ----------
    folder : Path
        The question's folder with ``test_public.py`` and ``test_hidden.py``.
    built : BuiltQuestion
        The question with a variant: its values and files are what a suite may name.

    Returns
    -------
    list of str
        Empty if there is nothing to say. What cannot be shipped to students is refused by
        ``author.otter.test_file``; that a stub passes a check is found by running.
    """
    found: list[str] = []
    names: dict[str, str] = {}
    checks: list[tuple[Fraction, bool]] = []
    for visibility in ("public", "hidden"):
        path = folder / f"test_{visibility}.py"
        try:
            text = path.read_text(encoding="utf-8")
            tree = ast.parse(text)
        except (OSError, SyntaxError, UnicodeDecodeError) as error:
            found.append(f"{path}: cannot be read as Python: {error}")
            continue
        suite = Suite(tree, text, visibility, built)
        found += [f"{path}:{line}: {words}" for line, words in sorted(suite.messages())]
        for check in suite.checks:
            if check.name in names:
                found.append(
                    f"{path}:{check.lineno}: {check.name} is already in {names[check.name]}; rename it"
                )
            names[check.name] = path.name
            checks.append((_weight(check), bool(suite.reached(check) & EFFICIENCY)))
    total = sum((weight for weight, _ in checks), Fraction(0))
    heavy = sum((weight for weight, is_efficiency in checks if is_efficiency), Fraction(0))
    if heavy > EFFICIENCY_SHARE * total:
        found.append(
            f"{folder}: efficiency checks weigh {float(heavy / total):.0%} of the question; 15% is the most"
        )
    return found


class Suite:
    """One suite file: its functions, and which values in them come from whom."""

    def __init__(self, tree: ast.Module, text: str, visibility: str, built: BuiltQuestion) -> None:
        self.tree, self.visibility, self.built = tree, visibility, built
        self.lines = text.splitlines()
        self.functions = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        self.checks = [
            node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
        ]

    def messages(self) -> Iterator[Message]:
        """Yield (line, text) of everything that is wrong."""
        if not self.checks:
            yield 1, "holds no function test_..."
        yield from self._imports()
        for check in self.checks:
            yield from self._wording(check)
            yield from self._arguments(check)
            yield from self._chance(check)
            if not any(_claims(name) for name in self.reached(check)):
                yield (
                    check.lineno,
                    f"{check.name} claims nothing: use assert_close or another assert_ function",
                )
        for function in self.tree.body:
            if isinstance(function, ast.FunctionDef):
                yield from self._flow(function)
        yield from self._drivers()
        yield from self._given()
        yield from self._unseeded()

    def reached(self, function: ast.FunctionDef) -> set[str]:
        """Names of the functions that a function calls, directly or through others of this file."""
        seen: set[str] = set()
        pending = [function]
        while pending:
            for node in ast.walk(pending.pop()):
                name = (
                    "assert"
                    if isinstance(node, ast.Assert)
                    else node.id
                    if isinstance(node, ast.Name)
                    else ""
                )
                if name and name not in seen:
                    seen.add(name)
                    if name in self.functions:
                        pending.append(self.functions[name])
        return seen

    # --- words and arguments ----------------------------------------------------------------------

    def _imports(self) -> Iterator[Message]:
        if self.visibility == "hidden":
            return
        for node in ast.walk(self.tree):
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                modules = (
                    [item.name for item in node.names]
                    if isinstance(node, ast.Import)
                    else [node.module or ""]
                )
                for module in modules:
                    if module.partition(".")[0] in ("pytest", "mlref"):
                        yield node.lineno, f"imports {module}, which is not on a student's machine"

    def _wording(self, check: ast.FunctionDef) -> Iterator[Message]:
        title = ast.get_docstring(check) or ""
        hint = _mark(check, "hint")
        if not title.strip():
            yield check.lineno, f"{check.name} has no docstring, the line that a student reads"
        if self.visibility == "hidden" and not hint.strip():
            yield check.lineno, f"{check.name} has no @hint: a student sees nothing else of a hidden check"
        for label, words in (("docstring", title), ("hint", hint)):
            if "<" in words or ">" in words:
                yield (
                    check.lineno,
                    f"{check.name}: {label} holds < or >, which Jupyter takes for HTML; use words",
                )

    def _arguments(self, check: ast.FunctionDef) -> Iterator[Message]:
        allowed = set(FIXTURES[self.visibility])
        for decorator in check.decorator_list:
            if isinstance(decorator, ast.Call) and ast.unparse(decorator.func).endswith("parametrize"):
                first = decorator.args[0]
                if isinstance(first, ast.Constant):
                    allowed.update(name.strip() for name in str(first.value).split(","))
                else:
                    allowed.update(n.value for n in ast.walk(first) if isinstance(n, ast.Constant))  # type: ignore[misc]
        for argument in [*check.args.args, *check.args.kwonlyargs]:
            if argument.arg not in allowed:
                known = ", ".join(sorted(FIXTURES[self.visibility]))
                yield (
                    check.lineno,
                    f"{check.name}: {argument.arg!r} is no fixture of a {self.visibility} check ({known})",
                )

    def _chance(self, check: ast.FunctionDef) -> Iterator[Message]:
        decorators = [node.func if isinstance(node, ast.Call) else node for node in check.decorator_list]
        declared = any(isinstance(node, ast.Name) and node.id == "stochastic" for node in decorators)
        claims = sorted(self.reached(check) & CHANCE)
        if claims and not declared:
            yield (
                check.lineno,
                f"{check.name}: {claims[0]} may fail a right answer by chance: mark it with @stochastic()",
            )
        elif declared and not claims:
            yield (
                check.lineno,
                f"{check.name}: @stochastic declares a chance that no claim uses; compare what was drawn "
                f"with {' or '.join(sorted(CHANCE))}, whose limits follow from it",
            )

    def _unseeded(self) -> Iterator[Message]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                name = ast.unparse(node.func)
                bare = name == "np.random.default_rng" and not (node.args or node.keywords)
                if bare or UNSEEDED.match(name):
                    yield (
                        node.lineno,
                        f"{name} draws other numbers each time; take the fixture rng, seeded by the term",
                    )

    # --- where values go --------------------------------------------------------------------------

    def _flow(self, function: ast.FunctionDef) -> Iterator[Message]:
        tainted, objects = tainted_names(function), student_names(function)
        for node in ast.walk(function):
            if isinstance(node, ast.Call):
                yield from self._sent(node, tainted, objects)
                yield from self._wrapped(node, objects)
            elif isinstance(node, (ast.BinOp, ast.Compare)):
                yield from self._compared(node, tainted, objects)

    def _sent(self, call: ast.Call, tainted: set[str], objects: set[str]) -> Iterator[Message]:
        text = "\n".join(self.lines[call.lineno - 1 : call.end_lineno])
        if not is_students(call.func, objects) or ON_PURPOSE in text:
            return
        for value in [*call.args, *(item.value for item in call.keywords)]:
            if holds(value, tainted):
                yield (
                    value.lineno,
                    f"{ast.unparse(value)} comes from the reference or is an expected value and goes to the "
                    f"student's code; compare with it here (or end the line with '# {ON_PURPOSE}')",
                )

    def _wrapped(self, call: ast.Call, objects: set[str]) -> Iterator[Message]:
        name = call.func.id if isinstance(call.func, ast.Name) else ""
        if name in TAKES_FUNCTION and call.args and isinstance(call.args[0], ast.Lambda):
            yield (
                call.lineno,
                f"{name} is handed a lambda: give the student's function itself, or nothing is seen",
            )
        last = call.func.attr if isinstance(call.func, ast.Attribute) else name
        if last in LOOSE and any(calls_student(value, objects) for value in call.args):
            yield (
                call.lineno,
                f"{last} accepts any type: use assert_close or assert_equal on what students return",
            )

    def _compared(
        self, node: ast.BinOp | ast.Compare, tainted: set[str], objects: set[str]
    ) -> Iterator[Message]:
        sides = [node.left, node.right] if isinstance(node, ast.BinOp) else [node.left, *node.comparators]
        direct = [side for side in sides if isinstance(side, ast.Call) and is_students(side.func, objects)]
        exact = isinstance(node, ast.Compare) and any(isinstance(op, (ast.Eq, ast.NotEq)) for op in node.ops)
        if direct and (exact or any(holds(side, tainted) for side in sides)):
            yield (
                node.lineno,
                f"{ast.unparse(node)}: the student's object would decide; use assert_close or assert_equal",
            )

    # --- drivers, variant, files -------------------------------------------------------------------

    def _drivers(self) -> Iterator[Message]:
        for node in ast.walk(self.tree):
            is_run = isinstance(node, ast.Call) and ast.unparse(node.func) == "student.run" and node.args
            if not is_run or not isinstance(node, ast.Call):
                continue
            driver = self.functions.get(node.args[0].id) if isinstance(node.args[0], ast.Name) else None
            if driver is None:
                yield node.lineno, "student.run: name a function of this file; its text is sent"
                continue
            for constant in ast.walk(driver):
                if isinstance(constant, ast.Constant) and _digits(constant.value) >= LEAK_DIGITS:
                    yield (
                        constant.lineno,
                        f"driver {driver.name} holds {constant.value!r}: a student can read it; "
                        "hand data in, and compare the result outside",
                    )
            for name in sorted(free_names(driver)):
                yield (
                    driver.lineno,
                    f"driver {driver.name} uses {name!r}, which is not there; hand it in as data",
                )

    def _given(self) -> Iterator[Message]:
        unknown: set[str] = set()
        for node in ast.walk(self.tree):
            if (
                isinstance(node, ast.Subscript)
                and isinstance(node.value, ast.Name)
                and node.value.id == "variant"
            ):
                key = node.slice.value if isinstance(node.slice, ast.Constant) else None
                if key is not None and key not in self.built.variant and str(key) not in unknown:
                    unknown.add(str(key))
                    yield node.lineno, f"variant has no {key!r}{did_you_mean(str(key), self.built.variant)}"
            elif isinstance(node, ast.Call) and ast.unparse(node.func) in READERS and node.args:
                name = node.args[0].value if isinstance(node.args[0], ast.Constant) else None
                if isinstance(name, str) and name not in self.built.files:
                    yield (
                        node.lineno,
                        f"{name!r} is no file of this question; variant.py's files() ships files",
                    )


def _claims(name: str) -> bool:
    return name in ("assert", "check_gradient") or name.startswith("assert_")


def _digits(value: object) -> int:
    """Significant digits of a number as it would be written."""
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return 0
    mantissa = repr(abs(value)).partition("e")[0].replace(".", "").strip("0")
    return len(mantissa)


def _mark(check: ast.FunctionDef, name: str) -> str:
    for decorator in check.decorator_list:
        if isinstance(decorator, ast.Call) and getattr(decorator.func, "id", "") == name and decorator.args:
            argument = decorator.args[0]
            return str(argument.value) if isinstance(argument, ast.Constant) else ast.unparse(argument)
    return ""


def _weight(check: ast.FunctionDef) -> Fraction:
    try:
        return Fraction(_mark(check, "weight") or "1")
    except (ValueError, ZeroDivisionError):
        return Fraction(1)
