"""The transformer: blocks of attention and a small network for each position, encoder and decoder."""

import numpy as np

from mlref.arrays import from_numpy, namespace
from mlref.errors import check_count
from mlref.nn.attention import MultiheadAttention, causal_mask
from mlref.nn.dropout import Dropout
from mlref.nn.linear import Linear
from mlref.nn.module import Module
from mlref.nn.normalization import LayerNorm

__all__ = [
    "Transformer",
    "TransformerDecoderLayer",
    "TransformerEncoderLayer",
    "positional_encoding",
]


def positional_encoding(length, d_model, like=None):
    """Sines and cosines that tell attention, which sees a set, where each token stands.

    Parameters
    ----------
    length : int
    d_model : int
        Even.
    like : array of any shape, optional
        Its library, device and dtype are used, so that a sum with it keeps them; else numpy's float64.

    Returns
    -------
    encoding : array of shape (length, d_model)
        To be added to the embeddings.

    Raises
    ------
    ValueError
        If ``d_model`` is odd.

    Notes
    -----
    ``PE[t, 2i] = sin(t / 10000^(2i / d_model))`` and ``PE[t, 2i + 1]`` the cosine: hands of clocks, each
    slower than the one before. The code of t + k is that of t, turned by an angle that depends on k only.

    References
    ----------
    A. Vaswani et al. (2017), *Attention is all you need*, section 3.5.

    Examples
    --------
    >>> positional_encoding(2, 4).round(3)
    array([[0.   , 1.   , 0.   , 1.   ],
           [0.841, 0.54 , 0.01 , 1.   ]])
    """
    if d_model % 2:
        raise ValueError(f"d_model is {d_model}; it must be even: sines and cosines come in pairs")
    angle = np.arange(length)[:, None] / 10000 ** (np.arange(0, d_model, 2) / d_model)
    encoding = np.stack([np.sin(angle), np.cos(angle)], axis=2).reshape(length, d_model)
    return encoding if like is None else namespace(like).astype(from_numpy(encoding, like), like.dtype)


class _Block(Module):
    """What encoder and decoder blocks share: attention to itself, and a small network for each position."""

    def __init__(self, d_model, nhead, dim_feedforward=2048, dropout=0.1, *, rng):
        self.self_attn = MultiheadAttention(d_model, nhead, rng=rng)
        self.linear1 = Linear(d_model, dim_feedforward, rng=rng)
        self.linear2 = Linear(dim_feedforward, d_model, rng=rng)
        self.dropout = Dropout(dropout, rng=rng)
        self.norm1, self.norm2 = LayerNorm(d_model), LayerNorm(d_model)

    def _attend_to_itself(self, x, mask):
        return self.dropout(self.self_attn(x, x, x, mask))

    def _feed_forward(self, x):
        return self.dropout(self.linear2(self.dropout(self.linear1(x).relu())))


class TransformerEncoderLayer(_Block):
    """One encoder block: every position reads from all others, then thinks by itself.

    Parameters
    ----------
    d_model : int
        Features of a position.
    nhead : int
        Heads of attention; divides ``d_model``.
    dim_feedforward : int
        Units of the small network's hidden layer.
    dropout : float
    rng : numpy.random.Generator
        Draws the weights, and later the dropout.

    Notes
    -----
    ``x + attention(norm(x))``, then ``x + network(norm(x))``: torch's layer with ``norm_first=True`` and
    ``batch_first=True``. The sums leave a straight way for the gradient through all blocks; normalising
    before, and not after them, keeps it straight, and training needs no warm-up.

    References
    ----------
    A. Vaswani et al. (2017), *Attention is all you need*, section 3.1; R. Xiong et al. (2020), *On layer
    normalization in the transformer architecture*.

    Examples
    --------
    >>> from mlref.autodiff import Tensor
    >>> layer = TransformerEncoderLayer(8, 2, 16, rng=np.random.default_rng(0))
    >>> layer(Tensor(np.ones((3, 5, 8)))).shape
    (3, 5, 8)
    """

    def forward(self, x, mask=None):
        """One block.

        Parameters
        ----------
        x : Tensor of shape (n_sequences, length, d_model)
        mask : array of shape (length, length), optional
            Booleans: True where a position may look.

        Returns
        -------
        y : Tensor of shape (n_sequences, length, d_model)
        """
        x = x + self._attend_to_itself(self.norm1(x), mask)
        return x + self._feed_forward(self.norm2(x))


