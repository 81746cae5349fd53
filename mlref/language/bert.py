"""A small gap-filling model: a stack of transformer blocks that see both sides."""

import numpy as np

from mlref.arrays import from_numpy
from mlref.errors import check_array
from mlref.language.body import TokenTransformer
from mlref.losses import cross_entropy

__all__ = ["BERT", "mask_tokens"]


def mask_tokens(ids, mask_token, n_tokens, rng, share=0.15):
    """Hide some tokens of a text.

    Parameters
    ----------
    ids : array of ints, of shape (n_sequences, length)
    mask_token : int
        Stands for "hidden"; a token that occurs in no text.
    n_tokens : int
        Tokens that occur in texts are 0 to n_tokens - 1.
    rng : numpy.random.Generator
    share : float
        Share of the tokens to predict, from 0 to 1.

    Returns
    -------
    inputs : array of ints, of shape (n_sequences, length)
        Of the tokens to predict, 80 % are hidden, 10 % replaced by a random token, and 10 % left.
    is_hidden : array of bools, of shape (n_sequences, length)
        Where the tokens to predict are, the unchanged ones too.

    Raises
    ------
    ValueError
        If the share is not between 0 and 1.

    Notes
    -----
    Numpy only. In later use there are no hidden tokens: if all were hidden in training, the model would learn
    nothing about positions where it sees a token.

    References
    ----------
    J. Devlin et al. (2019), *BERT: pre-training of deep bidirectional transformers*, section 3.1.

    Examples
    --------
    >>> inputs, is_hidden = mask_tokens(np.array([[1, 2, 3, 4]]), 9, 5, np.random.default_rng(3), share=0.5)
    >>> inputs
    array([[9, 9, 3, 4]])
    >>> is_hidden
    array([[ True,  True, False, False]])
    """
    if not 0 <= share <= 1:
        raise ValueError(f"share is {share!r}; it is the share of the tokens to predict, from 0 to 1")
    ids = check_array(ids, "ids")
    is_hidden = rng.random(ids.shape) < share
    fate = rng.random(ids.shape)
    changed = np.where(fate < 0.8, mask_token, rng.integers(n_tokens, size=ids.shape))
    return np.where(is_hidden & (fate < 0.9), changed, ids), is_hidden


class BERT(TokenTransformer):
    """An encoder-only transformer that fills gaps in a text.

    Parameters
    ----------
    n_tokens : int
        Size of the vocabulary, with the token that stands for "hidden".
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
    A `TokenTransformer` without a mask: every position reads from both sides. It cannot write a text from
    left to right, but what it makes of a token knows the whole sentence: what a classifier of texts wants.

    References
    ----------
    J. Devlin et al. (2019), *BERT: pre-training of deep bidirectional transformers*.

    Examples
    --------
    >>> model = BERT(10, context_length=8, d_model=16, n_heads=2, n_layers=1, rng=np.random.default_rng(0))
    >>> model(np.array([[1, 9, 3]])).shape
    (1, 3, 10)
    """

    def loss(self, inputs, targets, is_hidden):
        """Cross-entropy of the hidden tokens, a mean over these.

        Parameters
        ----------
        inputs : array of ints, of shape (n_sequences, length)
            From `mask_tokens`.
        targets : array of ints, of shape (n_sequences, length)
            The text before anything was hidden.
        is_hidden : array of bools, of shape (n_sequences, length)
            At least one is True.

        Returns
        -------
        loss : Tensor
            Without axes; in nats per hidden token.
        """
        places = np.flatnonzero(is_hidden)
        logits = self(inputs).reshape(-1, self.n_tokens)[from_numpy(places, self.positions.data)]
        return cross_entropy(logits, from_numpy(targets.reshape(-1)[places], logits.data))
