"""The multi-layer perceptron in plain arrays: what reverse-mode differentiation does there, written out.

Parameters are a dict with ``W1``, ``b1``, ``W2``, ``b2``, ...; layer l computes
``A_l = activation(A_{l-1} @ W_l + b_l)`` from ``A_0 = X``.
"""

from mlref.arrays import namespace
from mlref.errors import ShapeError
from mlref.losses import softmax_cross_entropy
from mlref.nn.activations import activation, activation_grad
from mlref.nn.init import init

__all__ = ["mlp_backward", "mlp_forward", "mlp_init", "mlp_loss"]


def mlp_init(sizes, scheme, rng):
    """Initial parameters of a multi-layer perceptron: weights drawn, biases zero.

    Parameters
    ----------
    sizes : sequence of ints
        Inputs, units of each hidden layer, outputs.
    scheme : str
        As for `mlref.nn.init.init`.
    rng : numpy.random.Generator

    Returns
    -------
    params : dict of arrays
        ``W1`` of shape (sizes[0], sizes[1]), ``b1`` of shape (sizes[1],), and so on.

    Examples
    --------
    >>> import numpy as np
    >>> params = mlp_init([3, 5, 2], "he_normal", np.random.default_rng(0))
    >>> {name: array.shape for name, array in params.items()}
    {'W1': (3, 5), 'b1': (5,), 'W2': (5, 2), 'b2': (2,)}
    """
    params = {}
    for layer in range(1, len(sizes)):
        W = init(sizes[layer - 1], sizes[layer], scheme, rng)
        params[f"W{layer}"] = W
        params[f"b{layer}"] = 0.0 * W[0]
    return params


def mlp_forward(params, X, hidden="relu", output="identity"):
    """What a multi-layer perceptron computes, with all that lies between.

    Parameters
    ----------
    params : dict of arrays
        ``W1, b1, W2, b2, ...``, of shapes (n_in, n_out) and (n_out,).
    X : array of shape (n_samples, n_features)
    hidden : str
        The activation of all layers but the last; names as in `mlref.nn.activations.activation`.
    output : str
        The activation of the last layer; "identity" leaves logits.

    Returns
    -------
    outputs : array of shape (n_samples, n_outputs)
    cache : list of pairs of arrays
        For each layer its input, of shape (n_samples, n_in), and its sums before the activation, of shape
        (n_samples, n_out): what `mlp_backward` needs.

    Raises
    ------
    ShapeError
        If a layer does not fit what it receives.

    Examples
    --------
    >>> import numpy as np
    >>> params = {"W1": np.eye(2), "b1": np.array([0.0, -3.0])}
    >>> mlp_forward(params, np.array([[1.0, 2.0]]), output="relu")[0]
    array([[1., 0.]])
    """
    n_layers = len(params) // 2
    A, cache = X, []
    for layer in range(1, n_layers + 1):
        W, b = params[f"W{layer}"], params[f"b{layer}"]
        if A.shape[1] != W.shape[0] or tuple(b.shape) != (W.shape[1],):
            raise ShapeError(
                f"layer {layer} receives shape {tuple(A.shape)}, but W{layer} has shape {tuple(W.shape)} and "
                f"b{layer} {tuple(b.shape)}; they must be (n_in, n_out) and (n_out,)"
            )
        Z = A @ W + b
        cache.append((A, Z))
        A = activation(Z, hidden if layer < n_layers else output)
    return A, cache


def mlp_backward(params, cache, gradient, hidden="relu", output="identity"):
    """The gradients of all parameters, by back-propagation.

    Parameters
    ----------
    params : dict of arrays
        As for `mlp_forward`, of shapes (n_in, n_out) and (n_out,): the values that it computed with.
    cache : list of pairs of arrays
        From `mlp_forward`, of shapes (n_samples, n_in) and (n_samples, n_out).
    gradient : array of shape (n_samples, n_outputs)
        The derivative of the loss by the outputs.
    hidden : str
    output : str
        The activations, as for `mlp_forward`.

    Returns
    -------
    gradients : dict of arrays
        Under the names and with the shapes of `params`.

    Notes
    -----
    From the last layer to the first, with D the gradient by the sums Z of a layer:
    ``D_l = dA_l * activation'(Z_l)``, ``dW_l = A_{l-1}^T D_l``, ``db_l`` is the sum of the rows of D, and
    ``dA_{l-1} = D_l W_l^T``. Every W here is the one of the forward pass: a program that updates the last
    layer before it computes the gradients of the layer below is wrong.

    References
    ----------
    D. E. Rumelhart, G. E. Hinton, R. J. Williams (1986), *Learning representations by back-propagating
    errors*.
    """
    xp = namespace(gradient)
    n_layers = len(cache)
    gradients = {}
    for layer in range(n_layers, 0, -1):
        A, Z = cache[layer - 1]
        D = gradient * activation_grad(Z, hidden if layer < n_layers else output)
        gradients[f"W{layer}"] = A.T @ D
        gradients[f"b{layer}"] = xp.sum(D, axis=0)
        if layer > 1:
            gradient = D @ params[f"W{layer}"].T
    return {name: gradients[name] for name in params}


def mlp_loss(params, X, y, loss=softmax_cross_entropy, hidden="relu", output="identity"):
    """The loss of a multi-layer perceptron and its gradients.

    Parameters
    ----------
    params : dict of arrays
        As for `mlp_forward`, of shapes (n_in, n_out) and (n_out,).
    X : array of shape (n_samples, n_features)
    y : array of shape (n_samples, ...)
        What the loss compares the outputs with.
    loss : callable
        Takes outputs and `y`; returns the loss and its gradient by the outputs, as those of `mlref.losses`.
    hidden : str
    output : str
        The activations, as for `mlp_forward`.

    Returns
    -------
    value : float or array of shape ()
    gradients : dict of arrays
        With the names and shapes of `params`.

    Examples
    --------
    >>> import numpy as np
    >>> params = mlp_init([4, 8, 3], "he_normal", np.random.default_rng(0))
    >>> params["W2"] *= 0
    >>> value, gradients = mlp_loss(params, np.ones((2, 4)), np.array([0, 2]))
    >>> round(float(value), 6)
    1.098612
    """
    outputs, cache = mlp_forward(params, X, hidden, output)
    value, gradient = loss(outputs, y)
    return value, mlp_backward(params, cache, gradient, hidden, output)
