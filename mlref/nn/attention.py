"""Attention: every position reads a weighted average of all others, and computes the weights itself."""

import math

from mlref.arrays import device, namespace
from mlref.errors import ShapeError, check_array
from mlref.nn.joint import data_of, record_joint
from mlref.nn.linear import Linear
from mlref.nn.module import Module

__all__ = [
    "MultiheadAttention",
    "attention",
    "attention_backward",
    "causal_mask",
    "scaled_dot_product_attention",
]


def attention(Q, K, V, mask=None):
    """Averages of values, weighted by how well each key answers a query.

    Parameters
    ----------
    Q : array of shape (..., n_queries, d)
    K : array of shape (..., n_keys, d)
    V : array of shape (..., n_keys, d_values)
    mask : array of shape (..., n_queries, n_keys), optional
        Booleans: True where a query may look at a key. Broadcast over leading axes.

    Returns
    -------
    output : array of shape (..., n_queries, d_values)
        A query that may look at nothing gets zeros.
    weights : array of shape (..., n_queries, n_keys)
        Never negative; the rows sum to one, or to zero where everything is masked.

    Raises
    ------
    ShapeError
        If queries and keys differ in d, keys and values in number, or the mask does not fit.

    Notes
    -----
    ``softmax(Q K^T / sqrt(d)) V``, the softmax over the keys. For entries of variance one the product of a
    query and a key has variance d: the root keeps the softmax away from 0 and 1, where it has no gradient.
    A mask acts before the softmax, by minus infinity, so that the weights that are left sum to one.
    Time ``O(n_queries n_keys (d + d_values))``; memory for the weights, ``n_queries n_keys``.

    References
    ----------
    A. Vaswani et al. (2017), *Attention is all you need*, section 3.2.1.

    Examples
    --------
    >>> import numpy as np
    >>> output, weights = attention(np.ones((1, 2)), np.ones((2, 2)), np.array([[0.0], [4.0]]))
    >>> output, weights
    (array([[2.]]), array([[0.5, 0.5]]))
    """
    _check_shapes(Q, K, V, mask)
    xp = namespace(Q, K, V, mask)
    scores = (Q / math.sqrt(Q.shape[-1])) @ xp.matrix_transpose(K)
    if mask is not None:
        scores = xp.where(mask, scores, -xp.inf)
    # Moving a row's largest score to zero changes no weight; where all are masked there is none to move.
    largest = xp.max(scores, axis=-1, keepdims=True)
    weights = xp.exp(scores - xp.where(largest == -xp.inf, xp.zeros_like(largest), largest))
    total = xp.sum(weights, axis=-1, keepdims=True)
    weights = weights / xp.where(total == 0, xp.ones_like(total), total)
    return weights @ V, weights


def attention_backward(gradient, Q, K, V, weights):
    """Gradients of `attention` with respect to queries, keys and values.

    Parameters
    ----------
    gradient : array of shape (..., n_queries, d_values)
        With respect to the output.
    Q : array of shape (..., n_queries, d)
    K : array of shape (..., n_keys, d)
    V : array of shape (..., n_keys, d_values)
    weights : array of shape (..., n_queries, n_keys)
        As `attention` returned them; they are zero where the mask was False, and so is what flows there.

    Returns
    -------
    dQ : array of shape (..., n_queries, d)
    dK : array of shape (..., n_keys, d)
    dV : array of shape (..., n_keys, d_values)

    Notes
    -----
    With G the gradient and W the weights: ``dV = W^T G``; the softmax turns ``dW = G V^T`` into
    ``dS = W * (dW - sum(dW * W))``, the sum over the keys; and ``dQ = dS K / sqrt(d)``,
    ``dK = dS^T Q / sqrt(d)``.
    """
    xp = namespace(gradient, Q, K, V, weights)
    dV = xp.matrix_transpose(weights) @ gradient
    dW = gradient @ xp.matrix_transpose(V)
    dS = weights * (dW - xp.vecdot(dW, weights)[..., None])
    scale = math.sqrt(Q.shape[-1])
    return dS @ K / scale, xp.matrix_transpose(dS) @ Q / scale, dV


def causal_mask(length, like):
    """Mask under which a position looks at itself and at what came before.

    Parameters
    ----------
    length : int
    like : array of any shape
        Its library and device are used.

    Returns
    -------
    mask : array of shape (length, length)
        True on and below the diagonal.

    Examples
    --------
    >>> import numpy as np
    >>> causal_mask(3, like=np.ones(1))
    array([[ True, False, False],
           [ True,  True, False],
           [ True,  True,  True]])
    """
    xp = namespace(like)
    position = xp.arange(length, device=device(like))
    return position[:, None] >= position[None, :]


