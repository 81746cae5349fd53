"""Naive Bayes classifiers: Gaussian features, and counts.

Both take the features of a class as independent, so that the logarithm of a sample's probability is a sum
over features: one matrix product for all samples and classes.
"""

import math

from mlref.arrays import device, namespace
from mlref.base import Estimator
from mlref.errors import (
    ShapeError,
    check_array,
    check_labels,
    check_matrix,
    check_positive,
    check_same_features,
    check_same_length,
)
from mlref.losses import log_softmax
from mlref.preprocessing.encoding import one_hot

__all__ = [
    "GaussianNB",
    "MultinomialNB",
    "class_moments",
    "gaussian_log_likelihood",
]


def class_moments(X, codes, n_classes):
    """Number of samples, mean and variance of every class.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
    codes : array of shape (n_samples,)
        Class of each sample, an int from 0; no class is empty.
    n_classes : int

    Returns
    -------
    counts : array of shape (n_classes,)
    means : array of shape (n_classes, n_features)
    variances : array of shape (n_classes, n_features)
        Of the population: divided by the count, not by one less.

    Notes
    -----
    A one-hot matrix times X sums the rows of each class, and times the means gives each sample its own mean
    back. Squares are taken of the differences from it: ``E[x^2] - E[x]^2`` would lose all digits far from
    zero. The peak memory is two copies of X.

    Examples
    --------
    >>> import numpy as np
    >>> class_moments(np.array([[1.0], [3.0], [8.0]]), np.array([0, 0, 1]), 2)
    (array([2., 1.]), array([[2.],
           [8.]]), array([[1.],
           [0.]]))
    """
    X, codes = check_array(X, "X", ndim=2), check_array(codes, "codes", ndim=1)
    check_same_length(X=X, codes=codes)
    xp = namespace(X, codes)
    own = xp.astype(one_hot(codes, n_classes), X.dtype, copy=False)
    counts = xp.sum(own, axis=0)
    means = (own.T @ X) / counts[:, None]
    difference = X - own @ means
    return counts, means, (own.T @ (difference * difference)) / counts[:, None]


def gaussian_log_likelihood(X, means, variances):
    """Logarithm of the density of every sample in every class, features independent and normal.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
    means : array of shape (n_classes, n_features)
    variances : array of shape (n_classes, n_features)
        Positive.

    Returns
    -------
    log_likelihood : array of shape (n_samples, n_classes)

    Raises
    ------
    ShapeError
        If the arrays differ in n_features.

    Notes
    -----
    ``-1/2 sum_j (log(2 pi v_j) + (x_j - m_j)^2 / v_j)``. The square expands to ``x^2 / v - 2 x m / v +
    m^2 / v``: two matrix products. X and the means are first measured from the middle of the means, because
    where ``m^2 / v`` is large the expansion loses digits.

    Examples
    --------
    >>> import numpy as np
    >>> gaussian_log_likelihood(np.array([[0.0]]), np.array([[0.0], [2.0]]), np.ones((2, 1))).round(4)
    array([[-0.9189, -2.9189]])
    """
    X, means = check_array(X, "X", ndim=2), check_array(means, "means", ndim=2)
    variances = check_array(variances, "variances", ndim=2)
    check_same_features(X=X, means=means, variances=variances)
    check_same_length(means=means, variances=variances)
    xp = namespace(X, means, variances)
    center = xp.mean(means, axis=0)
    X, means = X - center, means - center
    squares = (X * X) @ (1 / variances).T - 2 * X @ (means / variances).T
    constant = xp.sum(xp.log(2 * math.pi * variances) + means**2 / variances, axis=1)
    return -(squares + constant) / 2


