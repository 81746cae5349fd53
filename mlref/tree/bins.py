"""Every feature as small whole numbers, in the order of its values. Numpy only."""

from typing import NamedTuple

import numpy as np

from mlref.errors import check_array
from mlref.tree.splitting import midpoint

__all__ = [
    "Bins",
    "bin_features",
]


class Bins(NamedTuple):
    """Every feature as small whole numbers in the order of its values.

    ``codes`` of shape (n_features, n_samples) holds the bin of each value; ``low`` and ``high``, of shape
    (n_features, n_bins), the smallest and the largest value in each bin.
    """

    codes: np.ndarray
    low: np.ndarray
    high: np.ndarray

    def midpoint(self, feature, left, right):
        """Threshold between two bins of a feature: halfway between the values at their facing ends.

        Parameters
        ----------
        feature : array of shape (n_splits,)
        left : array of shape (n_splits,)
            Bin that holds the largest values on the left.
        right : array of shape (n_splits,)
            Bin that holds the smallest values on the right.

        Returns
        -------
        threshold : array of shape (n_splits,)
        """
        return midpoint(self.high[feature, left], self.low[feature, right])


def bin_features(X, max_bins=None):
    """Replace every value by the number of its bin.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
    max_bins : int, optional
        Most bins of a feature, cut at its quantiles; by default every distinct value is a bin of its own.

    Returns
    -------
    bins : Bins

    Notes
    -----
    Trees only ask for the order of values, so with a bin for each distinct value nothing is lost.

    Examples
    --------
    >>> bin_features(np.array([[0.5], [7.0], [0.5]])).codes
    array([[0, 1, 0]], dtype=int32)
    """
    X = check_array(X, "X", ndim=2)
    n_samples, n_features = X.shape
    codes = np.empty((n_features, n_samples), dtype=np.int32)
    ends = []
    for feature, column in enumerate(X.T):
        values, code = np.unique(column, return_inverse=True)
        low = high = values
        if max_bins is not None and values.size > max_bins:
            inner = np.quantile(column, np.arange(1, max_bins) / max_bins)
            # Bin of each distinct value; a value at an edge belongs below it. Empty bins are left out.
            bin_of, first = np.unique(np.searchsorted(inner, values), return_inverse=True)
            starts = np.searchsorted(first, np.arange(bin_of.size))
            low, high = values[starts], values[np.append(starts[1:], values.size) - 1]
            code = first[code]
        codes[feature] = code
        ends.append((low, high))
    padded = np.full((2, n_features, max(low.size for low, _ in ends)), np.nan)
    for feature, pair in enumerate(ends):
        padded[:, feature, : pair[0].size] = pair
    return Bins(codes, *padded)
