"""One code path for numpy, torch and every library that follows the array API standard.

A public function looks its namespace up once, ``xp = namespace(X)``, and then calls only what the standard
has under the same name in numpy 2.1. What the standard lacks is bridged here, and nowhere else.
"""

import math

import numpy as np

__all__ = [
    "add_at",
    "add_to_parts",
    "bincount",
    "device",
    "from_numpy",
    "is_torch",
    "namespace",
    "scatter_add",
    "smallest",
    "to_numpy",
]


def namespace(*arrays):
    """Module whose functions work on these arrays.

    Parameters
    ----------
    *arrays : array of any shape, or None
        Lists, tuples, numbers, None and data frames count as numpy: ``xp.asarray`` converts them.

    Returns
    -------
    xp : module
        `numpy` itself for numpy arrays, else the library's array-API namespace.

    Raises
    ------
    TypeError
        If the arrays belong to different libraries.

    Examples
    --------
    >>> namespace(np.ones(3), None).__name__
    'numpy'
    """
    # Loops and lists cost half of what `all` of a generator does, and every operation of a tensor comes by.
    for array in arrays:
        if not isinstance(array, np.ndarray) and array is not None:
            break
    else:
        return np
    of_torch = [array is None or is_torch(array) for array in arrays]
    if all(of_torch):
        # Imported here: torch users pay for it, everybody else does not.
        import array_api_compat.torch

        return array_api_compat.torch
    import array_api_compat

    known = [array for array in arrays if array_api_compat.is_array_api_obj(array)]
    if all(isinstance(array, (np.ndarray, np.generic)) for array in known):
        return np
    return array_api_compat.array_namespace(*known)


def device(array):
    """Device that holds an array, to create another one beside it.

    Parameters
    ----------
    array : array of any shape

    Returns
    -------
    device : object
        "cpu" for numpy; what ``device=`` of the library's functions accepts.

    Examples
    --------
    >>> device(np.ones(3))
    'cpu'
    """
    # Numpy, torch and the standard agree on the attribute.
    return array.device


def is_torch(array):
    """Whether an array is a tensor of torch, which has fast kernels of its own for much of a network.

    Parameters
    ----------
    array : array of any shape

    Returns
    -------
    answer : bool

    Examples
    --------
    >>> is_torch(np.ones(3))
    False
    """
    # Asking the type would import torch.
    return hasattr(array, "detach")


def to_numpy(array):
    """Copy or view of an array in numpy, from whatever library and device it is on.

    Parameters
    ----------
    array : array of any shape

    Returns
    -------
    values : numpy.ndarray
        Same shape and dtype; shares memory where the library allows it.

    Examples
    --------
    >>> to_numpy(np.ones(2))
    array([1., 1.])
    """
    if is_torch(array):  # leave the graph, then the accelerator
        return array.detach().cpu().numpy()
    if hasattr(array, "get") and not isinstance(array, np.ndarray):  # cupy
        return array.get()
    if hasattr(array, "to_device") and not isinstance(array, np.ndarray):
        home = namespace(array).__array_namespace_info__().default_device()
        array = array.to_device(home)
    return np.asarray(array)


def from_numpy(values, like):
    """Array with numpy's values in the library and on the device of another array.

    Parameters
    ----------
    values : numpy.ndarray or number
    like : array of any shape
        Its library and device are used; its dtype and shape are not.

    Returns
    -------
    array : array of any shape
        Same shape and dtype as ``values``.

    Examples
    --------
    >>> from_numpy(np.arange(3), like=np.ones(1))
    array([0, 1, 2])
    """
    return namespace(like).asarray(values, device=device(like))


def bincount(values, length):
    """How often each whole number occurs.

    Parameters
    ----------
    values : array of shape (n,)
        Whole numbers from 0 to length - 1.
    length : int

    Returns
    -------
    counts : array of shape (length,)
        int64.

    Examples
    --------
    >>> bincount(np.array([2, 0, 2]), 4)
    array([1, 0, 2, 0])
    """
    xp = namespace(values)
    if hasattr(xp, "bincount"):  # numpy, torch, cupy
        return xp.bincount(values, minlength=length)
    numbers = xp.arange(length, device=device(values))
    return xp.sum(xp.astype(values[:, None] == numbers[None, :], xp.int64), axis=0)


