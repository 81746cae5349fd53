"""Recurrent networks on plain arrays: forward through time, and back-propagation through time.

All three cells have the parameters ``weight_ih`` (n_gates * H, D), ``weight_hh`` (n_gates * H, H),
``bias_ih`` and ``bias_hh`` (n_gates * H,), with the gates one below the other in torch's order. What the
input adds to the gates is known before the walk and is one matrix product for all times; so are the
gradients of the weights after the walk back. Only the products with the state are left for the walk.
"""

from mlref.arrays import namespace
from mlref.errors import ShapeError
from mlref.losses.probability import _sigmoid_by_tanh

__all__ = [
    "gru_backward",
    "gru_forward",
    "lstm_backward",
    "lstm_forward",
    "rnn_backward",
    "rnn_forward",
]


def rnn_forward(params, X, h0=None):
    """States of a simple recurrent network.

    Parameters
    ----------
    params : dict of str to array
        ``weight_ih``, ``weight_hh``, ``bias_ih``, ``bias_hh``, with one gate.
    X : array of shape (T, N, D)
        N sequences of T steps with D features.
    h0 : array of shape (N, H), optional
        The state before the first step; zeros if it is left out.

    Returns
    -------
    states : array of shape (T + 1, N, H)
        ``states[0]`` is h0 and ``states[t]`` the state after t steps.

    Raises
    ------
    ShapeError
        If X or h0 do not fit the parameters.

    Notes
    -----
    ``h_t = tanh(x_t W_ih^T + b_ih + h_{t-1} W_hh^T + b_hh)``.

    References
    ----------
    J. L. Elman (1990), *Finding structure in time*.

    Examples
    --------
    >>> import numpy as np
    >>> params = {"weight_ih": np.ones((1, 1)), "weight_hh": np.ones((1, 1))}
    >>> params |= {"bias_ih": np.zeros(1), "bias_hh": np.zeros(1)}
    >>> rnn_forward(params, np.array([[[0.5]], [[0.0]]])).ravel().round(4)
    array([0.    , 0.4621, 0.4318])
    """
    xp = namespace(X)
    from_input, h = _start(params, X, h0)
    states = [h]
    for t in range(X.shape[0]):
        states.append(xp.tanh(from_input[t, ...] + states[-1] @ params["weight_hh"].T))
    return xp.stack(states)


def rnn_backward(params, X, states, gradient):
    """Back-propagation through time for `rnn_forward`.

    Parameters
    ----------
    params : dict of str to array
    X : array of shape (T, N, D)
    states : array of shape (T + 1, N, H)
        As `rnn_forward` returned them.
    gradient : array of shape (T, N, H)
        Of the loss with respect to ``states[1:]``, each taken by itself.

    Returns
    -------
    grads : dict of str to array
        For every parameter, summed over all steps.
    dX : array of shape (T, N, D)
    dh0 : array of shape (N, H)

    Notes
    -----
    A state reaches the loss in two ways, by itself and by the next state: walking back, ``dh_t`` is the sum
    of both, ``da_t = dh_t (1 - h_t^2)`` is the gradient inside the tanh, and ``da_t W_hh`` goes to h_{t-1}.

    References
    ----------
    P. J. Werbos (1990), *Backpropagation through time: what it does and how to do it*.
    """
    xp = namespace(X)
    slopes = 1 - states[1:, ...] ** 2
    inside, dh = [], xp.zeros_like(states[0, ...])
    for t in reversed(range(X.shape[0])):
        inside.append((gradient[t, ...] + dh) * slopes[t, ...])
        dh = inside[-1] @ params["weight_hh"]
    da = xp.stack(inside[::-1])
    grads, dX = _finish(params, X, states, da, da)
    return grads, dX, dh


