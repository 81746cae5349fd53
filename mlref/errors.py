"""Named errors, and the checks of arguments that raise them.

Every message names the argument, what was expected, what came and what to do.
"""

import numpy as np

from mlref.arrays import namespace

__all__ = [
    "ConvergenceWarning",
    "NotFiniteError",
    "NotFittedError",
    "ShapeError",
    "check_array",
    "check_choice",
    "check_count",
    "check_labels",
    "check_matrix",
    "check_not_negative",
    "check_positive",
    "check_same_features",
    "check_same_length",
    "check_vector",
]


class ShapeError(ValueError):
    """An array has the wrong number of dimensions, rows or columns."""


class NotFiniteError(ValueError):
    """An array holds NaN or infinity."""


class NotFittedError(ValueError, AttributeError):
    """An estimator was used before it was fitted."""


class ConvergenceWarning(UserWarning):
    """An iterative method stopped before it converged."""


def check_array(values, name, ndim=None):
    """Array of numbers, by its type and shape alone: for losses, layers and whatever runs in every step.

    Parameters
    ----------
    values : array-like of any shape
        Lists and numbers become numpy arrays; arrays come back as they are. NaN and infinity pass: to look
        for them costs as much as the arithmetic, and makes an accelerator wait.
    name : str
        What the caller calls the argument, for the message.
    ndim : int, optional
        How many axes it must have.

    Returns
    -------
    array : array of any shape

    Raises
    ------
    TypeError
        If it is None or another object, or holds something else than real numbers.
    ShapeError
        If it has another number of axes.

    Examples
    --------
    >>> check_array(None, "logits")
    Traceback (most recent call last):
    TypeError: logits is of type NoneType; it must be an array of numbers, as np.asarray([0.5, 1.0])
    """
    dtype = getattr(values, "dtype", None)
    if dtype is None and isinstance(values, list | tuple | int | float):
        values = np.asarray(values)
        dtype = values.dtype
    # Only the dtypes of numpy have a kind; the other libraries' arrays hold nothing but numbers.
    if dtype is None or getattr(dtype, "kind", "f") not in "fiub":
        came = f"of type {type(values).__name__}" if dtype is None else f"an array of dtype {dtype}"
        raise TypeError(f"{name} is {came}; it must be an array of numbers, as np.asarray([0.5, 1.0])")
    if ndim is not None and values.ndim != ndim:
        raise ShapeError(
            f"{name} has shape {tuple(values.shape)}; it must have {ndim} axes: reshape it, or take a part"
        )
    return values


def check_matrix(values, name, *, allow_nan=False):
    """Finite floating-point matrix with at least one row and one column.

    Parameters
    ----------
    values : array-like of shape (n_samples, n_features)
        Integers and booleans become float64; floats keep their precision.
    name : str
        What the caller calls the argument, for the message.
    allow_nan : bool
        Whether NaN stands for a missing value; infinity is refused all the same.

    Returns
    -------
    matrix : array of shape (n_samples, n_features)

    Raises
    ------
    ShapeError
        If it is not two-dimensional, or empty.
    NotFiniteError
        If it holds NaN (unless allowed) or infinity.
    TypeError
        If it is a sparse matrix, or holds objects that are no numbers.
    ValueError
        If it is complex, ragged, or holds text that is no number.
    """
    matrix = _as_floats(values, name)
    if matrix.ndim != 2:
        raise ShapeError(
            f"{name} has shape {tuple(matrix.shape)}; it must be 2-D, (n_samples, n_features). "
            f"Reshape your data: {name}.reshape(-1, 1) if one feature, {name}.reshape(1, -1) if one sample"
        )
    for axis, unit in enumerate(("sample", "feature")):
        if matrix.shape[axis] == 0:
            raise ShapeError(
                f"{name} has 0 {unit}(s) (shape={tuple(matrix.shape)}) while a minimum of 1 is required; "
                "check how they were selected"
            )
    _check_finite(matrix, name, allow_nan)
    return matrix


def check_vector(values, name):
    """Finite floating-point vector with at least one entry.

    Parameters
    ----------
    values : array-like of shape (n_samples,)
        Integers and booleans become float64; floats keep their precision.
    name : str
        What the caller calls the argument, for the message.

    Returns
    -------
    vector : array of shape (n_samples,)

    Raises
    ------
    ShapeError
        If it is not one-dimensional, or empty. A column of shape (n, 1) is refused, not flattened: against
        a vector of shape (n,) it would broadcast to (n, n) without a word.
    NotFiniteError
        If it holds NaN or infinity.
    """
    vector = _as_floats(values, name)
    if vector.ndim != 1:
        raise ShapeError(
            f"{name} has shape {tuple(vector.shape)}; it must be 1-D, (n_samples,). "
            f"A single column becomes one with {name}[:, 0]"
        )
    if vector.shape[0] == 0:
        raise ShapeError(f"{name} is empty; it needs at least one value")
    _check_finite(vector, name)
    return vector


