"""Mini-batches, and stochastic gradient descent on them."""

from mlref.arrays import from_numpy, namespace
from mlref.errors import check_count, check_same_length

__all__ = ["minibatches", "sgd_train"]


def minibatches(n_samples, batch_size, rng, like=None):
    """The rows of one epoch in random order, a batch at a time.

    Parameters
    ----------
    n_samples : int
    batch_size : int
    rng : numpy.random.Generator
    like : array of any shape, or None
        The rows are numbered in its library and on its device; None means numpy.

    Yields
    ------
    rows : array of ints, of shape (batch_size,)
        Each row comes once; the last batch holds what is left and may be shorter.

    Raises
    ------
    ValueError
        If a count is not a whole number of at least one.

    Examples
    --------
    >>> import numpy as np
    >>> [len(rows) for rows in minibatches(1000, 300, np.random.default_rng(0))]
    [300, 300, 300, 100]
    """
    check_count(n_samples, "n_samples")
    check_count(batch_size, "batch_size")
    order = rng.permutation(n_samples)
    if like is not None:
        order = from_numpy(order, like)
    for start in range(0, n_samples, batch_size):
        yield order[start : min(start + batch_size, n_samples)]


def sgd_train(loss_and_gradients, optimizer, X, y, *, epochs, batch_size, rng):
    """Train parameters by mini-batches.

    Parameters
    ----------
    loss_and_gradients : callable
        Takes rows of `X` and `y`; returns the mean loss over them and the gradients, a dict of arrays, at the
        parameters as they are now.
    optimizer : Optimizer
        Made for these parameters.
    X : array of shape (n_samples, ...)
    y : array of shape (n_samples, ...)
    epochs : int
        How often every row is used.
    batch_size : int
    rng : numpy.random.Generator
        Each epoch draws a new order.

    Returns
    -------
    history : list of float
        For each epoch the mean loss of its rows, each at the parameters of its batch; a short batch counts
        by its rows.

    References
    ----------
    L. Bottou, F. E. Curtis, J. Nocedal (2018), *Optimization methods for large-scale machine learning*.

    Examples
    --------
    >>> import numpy as np
    >>> from mlref.losses import mse
    >>> from mlref.optim import SGD
    >>> X = np.linspace(-1, 1, 20)[:, None]
    >>> params = {"w": np.zeros(1)}
    >>> def loss_and_gradients(X, y):
    ...     loss, gradient = mse(X @ params["w"], y)
    ...     return loss, {"w": X.T @ gradient}
    >>> history = sgd_train(
    ...     loss_and_gradients, SGD(params, lr=0.5), X, 3 * X[:, 0],
    ...     epochs=20, batch_size=8, rng=np.random.default_rng(0),
    ... )
    >>> params["w"].round(3)
    array([3.])
    """
    check_same_length(X=X, y=y)
    check_count(epochs, "epochs")
    xp = namespace(X, y)
    n = X.shape[0]
    history = []
    for _ in range(epochs):
        total = 0.0
        for rows in minibatches(n, batch_size, rng, like=X):
            loss, gradients = loss_and_gradients(xp.take(X, rows, axis=0), xp.take(y, rows, axis=0))
            optimizer.step(gradients)
            total += float(loss) * rows.shape[0]
        history.append(total / n)
    return history