def gru_forward(params, X, h0=None):
    """States of a gated recurrent unit.

    Parameters
    ----------
    params : dict of str to array
        ``weight_ih``, ``weight_hh``, ``bias_ih``, ``bias_hh``; gates in the order r, z, n.
    X : array of shape (T, N, D)
    h0 : array of shape (N, H), optional
        Zeros if it is left out.

    Returns
    -------
    states : array of shape (T + 1, N, H)
        ``states[0]`` is h0 and ``states[t]`` the state after t steps.
    gates : array of shape (T, N, 4 * H)
        What the walk back needs: r, z, n, and the state's part of n before r scales it.

    Notes
    -----
    With a = x W_ih^T + b_ih and s = h W_hh^T + b_hh, each cut into its three gates:
    reset ``r = sigmoid(a_r + s_r)``, update ``z = sigmoid(a_z + s_z)``, candidate
    ``n = tanh(a_n + r s_n)``, and ``h_t = (1 - z) n + z h_{t-1}``: where z is near one the state is kept.

    References
    ----------
    K. Cho et al. (2014), *Learning phrase representations using RNN encoder-decoder*.
    """
    xp = namespace(X)
    H = params["weight_hh"].shape[1]
    # The state's bias belongs to s, which r scales: it must not be added to the input's part.
    from_input, h = _start({**params, "bias_hh": 0 * params["bias_hh"]}, X, h0)
    states, gates = [h], []
    for t in range(X.shape[0]):
        h, a = states[-1], from_input[t, ...]
        s = h @ params["weight_hh"].T + params["bias_hh"]
        rz = _sigmoid_by_tanh(a[:, : 2 * H] + s[:, : 2 * H])
        n = xp.tanh(a[:, 2 * H :] + rz[:, :H] * s[:, 2 * H :])
        states.append(n + rz[:, H:] * (h - n))
        gates.append(xp.concat([rz, n, s[:, 2 * H :]], axis=1))
    return xp.stack(states), xp.stack(gates)


def gru_backward(params, X, states, gates, gradient):
    """Back-propagation through time for `gru_forward`.

    Parameters
    ----------
    params : dict of str to array
    X : array of shape (T, N, D)
    states : array of shape (T + 1, N, H)
    gates : array of shape (T, N, 4 * H)
        Both as `gru_forward` returned them.
    gradient : array of shape (T, N, H)
        Of the loss with respect to ``states[1:]``, each taken by itself.

    Returns
    -------
    grads : dict of str to array
    dX : array of shape (T, N, D)
    dh0 : array of shape (N, H)
    """
    xp = namespace(X)
    H = states.shape[2]
    r, z, n, s = (gates[:, :, k * H : (k + 1) * H] for k in range(4))
    to_n = (1 - z) * (1 - n**2)
    to_z = (states[:-1, ...] - n) * z * (1 - z)
    to_r = s * r * (1 - r)
    from_input, from_state, dh = [], [], xp.zeros_like(states[0, ...])
    for t in reversed(range(X.shape[0])):
        dh = gradient[t, ...] + dh
        dn = dh * to_n[t, ...]
        drz = xp.concat([dn * to_r[t, ...], dh * to_z[t, ...]], axis=1)
        from_input.append(xp.concat([drz, dn], axis=1))
        from_state.append(xp.concat([drz, dn * r[t, ...]], axis=1))
        dh = dh * z[t, ...] + from_state[-1] @ params["weight_hh"]
    grads, dX = _finish(params, X, states, xp.stack(from_input[::-1]), xp.stack(from_state[::-1]))
    return grads, dX, dh


def lstm_forward(params, X, h0=None, c0=None):
    """States of a network with long short-term memory.

    Parameters
    ----------
    params : dict of str to array
        ``weight_ih``, ``weight_hh``, ``bias_ih``, ``bias_hh``; gates in the order i, f, g, o.
    X : array of shape (T, N, D)
    h0 : array of shape (N, H), optional
    c0 : array of shape (N, H), optional
        Zeros if they are left out.

    Returns
    -------
    states : array of shape (T + 1, N, H)
        ``states[0]`` is h0 and ``states[t]`` the state after t steps.
    cells : array of shape (T + 1, N, H)
        The memory in the same order.
    gates : array of shape (T, N, 4 * H)
        i, f, g, o of every step.

    Notes
    -----
    ``i, f, o = sigmoid(...)`` and ``g = tanh(...)`` of x W_ih^T + b_ih + h W_hh^T + b_hh;
    ``c_t = f c_{t-1} + i g`` and ``h_t = o tanh(c_t)``. The memory is carried by a sum and not by a matrix
    product: where f is near one its gradient neither vanishes nor explodes.

    References
    ----------
    S. Hochreiter and J. Schmidhuber (1997), *Long short-term memory*; F. Gers et al. (2000) for f.
    """
    xp = namespace(X)
    H = params["weight_hh"].shape[1]
    from_input, h = _start(params, X, h0)
    states, cells, gates = [h], [xp.zeros_like(h) if c0 is None else c0], []
    # The logistic function is a tanh of half the size: with these factors one tanh serves all four gates.
    half = xp.full_like(h[0, :], 0.5)
    factor = xp.concat([half, half, 2 * half, half])
    shift = 1 - factor
    for t in range(X.shape[0]):
        inside = from_input[t, ...] + states[-1] @ params["weight_hh"].T
        gates.append(xp.tanh(inside * factor) * factor + shift)
        i, f, g, o = (gates[-1][:, k * H : (k + 1) * H] for k in range(4))
        cells.append(f * cells[-1] + i * g)
        states.append(o * xp.tanh(cells[-1]))
    return xp.stack(states), xp.stack(cells), xp.stack(gates)


