"""From text to whole numbers and back: characters, and pairs of bytes that occur often."""

import numpy as np

__all__ = ["BytePairTokenizer", "CharTokenizer", "bpe_decode", "bpe_encode", "bpe_train"]


class CharTokenizer:
    """One token for every character that occurs in a text.

    Parameters
    ----------
    text : str
        Its characters, in the order of their code points, are the vocabulary.

    Attributes
    ----------
    characters : list of str
        The character of every token.
    n_tokens : int

    Examples
    --------
    >>> tokenizer = CharTokenizer("banana")
    >>> tokenizer.encode("nab")
    array([2, 0, 1])
    >>> tokenizer.decode([2, 0, 1])
    'nab'
    """

    def __init__(self, text):
        self.characters = sorted(set(text))
        self.n_tokens = len(self.characters)
        self._ids = {character: i for i, character in enumerate(self.characters)}

    def encode(self, text):
        """The tokens of a text.

        Parameters
        ----------
        text : str

        Returns
        -------
        ids : array of ints, of shape (len(text),)

        Raises
        ------
        ValueError
            If a character is not in the vocabulary.
        """
        unknown = sorted(set(text) - self._ids.keys())
        if unknown:
            raise ValueError(f"text holds {unknown[0]!r}, which is not among the {self.n_tokens} characters")
        return np.array([self._ids[character] for character in text], dtype=np.int64)

    def decode(self, ids):
        """The text of tokens.

        Parameters
        ----------
        ids : array of ints, of shape (n,)

        Returns
        -------
        text : str
        """
        return "".join(self.characters[i] for i in ids)


def bpe_train(text, n_merges):
    """Learn which pairs of tokens to merge into new ones.

    Parameters
    ----------
    text : str
    n_merges : int
        How many tokens to add to the 256 bytes, at most: it ends when no pair occurs twice.

    Returns
    -------
    merges : list of pairs of int
        The pair at place i becomes token 256 + i.

    Notes
    -----
    Start with the bytes of the text in UTF-8; again and again replace the pair of neighbours that occurs most
    often by a new token. Of pairs that occur equally often the smaller one is taken, comparing left tokens
    first. In a run as "aaa" the pair (a, a) is counted at both places where it stands, and replaced from the
    left. Each merge looks through the whole text once, in O(n log n).

    References
    ----------
    P. Gage (1994), *A new algorithm for data compression*; R. Sennrich et al. (2016), *Neural machine
    translation of rare words with subword units*.

    Examples
    --------
    >>> bpe_train("abcabcab", 2)
    [(97, 98), (99, 256)]
    """
    ids, merges = _bytes(text), []
    for new in range(256, 256 + n_merges):
        if ids.size < 2:
            break
        # One number for a pair; sorted, they come in the order of left token, then right token.
        pairs, counts = np.unique(ids[:-1] * new + ids[1:], return_counts=True)
        best = np.argmax(counts)
        if counts[best] < 2:
            break
        left, right = divmod(int(pairs[best]), new)
        merges.append((left, right))
        ids = _merge(ids, left, right, new)
    return merges


def bpe_encode(text, merges):
    """The tokens of a text under learned merges.

    Parameters
    ----------
    text : str
        Any: what was never seen stays in bytes.
    merges : list of pairs of int
        From `bpe_train`.

    Returns
    -------
    ids : array of ints, of shape (n,)
        At most as many as the text has bytes.

    Notes
    -----
    The merges are made in the order in which they were learned. A later merge makes only new tokens, so no
    earlier pair can come up again.

    Examples
    --------
    >>> bpe_encode("abcb", [(97, 98), (256, 99)])
    array([257,  98])
    """
    ids = _bytes(text)
    for i, (left, right) in enumerate(merges):
        ids = _merge(ids, left, right, 256 + i)
    return ids


def bpe_decode(ids, merges):
    """The text of tokens.

    Parameters
    ----------
    ids : array of ints, of shape (n,)
    merges : list of pairs of int
        As for `bpe_encode`.

    Returns
    -------
    text : str
        Bytes that are no UTF-8, as a model may put them together, become the replacement character.

    Examples
    --------
    >>> bpe_decode([257, 98], [(97, 98), (256, 99)])
    'abcb'
    """
    return _decode(ids, _token_bytes(merges))


class BytePairTokenizer:
    """Tokens that are often repeated strings of bytes.

    Parameters
    ----------
    text : str
        To learn the merges from.
    n_merges : int
        How many, at most.

    Attributes
    ----------
    merges : list of pairs of int
    n_tokens : int
        256 bytes, and one token for each merge.

    Examples
    --------
    >>> tokenizer = BytePairTokenizer("low lower lowest", 10)
    >>> ids = tokenizer.encode("lower")
    >>> tokenizer.decode(ids), ids.size < 5
    ('lower', True)
    """

    def __init__(self, text, n_merges):
        self.merges = bpe_train(text, n_merges)
        self.n_tokens = 256 + len(self.merges)
        self._bytes = _token_bytes(self.merges)

    def encode(self, text):
        """The tokens of a text.

        Parameters
        ----------
        text : str

        Returns
        -------
        ids : array of ints, of shape (n,)
        """
        return bpe_encode(text, self.merges)

    def decode(self, ids):
        """The text of tokens.

        Parameters
        ----------
        ids : array of ints, of shape (n,)

        Returns
        -------
        text : str
        """
        return _decode(ids, self._bytes)


def _bytes(text):
    """The bytes of a text as whole numbers."""
    return np.frombuffer(text.encode("utf-8"), dtype=np.uint8).astype(np.int64)


def _merge(ids, left, right, new):
    """The tokens with every pair of left and right replaced, from the left."""
    places = np.flatnonzero((ids[:-1] == left) & (ids[1:] == right))
    if left == right:
        # Places next to each other overlap: of every run take the first, the third, and so on.
        run_starts = np.flatnonzero(np.diff(places, prepend=-2) > 1)
        offset = np.arange(places.size) - np.repeat(run_starts, np.diff(run_starts, append=places.size))
        places = places[offset % 2 == 0]
    merged = ids.copy()
    merged[places] = new
    return np.delete(merged, places + 1)


def _token_bytes(merges):
    """The bytes of every token."""
    tokens = [bytes([value]) for value in range(256)]
    for left, right in merges:
        tokens.append(tokens[left] + tokens[right])
    return tokens


def _decode(ids, tokens):
    return b"".join(tokens[i] for i in ids).decode("utf-8", errors="replace")
