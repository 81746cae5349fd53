"""The linear classifier ``X W + b``, in the three ways of looking at it, and what it cannot do."""

import numpy as np

from mlref.arrays import device, namespace
from mlref.errors import ShapeError, check_array, check_labels, check_matrix, check_same_length

__all__ = [
    "append_ones",
    "bias_trick",
    "is_linearly_separable",
    "linear_scores",
    "signed_distances",
    "templates",
]


def linear_scores(X, W, b):
    """Algebraic view: one score for each class, a matrix product and a sum.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
    W : array of shape (n_features, n_classes)
    b : array of shape (n_classes,)

    Returns
    -------
    scores : array of shape (n_samples, n_classes)
        The class with the largest score is the prediction.

    Raises
    ------
    ShapeError
        If the shapes do not fit.
    NotFiniteError
        If an array holds NaN or infinity.

    Examples
    --------
    >>> linear_scores(np.array([[1.0, 2.0]]), np.array([[1.0, 0.0], [0.0, 3.0]]), np.array([10.0, 0.0]))
    array([[11.,  6.]])
    """
    X, W, b = check_matrix(X, "X"), check_matrix(W, "W"), check_array(b, "b")
    if X.shape[1] != W.shape[0] or tuple(b.shape) != (W.shape[1],):
        raise ShapeError(
            f"X has shape {tuple(X.shape)}, W {tuple(W.shape)} and b {tuple(b.shape)}; W needs one row for "
            "each column of X, and b one entry for each column of W"
        )
    return X @ W + b


def append_ones(X):
    """X with a column of ones at its end, whose coefficient is the intercept.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)

    Returns
    -------
    X1 : array of shape (n_samples, n_features + 1)

    Examples
    --------
    >>> append_ones(np.array([[5.0], [6.0]]))
    array([[5., 1.],
           [6., 1.]])
    """
    xp, X = namespace(X), check_array(X, "X", ndim=2)
    return xp.concat([X, xp.ones((X.shape[0], 1), dtype=X.dtype, device=device(X))], axis=1)


def bias_trick(X, W, b):
    """The same scores without b: it becomes the last row of W, and X gets a column of ones.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
    W : array of shape (n_features, n_classes)
    b : array of shape (n_classes,)

    Returns
    -------
    X1 : array of shape (n_samples, n_features + 1)
    W1 : array of shape (n_features + 1, n_classes)
        ``X1 @ W1`` are the scores.

    Raises
    ------
    ShapeError
        If b has not one entry for each column of W.

    Examples
    --------
    >>> X1, W1 = bias_trick(np.array([[2.0]]), np.array([[3.0, 1.0]]), np.array([10.0, 20.0]))
    >>> X1, W1, X1 @ W1
    (array([[2., 1.]]), array([[ 3.,  1.],
           [10., 20.]]), array([[16., 22.]]))
    """
    W, b = check_array(W, "W", ndim=2), check_array(b, "b")
    if tuple(b.shape) != (W.shape[1],):
        raise ShapeError(
            f"b has shape {tuple(b.shape)}; it must be ({W.shape[1]},), one entry for each class"
        )
    return append_ones(X), namespace(W, b).concat([W, b[None, :]])


def templates(W, shape):
    """Template view: one picture for each class; the score is how well the input agrees with it.

    Parameters
    ----------
    W : array of shape (n_features, n_classes)
    shape : tuple of int
        Of one input, e.g. (height, width); its product is n_features.

    Returns
    -------
    pictures : array of shape (n_classes, ...)
        Each of the given shape.

    Examples
    --------
    >>> templates(np.array([[1.0, 5.0], [2.0, 6.0], [3.0, 7.0], [4.0, 8.0]]), (2, 2))[1]
    array([[5., 6.],
           [7., 8.]])
    """
    W = check_array(W, "W", ndim=2)
    return namespace(W).reshape(W.T, (W.shape[1], *shape))


def signed_distances(X, W, b):
    """Geometric view: how far each input lies on the positive side of each class's hyperplane.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
    W : array of shape (n_features, n_classes)
        No column is zero.
    b : array of shape (n_classes,)

    Returns
    -------
    distances : array of shape (n_samples, n_classes)
        In the units of the features; negative on the other side.

    Raises
    ------
    ShapeError
        If the shapes do not fit.
    NotFiniteError
        If an array holds NaN or infinity.
    ValueError
        If a column of W is zero: then there is no hyperplane.

    Notes
    -----
    The inputs with score zero form a hyperplane at right angles to the class's column w; the distance from it
    is ``(x.w + b) / |w|``.

    Examples
    --------
    >>> signed_distances(np.array([[3.0, 4.0]]), np.array([[3.0], [4.0]]), np.array([-5.0]))
    array([[4.]])
    """
    scores = linear_scores(X, W, b)
    xp = namespace(W)
    length = xp.sqrt(xp.sum(W**2, axis=0))
    if bool(xp.any(length == 0)):
        raise ValueError("W has a column of zeros; a class without a direction has no hyperplane")
    return scores / length


def is_linearly_separable(X, y):
    """Whether a hyperplane has all samples of one class on one side and all others on the other; numpy only.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
    y : array of shape (n_samples,)
        Labels of two classes.

    Returns
    -------
    separable : bool

    Raises
    ------
    ShapeError
        If X is not 2-D, y is not 1-D, or their lengths differ.
    NotFiniteError
        If X holds NaN or infinity.
    ValueError
        If y does not hold two classes.

    Notes
    -----
    With signs +1 and -1 for the classes it asks for w and b with ``sign_i (x_i.w + b) >= 1`` for all i: a
    linear programme without an objective. A factor on w and b makes any positive margin 1.

    References
    ----------
    Minsky and Papert (1969), *Perceptrons*: parity is the classical counter-example.

    Examples
    --------
    >>> square = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    >>> is_linearly_separable(square, np.array([0, 0, 0, 1]))
    True
    >>> is_linearly_separable(square, np.array([0, 1, 1, 0]))
    False
    """
    from scipy.optimize import linprog

    X, y = check_matrix(X, "X"), check_labels(y, "y")
    check_same_length(X=X, y=y)
    classes = np.unique(y)
    if classes.size != 2:
        raise ValueError(f"y holds {classes.size} classes; a hyperplane separates two")
    signs = np.where(y == classes[1], 1.0, -1.0)
    rows = -signs[:, None] * append_ones(X)
    found = linprog(np.zeros(rows.shape[1]), A_ub=rows, b_ub=-np.ones(len(rows)), bounds=(None, None))
    return bool(found.success)