def lstm_backward(params, X, states, cells, gates, gradient, cell_gradient=None):
    """Back-propagation through time for `lstm_forward`.

    Parameters
    ----------
    params : dict of str to array
    X : array of shape (T, N, D)
    states : array of shape (T + 1, N, H)
    cells : array of shape (T + 1, N, H)
    gates : array of shape (T, N, 4 * H)
        All three as `lstm_forward` returned them.
    gradient : array of shape (T, N, H)
        Of the loss with respect to ``states[1:]``, each taken by itself.
    cell_gradient : array of shape (N, H), optional
        Of the loss with respect to the last memory, ``cells[-1]``; zeros if it is left out.

    Returns
    -------
    grads : dict of str to array
    dX : array of shape (T, N, D)
    dh0 : array of shape (N, H)
    dc0 : array of shape (N, H)
    """
    xp = namespace(X)
    H = states.shape[2]
    i, f, g, o = (gates[:, :, k * H : (k + 1) * H] for k in range(4))
    squashed = xp.tanh(cells[1:, ...])
    to_c = o * (1 - squashed**2)
    # Slope of every gate, times what it is multiplied by: i by g, f by the memory before, o by tanh(c).
    slopes = [g * i * (1 - i), cells[:-1, ...] * f * (1 - f), i * (1 - g**2), squashed * o * (1 - o)]
    slopes = xp.stack(slopes, axis=2)
    inside, dh = [], xp.zeros_like(states[0, ...])
    dc = xp.zeros_like(dh) if cell_gradient is None else cell_gradient
    for t in reversed(range(X.shape[0])):
        dh = gradient[t, ...] + dh
        dc = dc + dh * to_c[t, ...]
        d_gates = xp.stack([dc, dc, dc, dh], axis=1) * slopes[t, ...]
        inside.append(xp.reshape(d_gates, (-1, 4 * H)))
        dh = inside[-1] @ params["weight_hh"]
        dc = dc * f[t, ...]
    da = xp.stack(inside[::-1])
    grads, dX = _finish(params, X, states, da, da)
    return grads, dX, dh, dc


def _start(params, X, h0):
    """What the inputs add to the gates at all times, with both biases, and the first state."""
    xp = namespace(X)
    n_in, H = params["weight_ih"].shape[1], params["weight_hh"].shape[1]
    if X.ndim != 3 or X.shape[2] != n_in or X.shape[0] == 0:
        raise ShapeError(
            f"X has shape {tuple(X.shape)}; it must be (T, N, {n_in}): "
            "steps (one at least), sequences, features"
        )
    T, N, D = X.shape
    if h0 is not None and tuple(h0.shape) != (N, H):
        raise ShapeError(f"h0 has shape {tuple(h0.shape)}; it must be (N, H) = ({N}, {H})")
    from_input = xp.reshape(X, (T * N, D)) @ params["weight_ih"].T + (params["bias_ih"] + params["bias_hh"])
    h = xp.zeros_like(from_input[:N, :H]) if h0 is None else h0
    return xp.reshape(from_input, (T, N, -1)), h


def _finish(params, X, states, from_input, from_state):
    """Gradients of the parameters and of X, given those of what input and state added to the gates."""
    xp = namespace(X)
    T, N, D = X.shape
    from_input, from_state = xp.reshape(from_input, (T * N, -1)), xp.reshape(from_state, (T * N, -1))
    grads = {
        "weight_ih": from_input.T @ xp.reshape(X, (T * N, D)),
        "weight_hh": from_state.T @ xp.reshape(states[:-1, ...], (T * N, -1)),
        "bias_ih": xp.sum(from_input, axis=0),
        "bias_hh": xp.sum(from_state, axis=0),
    }
    return grads, xp.reshape(from_input @ params["weight_ih"], (T, N, D))
