"""Embeddings: a table with one learned vector for every token."""

import numpy as np

from mlref.arrays import from_numpy, namespace, scatter_add
from mlref.autodiff.tensor import Tensor, record
from mlref.errors import check_array
from mlref.nn.joint import data_of
from mlref.nn.module import Module

__all__ = ["Embedding", "embedding", "embedding_backward"]


def embedding(ids, weight):
    """The rows of a table that the ids name.

    Parameters
    ----------
    ids : array of any shape
        Whole numbers from 0 to num_embeddings - 1.
    weight : Tensor or array of shape (num_embeddings, embedding_dim)

    Returns
    -------
    vectors : Tensor of shape (..., embedding_dim)

    Raises
    ------
    IndexError
        If an id is not in the table (checked for numpy arrays).

    Examples
    --------
    >>> embedding(np.array([1, 1]), Tensor([[1.0, 2.0], [3.0, 4.0]])).data
    array([[3., 4.],
           [3., 4.]])
    """
    table, ids = data_of(weight, "weight", ndim=2), check_array(ids, "ids")
    xp = namespace(table, ids)
    # On an accelerator the question would stop the queue; there the library itself complains.
    if xp is np and ids.size and not 0 <= ids.min() <= ids.max() < table.shape[0]:
        raise IndexError(
            f"ids holds {ids.min()} to {ids.max()}; the table has rows 0 to {table.shape[0] - 1}"
        )
    vectors = xp.take(table, xp.reshape(ids, (-1,)), axis=0)
    return record(
        xp.reshape(vectors, (*ids.shape, table.shape[1])),
        (weight, lambda gradient: embedding_backward(gradient, ids, table.shape[0])),
    )


def embedding_backward(gradient, ids, num_embeddings):
    """Gradient of `embedding` with respect to the table.

    Parameters
    ----------
    gradient : array of shape (..., embedding_dim)
        With respect to the vectors.
    ids : array of any shape
    num_embeddings : int

    Returns
    -------
    table_gradient : array of shape (num_embeddings, embedding_dim)
        A token that occurs several times gets the sum, one that does not occur gets zero.

    Notes
    -----
    Choosing rows is the product of a matrix of ones and zeros with the table; this is the product of its
    transpose with the gradient, by `mlref.arrays.scatter_add`.

    Examples
    --------
    >>> embedding_backward(np.array([[1.0], [2.0]]), np.array([1, 1]), 3)
    array([[0.],
           [3.],
           [0.]])
    """
    xp = namespace(gradient, ids)
    rows = xp.reshape(gradient, (-1, gradient.shape[-1]))
    return scatter_add(rows, xp.reshape(ids, (-1,)), num_embeddings)


class Embedding(Module):
    """A table of learned vectors, one for each token.

    Parameters
    ----------
    num_embeddings : int
        How many tokens there are.
    embedding_dim : int
        Length of a vector.
    rng : numpy.random.Generator
        Draws the table from the standard normal distribution, as torch does.

    Examples
    --------
    >>> layer = Embedding(10, 4, rng=np.random.default_rng(0))
    >>> layer(np.array([[1, 2, 3]])).shape
    (1, 3, 4)
    """

    def __init__(self, num_embeddings, embedding_dim, *, rng):
        self.weight = Tensor(rng.normal(size=(num_embeddings, embedding_dim)))

    def forward(self, ids):
        """The vectors of the tokens.

        Parameters
        ----------
        ids : array of any shape
            Whole numbers; numpy's are moved to where the table is.

        Returns
        -------
        vectors : Tensor of shape (..., embedding_dim)

        Raises
        ------
        IndexError
            If an id is not in the table.
        """
        ids = from_numpy(ids, self.weight.data)
        return embedding(ids, self.weight)