def scaled_dot_product_attention(query, key, value, mask=None):
    """`attention` on tensors.

    Parameters
    ----------
    query : Tensor or array of shape (..., n_queries, d)
    key : Tensor or array of shape (..., n_keys, d)
    value : Tensor or array of shape (..., n_keys, d_values)
    mask : array of shape (..., n_queries, n_keys), optional
        Booleans: True where a query may look at a key.

    Returns
    -------
    output : Tensor of shape (..., n_queries, d_values)
    """
    Q, K, V = data_of(query, "query"), data_of(key, "key"), data_of(value, "value")
    output, weights = attention(Q, K, V, mask)
    return record_joint(
        output, (query, key, value), lambda gradient: attention_backward(gradient, Q, K, V, weights)
    )


class MultiheadAttention(Module):
    """Attention several times side by side, each on its own projection of the input.

    Parameters
    ----------
    embed_dim : int
        Features of a position, in and out.
    num_heads : int
        Divides ``embed_dim``; each head works on ``embed_dim / num_heads`` features.
    bias : bool
    rng : numpy.random.Generator
        Draws the weights.

    Raises
    ------
    ValueError
        If ``num_heads`` does not divide ``embed_dim``.

    Notes
    -----
    Sequences come as (n_sequences, length, embed_dim): torch's layer with ``batch_first=True``. Torch keeps
    the three projections in one matrix ``in_proj_weight``: the rows of q_proj, k_proj, v_proj in this order.

    References
    ----------
    A. Vaswani et al. (2017), *Attention is all you need*, section 3.2.2.

    Examples
    --------
    >>> import numpy as np
    >>> layer = MultiheadAttention(4, 2, rng=np.random.default_rng(0))
    >>> x = np.ones((1, 3, 4))
    >>> layer(x, x, x, causal_mask(3, like=x)).shape
    (1, 3, 4)
    """

    def __init__(self, embed_dim, num_heads, bias=True, *, rng):
        if embed_dim % num_heads:
            raise ValueError(f"embed_dim is {embed_dim}; it must be a multiple of num_heads = {num_heads}")
        self.embed_dim, self.num_heads = embed_dim, num_heads
        self.q_proj = Linear(embed_dim, embed_dim, bias, rng=rng)
        self.k_proj = Linear(embed_dim, embed_dim, bias, rng=rng)
        self.v_proj = Linear(embed_dim, embed_dim, bias, rng=rng)
        self.out_proj = Linear(embed_dim, embed_dim, bias, rng=rng)

    def forward(self, query, key, value, mask=None):
        """Let every query read from the values.

        Parameters
        ----------
        query : Tensor or array of shape (n_sequences, n_queries, embed_dim)
        key : Tensor or array of shape (n_sequences, n_keys, embed_dim)
        value : Tensor or array of shape (n_sequences, n_keys, embed_dim)
        mask : array of shape (n_queries, n_keys) or (n_sequences, 1, n_queries, n_keys), optional
            Booleans: True where a query may look at a key.

        Returns
        -------
        output : Tensor of shape (n_sequences, n_queries, embed_dim)
        """
        heads = scaled_dot_product_attention(
            self._split(self.q_proj(query)),
            self._split(self.k_proj(key)),
            self._split(self.v_proj(value)),
            mask,
        )
        n, _, length, _ = heads.shape
        return self.out_proj(heads.transpose((0, 2, 1, 3)).reshape(n, length, self.embed_dim))

    def _split(self, x):
        """From (n, length, embed_dim) to (n, num_heads, length, embed_dim / num_heads)."""
        n, length, _ = x.shape
        return x.reshape(n, length, self.num_heads, -1).transpose((0, 2, 1, 3))


def _check_shapes(Q, K, V, mask):
    if min(check_array(array, name).ndim for array, name in ((Q, "Q"), (K, "K"), (V, "V"))) < 2:
        raise ShapeError("Q, K and V need two axes at least: rows of features, (..., length, features)")
    if K.shape[-2] == 0:
        raise ShapeError("K is empty; there is nothing to attend to: pass one key at least")
    if Q.shape[-1] != K.shape[-1]:
        raise ShapeError(f"Q has {Q.shape[-1]} features but K has {K.shape[-1]}; queries and keys must agree")
    if K.shape[-2] != V.shape[-2]:
        raise ShapeError(f"K has {K.shape[-2]} rows but V has {V.shape[-2]}; every key needs one value")
    if mask is not None and tuple(mask.shape[-2:]) != (Q.shape[-2], K.shape[-2]):
        raise ShapeError(
            f"mask has shape {tuple(mask.shape)}; it must end in (n_queries, n_keys) = "
            f"({Q.shape[-2]}, {K.shape[-2]})"
        )
