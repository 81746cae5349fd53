"""Different models asked together: the majority, or the mean."""

import numpy as np

from mlref.arrays import to_numpy
from mlref.base import Estimator, clone
from mlref.errors import check_choice, check_labels, check_matrix, check_same_length, check_vector

__all__ = [
    "VotingClassifier",
    "VotingRegressor",
]


class _Voting(Estimator):
    """What the two share: a list of models, each fitted to the same data."""

    def _fit_all(self, X, y):
        check_same_length(X=X, y=y)
        if not self.estimators:
            raise ValueError("estimators is empty; pass a list of (name, estimator)")
        self.estimators_ = [clone(estimator).fit(X, y) for _, estimator in self.estimators]
        self.n_features_in_ = X.shape[1]
        return self

    def _checked(self, X):
        self._check_fitted()
        X = check_matrix(X, "X")
        self._check_features(X)
        return X


class VotingClassifier(_Voting):
    """The class that most of several classifiers predict, or that has the largest mean probability.

    Models that err in different places are together better than each of them.

    Parameters
    ----------
    estimators : list of (str, Estimator)
        Names and classifiers, not yet fitted; they are left as they are.
    voting : {"hard", "soft"}
        "hard": one vote a classifier, a tie goes to the smaller label. "soft": the mean of their
        probabilities.

    Attributes
    ----------
    estimators_ : list of Estimator
        The fitted classifiers.
    classes_ : array of shape (n_classes,)
    n_features_in_ : int

    Examples
    --------
    >>> from mlref.naive_bayes import GaussianNB
    >>> from mlref.tree import DecisionTreeClassifier
    >>> model = VotingClassifier([("bayes", GaussianNB()), ("tree", DecisionTreeClassifier())])
    >>> model.fit(np.array([[0.0], [1.0], [4.0], [5.0]]), np.array([0, 0, 1, 1])).predict(np.array([[4.6]]))
    array([1])
    """

    estimator_type = "classifier"

    def __init__(self, estimators, *, voting="hard"):
        self.estimators = estimators
        self.voting = voting

    def fit(self, X, y):
        """Fit a copy of every classifier.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
        y : array of shape (n_samples,)
            Label of each sample: integers, booleans or strings.

        Returns
        -------
        self : VotingClassifier

        Raises
        ------
        ShapeError
            If X is not 2-D, y is not 1-D, or their lengths differ.
        NotFiniteError
            If X holds NaN or infinity.
        ValueError
            If voting is not allowed, there is no estimator, or y holds numbers that are not whole.
        """
        X, y = check_matrix(X, "X"), check_labels(y, "y")
        check_choice(self.voting, ("hard", "soft"), "voting")
        self.classes_ = np.unique(to_numpy(y))
        return self._fit_all(X, y)

    def predict(self, X):
        """Class with the most votes, or with the largest mean probability.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)

        Returns
        -------
        labels : array of shape (n_samples,)

        Raises
        ------
        NotFittedError
            If ``fit`` was not called.
        ShapeError
            If X is not 2-D or has another number of features than in ``fit``.
        NotFiniteError
            If X holds NaN or infinity.
        """
        X = self._checked(X)
        if self.voting == "soft":
            shares = sum(to_numpy(estimator.predict_proba(X)) for estimator in self.estimators_)
        else:
            predictions = (to_numpy(estimator.predict(X)) for estimator in self.estimators_)
            shares = sum((labels[:, None] == self.classes_).astype(float) for labels in predictions)
        return self.classes_[np.argmax(shares, axis=1)]


class VotingRegressor(_Voting):
    """The mean of what several regressors predict.

    Parameters
    ----------
    estimators : list of (str, Estimator)
        Names and regressors, not yet fitted; they are left as they are.

    Attributes
    ----------
    estimators_ : list of Estimator
        The fitted regressors.
    n_features_in_ : int

    Examples
    --------
    >>> from mlref.svm import SVR
    >>> from mlref.tree import DecisionTreeRegressor
    >>> model = VotingRegressor([("svr", SVR(kernel="linear", C=100.0)), ("tree", DecisionTreeRegressor())])
    >>> model.fit(np.arange(4.0)[:, None], np.arange(4.0)).predict(np.array([[2.4]])).round(1)
    array([2.2])
    """

    estimator_type = "regressor"

    def __init__(self, estimators):
        self.estimators = estimators

    def fit(self, X, y):
        """Fit a copy of every regressor.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
        y : array of shape (n_samples,)

        Returns
        -------
        self : VotingRegressor

        Raises
        ------
        ShapeError
            If X is not 2-D, y is not 1-D, or their lengths differ.
        NotFiniteError
            If X or y holds NaN or infinity.
        ValueError
            If there is no estimator.
        """
        return self._fit_all(check_matrix(X, "X"), check_vector(y, "y"))

    def predict(self, X):
        """Mean of the predictions.

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
        ShapeError
            If X is not 2-D or has another number of features than in ``fit``.
        NotFiniteError
            If X holds NaN or infinity.
        """
        X = self._checked(X)
        return sum(estimator.predict(X) for estimator in self.estimators_) / len(self.estimators_)
