"""The n-gram model: counts of what followed the last few tokens."""

import numpy as np

from mlref.errors import NotFittedError, ShapeError, check_count

__all__ = ["NGramModel"]


class NGramModel:
    """A Markov chain of tokens: the next token depends on the last ``order`` ones only.

    Numpy only.

    Parameters
    ----------
    n_tokens : int
        Size of the vocabulary.
    order : int
        How many tokens it looks back; 0 counts single tokens, 1 pairs, and so on.
    smoothing : float
        Added to every count, so that nothing is impossible; 0 is maximum likelihood.

    Attributes
    ----------
    counts_ : array of shape (n_tokens ** order, n_tokens)
        How often each token followed each context; a context is the number that its tokens are the digits
        of, in base n_tokens.
    probabilities_ : array of shape (n_tokens ** order, n_tokens)
        Smoothed counts, divided by their sum; a context that was never seen has equal ones.

    Notes
    -----
    ``P(v | context) = (count(context, v) + a) / (count(context) + a n_tokens)`` with a the smoothing. With
    a = 0 this maximises the likelihood. If the text comes from a Markov chain of this order, no model has a
    lower expected cross-entropy than the chain's own entropy rate, which this one approaches.

    References
    ----------
    C. E. Shannon (1948), *A mathematical theory of communication*, sections 2-7.

    Examples
    --------
    >>> model = NGramModel(2, order=1, smoothing=0.0).fit(np.array([0, 1, 0, 1, 0, 0]))
    >>> model.probabilities_.round(3)
    array([[0.333, 0.667],
           [1.   , 0.   ]])
    """

    def __init__(self, n_tokens, order=1, smoothing=1.0):
        self.n_tokens, self.order, self.smoothing = n_tokens, order, smoothing

    def fit(self, ids):
        """Count.

        Parameters
        ----------
        ids : array of ints, of shape (n,), or list of such arrays
            A document or several, each longer than ``order``.

        Returns
        -------
        self : NGramModel

        Raises
        ------
        ValueError
            If a token is not in the vocabulary, or a setting has no meaning.
        """
        check_count(self.n_tokens, "n_tokens")
        if self.order:
            check_count(self.order, "order")
        if not 0 <= self.smoothing < np.inf:
            raise ValueError(f"smoothing is {self.smoothing!r}; it must be finite and not negative")
        n_contexts = self.n_tokens**self.order
        counts = np.zeros(n_contexts * self.n_tokens)
        for document in ids if isinstance(ids, list) else [ids]:
            contexts, following = self._contexts(document)
            counts += np.bincount(contexts * self.n_tokens + following, minlength=counts.size)
        self.counts_ = counts.reshape(n_contexts, self.n_tokens)
        smoothed = self.counts_ + self.smoothing
        total = smoothed.sum(axis=1, keepdims=True)
        equal = np.full_like(smoothed, 1 / self.n_tokens)
        self.probabilities_ = np.divide(smoothed, total, out=equal, where=total > 0)
        return self

    def cross_entropy(self, ids):
        """Mean surprise at every token that has ``order`` tokens before it.

        Parameters
        ----------
        ids : array of ints, of shape (n,)

        Returns
        -------
        cross_entropy : float
            In nats per token; infinite if something happens that the model holds for impossible.
        """
        self._check_fitted()
        contexts, following = self._contexts(ids)
        with np.errstate(divide="ignore"):
            return float(-np.mean(np.log(self.probabilities_[contexts, following])))

    def sample(self, start, n_new, rng):
        """Continue a text at random.

        Parameters
        ----------
        start : array of ints, of shape (n,)
            At least ``order`` tokens.
        n_new : int
        rng : numpy.random.Generator

        Returns
        -------
        ids : array of ints, of shape (n + n_new,)
        """
        self._check_fitted()
        ids = [int(i) for i in start]
        if len(ids) < self.order:
            raise ShapeError(f"start has {len(ids)} tokens; the model needs order = {self.order} to begin")
        cumulative = np.cumsum(self.probabilities_, axis=1)
        for draw in rng.random(n_new):
            context = self._number(ids[len(ids) - self.order :])
            ids.append(
                int(np.searchsorted(cumulative[context], draw * cumulative[context, -1], side="right"))
            )
        return np.array(ids)

    def _number(self, tokens):
        """The number whose digits in base n_tokens are these tokens."""
        number = 0
        for token in tokens:
            number = number * self.n_tokens + token
        return number

    def _contexts(self, ids):
        """The context of every token from place ``order`` on, and these tokens."""
        ids = np.asarray(ids)
        if ids.ndim != 1 or ids.size <= self.order:
            raise ShapeError(
                f"ids has shape {ids.shape}; it must be 1-D with more than order = {self.order} tokens"
            )
        if ids.min() < 0 or ids.max() >= self.n_tokens:
            raise ValueError(f"ids holds {ids.min()} to {ids.max()}; tokens are 0 to {self.n_tokens - 1}")
        n = ids.size - self.order
        columns = [ids[j : j + n] for j in range(self.order)]
        contexts = self._number(columns) if columns else np.zeros(n, dtype=np.int64)
        return contexts, ids[self.order :]

    def _check_fitted(self):
        if not hasattr(self, "probabilities_"):
            raise NotFittedError("this NGramModel is not fitted yet; call fit(ids) before you use it")