class _NaiveBayes(Estimator):
    """What the two share: from joint log-probabilities to classes."""

    estimator_type = "classifier"

    def predict_log_proba(self, X):
        """Logarithm of the probability of each class.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)

        Returns
        -------
        log_probabilities : array of shape (n_samples, n_classes)

        Raises
        ------
        NotFittedError
            If ``fit`` was not called.
        ShapeError
            If X is not 2-D or has another number of features than in ``fit``.
        NotFiniteError
            If X holds NaN or infinity.
        """
        return log_softmax(self._joint_log_likelihood(self._checked(X)))

    def predict_proba(self, X):
        """Probability of each class.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)

        Returns
        -------
        probabilities : array of shape (n_samples, n_classes)

        Raises
        ------
        NotFittedError
            If ``fit`` was not called.
        ShapeError
            If X is not 2-D or has another number of features than in ``fit``.
        NotFiniteError
            If X holds NaN or infinity.
        """
        log_probabilities = self.predict_log_proba(X)
        return namespace(log_probabilities).exp(log_probabilities)

    def predict(self, X):
        """Most probable class, the smallest label where several are.

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
        joint = self._joint_log_likelihood(self._checked(X))
        return self.classes_[namespace(joint).argmax(joint, axis=1)]

    def _checked(self, X):
        self._check_fitted()
        X = _as_float64(check_matrix(X, "X"))
        self._check_features(X)
        return X


class GaussianNB(_NaiveBayes):
    """Classes with independent normal features.

    Parameters
    ----------
    priors : array-like of shape (n_classes,), optional
        Positive: probability of each class before a sample is seen; by default its share of the training
        samples.
    var_smoothing : float
        This times the largest variance of a feature is added to all variances, so that none is zero.

    Attributes
    ----------
    theta_ : array of shape (n_classes, n_features)
        Means.
    var_ : array of shape (n_classes, n_features)
        Variances, with ``epsilon_`` added.
    epsilon_ : float
    class_count_ : array of shape (n_classes,)
    class_prior_ : array of shape (n_classes,)
    classes_ : array of shape (n_classes,)
    n_features_in_ : int

    References
    ----------
    Hastie, Tibshirani and Friedman (2009), *The Elements of Statistical Learning*, section 6.6.3.

    Examples
    --------
    >>> import numpy as np
    >>> X, y = np.array([[1.0], [2.0], [8.0], [9.0]]), np.array(["low", "low", "high", "high"])
    >>> GaussianNB().fit(X, y).predict(np.array([[3.0], [7.0]]))
    array(['low', 'high'], dtype='<U4')
    """

    def __init__(self, *, priors=None, var_smoothing=1e-9):
        self.priors = priors
        self.var_smoothing = var_smoothing

    def fit(self, X, y):
        """Estimate mean and variance of every feature in every class.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
        y : array of shape (n_samples,)
            Label of each sample: integers, booleans or strings.

        Returns
        -------
        self : GaussianNB

        Raises
        ------
        ShapeError
            If X is not 2-D, y is not 1-D, their lengths differ, or priors has not one entry per class.
        NotFiniteError
            If X holds NaN or infinity.
        ValueError
            If var_smoothing is not positive, the priors are not positive or do not sum to one, or y holds
            numbers that are not whole.
        """
        X, y = _as_float64(check_matrix(X, "X")), check_labels(y, "y")
        check_same_length(X=X, y=y)
        check_positive(self.var_smoothing, "var_smoothing")
        xp = namespace(X)
        self.classes_, codes = namespace(y).unique_inverse(y)
        self.class_count_, self.theta_, variances = class_moments(X, codes, self.classes_.shape[0])
        # Of constant features only: any variance will do.
        self.epsilon_ = self.var_smoothing * (float(xp.max(xp.var(X, axis=0))) or 1.0)
        self.var_ = variances + self.epsilon_
        shares = self.class_count_ / xp.sum(self.class_count_)
        self.class_prior_ = shares if self.priors is None else self._checked_priors(shares)
        self.n_features_in_ = X.shape[1]
        return self

    def _checked_priors(self, like):
        xp = namespace(like)
        priors = xp.asarray(self.priors, dtype=like.dtype, device=device(like))
        if priors.shape != like.shape:
            raise ShapeError(
                f"priors has shape {priors.shape}; it must have one entry per class, {like.shape}"
            )
        if bool(xp.any(priors <= 0)) or abs(float(xp.sum(priors)) - 1) > 1e-8:
            raise ValueError("priors must be positive and sum to 1; divide them by their sum")
        return priors

    def _joint_log_likelihood(self, X):
        return gaussian_log_likelihood(X, self.theta_, self.var_) + namespace(X).log(self.class_prior_)


class MultinomialNB(_NaiveBayes):
    """Classes that draw their features, word by word, from one distribution each.

    Parameters
    ----------
    alpha : float
        Added to the count of every feature in every class, so that what was never seen is not impossible;
        positive. With 1 every feature is seen once more than it was (Laplace).
    fit_prior : bool
        Whether the probability of a class before a sample is seen is its share of the training samples; else
        all classes are equally probable.

    Attributes
    ----------
    feature_log_prob_ : array of shape (n_classes, n_features)
        Logarithm of each feature's probability in each class.
    feature_count_ : array of shape (n_classes, n_features)
    class_count_ : array of shape (n_classes,)
    class_log_prior_ : array of shape (n_classes,)
    classes_ : array of shape (n_classes,)
    n_features_in_ : int

    Notes
    -----
    ``log p(c, x) = log p(c) + sum_j x_j log theta_cj``, up to what all classes share, with ``theta_cj =
    (N_cj + alpha) / (N_c + alpha n_features)``. A product of thousands of probabilities would be zero; the
    sum of their logarithms is not.

    References
    ----------
    Manning, Raghavan and Schütze (2008), *Introduction to Information Retrieval*, section 13.2.

    Examples
    --------
    >>> import numpy as np
    >>> counts, y = np.array([[2, 0], [1, 1], [0, 3]]), np.array(["spam", "spam", "ham"])
    >>> MultinomialNB().fit(counts, y).predict(np.array([[1, 0], [0, 2]]))
    array(['spam', 'ham'], dtype='<U4')
    """

    def __init__(self, *, alpha=1.0, fit_prior=True):
        self.alpha = alpha
        self.fit_prior = fit_prior

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.positive_only = True
        # Of features that are no counts.
        tags.classifier_tags.poor_score = True
        return tags

    def fit(self, X, y):
        """Count every feature in every class.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
            Counts, or other amounts that are not negative.
        y : array of shape (n_samples,)
            Label of each sample: integers, booleans or strings.

        Returns
        -------
        self : MultinomialNB

        Raises
        ------
        ShapeError
            If X is not 2-D, y is not 1-D, or their lengths differ.
        NotFiniteError
            If X holds NaN or infinity.
        ValueError
            If X holds a negative number, alpha is not positive, or y holds numbers that are not whole.
        """
        X, y = _as_float64(check_matrix(X, "X")), check_labels(y, "y")
        check_same_length(X=X, y=y)
        check_positive(self.alpha, "alpha")
        self._check_counts(X)
        xp = namespace(X)
        self.classes_, codes = namespace(y).unique_inverse(y)
        own = one_hot(codes, self.classes_.shape[0])
        self.class_count_, self.feature_count_ = xp.sum(own, axis=0), own.T @ X
        prior = self.class_count_ if self.fit_prior else xp.ones_like(self.class_count_)
        self.class_log_prior_ = xp.log(prior / xp.sum(prior))
        smoothed = self.feature_count_ + self.alpha
        self.feature_log_prob_ = xp.log(smoothed / xp.sum(smoothed, axis=1, keepdims=True))
        self.n_features_in_ = X.shape[1]
        return self

    def _joint_log_likelihood(self, X):
        self._check_counts(X)
        return X @ self.feature_log_prob_.T + self.class_log_prior_

    def _check_counts(self, X):
        if bool(namespace(X).any(X < 0)):
            raise ValueError(
                "Negative values in data passed to MultinomialNB: X must hold counts; for other features use "
                "GaussianNB"
            )


def _as_float64(X):
    # Smoothing by 1e-9 of the largest variance would vanish in float32.
    xp = namespace(X)
    return xp.astype(X, xp.float64, copy=False)
