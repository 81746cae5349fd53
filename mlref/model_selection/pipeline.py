"""Steps of preparation and a model as one estimator."""

from mlref.base import Estimator, clone
from mlref.errors import check_choice

__all__ = [
    "Pipeline",
]


class Pipeline(Estimator):
    """Transformers one after the other, and then a model.

    ``fit`` fits every step to what the one before made of the training rows; ``predict`` only transforms. So
    cross-validation cannot let a scaler or an imputer see the validation rows.

    Parameters
    ----------
    steps : list of (str, Estimator)
        Names and estimators; all but the last have ``transform``. They stay as they are: copies are fitted.

    Attributes
    ----------
    fitted_steps_ : list of Estimator
    n_features_in_ : int
        Number of features seen in ``fit``.

    Examples
    --------
    >>> import numpy as np
    >>> from mlref.neighbors import KNeighborsClassifier
    >>> from mlref.preprocessing import StandardScaler
    >>> model = Pipeline([("scale", StandardScaler()), ("knn", KNeighborsClassifier(n_neighbors=1))])
    >>> X, y = np.array([[0.0, 0.0], [9.0, 1.0], [5.0, 90.0]]), np.array(["a", "a", "b"])
    >>> model.fit(X, y).predict(np.array([[5.0, 80.0]]))
    array(['b'], dtype='<U1')
    >>> model.get_params()["knn__n_neighbors"]
    1
    """

    def __init__(self, steps):
        self.steps = steps

    @property
    def estimator_type(self):
        """That of the last step."""
        return self.steps[-1][1].estimator_type

    def get_params(self, deep=True):
        """The steps, every one under its name, and their parameters as ``name__parameter``.

        Parameters
        ----------
        deep : bool
            False gives the steps only.

        Returns
        -------
        parameters : dict
        """
        parameters = {"steps": self.steps}
        if deep:
            for name, step in self._named_steps():
                parameters[name] = step
                parameters |= {f"{name}__{key}": value for key, value in step.get_params().items()}
        return parameters

    def set_params(self, **parameters):
        """Replace the steps, one step by its name, or a parameter of one by ``name__parameter``.

        Parameters
        ----------
        **parameters : object

        Returns
        -------
        self : Pipeline

        Raises
        ------
        ValueError
            If there is no such step or parameter.
        """
        # Short names first: what replaces a step comes before what changes it.
        for path, value in sorted(
            parameters.items(), key=lambda item: (item[0].count("__"), item[0] != "steps")
        ):
            name, _, rest = path.partition("__")
            names = [step_name for step_name, _ in self._named_steps()]
            check_choice(name, ["steps", *names], "parameter of Pipeline")
            if name == "steps":
                self.steps = value
            elif rest:
                self.steps[names.index(name)][1].set_params(**{rest: value})
            else:
                self.steps[names.index(name)] = (name, value)
        return self

    def fit(self, X, y=None):
        """Fit every step to what the steps before made of X.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
        y : array of shape (n_samples,), optional

        Returns
        -------
        self : Pipeline
        """
        *transformers, model = [clone(step) for _, step in self.steps]
        for transformer in transformers:
            X = transformer.fit(X, y).transform(X)
        self.fitted_steps_ = [*transformers, model.fit(X, y)]
        self.n_features_in_ = self.fitted_steps_[0].n_features_in_
        return self

    def predict(self, X):
        """Prediction of the last step, after all the others.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)

        Returns
        -------
        predictions : array of shape (n_samples,)

        Raises
        ------
        NotFittedError
            If ``fit`` was not called.
        """
        self._check_fitted()
        *transformers, model = self.fitted_steps_
        for transformer in transformers:
            X = transformer.transform(X)
        return model.predict(X)

    def _named_steps(self):
        # Whatever was stored: parameters are looked at in fit, and not before.
        return self.steps if isinstance(self.steps, list) else []
