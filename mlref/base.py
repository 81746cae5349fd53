"""The small base classes that make an estimator work with scikit-learn's tools, and without scikit-learn.

A regressor or a classifier is an `Estimator`, what has ``transform`` a `Transformer`, what finds groups a
`Clusterer`; k-means is both of the latter. Where scikit-learn must know more (that NaN is welcome, say), the
class extends ``__sklearn_tags__``::

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags

Estimators that need chance call ``np.random.default_rng(self.random_state)``, which takes an int, a
`numpy.random.Generator` (used as it is, so that it goes on where it stood) or None.
"""

import copy
import inspect

from mlref.arrays import namespace
from mlref.errors import NotFittedError, ShapeError, check_choice
from mlref.metrics.classification import accuracy_score
from mlref.metrics.regression import r2_score

__all__ = [
    "Clusterer",
    "Estimator",
    "Transformer",
    "clone",
]


def clone(estimator):
    """New estimator with the same parameters, not fitted.

    Parameters
    ----------
    estimator : Estimator
        Or any object with ``get_params`` and an ``__init__`` that takes them.

    Returns
    -------
    copy : Estimator
        Parameters that are estimators are cloned, the others copied: nothing is shared, not even a
        `numpy.random.Generator` as random_state.

    Examples
    --------
    >>> from mlref.neighbors import KNeighborsRegressor
    >>> clone(KNeighborsRegressor(n_neighbors=3))
    KNeighborsRegressor(n_neighbors=3)
    """
    parameters = estimator.get_params(deep=False)
    return type(estimator)(
        **{
            name: clone(value) if _is_estimator(value) else copy.deepcopy(value)
            for name, value in parameters.items()
        }
    )


class Estimator:
    """What every estimator shares: its parameters, a readable name, a score.

    A subclass names its parameters in ``__init__`` and only stores them there, under the same names; it
    checks them in ``fit``. What ``fit`` learns ends in an underscore; ``fit`` sets ``n_features_in_``.
    ``estimator_type`` is "regressor" or "classifier".
    """

    estimator_type = None

    def get_params(self, deep=True):
        """Parameters of ``__init__`` by name.

        Parameters
        ----------
        deep : bool
            Whether to add the parameters of those that are estimators themselves, as ``name__parameter``.

        Returns
        -------
        parameters : dict
        """
        parameters = {name: getattr(self, name) for name in self._parameter_names()}
        if deep:
            for name, value in list(parameters.items()):
                if _is_estimator(value):
                    inner = value.get_params()
                    parameters |= {f"{name}__{key}": inner_value for key, inner_value in inner.items()}
        return parameters

    def set_params(self, **parameters):
        """Set parameters by name; ``name__parameter`` sets one of the estimator that ``name`` holds.

        Parameters
        ----------
        **parameters : object

        Returns
        -------
        self : Estimator

        Raises
        ------
        ValueError
            If there is no such parameter.
        """
        # Short names first: what replaces an inner estimator comes before what changes it.
        for path, value in sorted(parameters.items(), key=lambda item: item[0].count("__")):
            name, _, rest = path.partition("__")
            check_choice(name, self._parameter_names(), f"parameter of {type(self).__name__}")
            if rest:
                getattr(self, name).set_params(**{rest: value})
            else:
                setattr(self, name, value)
        return self

    def score(self, X, y, sample_weight=None):
        """R squared of a regressor's predictions, accuracy of a classifier's.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
        y : array of shape (n_samples,) or (n_samples, n_outputs)
            True values or labels. R squared of several outputs is the mean over the outputs.
        sample_weight : array of shape (n_samples,), optional

        Returns
        -------
        score : float
            At most 1.

        Raises
        ------
        NotFittedError
            If ``fit`` was not called.
        """
        predictions = self.predict(X)
        if self.estimator_type == "classifier":
            return accuracy_score(y, predictions, sample_weight)
        if predictions.ndim == 1:
            return r2_score(y, predictions, sample_weight)
        y = namespace(predictions).asarray(y)
        n_outputs = predictions.shape[1]
        return sum(r2_score(y[:, j], predictions[:, j], sample_weight) for j in range(n_outputs)) / n_outputs

    def __repr__(self):
        signature = inspect.signature(type(self).__init__).parameters
        changed = (
            f"{name}={value!r}"
            for name, value in self.get_params(deep=False).items()
            if repr(value) != repr(signature[name].default)
        )
        return f"{type(self).__name__}({', '.join(changed)})"

    def __sklearn_is_fitted__(self):
        return hasattr(self, "n_features_in_")

    def __sklearn_tags__(self):
        # Only scikit-learn calls this, so it is installed.
        from sklearn.utils import ClassifierTags, RegressorTags, Tags, TargetTags, TransformerTags

        return Tags(
            estimator_type=self.estimator_type,
            target_tags=TargetTags(required=self.estimator_type in ("classifier", "regressor")),
            transformer_tags=TransformerTags() if hasattr(self, "transform") else None,
            classifier_tags=ClassifierTags() if self.estimator_type == "classifier" else None,
            regressor_tags=RegressorTags() if self.estimator_type == "regressor" else None,
        )

    @classmethod
    def _parameter_names(cls):
        if cls.__init__ is object.__init__:
            return []
        return [name for name in inspect.signature(cls.__init__).parameters if name != "self"]

    def _check_fitted(self):
        if not self.__sklearn_is_fitted__():
            name = type(self).__name__
            raise NotFittedError(f"this {name} is not fitted yet; call fit(X, y) before you use it")

    def _check_features(self, X):
        if X.shape[1] != self.n_features_in_:
            raise ShapeError(
                f"X has {X.shape[1]} features, but {type(self).__name__} is expecting {self.n_features_in_} "
                "features as input; pass the columns that it was fitted on"
            )


class Transformer(Estimator):
    """Base of what learns how to change X and then changes it: ``fit``, ``transform``."""

    @property
    def score(self):
        """Absent: there are no true values to compare with."""
        raise AttributeError(f"{type(self).__name__} has no score: there are no true values to compare with")

    def fit_transform(self, X, y=None):
        """Fit to X and return what X becomes.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
        y : array of shape (n_samples,), optional
            Handed to ``fit``.

        Returns
        -------
        transformed : array of shape (n_samples, n_features_out)
        """
        return self.fit(X, y).transform(X)


class Clusterer(Estimator):
    """Base of what finds groups: ``fit`` sets ``labels_``."""

    estimator_type = "clusterer"

    @property
    def score(self):
        """Absent: there are no true values to compare with."""
        raise AttributeError(f"{type(self).__name__} has no score: there are no true values to compare with")

    def fit_predict(self, X, y=None):
        """Fit to X and return the group of each sample.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
        y : array of shape (n_samples,), optional
            Ignored.

        Returns
        -------
        labels : array of shape (n_samples,)
            ``labels_``: from 0 on; -1 for samples that belong to no group, where the method knows such.
        """
        return self.fit(X, y).labels_


def _is_estimator(value):
    return hasattr(value, "get_params") and not isinstance(value, type)
