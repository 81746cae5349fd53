"""What a next-token model learns from: stretches of text, and the same stretches one token later."""

import numpy as np

from mlref.errors import ShapeError, check_array, check_count

__all__ = ["next_token_pairs"]


def next_token_pairs(ids, context_length):
    """Every stretch of tokens, with the token that follows each of its positions.

    Parameters
    ----------
    ids : array of ints, of shape (n,), or list of such arrays
        The tokens of a document, or of several: no stretch reaches from one document into the next.
    context_length : int

    Returns
    -------
    inputs : array of ints, of shape (n_pairs, context_length)
    targets : array of ints, of shape (n_pairs, context_length)
        ``targets[i, j]`` follows ``inputs[i, : j + 1]``.

    Raises
    ------
    ShapeError
        If a document has an axis too many, or no document is longer than ``context_length``.

    Notes
    -----
    A document of n tokens gives n - context_length pairs; a shorter one gives none. For a single document
    both results are read-only views of ``ids``: they take no memory.

    Examples
    --------
    >>> inputs, targets = next_token_pairs(np.array([1, 2, 3, 4]), 2)
    >>> inputs
    array([[1, 2],
           [2, 3]])
    >>> targets
    array([[2, 3],
           [3, 4]])
    """
    check_count(context_length, "context_length")
    documents = [check_array(document, "ids") for document in (ids if isinstance(ids, list) else [ids])]
    if any(document.ndim != 1 for document in documents):
        raise ShapeError("ids must be 1-D, (n,), or a list of 1-D arrays, one for each document")
    long_enough = [document for document in documents if document.size > context_length]
    if not long_enough:
        raise ShapeError(
            f"no document has more than context_length = {context_length} tokens; choose a shorter context"
        )
    windows = [np.lib.stride_tricks.sliding_window_view(d, context_length + 1) for d in long_enough]
    joined = windows[0] if len(windows) == 1 else np.concat(windows)
    return joined[:, :-1], joined[:, 1:]
