"""Which small changes of a module do its tests not notice? ``python tests/mutation.py FILE TESTS...``

Changes the file in a copy of the project, one place at a time, with the operators of cosmic-ray; a change is
caught when a test fails. Prints each that survived and the share that was caught. Each run is a fork of a
process that holds the heavy imports already: a change costs the time of its tests and nothing else.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import difflib
import importlib
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
OPERATORS = (
    *("BinaryOperator_Add_Sub", "BinaryOperator_Sub_Add", "BinaryOperator_Mul_Div", "BinaryOperator_Div_Mul"),
    *("BinaryOperator_Pow_Mul", "BinaryOperator_FloorDiv_Div", "BinaryOperator_Mod_Mul"),
    *("BinaryOperator_BitAnd_BitOr", "BinaryOperator_BitOr_BitAnd"),
    *("ComparisonOperator_Lt_LtE", "ComparisonOperator_LtE_Lt", "ComparisonOperator_Lt_Gt"),
    *("ComparisonOperator_Gt_GtE", "ComparisonOperator_GtE_Gt", "ComparisonOperator_Gt_Lt"),
    *("ComparisonOperator_Eq_NotEq", "ComparisonOperator_NotEq_Eq", "ComparisonOperator_Is_IsNot"),
    *("ComparisonOperator_IsNot_Is", "UnaryOperator_Delete_USub", "UnaryOperator_Delete_Invert"),
    *("UnaryOperator_Delete_Not", "TrueWithFalse", "FalseWithTrue", "AndWithOr", "OrWithAnd"),
    *("BreakWithContinue", "ContinueWithBreak"),
)
OTHERS = ("core/AddNot", "core/NumberReplacer", "core/ExceptionReplacer", "core/ZeroIterationForLoop")
PRELOADED = (
    *(
        "numpy",
        "scipy.stats",
        "scipy.spatial",
        "scipy.signal",
        "torch",
        "sklearn.neighbors",
        "sklearn.metrics",
    ),
    *("sklearn.linear_model", "sklearn.utils.estimator_checks", "hypothesis.extra.numpy"),
    *("array_api_strict", "array_api_compat.torch", "pytest", "autograder.grade.plugin"),
)


def main() -> int:
    """Change, test, count."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("file", type=Path, help="e.g. mlref/metrics/ranking.py")
    parser.add_argument("tests", nargs="+")
    parser.add_argument("--most", type=int, default=80, help="of more changes, this many are drawn")
    arguments = parser.parse_args()
    source = (ROOT / arguments.file).read_text(encoding="utf-8")
    mutants = different_programs(source)
    drawn = random.Random(0).sample(mutants, min(arguments.most, len(mutants)))
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
        work = copy_of_the_project(Path(folder))
        for module in PRELOADED:
            importlib.import_module(module)
        start = time.monotonic()
        if not passes(arguments.tests, seconds=600):
            print("the tests fail without any change")
            return 2
        patience = 10 + 5 * (time.monotonic() - start)
        survivors = []
        for mutant in drawn:
            (work / arguments.file).write_text(mutant, encoding="utf-8")
            if passes(arguments.tests, patience):
                survivors.append(mutant)
                print(difference(source, mutant), flush=True)
    caught = len(drawn) - len(survivors)
    print(f"{arguments.file}: {caught} of {len(drawn)} caught ({len(mutants)} possible)", flush=True)
    return 0


def different_programs(source: str) -> list[str]:
    """Every program that one operator makes at one place."""
    from cosmic_ray.mutating import mutate_code
    from cosmic_ray.plugins import get_operator

    found = {}
    for name in [f"core/Replace{name}" for name in OPERATORS] + list(OTHERS):
        operator = get_operator(name)()
        for occurrence in range(10_000):
            mutant = mutate_code(source, operator, occurrence)
            if mutant is None:
                break
            # A star in a list of parameters is no product.
            with contextlib.suppress(SyntaxError):
                found[ast.dump(ast.parse(mutant))] = mutant
    found.pop(ast.dump(ast.parse(source)), None)
    return list(found.values())


def copy_of_the_project(folder: Path) -> Path:
    """What tests of mlref need, in a folder of its own, which Python looks at first."""
    for name in ("mlref", "tests", "autograder", "docs", "benchmarks"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "_build"))
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, folder)
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    os.environ["PYTHONPATH"] = str(folder)
    # A file changed within the same second and to the same size would be taken from the cache.
    sys.dont_write_bytecode = True
    return folder


def passes(tests: list[str], seconds: float) -> bool:
    """Do the tests pass in a fork of this process, in time?"""
    child = os.fork()
    if child == 0:
        os.setsid()
        silence = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(silence, stream)
        for name in [name for name in sys.modules if name.partition(".")[0] == "mlref"]:
            del sys.modules[name]
        import pytest

        # No cache: the fork before this one may have failed elsewhere.
        os._exit(pytest.main(["-x", "-q", "-p", "no:cacheprovider", "--assert=plain", *tests]))
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return status == 0
        time.sleep(0.02)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return False


def difference(source: str, mutant: str) -> str:
    """The changed lines, with their number."""
    lines = difflib.unified_diff(source.splitlines(), mutant.splitlines(), n=0, lineterm="")
    return "\n".join(f"  {line}" for line in lines if not line.startswith(("---", "+++")))


if __name__ == "__main__":
    sys.exit(main())
