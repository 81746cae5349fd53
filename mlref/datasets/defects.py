"""Data with a defect that is known: gaps, and leaks from the answer into the features."""

import numpy as np

from mlref.errors import check_choice, check_count, check_matrix

__all__ = [
    "make_leaky_table",
    "make_missing",
]


def make_missing(X, rng, *, share=0.2, mechanism="mcar"):
    """Copy of a table with gaps.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        Without gaps.
    rng : numpy.random.Generator
    share : float
        Expected share of gaps in each column that has any; from 0 to 0.5.
    mechanism : {"mcar", "mar", "mnar"}
        "mcar", missing completely at random: every entry with the same chance. "mar", missing at random:
        the larger the entry of column 0, the likelier the others of its row are missing; column 0 is
        complete, so that the chance can be learned. "mnar", missing not at random: the larger an entry, the
        likelier it is missing itself; what is left gives a mean that is too small.

    Returns
    -------
    X : array of shape (n_samples, n_features)
        Gaps are NaN.

    Raises
    ------
    ShapeError
        If X is not 2-D or is empty.
    NotFiniteError
        If X holds NaN or infinity.
    ValueError
        If the share is not from 0 to 0.5, or the mechanism is unknown.

    Notes
    -----
    Numpy only. Where the chance depends on a value, it is ``2 share`` times the value's rank, from 0 to 1.

    References
    ----------
    Rubin (1976), Inference and missing data, *Biometrika* 63(3).

    Examples
    --------
    >>> X = make_missing(np.ones((1000, 3)), np.random.default_rng(0), share=0.3)
    >>> bool(abs(np.isnan(X).mean() - 0.3) < 0.05)
    True
    """
    X = check_matrix(X, "X")
    check_choice(mechanism, ("mcar", "mar", "mnar"), "mechanism")
    if not 0 <= share <= 0.5:
        raise ValueError(f"share is {share!r}; it must lie from 0 to 0.5")
    # Rank of every entry in its column, from just above 0 to just below 1.
    rank = (np.argsort(np.argsort(X, axis=0), axis=0) + 0.5) / X.shape[0]
    chance = {"mcar": np.full(X.shape, share), "mar": 2 * share * rank[:, :1], "mnar": 2 * share * rank}
    gap = rng.random(X.shape) < chance[mechanism]
    if mechanism == "mar":
        gap[:, 0] = False
    return np.where(gap, np.nan, X)


def make_leaky_table(n, rng, *, leak="duplicates"):
    """Labels that are coin flips, and a table that seems to predict them to who is not careful.

    Whatever is done right, new rows are predicted with an accuracy of one half. The leak makes a careless
    evaluation say more.

    Parameters
    ----------
    n : int
        Number of rows, at least 2.
    rng : numpy.random.Generator
    leak : {"duplicates", "proxy", "time", "selection"}
        "duplicates": every row stands there twice; folds must keep the copies together (``groups``).
        "proxy": the last column was written down when the label was known already; it must be left out.
        "time": rows come in the order of time, neighbours resemble each other in features and label; folds
        must be sequential. "selection": none in the table, but a thousand columns: who picks the best before
        the folds are cut has looked at the labels of the validation rows.

    Returns
    -------
    X : array of shape (n, n_features)
    y : array of shape (n,)
        0 or 1.
    groups : array of shape (n,)
        Rows of one group are copies of each other; where there are none, every row has its own.

    Raises
    ------
    ValueError
        If n is not a whole number of at least 2, or the leak is unknown.

    Examples
    --------
    >>> X, y, groups = make_leaky_table(6, np.random.default_rng(0))
    >>> np.bincount(groups).tolist()
    [2, 2, 2]
    """
    check_count(n, "n")
    check_choice(leak, ("duplicates", "proxy", "time", "selection"), "leak")
    if n < 2:
        raise ValueError(f"n is {n}; choose at least 2")
    X, y, groups = rng.normal(size=(n, 5)), rng.integers(0, 2, size=n), np.arange(n)
    if leak == "duplicates":
        groups = rng.permutation(np.arange(n) // 2)
        X, y = X[groups], y[groups]
    elif leak == "proxy":
        X[:, -1] = y + 0.3 * X[:, -1]
    elif leak == "time":
        # The label holds for twenty rows; the features drift slowly.
        y = np.repeat(y, 20)[:n]
        X = np.cumsum(X, axis=0)
    else:
        X = rng.normal(size=(n, 1000))
    return X, y, groups
