"""The network that language models share: tokens in, logits of tokens out, at every position."""

from mlref.autodiff.tensor import Tensor
from mlref.errors import ShapeError, check_count
from mlref.nn.attention import causal_mask
from mlref.nn.embedding import Embedding
from mlref.nn.linear import Linear
from mlref.nn.module import Module
from mlref.nn.normalization import LayerNorm
from mlref.nn.transformer import TransformerEncoderLayer

__all__ = ["TokenTransformer"]


class TokenTransformer(Module):
    """Embeddings, a stack of transformer blocks, and a linear layer that makes logits.

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

    Attributes
    ----------
    is_causal : bool
        Whether a position sees only what stands before it, and itself.

    Notes
    -----
    Token and position each have a learned vector; their sum goes through the blocks and is normalised.

    Examples
    --------
    >>> import numpy as np
    >>> model = TokenTransformer(10, 8, 16, 2, 1, rng=np.random.default_rng(0))
    >>> model(np.array([[1, 2, 3]])).shape
    (1, 3, 10)
    """

    is_causal = False

    def __init__(self, n_tokens, context_length, d_model, n_heads, n_layers, dropout=0.0, *, rng):
        check_count(context_length, "context_length")
        self.n_tokens, self.context_length = n_tokens, context_length
        # The blocks normalise what they read: small vectors say as much, and the optimiser's steps, whose
        # size does not depend on them, change more.
        self.tokens = Embedding(n_tokens, d_model, rng=rng)
        self.tokens.weight.data *= 0.1
        self.positions = Tensor(0.1 * rng.normal(size=(context_length, d_model)))
        self.blocks = [
            TransformerEncoderLayer(d_model, n_heads, 4 * d_model, dropout, rng=rng) for _ in range(n_layers)
        ]
        self.norm = LayerNorm(d_model)
        self.head = Linear(d_model, n_tokens, bias=False, rng=rng)

    def forward(self, ids):
        """Logits of tokens, at every position.

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
        x = self.tokens(ids) + self.positions[:length, :]
        mask = causal_mask(length, like=x.data) if self.is_causal else None
        for block in self.blocks:
            x = block(x, mask)
        return self.head(self.norm(x))
