"""What it costs to import mlref, and what is left alone until it is asked for."""

import pkgutil
import subprocess
import sys

import pytest

import mlref

MODULES = [info.name for info in pkgutil.walk_packages(mlref.__path__, "mlref.")]
HEAVY = ("torch", "sklearn", "pandas", "matplotlib", "statsmodels")


def run(code):
    """What a fresh interpreter prints."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_importing_mlref_costs_a_tenth_of_a_second_more_than_numpy_at_most():
    code = "import time, numpy; start = time.process_time(); import mlref; print(time.process_time() - start)"
    assert float(run(code)) < 0.1


@pytest.mark.parametrize("heavy", HEAVY)
def test_no_module_imports_it_by_itself(heavy, loaded):
    assert loaded[heavy] == "False"


@pytest.fixture(scope="module")
def loaded():
    """Heavy packages, and whether importing every module of mlref loads them."""
    code = (
        f"import importlib, sys\nfor name in {MODULES}: importlib.import_module(name)\n"
        f"for name in {HEAVY}: print(name, name in sys.modules)"
    )
    return dict(line.split() for line in run(code).splitlines())
