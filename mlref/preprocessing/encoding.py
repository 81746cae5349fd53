"""Categories as numbers: one column per category, or one number per category.

Labels that are strings are numpy only.
"""

import numpy as np

from mlref.arrays import device, namespace
from mlref.base import Transformer
from mlref.errors import ShapeError, check_choice, check_count, check_labels, check_matrix

__all__ = [
    "OneHotEncoder",
    "OrdinalEncoder",
    "one_hot",
    "one_hot_categories",
    "ordinal_categories",
]


def one_hot(labels, n_classes):
    """One column per class, with a one in the column of each row's label and zeros elsewhere.

    Parameters
    ----------
    labels : array of shape (n_samples,)
        Whole numbers from 0 to n_classes - 1.
    n_classes : int
        How many classes there are; a class that no label names still has its column.

    Returns
    -------
    rows : array of shape (n_samples, n_classes)
        float64; every row sums to one.

    Raises
    ------
    ShapeError
        If labels is not 1-D, or empty.
    TypeError
        If labels are strings.
    ValueError
        If a label is not a whole number from 0 to n_classes - 1.

    Examples
    --------
    >>> one_hot(np.array([2, 0]), 3)
    array([[0., 0., 1.],
           [1., 0., 0.]])
    """
    xp = namespace(labels)
    labels = check_labels(labels, "labels")
    check_count(n_classes, "n_classes")
    if not xp.isdtype(labels.dtype, ("numeric", "bool")):
        raise TypeError("labels are no numbers; use one_hot_categories for them")
    labels = xp.astype(labels, xp.int64, copy=False)
    if bool(xp.any((labels < 0) | (labels >= n_classes))):
        raise ValueError(f"labels must be whole numbers from 0 to n_classes - 1 = {n_classes - 1}")
    classes = xp.arange(n_classes, device=device(labels))
    return xp.astype(labels[:, None] == classes[None, :], xp.float64)


def one_hot_categories(labels, categories):
    """One column per category, in the order of the categories; for labels that are no numbers.

    Parameters
    ----------
    labels : array of shape (n_samples,)
        Each one of the categories.
    categories : sequence
        Different labels, such as strings; a category that no label names still has its column.

    Returns
    -------
    rows : array of shape (n_samples, n_categories)
        float64; every row sums to one.

    Raises
    ------
    ShapeError
        If labels is not 1-D.
    ValueError
        If categories are given twice, or a label is none of them.

    Examples
    --------
    >>> one_hot_categories(["red", "blue"], ["red", "green", "blue"])
    array([[1., 0., 0.],
           [0., 0., 1.]])
    """
    codes = ordinal_categories(labels, categories)
    return one_hot(codes, namespace(categories).asarray(categories).shape[0])


def ordinal_categories(labels, categories):
    """Position of each label in a list of categories; for features with an order, such as small to large.

    Parameters
    ----------
    labels : array of shape (n_samples,)
        Each one of the categories.
    categories : sequence
        Different labels, in their order.

    Returns
    -------
    codes : array of shape (n_samples,)
        Whole numbers from 0 to n_categories - 1.

    Raises
    ------
    ShapeError
        If labels is not 1-D.
    ValueError
        If categories are given twice, or a label is none of them.

    Examples
    --------
    >>> ordinal_categories(["small", "large", "small"], ["small", "medium", "large"])
    array([0, 2, 0])
    """
    xp = namespace(labels, categories)
    labels, categories = _vector(xp.asarray(labels), "labels"), _vector(xp.asarray(categories), "categories")
    if categories.shape[0] == 0:
        raise ShapeError("categories is empty; it must hold every label once")
    # Sorted once, so that each label is found in a few comparisons.
    order = xp.argsort(categories, stable=True)
    ordered = xp.take(categories, order, axis=0)
    if bool(xp.any(ordered[1:] == ordered[:-1])):
        raise ValueError("categories holds the same category twice; every one needs its own place")
    # Without the last one, so that what is beyond it is compared with it.
    place = xp.searchsorted(ordered[:-1], labels)
    unknown = xp.nonzero(xp.take(ordered, place, axis=0) != labels)[0]
    if unknown.shape[0]:
        raise ValueError(f"label {labels[int(unknown[0])]} is none of the categories; add it to them")
    return xp.take(order, place, axis=0)


