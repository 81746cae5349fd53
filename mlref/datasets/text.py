"""Generators of text."""

import numpy as np

from mlref.errors import check_count

__all__ = [
    "make_markov_text",
]


def make_markov_text(n, rng, *, order=1, alphabet="abcd", concentration=0.3):
    """Letters each of which depends on the few before it, and how well they can be predicted at best.

    Parameters
    ----------
    n : int
        Number of letters.
    rng : numpy.random.Generator
        Draws the chances and then the text.
    order : int
        How many letters the next one depends on, at least 1.
    alphabet : str
        Different letters.
    concentration : float
        Of the Dirichlet distribution of the chances: near zero one letter follows almost surely, at large
        values all are equally likely.

    Returns
    -------
    text : str
    transitions : array of shape (n_letters**order, n_letters)
        Chances of the next letter; the row is the number that the letters before write, the oldest first.
    entropy : float
        Entropy of the next letter given the past, in nats: no model has a smaller cross-entropy on a very
        long text.

    Raises
    ------
    ValueError
        If n or order is not a whole number of at least 1, or the alphabet holds a letter twice.

    Notes
    -----
    The entropy of the rows is averaged by how often each row is visited in the long run: the distribution
    over the pasts that one step leaves as it is.

    References
    ----------
    Shannon (1948), A mathematical theory of communication, *Bell System Technical Journal* 27.

    Examples
    --------
    >>> text, transitions, entropy = make_markov_text(5, np.random.default_rng(0), alphabet="ab")
    >>> len(text), transitions.shape, 0 < entropy < 0.6931
    (5, (2, 2), True)
    """
    check_count(n, "n")
    check_count(order, "order")
    n_letters = len(alphabet)
    if len(set(alphabet)) != n_letters or n_letters == 0:
        raise ValueError(f"alphabet is {alphabet!r}; it must hold different letters, at least one")
    transitions = rng.dirichlet(np.full(n_letters, concentration), size=n_letters**order)
    visits = _visits(transitions)
    logarithms = np.log(np.where(transitions > 0, transitions, 1.0))
    entropy = -float(np.sum(visits[:, None] * transitions * logarithms))
    past = int(rng.choice(visits.size, p=visits))
    thresholds = np.cumsum(transitions, axis=1)
    letters = []
    for uniform in rng.random(n):
        # Rounding can leave the last threshold just below one.
        letter = min(int(np.searchsorted(thresholds[past], uniform, side="right")), n_letters - 1)
        letters.append(alphabet[letter])
        past = (past * n_letters + letter) % visits.size
    return "".join(letters), transitions, entropy


def _visits(transitions):
    """How often each past is visited in the long run."""
    n_pasts, n_letters = transitions.shape
    following = (np.arange(n_pasts)[:, None] * n_letters + np.arange(n_letters)) % n_pasts
    step = np.zeros((n_pasts, n_pasts))
    np.add.at(step, (np.arange(n_pasts)[:, None], following), transitions)
    # step^T v = v with the sum of v one.
    equations = np.vstack([step.T - np.eye(n_pasts), np.ones(n_pasts)])
    visits = np.linalg.lstsq(equations, np.append(np.zeros(n_pasts), 1.0), rcond=None)[0]
    visits = np.maximum(visits, 0)
    return visits / visits.sum()
