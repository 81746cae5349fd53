"""Standardisation, ranges, robust scaling, rows of length one."""

import numpy as np
import pytest
import sklearn.preprocessing
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mlref.errors import NotFiniteError, NotFittedError, ShapeError
from mlref.preprocessing import MinMaxScaler, RobustScaler, StandardScaler, column_quantiles, normalize

SCALERS = [StandardScaler, MinMaxScaler, RobustScaler]
every_scaler = pytest.mark.parametrize("scaler_class", SCALERS, ids=lambda cls: cls.__name__)

matrices = hnp.arrays(np.float64, (6, 3), elements=st.integers(-9999, 9999).map(lambda i: i / 100))


def samples(seed):
    rng = np.random.default_rng(seed)
    scale, shift = np.array([1.0, 50.0, 1e-3]), np.array([0.0, 1e4, -7.0])
    return rng.normal(size=(30, 3)) * scale + shift, rng.normal(size=(5, 3)) * scale + shift


# oracle


@every_scaler
def test_equals_scikit_learn(scaler_class, xp_backend):
    train, test = samples(0)
    theirs = getattr(sklearn.preprocessing, scaler_class.__name__)().fit(train)
    ours = scaler_class().fit(xp_backend.asarray(train))
    xp_backend.check(ours.transform(xp_backend.asarray(test)), theirs.transform(test), rtol=1e-9)
    xp_backend.check(
        ours.fit_transform(xp_backend.asarray(train)), theirs.transform(train), rtol=1e-7, atol=1e-9
    )


def test_a_range_other_than_zero_to_one_equals_scikit_learn():
    train, test = samples(1)
    theirs = sklearn.preprocessing.MinMaxScaler((-1, 3)).fit(train)
    np.testing.assert_allclose(MinMaxScaler((-1, 3)).fit(train).transform(test), theirs.transform(test))


@pytest.mark.parametrize("norm", ["l1", "l2", "max"])
def test_normalize_equals_scikit_learn(norm, xp_backend):
    X = np.vstack([samples(2)[0], np.zeros((1, 3))])
    xp_backend.check(normalize(xp_backend.asarray(X), norm), sklearn.preprocessing.normalize(X, norm))


def test_quantiles_equal_numpy(xp_backend):
    probabilities = [0, 0.25, 0.5, 0.9, 1]
    X = np.random.default_rng(3).normal(size=(11, 4))
    X[X > 0.8] = np.nan
    expected = np.nanquantile(X, probabilities, axis=0)
    xp_backend.check(column_quantiles(xp_backend.asarray(X), probabilities), expected)


# properties


@every_scaler
@given(matrices, matrices)
@settings(max_examples=25)
def test_inverse_transform_undoes_transform(scaler_class, train, test):
    scaler = scaler_class().fit(train)
    np.testing.assert_allclose(scaler.inverse_transform(scaler.transform(test)), test, rtol=1e-9, atol=1e-9)


@every_scaler
def test_the_result_does_not_depend_on_units(scaler_class):
    train, test = samples(4)
    expected = scaler_class().fit(train).transform(test)
    factor, shift = np.array([1000.0, 0.01, 3.0]), np.array([5.0, -2.0, 100.0])
    moved = scaler_class().fit(train * factor + shift).transform(test * factor + shift)
    np.testing.assert_allclose(moved, expected, rtol=1e-6, atol=1e-8)


@every_scaler
def test_only_the_training_rows_count(scaler_class):
    train, test = samples(5)
    scaler = scaler_class().fit(train)
    np.testing.assert_allclose(scaler.transform(test)[:1], scaler.transform(test[:1]))
    np.testing.assert_allclose(scaler.transform(np.vstack([test, 100 * test]))[:5], scaler.transform(test))


def test_the_training_rows_have_what_was_promised():
    train, _ = samples(6)
    Z = StandardScaler().fit_transform(train)
    np.testing.assert_allclose(Z.mean(axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(Z.std(axis=0), 1)  # n, not n - 1, in the denominator
    Z = MinMaxScaler((2, 5)).fit_transform(train)
    np.testing.assert_allclose(Z.min(axis=0), 2)
    np.testing.assert_allclose(Z.max(axis=0), 5)
    Z = RobustScaler().fit_transform(train)
    np.testing.assert_allclose(np.quantile(Z, [0.25, 0.5, 0.75], axis=0)[1], 0, atol=1e-12)
    np.testing.assert_allclose(np.subtract(*np.quantile(Z, [0.75, 0.25], axis=0)), 1)


def test_an_outlier_moves_the_robust_scale_little():
    x = np.arange(101.0)[:, None]
    x_bad = x.copy()
    x_bad[-1] = 1e6
    np.testing.assert_allclose(RobustScaler().fit(x_bad).transform(x), RobustScaler().fit(x).transform(x))


# edges


@every_scaler
@pytest.mark.parametrize("constant", [0.0, 0.1, 1e9 + 0.1])
def test_a_constant_feature_becomes_zero(scaler_class, constant):
    X = np.full((7, 1), constant)
    assert scaler_class().fit_transform(X).tolist() == [[0.0]] * 7
    assert scaler_class().fit(X).transform(X + 1)[0, 0] == pytest.approx(1)


@every_scaler
def test_one_row_integers_and_float32(scaler_class):
    assert scaler_class().fit_transform(np.array([[3, 4]])).tolist() == [[0.0, 0.0]]
    assert scaler_class().fit_transform(np.eye(3, dtype=np.float32)).dtype == np.float32


@every_scaler
def test_arguments_are_unchanged(scaler_class):
    train, _ = samples(7)
    train.flags.writeable = False
    scaler = scaler_class().fit(train)
    Z = scaler.transform(train)
    Z.flags.writeable = False
    scaler.inverse_transform(Z)


@pytest.mark.parametrize("size", [1e-200, 1e200])
def test_very_small_and_very_large_rows_have_length_one(size):
    np.testing.assert_allclose(normalize([[3 * size, 4 * size]]), [[0.6, 0.8]])


# errors


@every_scaler
def test_bad_arguments_raise(scaler_class):
    with pytest.raises(NotFittedError, match=f"this {scaler_class.__name__} is not fitted"):
        scaler_class().transform(np.eye(2))
    with pytest.raises(NotFittedError):
        scaler_class().inverse_transform(np.eye(2))
    scaler = scaler_class().fit(np.eye(2))
    with pytest.raises(ShapeError, match="X has 3 features"):
        scaler.transform(np.ones((1, 3)))
    with pytest.raises(NotFiniteError):
        scaler_class().fit(np.array([[np.nan]]))


def test_bad_settings_raise():
    with pytest.raises(ValueError, match=r"feature_range is \(1, 0\)"):
        MinMaxScaler((1, 0)).fit(np.eye(2))
    with pytest.raises(ValueError, match="norm is 'l3'"):
        normalize(np.eye(2), "l3")
