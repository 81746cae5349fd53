"""Which rows train and which judge.

Folds are lists of pairs (training rows, validation rows) of ascending row numbers, as numpy arrays. They
also serve as ``cv=`` of scikit-learn's tools.
"""

import math

import numpy as np

from mlref.arrays import from_numpy, namespace, to_numpy
from mlref.errors import check_count, check_labels, check_same_length

__all__ = [
    "group_k_fold",
    "k_fold",
    "leave_one_out",
    "split_sizes",
    "stratified_k_fold",
    "time_series_split",
    "train_val_test_split",
]


def split_sizes(n_samples, fractions):
    """Whole numbers in the given proportions that sum to n_samples: the method of largest remainders.

    Parameters
    ----------
    n_samples : int
    fractions : sequence of float
        Not negative; they sum to one.

    Returns
    -------
    sizes : list of int
        Each part rounded down, and one more for those that lost most by it; of equal losses the earlier part
        is first.

    Raises
    ------
    ValueError
        If n_samples is not a whole number of at least 1, or the fractions are negative or do not sum to 1.

    Examples
    --------
    >>> split_sizes(10, (0.55, 0.25, 0.2))
    [6, 2, 2]
    """
    check_count(n_samples, "n_samples")
    if not all(fraction >= 0 for fraction in fractions) or not math.isclose(sum(fractions), 1):
        raise ValueError(f"fractions are {tuple(fractions)}; they must not be negative and must sum to 1")
    # Rounded, so that 0.29 * 100 = 28.999999999999996 counts as 29.
    shares = [round(n_samples * fraction, 9) for fraction in fractions]
    sizes = [math.floor(share) for share in shares]
    by_loss = sorted(range(len(shares)), key=lambda part: sizes[part] - shares[part])
    for part in by_loss[: n_samples - sum(sizes)]:
        sizes[part] += 1
    return sizes


def train_val_test_split(X, y, fractions, rng, *, stratify=False):
    """Cut the rows at random into three parts: to train, to choose, and to judge once at the end.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
    y : array of shape (n_samples,)
        Belongs to the rows of X and stays with them.
    fractions : tuple of (float, float, float)
        Shares of the three parts; they sum to one. See `split_sizes`.
    rng : numpy.random.Generator
    stratify : bool
        Whether every class of y is cut in these proportions by itself.

    Returns
    -------
    X_train, X_val, X_test, y_train, y_val, y_test : array of shape (n_part, n_features) or (n_part,)
        Every row is in exactly one part; its place there is random.

    Raises
    ------
    ShapeError
        If X and y differ in length.
    ValueError
        If the fractions are not three, are negative or do not sum to one, or leave a part without rows.

    Examples
    --------
    >>> X, y = np.arange(10.0)[:, None], np.arange(10)
    >>> parts = train_val_test_split(X, y, (0.6, 0.2, 0.2), np.random.default_rng(0))
    >>> [len(part) for part in parts]
    [6, 2, 2, 6, 2, 2]
    """
    xp = namespace(X, y)
    X, y = xp.asarray(X), xp.asarray(y)
    check_same_length(X=X, y=y)
    if len(fractions) != 3:
        raise ValueError(f"fractions are {tuple(fractions)}; three are needed: training, validation, test")
    strata = to_numpy(y) if stratify else np.zeros(X.shape[0])
    parts = [[], [], []]
    for stratum in np.unique(strata):
        rows = rng.permutation(np.flatnonzero(strata == stratum))
        ends = np.cumsum(split_sizes(rows.size, fractions))
        for part, chosen in zip(parts, np.split(rows, ends[:-1]), strict=True):
            part.append(chosen)
    parts = [rng.permutation(np.concatenate(part)) for part in parts]
    for name, rows in zip(("training", "validation", "test"), parts, strict=True):
        if rows.size == 0:
            raise ValueError(f"the {name} part has no rows; give it a larger fraction, or more samples")
    return tuple(_rows(array, rows) for array in (X, y) for rows in parts)


def k_fold(n_samples, n_splits, rng=None):
    """Every row judges once: the rows are cut into parts, and each part in turn is held out.

    Parameters
    ----------
    n_samples : int
    n_splits : int
        Number of parts, from 2 to n_samples; their sizes differ by at most one.
    rng : numpy.random.Generator, optional
        Shuffles the rows first. Without it each part is a stretch of neighbouring rows: right only where
        their order means nothing.

    Returns
    -------
    folds : list of (array of shape (n_train,), array of shape (n_val,))

    Raises
    ------
    ValueError
        If n_splits is not a whole number from 2 to n_samples.

    References
    ----------
    Stone (1974), Cross-validatory choice and assessment of statistical predictions, *Journal of the Royal
    Statistical Society B* 36(2).

    Examples
    --------
    >>> for train, val in k_fold(5, 2):
    ...     print(train, val)
    [3 4] [0 1 2]
    [0 1 2] [3 4]
    """
    _check_splits(n_splits, n_samples)
    rows = np.arange(n_samples) if rng is None else rng.permutation(n_samples)
    part = np.empty(n_samples, dtype=np.int64)
    for number, held_out in enumerate(np.array_split(rows, n_splits)):
        part[held_out] = number
    return _folds(part, n_splits)


