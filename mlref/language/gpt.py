"""A small next-token model: a stack of transformer blocks that see only the past."""

import numpy as np

from mlref.arrays import from_numpy, to_numpy
from mlref.errors import check_array, check_count
from mlref.language.body import TokenTransformer
from mlref.losses import cross_entropy, softmax

__all__ = ["GPT", "generate", "next_token_probabilities"]


class GPT(TokenTransformer):
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
    A `TokenTransformer` under a causal mask. All positions of a text are examples at once, which is why
    training is fast although generating is not.

    References
    ----------
    A. Radford et al. (2018), *Improving language understanding by generative pre-training*.

    Examples
    --------
    >>> model = GPT(10, context_length=8, d_model=16, n_heads=2, n_layers=1, rng=np.random.default_rng(0))
    >>> model(np.array([[1, 2, 3]])).shape
    (1, 3, 10)
    """

    is_causal = True

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
    logits = check_array(logits, "logits")
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
