"""What a notebook gets in place of the reference's own foundations: the same names, for numpy alone.

The text is copied into notebooks, so it is written for students: no annotations.
"""

# mypy: ignore-errors
import inspect

import numpy as np

from mlref.errors import NotFittedError, ShapeError

__all__ = ["Clusterer", "Estimator", "Transformer", "from_numpy", "scatter_add"]


class Estimator:
    """Base of an estimator: its parameters are what ``__init__`` takes and stores under the same names."""

    def get_params(self, deep=True):
        """Return the parameters by name."""
        names = list(inspect.signature(type(self).__init__).parameters)[1:]
        return {name: getattr(self, name) for name in names}

    def set_params(self, **parameters):
        """Change parameters by name."""
        for name, value in parameters.items():
            if name not in self.get_params():
                raise ValueError(f"{type(self).__name__} has no parameter {name!r}")
            setattr(self, name, value)
        return self

    def __repr__(self):
        parameters = ", ".join(f"{name}={value!r}" for name, value in self.get_params().items())
        return f"{type(self).__name__}({parameters})"

    def _check_fitted(self):
        """Raise NotFittedError unless ``fit`` has set ``n_features_in_``."""
        if not hasattr(self, "n_features_in_"):
            raise NotFittedError(f"this {type(self).__name__} is not fitted yet; call fit(X, y) first")

    def _check_features(self, X):
        """Raise ShapeError unless X has as many columns as in ``fit``."""
        if X.shape[1] != self.n_features_in_:
            raise ShapeError(f"X has {X.shape[1]} features but fit saw {self.n_features_in_}")


class Transformer(Estimator):
    """Base of an estimator that changes X."""

    def fit_transform(self, X, y=None):
        """Fit to X and return what X becomes."""
        return self.fit(X, y).transform(X)


class Clusterer(Estimator):
    """Base of an estimator that finds groups: ``fit`` sets ``labels_``."""

    def fit_predict(self, X, y=None):
        """Fit to X and return the group of each row."""
        return self.fit(X, y).labels_


def from_numpy(values, like):
    """Return the values as an array."""
    return np.asarray(values)


def scatter_add(values, index, length):
    """Return sums of the rows that share an index."""
    sums = np.zeros((length, values.shape[1]), values.dtype)
    np.add.at(sums, index, values)
    return sums
