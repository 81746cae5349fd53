"""A small next-token model: a stack of transformer blocks that see only the past."""

import numpy as np

from mlref.arrays import from_numpy, to_numpy
from mlref.errors import ShapeError, check_count
from mlref.losses import cross_entropy, softmax
from mlref.nn.attention import causal_mask
from mlref.nn.embedding import Embedding
from mlref.nn.linear import Linear
from mlref.nn.module import Module
from mlref.nn.normalization import LayerNorm
from mlref.nn.transformer import TransformerEncoderLayer

__all__ = ["GPT", "generate", "next_token_probabilities"]


class GPT(Module):
    """A decoder-only transformer that says, at every position, which token may come next.

    Parameters
    ----------
    n_tokens : int
        Size of the vocabulary.
    context_length : int
        How many tokens it sees at most.
    d_model : int
        Features of a position.
    n_heads : int
    n_layers : int
    dropout : float
    rng : numpy.random.Generator
        Draws the weights, and later the dropout.

    Notes
    -----
    Token and position each have a learned vector; their sum goes through `n_layers` blocks under a causal
    mask, is normalised, and one linear layer makes logits of it. All positions of a text are examples at
    once, which is why training is fast although generating is not.

    References
    ----------
    A. Radford et al. (2018), *Improving language understanding by generative pre-training*.

    Examples
    --------
    >>> model = GPT(10, context_length=8, d_model=16, n_heads=2, n_layers=1, rng=np.random.default_rng(0))
    >>> model(np.array([[1, 2, 3]])).shape
    (1, 3, 10)
    """

    def __init__(self, n_tokens, context_length, d_model, n_heads, n_layers, dropout=0.0, *, rng):
        check_count(context_length, "context_length")
        self.n_tokens, self.context_length = n_tokens, context_length
        self.tokens = Embedding(n_tokens, d_model, rng=rng)
        self.positions = Embedding(context_length, d_model, rng=rng)
        # The blocks normalise what they read: small vectors say as much, and the optimiser's steps, whose
        # size does not depend on them, change more.
        for table in (self.tokens, self.positions):
            table.weight.data *= 0.1
        self.blocks = [
            TransformerEncoderLayer(d_model, n_heads, 4 * d_model, dropout, rng=rng) for _ in range(n_layers)
        ]
        self.norm = LayerNorm(d_model)
        self.head = Linear(d_model, n_tokens, bias=False, rng=rng)

    def forward(self, ids):
        """Logits of the next token, after every position.

        Parameters
        ----------
        ids : array of ints, of shape (n_sequences, length)
            No longer than ``context_length``.

        Returns
        -------
        logits : Tensor of shape (n_sequences, length, n_tokens)

        Raises
        ------
        ShapeError
            If the sequences are too long.
        """
        length = ids.shape[1]
        if length > self.context_length:
            raise ShapeError(
                f"ids has {length} tokens in a sequence; the model sees {self.context_length} at most: "
                "cut them to ids[:, -context_length:]"
            )
        x = self.tokens(ids) + self.positions(np.arange(length))
        mask = causal_mask(length, like=x.data)
        for block in self.blocks:
            x = block(x, mask)
        return self.head(self.norm(x))

    def loss(self, inputs, targets):
        """Cross-entropy of the tokens that came, a mean over all positions.

        Parameters
        ----------
        inputs : array of ints, of shape (n_sequences, length)
        targets : array of ints, of shape (n_sequences, length)
            As from `mlref.language.next_token_pairs`.

        Returns
        -------
        loss : Tensor
            Without axes; in nats per token.
        """
        logits = self(inputs)
        return cross_entropy(logits, from_numpy(targets, logits.data))


def next_token_probabilities(logits, temperature=1.0, top_k=None):
    """What to draw the next token from.

    Parameters
    ----------
    logits : array of shape (..., n_tokens)
    temperature : float
        Divides the logits: below 1 likely tokens become likelier still; 0 leaves the likeliest only.
    top_k : int, optional
        Leave only the k likeliest; of equal ones the first.

    Returns
    -------
    probabilities : array of shape (..., n_tokens)

    Raises
    ------
    ValueError
        If the temperature is negative, or top_k is no whole number of at least one.

    Notes
    -----
    Numpy only.

    Examples
    --------
    >>> next_token_probabilities(np.array([1.0, 3.0, 2.0]), top_k=2).round(3)
    array([0.   , 0.731, 0.269])
    >>> next_token_probabilities(np.array([1.0, 3.0, 2.0]), temperature=0.0)
    array([0., 1., 0.])
    """
    if not 0 <= temperature < np.inf:
        raise ValueError(f"temperature is {temperature!r}; it must be finite and not negative")
    if temperature == 0:
        top_k, temperature = 1, 1.0
    if top_k is not None:
        check_count(top_k, "top_k")
        rank = np.argsort(np.argsort(-logits, axis=-1, kind="stable"), axis=-1)
        logits = np.where(rank < top_k, logits, -np.inf)
    return softmax(logits / temperature)


def generate(model, ids, n_new, *, temperature=1.0, top_k=None, rng):
    """Continue sequences, token by token.

    Parameters
    ----------
    model : GPT
    ids : array of ints, of shape (n_sequences, length)
        What to continue; at least one token each.
    n_new : int
    temperature : float
    top_k : int, optional
        As for `next_token_probabilities`.
    rng : numpy.random.Generator

    Returns
    -------
    ids : array of ints, of shape (n_sequences, length + n_new)
        Of numpy.

    Notes
    -----
    Every token costs a pass through the network over the last ``context_length`` tokens. Dropout should be
    switched off: ``model.eval()``.

    Examples
    --------
    >>> model = GPT(5, context_length=4, d_model=8, n_heads=2, n_layers=1, rng=np.random.default_rng(0))
    >>> generate(model, np.array([[1, 2]]), 3, rng=np.random.default_rng(1)).shape
    (1, 5)
    """
    ids = np.array(ids)
    for _ in range(n_new):
        logits = to_numpy(model(ids[:, -model.context_length :]).data)[:, -1]
        cumulative = np.cumsum(next_token_probabilities(logits, temperature, top_k), axis=1)
        # The first place where the sum of probabilities exceeds a uniform draw; scaled, since it ends near 1.
        draws = rng.random((ids.shape[0], 1)) * cumulative[:, -1:]
        ids = np.concat([ids, np.argmax(cumulative > draws, axis=1)[:, None]], axis=1)
    return ids
