"""The small base class that makes an estimator work with scikit-learn's tools, and without scikit-learn."""

import inspect

from mlref.arrays import namespace
from mlref.errors import NotFittedError, ShapeError, check_choice
from mlref.metrics import r2_score

__all__ = [
    "Estimator",
]


class Estimator:
    """What every estimator shares: its parameters, a readable name, a score.

    A subclass names its parameters in ``__init__`` and only stores them there, under the same names; it
    checks them in ``fit``. What ``fit`` learns ends in an underscore. ``estimator_type`` is "regressor" or
    "classifier".
    """

    estimator_type = None

    def get_params(self, deep=True):
        """Parameters of ``__init__`` by name.

        Parameters
        ----------
        deep : bool
            Accepted for scikit-learn; our estimators hold no others.

        Returns
        -------
        parameters : dict
        """
        return {name: getattr(self, name) for name in self._parameter_names()}

    def set_params(self, **parameters):
        """Set parameters by name.

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
        for name, value in parameters.items():
            check_choice(name, self._parameter_names(), f"parameter of {type(self).__name__}")
            setattr(self, name, value)
        return self

    def score(self, X, y, sample_weight=None):
        """R squared of a regressor's predictions, accuracy of a classifier's.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
        y : array of shape (n_samples,)
            True values or labels.
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
        if self.estimator_type == "regressor":
            return r2_score(y, predictions, sample_weight)
        xp = namespace(predictions)
        hits = xp.astype(xp.asarray(y) == predictions, xp.float64)
        weights = xp.ones_like(hits) if sample_weight is None else xp.asarray(sample_weight)
        return float(xp.sum(weights * hits) / xp.sum(weights))

    def __repr__(self):
        signature = inspect.signature(type(self).__init__).parameters
        changed = (
            f"{name}={value!r}"
            for name, value in self.get_params().items()
            if repr(value) != repr(signature[name].default)
        )
        return f"{type(self).__name__}({', '.join(changed)})"

    def __sklearn_is_fitted__(self):
        return hasattr(self, "n_features_in_")

    def __sklearn_tags__(self):
        # Only scikit-learn calls this, so it is installed.
        from sklearn.utils import ClassifierTags, RegressorTags, Tags, TargetTags

        return Tags(
            estimator_type=self.estimator_type,
            target_tags=TargetTags(required=self.estimator_type is not None),
            classifier_tags=ClassifierTags() if self.estimator_type == "classifier" else None,
            regressor_tags=RegressorTags() if self.estimator_type == "regressor" else None,
        )

    @classmethod
    def _parameter_names(cls):
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
