"""What all seeded generators have in common."""

import inspect

import numpy as np
import pytest

from mlref import datasets
from mlref.datasets import (
    make_arima,
    make_blobs,
    make_gpa_like,
    make_imbalanced_scores,
    make_leaky_table,
    make_line,
    make_markov_text,
    make_missing,
    make_moons,
    make_parity,
    make_poly,
    make_ring,
    make_seasonal,
    make_shapes,
    make_sine,
    make_three_modes,
)

TABLES = [
    make_blobs,
    make_gpa_like,
    make_line,
    make_moons,
    make_parity,
    make_poly,
    make_ring,
    make_sine,
    make_three_modes,
]
OTHERS = [make_arima, make_imbalanced_scores, make_leaky_table, make_markov_text, make_seasonal, make_shapes]
every_table = pytest.mark.parametrize("make", TABLES, ids=lambda make: make.__name__)
every_generator = pytest.mark.parametrize("make", TABLES + OTHERS, ids=lambda make: make.__name__)


def contents(result):
    """Everything that a generator returned, comparable."""
    parts = result if isinstance(result, tuple) else (result,)
    return [part.tobytes() if isinstance(part, np.ndarray) else part for part in parts]


def test_no_generator_is_forgotten_here():
    found = {f for name, f in inspect.getmembers(datasets, inspect.isfunction) if name.startswith("make_")}
    assert found == {*TABLES, *OTHERS, make_missing}


@every_generator
def test_the_same_seed_gives_the_same_bytes_and_another_one_does_not(make):
    first, again = (contents(make(50, np.random.default_rng(1))) for _ in range(2))
    assert first == again
    assert first[0] != contents(make(50, np.random.default_rng(2)))[0]


@every_generator
def test_global_random_state_is_untouched(make):
    before = np.random.get_state()[1].tobytes()
    make(10, np.random.default_rng(3))
    assert np.random.get_state()[1].tobytes() == before


@every_table
@pytest.mark.parametrize("n", [1, 2, 17])
def test_shapes_and_types(make, n):
    X, y = make(n, np.random.default_rng(4))
    assert X.shape[0] == n
    assert X.ndim == 2
    assert y.shape == (n,)
    assert X.dtype == np.float64
    assert y.dtype == (np.float64 if make.__module__.endswith("regression") else np.int64)


@every_generator
@pytest.mark.parametrize("n", [0, -1, 2.5])
def test_bad_n_raises(make, n):
    with pytest.raises(ValueError, match=r"n is .* whole number of at least 1"):
        make(n, np.random.default_rng(5))
