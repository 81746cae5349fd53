"""Training of next-token models: on much text, and then further on another."""

from mlref.errors import check_count
from mlref.language.pairs import next_token_pairs
from mlref.optim import AdamW, clip_grad_norm, cosine_annealing

__all__ = ["train_language_model"]


def train_language_model(model, ids, *, n_steps, batch_size=16, lr=3e-3, parameters=None, rng):
    """Let a model learn to continue a text.

    Parameters
    ----------
    model : GPT
        Changed in place. Fresh from its constructor this is pre-training; trained already on other text, and
        with a smaller learning rate, it is fine-tuning.
    ids : array of ints, of shape (n,), or list of such arrays
        The tokens of a document or several, at least one of them longer than ``model.context_length``.
    n_steps : int
    batch_size : int
        Stretches of text in a step.
    lr : float
        Learning rate in the beginning; it falls to zero along half a cosine.
    parameters : list of Tensor, optional
        Which to change: all, or for instance those that `mlref.efficiency.add_lora` returns.
    rng : numpy.random.Generator
        Chooses the stretches.

    Returns
    -------
    losses : list of float
        Cross-entropy of every batch before its step, in nats per token.

    Notes
    -----
    AdamW, with gradients clipped to length one.

    Examples
    --------
    >>> import numpy as np
    >>> from mlref.language.gpt import GPT
    >>> model = GPT(2, context_length=4, d_model=8, n_heads=2, n_layers=1, rng=np.random.default_rng(0))
    >>> losses = train_language_model(model, np.arange(100) % 2, n_steps=50, rng=np.random.default_rng(1))
    >>> losses[-1] < 0.1 < losses[0]
    True
    """
    check_count(n_steps, "n_steps")
    inputs, targets = next_token_pairs(ids, model.context_length)
    parameters = model.parameters() if parameters is None else parameters
    optimizer, schedule = AdamW(parameters, lr), cosine_annealing(lr, n_steps)
    model.train()
    losses = []
    for step in range(n_steps):
        rows = rng.integers(inputs.shape[0], size=batch_size)
        model.zero_grad()
        loss = model.loss(inputs[rows], targets[rows])
        loss.backward()
        clip_grad_norm(parameters, 1.0)
        optimizer.lr = schedule(step)
        optimizer.step()
        losses.append(loss.data)
    model.eval()
    # Read only now: on an accelerator reading waits for the step to end.
    return [float(loss) for loss in losses]
