"""The training loop, with what surrounds it: history, early stopping, progress, checkpoints."""

import json
from pathlib import Path

import numpy as np

from mlref.arrays import namespace, to_numpy
from mlref.errors import NotFiniteError, ShapeError, check_array, check_count, check_same_length
from mlref.nn.joint import data_of
from mlref.optim.clipping import clip_grad_norm
from mlref.optim.minibatch import minibatches

__all__ = [
    "EarlyStopping",
    "accuracy_of",
    "evaluate",
    "fit",
    "load_checkpoint",
    "print_progress",
    "save_checkpoint",
]


def fit(
    model,
    loss,
    optimizer,
    X,
    y,
    *,
    epochs,
    batch_size,
    rng,
    validation=None,
    early_stopping=None,
    schedule=None,
    max_norm=None,
    callback=None,
):
    """Train a model: for every batch zero the gradients, go forward, go backward, and make a step.

    Parameters
    ----------
    model : Module
        Changed in place; left in evaluation mode.
    loss : callable
        Takes what the model computes and the targets of a batch; returns a `Tensor`, the mean over the rows.
    optimizer : Optimizer
        Made for the parameters of the model.
    X : array of shape (n_samples, ...)
    y : array of shape (n_samples, ...)
    epochs : int
        How often every row is used.
    batch_size : int
    rng : numpy.random.Generator
        For the order of the rows.
    validation : pair (X, y) of arrays of such shapes, or None
        Its loss is computed after each epoch; nothing is learned from it.
    early_stopping : EarlyStopping or None
        Ends the training when the loss on `validation` no longer falls, and brings back the best weights.
    schedule : callable or None
        Takes the number of the step, from 0 on, and returns its learning rate.
    max_norm : float or None
        Gradients longer than this, taken together, are clipped.
    callback : callable or None
        Called after each epoch with the history; `print_progress` prints a line.

    Returns
    -------
    history : dict of str to list of float
        "loss": for each epoch the mean over its rows, each at the weights of its batch; "validation_loss" if
        there is validation; "lr": the last rate of the epoch.

    Raises
    ------
    ShapeError
        If `X` and `y` differ in length.
    ValueError
        If early stopping has no validation to watch.
    NotFiniteError
        If the mean loss of an epoch is not finite: the learning rate is too large.

    Examples
    --------
    >>> from mlref.losses import mse_loss
    >>> from mlref.nn import MLP
    >>> from mlref.optim import Adam
    >>> rng = np.random.default_rng(0)
    >>> X = rng.uniform(-1, 1, size=(100, 1))
    >>> net = MLP([1, 10, 1], activation="tanh", rng=rng)
    >>> optimizer = Adam(net.parameters(), lr=0.02)
    >>> history = fit(net, mse_loss, optimizer, X, X**2, epochs=30, batch_size=20, rng=rng)
    >>> history["loss"][-1] < history["loss"][0] / 10
    True
    """
    check_same_length(X=X, y=y)
    check_count(epochs, "epochs")
    if early_stopping is not None and validation is None:
        raise ValueError("early_stopping watches the validation loss; pass validation=(X, y)")
    xp = namespace(X, y)
    history = {"loss": [], "lr": []} | ({} if validation is None else {"validation_loss": []})
    for epoch in range(epochs):
        model.train()
        total = 0.0
        for rows in minibatches(X.shape[0], batch_size, rng, like=X):
            if schedule is not None:
                optimizer.lr = schedule(optimizer.t)
            optimizer.zero_grad()
            batch_loss = loss(model(xp.take(X, rows, axis=0)), xp.take(y, rows, axis=0))
            batch_loss.backward()
            if max_norm is not None:
                clip_grad_norm(model.parameters(), max_norm)
            optimizer.step()
            # Stays on the device: reading it would make the host wait in every step.
            total = total + batch_loss.data * rows.shape[0]
        history["loss"].append(_finite(float(total) / X.shape[0], epoch))
        history["lr"].append(optimizer.lr)
        model.eval()
        if validation is not None:
            history["validation_loss"].append(evaluate(model, loss, *validation, batch_size=batch_size))
        if callback is not None:
            callback(history)
        if early_stopping is not None and early_stopping.update(history["validation_loss"][-1], model):
            break
    if early_stopping is not None:
        early_stopping.restore(model)
    return history


def evaluate(model, loss, X, y, *, batch_size=1024):
    """The mean loss, or another mean over rows, in evaluation mode.

    Parameters
    ----------
    model : Module
        Its mode is the same afterwards.
    loss : callable
        Takes what the model computes and the targets; returns a `Tensor` or number, a mean over the rows.
    X : array of shape (n_samples, ...)
    y : array of shape (n_samples, ...)
    batch_size : int
        How many rows are computed at a time; the result does not depend on it.

    Returns
    -------
    mean : float
    """
    check_same_length(X=X, y=y)
    was_training = model.training
    model.eval()
    total = 0.0
    for start in range(0, X.shape[0], batch_size):
        rows = slice(start, min(start + batch_size, X.shape[0]))
        part, target = X[rows, ...], y[rows, ...]
        value = loss(model(part), target)
        total += float(getattr(value, "data", value)) * part.shape[0]
    model.train(was_training)
    return total / X.shape[0]