class TransformerDecoderLayer(_Block):
    """One decoder block: reads from its own past, then from what the encoder made, then thinks.

    Parameters
    ----------
    d_model : int
    nhead : int
    dim_feedforward : int
    dropout : float
    rng : numpy.random.Generator

    Examples
    --------
    >>> from mlref.autodiff import Tensor
    >>> layer = TransformerDecoderLayer(8, 2, 16, rng=np.random.default_rng(0))
    >>> layer(Tensor(np.ones((3, 5, 8))), Tensor(np.ones((3, 7, 8)))).shape
    (3, 5, 8)
    """

    def __init__(self, d_model, nhead, dim_feedforward=2048, dropout=0.1, *, rng):
        super().__init__(d_model, nhead, dim_feedforward, dropout, rng=rng)
        self.multihead_attn = MultiheadAttention(d_model, nhead, rng=rng)
        self.norm3 = LayerNorm(d_model)

    def forward(self, x, memory, mask=None, memory_mask=None):
        """One block.

        Parameters
        ----------
        x : Tensor of shape (n_sequences, length, d_model)
        memory : Tensor of shape (n_sequences, source_length, d_model)
            The encoder's result.
        mask : array of shape (length, length), optional
            Where x may look at itself.
        memory_mask : array of shape (length, source_length), optional
            Where x may look at the memory.

        Returns
        -------
        y : Tensor of shape (n_sequences, length, d_model)
        """
        x = x + self._attend_to_itself(self.norm1(x), mask)
        x = x + self.dropout(self.multihead_attn(self.norm2(x), memory, memory, memory_mask))
        return x + self._feed_forward(self.norm3(x))


class Transformer(Module):
    """Encoder and decoder: from one sequence of vectors to another.

    Parameters
    ----------
    d_model : int
    nhead : int
    num_encoder_layers : int
    num_decoder_layers : int
    dim_feedforward : int
    dropout : float
    rng : numpy.random.Generator

    Notes
    -----
    ``torch.nn.Transformer`` with ``norm_first=True`` and ``batch_first=True``. Embedding the tokens, adding
    `positional_encoding` and the last layer to logits are left to the user, as there.

    References
    ----------
    A. Vaswani et al. (2017), *Attention is all you need*.

    Examples
    --------
    >>> from mlref.autodiff import Tensor
    >>> model = Transformer(8, 2, 1, 1, 16, rng=np.random.default_rng(0))
    >>> model(Tensor(np.ones((3, 7, 8))), Tensor(np.ones((3, 5, 8)))).shape
    (3, 5, 8)
    """

    def __init__(
        self,
        d_model,
        nhead,
        num_encoder_layers=6,
        num_decoder_layers=6,
        dim_feedforward=2048,
        dropout=0.1,
        *,
        rng,
    ):
        check_count(num_encoder_layers, "num_encoder_layers")
        check_count(num_decoder_layers, "num_decoder_layers")
        sizes = (d_model, nhead, dim_feedforward, dropout)
        self.encoder = [TransformerEncoderLayer(*sizes, rng=rng) for _ in range(num_encoder_layers)]
        self.encoder_norm = LayerNorm(d_model)
        self.decoder = [TransformerDecoderLayer(*sizes, rng=rng) for _ in range(num_decoder_layers)]
        self.decoder_norm = LayerNorm(d_model)

    def forward(self, src, tgt, src_mask=None, memory_mask=None):
        """The decoder's result at every position of the target.

        Parameters
        ----------
        src : Tensor of shape (n_sequences, source_length, d_model)
        tgt : Tensor of shape (n_sequences, length, d_model)
            Shifted by one: position t of the result is to say what follows ``tgt[:, : t + 1]``. A causal mask
            sees to it that it knows no more.
        src_mask : array of shape (source_length, source_length), optional
            Booleans: True where a position may look.
        memory_mask : array of shape (length, source_length), optional

        Returns
        -------
        y : Tensor of shape (n_sequences, length, d_model)
        """
        return self.decode(tgt, self.encode(src, src_mask), memory_mask)

    def encode(self, src, src_mask=None):
        """What the decoder reads from.

        Parameters
        ----------
        src : Tensor of shape (n_sequences, source_length, d_model)
        src_mask : array of shape (source_length, source_length), optional

        Returns
        -------
        memory : Tensor of shape (n_sequences, source_length, d_model)
        """
        for layer in self.encoder:
            src = layer(src, src_mask)
        return self.encoder_norm(src)

    def decode(self, tgt, memory, memory_mask=None):
        """The decoder's result, given the encoder's.

        Parameters
        ----------
        tgt : Tensor of shape (n_sequences, length, d_model)
        memory : Tensor of shape (n_sequences, source_length, d_model)
        memory_mask : array of shape (length, source_length), optional

        Returns
        -------
        y : Tensor of shape (n_sequences, length, d_model)
        """
        mask = causal_mask(tgt.shape[1], like=self.decoder_norm.weight.data)
        for layer in self.decoder:
            tgt = layer(tgt, memory, mask, memory_mask)
        return self.decoder_norm(tgt)