class OrdinalEncoder(Transformer):
    """Replace every column's categories by 0, 1, 2 ... in their sorted order.

    Attributes
    ----------
    categories_ : list of array of shape (n_categories,)
        The categories of each column seen in ``fit``, ascending.
    n_features_in_ : int
        Number of columns seen in ``fit``.

    Examples
    --------
    >>> encoder = OrdinalEncoder().fit(np.array([["red", "S"], ["blue", "L"]]))
    >>> encoder.transform(np.array([["red", "L"]]))
    array([[1., 0.]])
    """

    def fit(self, X, y=None):
        """Learn the categories of every column.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
            Numbers or strings.
        y : object, optional
            Ignored.

        Returns
        -------
        self : OrdinalEncoder

        Raises
        ------
        ShapeError
            If X is not 2-D or is empty.
        """
        columns = _columns(X)
        self.categories_ = [_ascending(column) for column in columns]
        self.n_features_in_ = len(columns)
        return self

    def transform(self, X):
        """Number of each category.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)

        Returns
        -------
        codes : array of shape (n_samples, n_features)
            float64.

        Raises
        ------
        NotFittedError
            If ``fit`` was not called.
        ShapeError
            If X is not 2-D or has another number of columns than in ``fit``.
        ValueError
            If a category was not seen in ``fit``.
        """
        self._check_fitted()
        columns = _columns(X, self)
        xp = namespace(*columns)
        codes = [ordinal_categories(*pair) for pair in zip(columns, self.categories_, strict=True)]
        return xp.astype(xp.stack(codes, axis=1), xp.float64)

    def inverse_transform(self, X):
        """Category of each number.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
            What `transform` returned.

        Returns
        -------
        categories : array of shape (n_samples, n_features)
        """
        self._check_fitted()
        X = check_matrix(X, "X")
        self._check_features(X)
        xp = namespace(X)
        columns = []
        for j, known in enumerate(self.categories_):
            codes = xp.astype(X[:, j], xp.int64)
            if bool(xp.any((X[:, j] != xp.astype(codes, X.dtype)) | (codes < 0) | (codes >= known.shape[0]))):
                raise ValueError(f"X holds other codes in column {j} than 0 to {known.shape[0] - 1}")
            columns.append(xp.take(known, codes, axis=0))
        return xp.stack(columns, axis=1)

    def __sklearn_tags__(self):
        return _categorical(super().__sklearn_tags__())


class OneHotEncoder(Transformer):
    """Replace every column by one column for each of its categories.

    Parameters
    ----------
    handle_unknown : {"error", "ignore"}
        What a category does that was not seen in ``fit``: raise, or give a row of zeros.

    Attributes
    ----------
    categories_ : list of array of shape (n_categories,)
        The categories of each column seen in ``fit``, ascending.
    n_features_in_ : int
        Number of columns seen in ``fit``.

    Examples
    --------
    >>> encoder = OneHotEncoder().fit(np.array([["red", "S"], ["blue", "L"]]))
    >>> encoder.transform(np.array([["red", "L"]]))
    array([[0., 1., 1., 0.]])
    """

    def __init__(self, handle_unknown="error"):
        self.handle_unknown = handle_unknown

    def fit(self, X, y=None):
        """Learn the categories of every column.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
            Numbers or strings.
        y : object, optional
            Ignored.

        Returns
        -------
        self : OneHotEncoder

        Raises
        ------
        ShapeError
            If X is not 2-D or is empty.
        ValueError
            If handle_unknown is neither "error" nor "ignore".
        """
        check_choice(self.handle_unknown, ("error", "ignore"), "handle_unknown")
        columns = _columns(X)
        self.categories_ = [_ascending(column) for column in columns]
        self.n_features_in_ = len(columns)
        return self

    def transform(self, X):
        """One column for each category, those of the first feature first.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)

        Returns
        -------
        rows : array of shape (n_samples, n_features_out)
            float64 zeros and ones.

        Raises
        ------
        NotFittedError
            If ``fit`` was not called.
        ShapeError
            If X is not 2-D or has another number of columns than in ``fit``.
        ValueError
            If a category was not seen in ``fit`` and handle_unknown is "error".
        """
        self._check_fitted()
        columns = _columns(X, self)
        xp = namespace(*columns)
        if self.handle_unknown == "ignore":
            pairs = zip(columns, self.categories_, strict=True)
        else:
            pairs = [
                (ordinal_categories(column, known), xp.arange(known.shape[0], device=device(known)))
                for column, known in zip(columns, self.categories_, strict=True)
            ]
        indicators = xp.concat([labels[:, None] == known[None, :] for labels, known in pairs], axis=1)
        return xp.astype(indicators, xp.float64)

    def __sklearn_tags__(self):
        return _categorical(super().__sklearn_tags__())


def _categorical(tags):
    tags.input_tags.categorical = True
    return tags


def _columns(X, encoder=None):
    """Columns of a table of numbers or strings; those of an object array each by itself."""
    if namespace(X) is np and np.asarray(X).dtype.kind in "OSU" and not hasattr(X, "toarray"):
        X = np.asarray(X)
        if X.ndim != 2 or X.size == 0:
            raise ShapeError(f"X has shape {X.shape}; it must be 2-D, (n_samples, n_features), and not empty")
        columns = [np.asarray(column.tolist()) for column in X.T]
        if any(column.dtype.kind == "O" for column in columns):
            raise TypeError("X holds an object; every argument must be a string or a number")
    else:
        X = check_matrix(X, "X")
        # Copies lie in one piece, which searching wants.
        columns = [namespace(X).asarray(X[:, j], copy=True) for j in range(X.shape[1])]
    if encoder is not None and len(columns) != encoder.n_features_in_:
        raise ShapeError(
            f"X has {len(columns)} features, but {type(encoder).__name__} is expecting "
            f"{encoder.n_features_in_} features as input; pass the columns that it was fitted on"
        )
    return columns


def _ascending(column):
    """Different entries of a column."""
    xp = namespace(column)
    return xp.sort(xp.unique_values(column))


def _vector(labels, name):
    if labels.ndim != 1:
        raise ShapeError(f"{name} has shape {tuple(labels.shape)}; it must be 1-D, one label per sample")
    return labels
