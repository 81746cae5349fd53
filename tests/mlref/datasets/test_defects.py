"""Gaps, and tables with a leak."""

import numpy as np
import pytest

from mlref.datasets import make_leaky_table, make_missing
from mlref.errors import NotFiniteError
from mlref.model_selection import cross_validate, group_k_fold, k_fold, time_series_split
from mlref.neighbors import KNeighborsClassifier

SEED = 20


def generator(offset=0):
    return np.random.default_rng(SEED + offset)


# gaps


@pytest.mark.parametrize("mechanism", ["mcar", "mar", "mnar"])
@pytest.mark.parametrize("share", [0.0, 0.2, 0.5])
def test_the_share_of_gaps_is_right_and_the_rest_unchanged(mechanism, share):
    X = generator().normal(size=(4000, 3))
    X.flags.writeable = False
    holed = make_missing(X, generator(1), share=share, mechanism=mechanism)
    gaps = np.isnan(holed)
    expected = [0 if mechanism == "mar" else share, share, share]
    np.testing.assert_allclose(gaps.mean(axis=0), expected, atol=4 * 0.5 / np.sqrt(4000))
    np.testing.assert_array_equal(holed[~gaps], X[~gaps])


def test_what_the_gaps_depend_on():
    X = generator(2).normal(size=(4000, 2))
    means = {
        mechanism: np.nanmean(make_missing(X, generator(3), share=0.4, mechanism=mechanism)[:, 1])
        for mechanism in ("mcar", "mar", "mnar")
    }
    # Column 1 does not depend on column 0: only gaps that depend on the value itself shift its mean.
    assert abs(means["mcar"]) < 0.1
    assert abs(means["mar"]) < 0.1
    assert means["mnar"] < -0.2
    gaps = np.isnan(make_missing(X, generator(4), share=0.4, mechanism="mar")[:, 1])
    assert X[gaps, 0].mean() > X[~gaps, 0].mean() + 0.3


def test_the_same_seed_makes_the_same_gaps():
    X = np.ones((30, 2))
    first, again, other = (make_missing(X, generator(i)) for i in (5, 5, 6))
    assert first.tobytes() == again.tobytes() != other.tobytes()


# leaks


def accuracy(X, y, folds, n_neighbors=1):
    mean, standard_error, _ = cross_validate(KNeighborsClassifier(n_neighbors), X, y, list(folds))
    return mean, max(standard_error, 0.5 / np.sqrt(len(y)))


def assert_fools_the_careless_only(careless, careful):
    assert careless[0] > 0.5 + 4 * careless[1]
    assert abs(careful[0] - 0.5) < 3 * careful[1]


def test_duplicates_fool_shuffled_folds_and_not_grouped_ones():
    X, y, groups = make_leaky_table(400, generator(7), leak="duplicates")
    assert np.bincount(groups).tolist() == [2] * 200
    careless = accuracy(X, y, k_fold(400, 5, generator(8)))
    assert_fools_the_careless_only(careless, accuracy(X, y, group_k_fold(groups, 5, generator(8))))


def test_the_proxy_column_fools_until_it_is_left_out():
    X, y, _ = make_leaky_table(400, generator(9), leak="proxy")
    folds = k_fold(400, 5, generator(10))
    assert_fools_the_careless_only(accuracy(X, y, folds, 5), accuracy(X[:, :-1], y, folds, 5))


def test_time_fools_shuffled_folds_and_not_sequential_ones():
    X, y, _ = make_leaky_table(2000, generator(11), leak="time")
    careless = accuracy(X, y, k_fold(2000, 5, generator(12)))
    mean, _ = accuracy(X, y, time_series_split(2000, 5, gap=20))
    # A hundred labels that hold for twenty rows each.
    assert_fools_the_careless_only(careless, (mean, 0.5 / np.sqrt(2000 * 5 / 6 / 20)))


def test_selection_before_the_folds_fools_and_within_them_not():
    X, y, _ = make_leaky_table(60, generator(13), leak="selection")
    folds = k_fold(60, 5, generator(14))

    def best_columns(rows):
        return np.argsort(np.abs((y[rows] - y[rows].mean()) @ X[rows]))[-20:]

    careless = accuracy(X[:, best_columns(np.arange(60))], y, folds, 9)
    scores = []
    for train, val in folds:
        columns = best_columns(train)
        model = KNeighborsClassifier(9).fit(X[train][:, columns], y[train])
        scores.append(model.score(X[val][:, columns], y[val]))
    assert_fools_the_careless_only(careless, (np.mean(scores), 0.5 / np.sqrt(60)))


# errors


def test_bad_arguments_raise():
    with pytest.raises(ValueError, match=r"share is 0\.6"):
        make_missing(np.ones((2, 2)), generator(), share=0.6)
    with pytest.raises(ValueError, match="mechanism is 'random'"):
        make_missing(np.ones((2, 2)), generator(), mechanism="random")
    with pytest.raises(NotFiniteError):
        make_missing(np.full((2, 2), np.nan), generator())
    with pytest.raises(ValueError, match="leak is 'none'"):
        make_leaky_table(9, generator(), leak="none")
    with pytest.raises(ValueError, match="n is 1"):
        make_leaky_table(1, generator())