def scatter_add(values, index, length):
    """Sums of the rows that share an index: row k of the result is the sum of the values with index k.

    Parameters
    ----------
    values : array of shape (n, n_columns)
    index : array of shape (n,)
        Whole numbers from 0 to length - 1, in any order and as often as you like.
    length : int
        Rows of the result; a row that no index names is zero.

    Returns
    -------
    sums : array of shape (length, n_columns)
        Library, device and dtype of the values.

    Raises
    ------
    IndexError
        If an index is outside (numpy, torch).

    Notes
    -----
    The product of a (length, n) matrix, whose column i has its single 1 in row ``index[i]``, with the
    values. For numpy it is stored sparse, column by column, which needs no sorting; torch has the operation
    itself; elsewhere the matrix is dense and takes ``length * n`` numbers.

    Examples
    --------
    >>> scatter_add(np.array([[1.0], [2.0], [4.0]]), np.array([2, 0, 2]), 3)
    array([[2.],
           [0.],
           [5.]])
    """
    xp = namespace(values, index)
    if xp is np:
        # Imported here: only those who need it pay for scipy.
        from scipy.sparse import csc_array

        n = index.shape[0]
        # The sparse product would write outside the result.
        if n and not 0 <= index.min() <= index.max() < length:
            raise IndexError(f"index holds {index.min()} to {index.max()}; rows are 0 to {length - 1}")
        return csc_array((np.ones(n, values.dtype), index, np.arange(n + 1)), shape=(length, n)) @ values
    if hasattr(values, "index_add"):  # torch
        sums = xp.zeros((length, values.shape[1]), dtype=values.dtype, device=device(values))
        return sums.index_add(0, index, values)
    chosen = xp.arange(length, device=device(values))[:, None] == index[None, :]
    return xp.astype(chosen, values.dtype) @ values


def add_at(matrix, columns, values):
    """Add to one element of each row, in place.

    Parameters
    ----------
    matrix : array of shape (n_rows, n_columns)
    columns : array of ints, of shape (n_rows,)
        Where, in each row.
    values : float, or array of shape (n_rows,)
        What is added there.

    Notes
    -----
    The standard can read ``matrix[rows, columns]`` but not write it: where the library cannot either, a
    matrix with a single 1 in each row is added.

    Examples
    --------
    >>> matrix = np.zeros((2, 3))
    >>> add_at(matrix, np.array([2, 0]), -1.0)
    >>> matrix
    array([[ 0.,  0., -1.],
           [-1.,  0.,  0.]])
    """
    xp = namespace(matrix, columns)
    n_rows, n_columns = matrix.shape
    if isinstance(matrix, np.ndarray) or is_torch(matrix):
        matrix[xp.arange(n_rows, device=device(matrix)), columns] += values
        return
    if not isinstance(values, float | int):
        values = values[:, None]
    numbers = xp.arange(n_columns, dtype=columns.dtype, device=device(matrix))
    matrix += values * xp.astype(columns[:, None] == numbers, matrix.dtype)


def add_to_parts(total, index, values):
    """Add to the parts ``total[index]``; an element that is picked several times gets the sum.

    Parameters
    ----------
    total : array of any shape
        numpy's is changed in place.
    index : int, slice, None, Ellipsis, array of ints of any shape, or a tuple of these
    values : array of the shape of ``total[index]``

    Returns
    -------
    total : array of any shape
        The same shape, with the values added.

    Notes
    -----
    ``total[index] += values`` would keep only one of the values that meet in the same element. Libraries
    without a function for that: number the elements, and add to the ones that were taken.

    Examples
    --------
    >>> add_to_parts(np.zeros(3), np.array([2, 0, 2]), np.array([1.0, 5.0, 10.0]))
    array([ 5.,  0., 11.])
    """
    if isinstance(total, np.ndarray):
        np.add.at(total, index, values)
        return total
    xp = namespace(total)
    numbers = xp.reshape(xp.arange(math.prod(total.shape), device=device(total)), total.shape)
    taken, values, flat = (xp.reshape(array, (-1,)) for array in (numbers[index], values, total))
    if hasattr(flat, "index_add_"):  # torch
        flat = flat.index_add_(0, taken, values)
    else:
        for i in range(taken.shape[0]):
            flat[int(taken[i])] += values[i]
    return xp.reshape(flat, total.shape)


def smallest(values, k):
    """Columns of the k smallest entries of each row, in any order.

    Parameters
    ----------
    values : array of shape (n_rows, n_columns)
    k : int
        From 1 to n_columns.

    Returns
    -------
    columns : array of shape (n_rows, k)
        Which of several equal entries are named is left open.

    Notes
    -----
    Numpy and torch select without sorting, in time proportional to n_columns; elsewhere the rows are sorted.

    Examples
    --------
    >>> np.sort(smallest(np.array([[3.0, 1.0, 2.0]]), 2))
    array([[1, 2]])
    """
    xp = namespace(values)
    if isinstance(values, np.ndarray):
        return np.argpartition(values, k - 1, axis=1)[:, :k]
    if hasattr(values, "topk"):  # torch
        return values.topk(k, dim=1, largest=False, sorted=False).indices
    return xp.argsort(values, axis=1)[:, :k]
