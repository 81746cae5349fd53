"""Polynomial, Fourier, Legendre and Hermite bases."""

import math

import numpy as np
import pytest
import sklearn.preprocessing
from numpy.polynomial import hermite_e, legendre

from mlref.errors import NotFiniteError, ShapeError
from mlref.preprocessing import (
    PolynomialFeatures,
    fourier_basis,
    hermite_basis,
    legendre_basis,
    polynomial_basis,
    polynomial_exponents,
)

X = np.random.default_rng(0).normal(size=(6, 3))
x = np.linspace(-1, 1, 9)


# oracle


@pytest.mark.parametrize("degree", [0, 1, 2, 4])
def test_polynomials_equal_scikit_learn(degree, xp_backend):
    for columns in (1, 2, 3):
        theirs = sklearn.preprocessing.PolynomialFeatures(degree).fit(X[:, :columns])
        found = polynomial_basis(xp_backend.asarray(X[:, :columns]), degree)
        xp_backend.check(found, theirs.transform(X[:, :columns]))
        assert polynomial_exponents(columns, degree) == [tuple(powers) for powers in theirs.powers_.tolist()]


@pytest.mark.parametrize("include_bias", [False, True])
def test_the_pipeline_step_equals_scikit_learn(include_bias):
    theirs = sklearn.preprocessing.PolynomialFeatures(3, include_bias=include_bias).fit_transform(X)
    ours = PolynomialFeatures(3, include_bias=include_bias)
    np.testing.assert_allclose(ours.fit_transform(X), theirs)
    assert len(ours.powers_) == theirs.shape[1]


@pytest.mark.parametrize("degree", [0, 1, 2, 7])
def test_orthogonal_polynomials_equal_numpy(degree, xp_backend):
    xp_backend.check(legendre_basis(xp_backend.asarray(x), degree), legendre.legvander(x, degree))
    xp_backend.check(hermite_basis(xp_backend.asarray(3 * x), degree), hermite_e.hermevander(3 * x, degree))


def test_fourier_columns_by_hand(xp_backend):
    w = 2 * math.pi / 5
    expected = np.stack([x**0, np.cos(w * x), np.sin(w * x), np.cos(2 * w * x), np.sin(2 * w * x)], axis=1)
    xp_backend.check(fourier_basis(xp_backend.asarray(x), 2, period=5), expected)
    xp_backend.check(fourier_basis(xp_backend.asarray(x), 2, period=5, sine=False), expected[:, [0, 1, 3]])


# properties


@pytest.mark.parametrize(("degree", "columns"), [(1, 10), (2, 55), (3, 220)])
def test_nine_features_have_so_many_monomials(degree, columns):
    exponents = polynomial_exponents(9, degree)
    assert len(exponents) == len(set(exponents)) == columns == math.comb(9 + degree, degree)


def test_each_column_is_the_monomial_of_its_exponents():
    for interactions in (False, True):
        exponents = polynomial_exponents(3, 4, interactions=interactions)
        found = polynomial_basis(X, 4, interactions=interactions)
        np.testing.assert_allclose(found, [[np.prod(row**powers) for powers in exponents] for row in X])
    assert len(polynomial_exponents(3, 4, interactions=False)) == 1 + 3 * 4


def test_fourier_columns_repeat_and_are_orthogonal():
    t = np.arange(24) / 24 * 7
    Phi = fourier_basis(t, 3, period=7)
    np.testing.assert_allclose(fourier_basis(t + 7, 3, period=7), Phi, atol=1e-12)
    np.testing.assert_allclose(Phi.T @ Phi, np.diag([24] + [12] * 6), atol=1e-12)


def test_legendre_columns_are_far_better_conditioned():
    t = np.linspace(-1, 1, 200)
    assert np.linalg.cond(legendre_basis(t, 15)) < 50
    assert np.linalg.cond(polynomial_basis(t[:, None], 15)) > 1e4


# edges


def test_degree_zero_is_the_constant():
    for found in (polynomial_basis(X, 0), legendre_basis(x, 0), hermite_basis(x, 0)):
        assert found.shape[1] == 1
        assert np.all(found == 1)


def test_integers_become_floats_and_floats_keep_their_precision():
    assert polynomial_basis(np.array([[300]], dtype=np.int16), 3)[0, 3] == 2.7e7
    assert polynomial_basis(X.astype(np.float32), 3).dtype == np.float32
    assert fourier_basis(x.astype(np.float32), 3).dtype == np.float32


# errors


@pytest.mark.parametrize("degree", [-1, 1.5, True, None])
def test_a_degree_must_be_a_whole_number(degree):
    for build in (lambda: polynomial_basis(X, degree), lambda: legendre_basis(x, degree)):
        with pytest.raises(ValueError, match="degree is"):
            build()


def test_bad_arguments_raise():
    with pytest.raises(ShapeError, match="it must be 2-D"):
        polynomial_basis(x, 2)
    with pytest.raises(ShapeError, match="it must be 1-D"):
        fourier_basis(X, 2)
    with pytest.raises(NotFiniteError):
        legendre_basis([np.inf], 2)
    with pytest.raises(ValueError, match="n_frequencies is 0"):
        fourier_basis(x, 0)
    with pytest.raises(ValueError, match="period is 0"):
        fourier_basis(x, 1, period=0)
