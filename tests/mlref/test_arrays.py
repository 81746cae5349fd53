"""The bridges between array libraries."""

import ast
import importlib
import inspect
import pkgutil
import subprocess
import sys

import numpy as np
import pytest
import torch

import mlref
from mlref.arrays import add_at, add_to_parts, device, from_numpy, namespace, scatter_add, smallest, to_numpy


def test_values_survive_the_way_there_and_back(xp_backend):
    values = np.arange(6.0).reshape(2, 3)
    there = from_numpy(values, like=xp_backend.asarray(np.ones(1)))
    xp_backend.check(there, values)
    assert device(there) == xp_backend.device
    assert to_numpy(there).dtype == values.dtype


def test_numpy_arrays_are_not_copied():
    values = np.arange(3.0)
    assert to_numpy(values) is values


def test_namespace_computes_on_the_arrays(xp_backend):
    array = xp_backend.asarray(np.array([1.0, 4.0]))
    xp_backend.check(namespace(array).sqrt(array), [1.0, 2.0])


@pytest.mark.parametrize("values", [(), ([1.0, 2.0],), (None, 3), (np.float64(1.0),), (np.ones(2), [1])])
def test_what_is_no_array_counts_as_numpy(values):
    assert namespace(*values) is np


def test_libraries_do_not_mix():
    with pytest.raises(TypeError, match="namespace"):
        namespace(np.ones(2), torch.ones(2))


def test_gradients_are_left_behind():
    assert to_numpy(torch.ones(2, requires_grad=True)).tolist() == [1.0, 1.0]


def test_rows_that_share_an_index_are_summed(xp_backend):
    rng = np.random.default_rng(3)
    values, index = rng.normal(size=(50, 3)), rng.integers(0, 7, 50)
    expected = np.zeros((9, 3))
    np.add.at(expected, index, values)
    xp_backend.check(scatter_add(xp_backend.asarray(values), xp_backend.asarray(index), 9), expected)


def test_sums_of_no_rows_are_zero(xp_backend):
    sums = scatter_add(xp_backend.asarray(np.ones((0, 2))), xp_backend.asarray(np.zeros(0, dtype=int)), 3)
    xp_backend.check(sums, np.zeros((3, 2)))


def test_sums_keep_single_precision():
    assert scatter_add(np.ones((2, 1), np.float32), np.array([0, 0]), 1).dtype == np.float32


@pytest.mark.parametrize("index", [3, -1])
def test_an_index_outside_is_named(index):
    with pytest.raises(IndexError, match=f"index holds {index} to {index}; rows are 0 to 2"):
        scatter_add(np.ones((1, 1)), np.array([index]), 3)


def test_import_is_cheap():
    """Neither scipy nor scikit-learn nor torch nor array_api_compat is loaded before something needs it."""
    code = (
        "import sys, mlref.neighbors, mlref.metrics, mlref.datasets; "
        "print([name for name in ('scipy', 'sklearn', 'torch', 'array_api_compat') if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


MODULES = [
    info.name
    for info in pkgutil.walk_packages(mlref.__path__, "mlref.")
    if not info.ispkg and "xp." in inspect.getsource(importlib.import_module(info.name))
]


@pytest.mark.parametrize("module", MODULES)
def test_every_function_of_the_namespace_is_numpys_too(module):
    """A solution notebook reads as numpy: ``xp.`` becomes ``np.`` and nothing else changes."""
    used = {
        node.attr
        for node in ast.walk(ast.parse(inspect.getsource(importlib.import_module(module))))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "xp"
    }
    assert {name for name in used if not hasattr(np, name)} == set()


@pytest.mark.parametrize("k", [1, 3, 7])
def test_the_smallest_entries_are_named_whatever_their_order(k, xp_backend):
    values = np.random.default_rng(0).permutation(21.0 * np.arange(21)).reshape(3, 7)
    columns = smallest(xp_backend.asarray(values), k)
    expected = np.sort(values, axis=1)[:, :k]
    np.testing.assert_array_equal(
        np.sort(np.take_along_axis(values, to_numpy(columns), axis=1), axis=1), expected
    )
    assert columns.device == xp_backend.device


@pytest.mark.parametrize("values", [2.5, np.array([1.0, -2.0, 4.0])], ids=["number", "one for each row"])
def test_one_element_of_each_row_changes(xp_backend, values):
    matrix, columns = np.arange(12.0).reshape(3, 4), np.array([3, 0, 3])
    expected = matrix.copy()
    expected[np.arange(3), columns] += values
    ours = xp_backend.asarray(matrix)
    add_at(ours, xp_backend.asarray(columns), values if np.isscalar(values) else xp_backend.asarray(values))
    xp_backend.check(ours, expected)


def test_parts_that_meet_in_one_element_are_summed(xp_backend):
    total, values = np.arange(6.0).reshape(3, 2), np.array([1.0, 10.0, 100.0, 1000.0])
    index = np.array([0, 2, 2, 2]), np.array([1, 0, 0, 1])
    expected = np.array([[0.0, 2.0], [2.0, 3.0], [114.0, 1005.0]])
    ours = add_to_parts(
        xp_backend.asarray(total),
        tuple(xp_backend.asarray(part) for part in index),
        xp_backend.asarray(values),
    )
    xp_backend.check(ours, expected)