def accuracy_of(logits, y):
    """The share of rows whose largest logit is the right class; a measure for `evaluate`.

    Parameters
    ----------
    logits : Tensor of shape (n_samples, n_classes)
    y : array of ints, of shape (n_samples,)

    Returns
    -------
    accuracy : float

    Raises
    ------
    ShapeError
        If `y` has not one entry for each row of `logits`.
    """
    scores, y = to_numpy(data_of(logits, "logits")), to_numpy(check_array(y, "y"))
    if scores.ndim == 0 or scores.shape[:-1] != y.shape:
        raise ShapeError(
            f"logits has shape {scores.shape} but y has {y.shape}; y must hold one class for each row"
        )
    return float(np.mean(np.argmax(scores, axis=-1) == y))


class EarlyStopping:
    """Stop when a loss has not improved for some epochs, and remember the best weights.

    Parameters
    ----------
    patience : int
        How many epochs in a row may pass without improvement.
    min_delta : float
        An improvement is a fall by more than this.

    Attributes
    ----------
    best : float
        The lowest loss so far.
    best_epoch : int
        Its epoch, from 0 on.

    References
    ----------
    L. Prechelt (1998), *Early stopping, but when?*

    Examples
    --------
    >>> from mlref.nn import Module
    >>> stopping = EarlyStopping(patience=2)
    >>> [stopping.update(loss, Module()) for loss in (3.0, 1.0, 2.0, 1.0)]
    [False, False, False, True]
    >>> stopping.best_epoch
    1
    """

    def __init__(self, patience, min_delta=0.0):
        check_count(patience, "patience")
        self.patience = patience
        self.min_delta = min_delta
        self.best = float("inf")
        self.best_epoch = -1
        self.epoch = -1
        self.best_state = None

    def update(self, loss, model):
        """Take note of the loss of an epoch.

        Parameters
        ----------
        loss : float
        model : Module
            Its weights are copied if the loss is the best so far.

        Returns
        -------
        is_over : bool
            Whether patience has run out.
        """
        self.epoch += 1
        if loss < self.best - self.min_delta:
            self.best, self.best_epoch = loss, self.epoch
            self.best_state = model.state_dict()
        return self.epoch - self.best_epoch >= self.patience

    def restore(self, model):
        """Bring back the weights of the best epoch.

        Parameters
        ----------
        model : Module
        """
        if self.best_state is not None:
            model.load_state_dict(self.best_state)


def print_progress(history):
    """Print the last epoch of a history on one line; a callback for `fit`.

    Parameters
    ----------
    history : dict of str to list of float

    Examples
    --------
    >>> print_progress({"loss": [0.5, 0.25], "lr": [0.1, 0.1]})
    epoch 2: loss 0.25, lr 0.1
    """
    values = ", ".join(f"{name} {series[-1]:.4g}" for name, series in history.items())
    print(f"epoch {len(history['loss'])}: {values}")


def save_checkpoint(path, model, optimizer=None, history=None):
    """Write weights, the state of the optimiser and the history into one file, to go on later.

    Parameters
    ----------
    path : str or Path
        Ends in ".npz".
    model : Module
    optimizer : Optimizer or None
    history : dict of str to list of float, or None

    Notes
    -----
    Plain arrays, no pickled objects: reading a file from elsewhere runs no code.
    """
    arrays = {f"model/{name}": array for name, array in model.state_dict().items()}
    if optimizer is not None:
        arrays |= {f"optimizer/{name}": array for name, array in optimizer.state_dict().items()}
    np.savez(path, history=json.dumps(history or {}), **arrays)


def load_checkpoint(path, model, optimizer=None):
    """Read what `save_checkpoint` wrote into a model and an optimiser built in the same way.

    Parameters
    ----------
    path : str or Path
    model : Module
    optimizer : Optimizer or None

    Returns
    -------
    history : dict of str to list of float

    Raises
    ------
    KeyError
        If the file belongs to a model with other names, or holds no optimiser though one is to be read.
    ShapeError
        If an array has another shape.
    """
    with np.load(Path(path), allow_pickle=False) as file:
        arrays = dict(file)
    history = json.loads(str(arrays.pop("history")))
    states = {"model": {}, "optimizer": {}}
    for key, array in arrays.items():
        part, _, name = key.partition("/")
        states[part][name] = array
    if optimizer is not None and not states["optimizer"]:
        raise KeyError(f"{path} holds no optimizer; it was saved without one")
    model.load_state_dict(states["model"])
    if optimizer is not None:
        optimizer.load_state_dict(states["optimizer"])
    return history


def _finite(value, epoch):
    if not np.isfinite(value):
        raise NotFiniteError(
            f"the loss of epoch {epoch} is {value}; choose a smaller learning rate, or clip with max_norm"
        )
    return value