def check_labels(values, name):
    """Vector of labels: integers, booleans, strings or whole numbers; at least one.

    Parameters
    ----------
    values : array-like of shape (n_samples,)
    name : str
        What the caller calls the argument, for the message.

    Returns
    -------
    labels : array of shape (n_samples,)
        With the dtype that came.

    Raises
    ------
    ShapeError
        If it is not one-dimensional, or empty.
    NotFiniteError
        If it holds NaN or infinity.
    ValueError
        If it is None, or holds numbers that are not whole.
    """
    _check_given(values, name)
    xp = namespace(values)
    labels = xp.asarray(values)
    if labels.ndim != 1:
        raise ShapeError(
            f"{name} has shape {tuple(labels.shape)}; it must be 1-D, (n_samples,), one label per sample"
        )
    if labels.shape[0] == 0:
        raise ShapeError(f"{name} is empty; it needs at least one label")
    if xp.isdtype(labels.dtype, "real floating"):
        _check_finite(labels, name)
        if bool(xp.any(labels != xp.round(labels))):
            raise ValueError(
                f"Unknown label type: {name} holds numbers that are not whole; use a regressor for them"
            )
    return labels


def check_same_length(**arrays):
    """All arrays have as many rows as the first.

    Parameters
    ----------
    **arrays : array of any shape
        By the name that the caller uses.

    Raises
    ------
    ShapeError
        Naming the first two that differ, or what is no array with rows.

    Examples
    --------
    >>> import numpy as np
    >>> check_same_length(y_true=np.ones(3), y_pred=np.ones(2))
    Traceback (most recent call last):
    mlref.errors.ShapeError: y_true has 3 rows but y_pred has 2; both must have one row per sample
    """
    for name, array in arrays.items():
        if not getattr(array, "shape", ()):
            raise ShapeError(f"{name} is {array!r:.50}; it must be an array with one row per sample")
    (first, expected), *others = ((name, array.shape[0]) for name, array in arrays.items())
    for name, length in others:
        if length != expected:
            raise ShapeError(
                f"{first} has {expected} rows but {name} has {length}; both must have one row per sample"
            )


def check_same_features(**matrices):
    """All matrices have as many columns as the first.

    Parameters
    ----------
    **matrices : array of shape (n, n_features)
        By the name that the caller uses.

    Raises
    ------
    ShapeError
        Naming the first two that differ.
    """
    (first, expected), *others = ((name, matrix.shape[1]) for name, matrix in matrices.items())
    for name, n_features in others:
        if n_features != expected:
            raise ShapeError(
                f"{first} has {expected} features but {name} has {n_features}; "
                "both must be (n, n_features) with the same n_features"
            )


def check_choice(value, choices, name):
    """The value is one of the choices.

    Parameters
    ----------
    value : object
    choices : iterable of str
    name : str

    Raises
    ------
    ValueError
        Naming the choices.
    """
    choices = tuple(choices)
    if value not in choices:
        raise ValueError(f"{name} is {value!r}; it must be one of {', '.join(map(repr, choices))}")


def check_positive(value, name):
    """The value is a positive, finite number.

    Parameters
    ----------
    value : float
    name : str

    Raises
    ------
    ValueError
        If it is zero, negative, NaN or infinite.
    """
    if not 0 < value < float("inf"):
        raise ValueError(f"{name} is {value!r}; it must be a positive, finite number")


def check_not_negative(value, name):
    """The value is a finite number of at least zero.

    Parameters
    ----------
    value : float
    name : str

    Raises
    ------
    ValueError
        If it is negative, NaN or infinite.
    """
    if not 0 <= value < float("inf"):
        raise ValueError(f"{name} is {value!r}; it must be a finite number of at least 0")


def check_count(value, name, maximum=None, limit="the number of samples"):
    """The value is a whole number of at least one.

    Parameters
    ----------
    value : int
    name : str
    maximum : int, optional
    limit : str
        What the maximum is, for the message.

    Raises
    ------
    ValueError
        If it is not a whole number, below 1, or above the maximum.
    """
    if isinstance(value, bool) or not hasattr(value, "__index__") or value < 1:
        raise ValueError(f"{name} is {value!r}; it must be a whole number of at least 1")
    if maximum is not None and value > maximum:
        raise ValueError(
            f"{name} is {value} but {limit} is n_samples = {maximum}; choose {name} <= {maximum}"
        )


def _check_given(values, name):
    if values is None:
        # In the words that scikit-learn's own checks look for.
        raise ValueError(f"requires {name} to be passed, but the target {name} is None; pass an array")


def _as_floats(values, name):
    _check_given(values, name)
    if hasattr(values, "toarray"):
        raise TypeError(f"{name} is a sparse matrix; a dense one is needed: pass {name}.toarray()")
    xp = namespace(values)
    try:
        values = xp.asarray(values)
        if not xp.isdtype(values.dtype, ("real floating", "complex floating")):
            values = xp.astype(values, xp.float64)
    except (TypeError, ValueError) as error:
        kind = TypeError if isinstance(error, TypeError) else ValueError
        raise kind(
            f"{name} cannot be read as an array of numbers: {error}; encode or drop the rest"
        ) from None
    if xp.isdtype(values.dtype, "complex floating"):
        raise ValueError(f"Complex data not supported: {name} has dtype {values.dtype}; pass its real part")
    return values


def _check_finite(values, name, allow_nan=False):
    xp = namespace(values)
    if allow_nan:
        if bool(xp.any(xp.isinf(values))):
            raise NotFiniteError(f"{name} contains infinity; only NaN stands for a missing value")
    elif not bool(xp.all(xp.isfinite(values))):
        raise NotFiniteError(f"{name} contains NaN or infinity; drop or impute these values first")
