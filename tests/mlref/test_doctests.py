"""Every example in a docstring of mlref, and every session on a page of docs/mlref, prints what it says."""

import doctest
import importlib
import pkgutil
import re
from pathlib import Path

import numpy as np
import pytest

import mlref

PAGES = Path(__file__).parents[2] / "docs" / "mlref"
MODULES = [info.name for info in pkgutil.walk_packages(mlref.__path__, "mlref.")]


def failures(examples, name):
    """What the runner reports about a list of examples; empty where all is well."""
    report = []
    runner = doctest.DocTestRunner(verbose=False)
    for example in examples:
        runner.run(example, out=report.append)
    return f"{name}: {''.join(report)}" if report else ""


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_run(name):
    module = importlib.import_module(name)
    examples = doctest.DocTestFinder().find(module, extraglobs={"np": np})
    assert not failures(examples, name)


@pytest.mark.parametrize("page", sorted(PAGES.glob("*.md")), ids=lambda page: page.stem)
def test_the_sessions_of_a_page_run(page):
    # A fence ends the expected output as an empty line does.
    text = re.sub(r"(?m)^```.*$", "", page.read_text(encoding="utf-8"))
    example = doctest.DocTestParser().get_doctest(text, {"np": np}, page.name, str(page), 0)
    assert not failures([example], page.name)


def test_an_example_that_prints_something_else_is_found():
    example = doctest.DocTestParser().get_doctest(">>> 1 + 1\n3\n", {}, "sample", None, 0)
    assert "Expected" in failures([example], "sample")
