"""Least squares by blocks: the triangles, the condition of a triangle, the blocks."""

import numpy as np
import pytest

from mlref.arrays import to_numpy
from mlref.linear_model.solvers import (
    centered_blocks,
    column_means,
    normal_matrix,
    qr_triangle,
    reciprocal_condition,
    solve_least_squares,
)


def problem(seed, n, p, k):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, p)), rng.normal(size=(n, k))


def cut(X, y, *rows):
    return [(X[a:b, :], y[a:b, :]) for a, b in zip((0, *rows), (*rows, len(X)), strict=True)]


@pytest.mark.parametrize("rows", [(), (7,), (3, 6, 19)])
@pytest.mark.parametrize("alpha", [0.0, 0.7])
def test_triangle_of_any_blocks_is_that_of_the_whole(rows, alpha, xp_backend):
    X, y = problem(0, 20, 4, 2)
    blocks = [tuple(map(xp_backend.asarray, block)) for block in cut(X, y, *rows)]
    R, rotated = qr_triangle(blocks, alpha)
    xp_backend.check(R.T @ R, X.T @ X + alpha * np.eye(4))
    xp_backend.check(R.T @ rotated, X.T @ y)
    np.testing.assert_array_equal(np.tril(to_numpy(R), -1), 0)


def test_normal_matrix_is_the_sum_over_blocks(xp_backend):
    X, y = problem(1, 20, 4, 2)
    blocks = [tuple(map(xp_backend.asarray, block)) for block in cut(X, y, 5, 11)]
    gram, cross = normal_matrix(blocks, alpha=2.0)
    xp_backend.check(gram, X.T @ X + 2 * np.eye(4))
    xp_backend.check(cross, X.T @ y)


def test_fewer_rows_than_columns_give_a_wide_triangle():
    X, y = problem(2, 3, 5, 1)
    R, rotated = qr_triangle([(X, y)])
    assert R.shape == (3, 5)
    assert rotated.shape == (3, 1)


def test_condition_of_a_triangle(xp_backend):
    assert reciprocal_condition(xp_backend.asarray(np.eye(3))) == pytest.approx(1)
    R = np.triu(np.random.default_rng(3).normal(size=(6, 6)))
    # The norms differ by a factor of n at most.
    ratio = reciprocal_condition(xp_backend.asarray(R)) * np.linalg.cond(R)
    assert 1 / 6 < ratio < 6
    assert reciprocal_condition(xp_backend.asarray(np.diag([1.0, 0.0]))) == 0
    assert reciprocal_condition(xp_backend.asarray(np.zeros((2, 2)))) == 0


@pytest.mark.parametrize("weighted", [False, True])
def test_blocks_cover_every_row_once_and_are_centred(weighted):
    X, y = problem(4, 40_000, 3, 1)
    weight = np.random.default_rng(4).uniform(size=40_000) if weighted else None
    means = column_means(X, y, weight)
    blocks = list(centered_blocks(X, y, *means, weight))
    assert len(blocks) > 2
    assert max(A.size for A, _ in blocks) <= 2**16
    A, B = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
    root = np.sqrt(np.ones(40_000) if weight is None else weight)
    np.testing.assert_allclose(root @ A, 0, atol=1e-9)
    np.testing.assert_allclose(A, root[:, None] * (X - np.average(X, axis=0, weights=weight)), atol=1e-12)
    np.testing.assert_allclose(B, root[:, None] * (y - np.average(y, axis=0, weights=weight)), atol=1e-12)


@pytest.mark.parametrize("solver", ["qr", "cholesky"])
def test_penalty_equals_more_rows(solver):
    X, y = problem(5, 30, 4, 2)
    coef, _ = solve_least_squares(X, y, alpha=3.0, fit_intercept=False, solver=solver)
    longer = np.concatenate([X, np.sqrt(3) * np.eye(4)]), np.concatenate([y, np.zeros((4, 2))])
    np.testing.assert_allclose(coef, np.linalg.lstsq(*longer)[0], rtol=1e-10)


def test_a_singular_matrix_sends_cholesky_to_qr():
    X, y = problem(6, 30, 4, 1)
    X[:, 3] = X[:, 0]
    by_cholesky, by_qr = (solve_least_squares(X, y, solver=solver)[0] for solver in ("cholesky", "qr"))
    np.testing.assert_array_equal(by_cholesky, by_qr)
    np.testing.assert_allclose(by_qr[0], by_qr[3])