def leave_one_out(n_samples):
    """Every row is held out by itself: `k_fold` with as many folds as rows.

    Parameters
    ----------
    n_samples : int
        At least 2.

    Returns
    -------
    folds : list of (array of shape (n_samples - 1,), array of shape (1,))
        n_samples squared row numbers in all: 8 MB for a thousand rows.

    Raises
    ------
    ValueError
        If n_samples is not a whole number of at least 2.

    Examples
    --------
    >>> [val.tolist() for train, val in leave_one_out(3)]
    [[0], [1], [2]]
    """
    return k_fold(n_samples, n_samples)


def stratified_k_fold(y, n_splits, rng=None):
    """`k_fold` in which every part holds every class in nearly the same proportion.

    Parameters
    ----------
    y : array of shape (n_samples,)
        Label of each row; every class has at least n_splits rows.
    n_splits : int
        Number of parts, at least 2.
    rng : numpy.random.Generator, optional
        Shuffles the rows of each class first.

    Returns
    -------
    folds : list of (array of shape (n_train,), array of shape (n_val,))
        Of each class and of all rows, the parts' counts differ by at most one.

    Raises
    ------
    ValueError
        If n_splits is not a whole number of at least 2, or a class has fewer rows.

    Examples
    --------
    >>> [val.tolist() for train, val in stratified_k_fold(["a", "b", "b", "a", "b"], 2)]
    [[0, 1, 4], [2, 3]]
    """
    y = to_numpy(check_labels(y, "y"))
    _check_splits(n_splits, y.shape[0])
    part = np.empty(y.shape[0], dtype=np.int64)
    dealt = 0
    for label in np.unique(y):
        rows = np.flatnonzero(y == label)
        if rows.size < n_splits:
            raise ValueError(f"class {label} has {rows.size} rows, fewer than n_splits = {n_splits}")
        if rng is not None:
            rows = rng.permutation(rows)
        # Dealt out like cards, going on where the class before ended.
        part[rows] = (dealt + np.arange(rows.size)) % n_splits
        dealt += rows.size
    return _folds(part, n_splits)


def group_k_fold(groups, n_splits, rng=None):
    """`k_fold` in which the rows of one group stay together: copies, or samples of one person.

    Parameters
    ----------
    groups : array of shape (n_samples,)
        Label of each row's group.
    n_splits : int
        Number of parts, from 2 to the number of groups.
    rng : numpy.random.Generator, optional
        Shuffles the groups first.

    Returns
    -------
    folds : list of (array of shape (n_train,), array of shape (n_val,))
        The parts' numbers of groups differ by at most one.

    Raises
    ------
    ValueError
        If n_splits is not a whole number from 2 to the number of groups.

    Examples
    --------
    >>> [val.tolist() for train, val in group_k_fold(["ann", "bob", "ann", "eve"], 3)]
    [[0, 2], [1], [3]]
    """
    names, codes = np.unique(to_numpy(check_labels(groups, "groups")), return_inverse=True)
    part = np.empty(names.size, dtype=np.int64)
    for number, (_, held_out) in enumerate(k_fold(names.size, n_splits, rng)):
        part[held_out] = number
    return _folds(part[codes], n_splits)


def time_series_split(n_samples, n_splits, *, gap=0, test_size=None, max_train_size=None):
    """Folds for rows in the order of time: every part is judged by a model of what came before it.

    Parameters
    ----------
    n_samples : int
    n_splits : int
        Number of parts that judge, at least 1.
    gap : int
        Rows left out between training and validation, for labels that look ahead.
    test_size : int, optional
        Rows of each part; ``n_samples // (n_splits + 1)`` by default. The last part ends with the last row.
    max_train_size : int, optional
        The most training rows, those just before the gap: a window that slides. By default it grows from the
        first row on.

    Returns
    -------
    folds : list of (array of shape (n_train,), array of shape (n_val,))
        ``max(train) + gap < min(val)`` in each.

    Raises
    ------
    ValueError
        If a number is not allowed, or the first part has no row before it.

    Examples
    --------
    >>> for train, val in time_series_split(6, 2, max_train_size=3):
    ...     print(train, val)
    [0 1] [2 3]
    [1 2 3] [4 5]
    """
    check_count(n_splits, "n_splits")
    if test_size is None:
        test_size = n_samples // (n_splits + 1)
    first = n_samples - n_splits * test_size
    if test_size < 1 or gap < 0 or first - gap < 1:
        raise ValueError(
            f"{n_samples} rows do not hold {n_splits} parts of {test_size} rows, a gap of {gap} and a row to "
            "train on before the first; choose fewer or smaller parts"
        )
    folds = []
    for start in range(first, n_samples, test_size):
        oldest = 0 if max_train_size is None else max(0, start - gap - max_train_size)
        folds.append((np.arange(oldest, start - gap), np.arange(start, start + test_size)))
    return folds


def _folds(part, n_splits):
    """Folds from the number of the part that each row is in."""
    return [(np.flatnonzero(part != k), np.flatnonzero(part == k)) for k in range(n_splits)]


def _rows(array, rows):
    """Some rows of an array of any library."""
    return namespace(array).take(array, from_numpy(rows, like=array), axis=0)


def _check_splits(n_splits, n_samples):
    check_count(n_splits, "n_splits", maximum=n_samples)
    if n_splits < 2:
        raise ValueError(f"n_splits is {n_splits}; one part must train and another judge: choose at least 2")
