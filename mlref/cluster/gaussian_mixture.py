"""The Gaussian mixture as an estimator."""

import math

import numpy as np

from mlref.arrays import namespace, to_numpy
from mlref.base import Estimator
from mlref.cluster.expectation_maximization import e_step, gaussian_mixture_em
from mlref.errors import check_count, check_matrix

__all__ = ["GaussianMixture"]


class GaussianMixture(Estimator):
    """A density made of Gaussians, and the soft clusters that they are.

    Parameters
    ----------
    n_components : int
    covariance_type : {"full", "tied", "diag", "spherical"}
        A matrix for each component, one matrix for all, a variance for each component and feature, or one
        for each component.
    tol : float
        The iteration ends when the mean log-likelihood of a sample gains less.
    reg_covar : float
        Added to every variance.
    max_iter : int
        The most steps of one run.
    n_init : int
        How many times to start; the run with the largest likelihood is kept.
    random_state : int, numpy.random.Generator or None
        Where starts and samples are drawn from.

    Attributes
    ----------
    weights_ : array of shape (n_components,)
    means_ : array of shape (n_components, n_features)
    covariances_ : array of shape (n_components, n_features, n_features)
        For "full"; for the other types as in `log_gaussian_densities`.
    lower_bound_ : float
        Mean log-likelihood of a sample in the last step.
    n_iter_ : int
        Steps of the run that was kept.
    n_features_in_ : int
        Number of features seen in ``fit``.

    Examples
    --------
    >>> X = np.array([[0.0], [1.0], [8.0], [9.0]])
    >>> model = GaussianMixture(2, random_state=0).fit(X)
    >>> model.predict_proba(np.array([[0.5]])).max().round(3)
    np.float64(1.0)
    """

    estimator_type = "density_estimator"

    def __init__(
        self,
        n_components=1,
        *,
        covariance_type="full",
        tol=1e-3,
        reg_covar=1e-6,
        max_iter=100,
        n_init=1,
        random_state=None,
    ):
        self.n_components = n_components
        self.covariance_type = covariance_type
        self.tol = tol
        self.reg_covar = reg_covar
        self.max_iter = max_iter
        self.n_init = n_init
        self.random_state = random_state

    def fit(self, X, y=None):
        """Fit the mixture.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
        y : None
            Not used; here because every estimator takes it.

        Returns
        -------
        self : GaussianMixture

        Raises
        ------
        ShapeError
            If X is not 2-D.
        NotFiniteError
            If X holds NaN or infinity.
        ValueError
            If a parameter is not allowed.
        """
        X = check_matrix(X, "X")
        check_count(self.n_init, "n_init")
        rng = np.random.default_rng(self.random_state)
        runs = [
            gaussian_mixture_em(
                X,
                self.n_components,
                rng,
                covariance_type=self.covariance_type,
                reg_covar=self.reg_covar,
                tol=self.tol,
                max_iter=self.max_iter,
            )
            for _ in range(self.n_init)
        ]
        self.weights_, self.means_, self.covariances_, history = max(runs, key=lambda run: run[-1][-1])
        self.lower_bound_, self.n_iter_ = history[-1], len(history)
        self.n_features_in_ = X.shape[1]
        return self

    def predict_proba(self, X):
        """Responsibility of each component for each sample.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)

        Returns
        -------
        responsibilities : array of shape (n_samples, n_components)
            Each row sums to one.

        Raises
        ------
        NotFittedError
            If ``fit`` was not called.
        ShapeError
            If X is not 2-D or has another number of features than in ``fit``.
        NotFiniteError
            If X holds NaN or infinity.
        """
        return self._e_step(X)[0]

    def predict(self, X):
        """Most responsible component of each sample.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)

        Returns
        -------
        labels : array of shape (n_samples,)

        Raises
        ------
        NotFittedError, ShapeError, NotFiniteError
            As in ``predict_proba``.
        """
        responsibilities = self.predict_proba(X)
        return namespace(responsibilities).argmax(responsibilities, axis=1)

    def fit_predict(self, X, y=None):
        """Fit, and the most responsible component of each sample.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
        y : None
            Not used.

        Returns
        -------
        labels : array of shape (n_samples,)
        """
        return self.fit(X).predict(X)

    def score_samples(self, X):
        """Log-density of the mixture at each sample.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)

        Returns
        -------
        log_likelihoods : array of shape (n_samples,)

        Raises
        ------
        NotFittedError, ShapeError, NotFiniteError
            As in ``predict_proba``.
        """
        return self._e_step(X)[1]

    def score(self, X, y=None):
        """Mean log-density of the samples: larger is better.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
        y : None
            Not used.

        Returns
        -------
        score : float

        Raises
        ------
        NotFittedError, ShapeError, NotFiniteError
            As in ``predict_proba``.
        """
        log_likelihoods = self.score_samples(X)
        return float(namespace(log_likelihoods).mean(log_likelihoods))

    def bic(self, X):
        """Bayesian information criterion: smaller is better.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)

        Returns
        -------
        bic : float
            ``-2 log L + n_parameters log n_samples``.

        Raises
        ------
        NotFittedError, ShapeError, NotFiniteError
            As in ``predict_proba``.

        References
        ----------
        Schwarz (1978), Estimating the dimension of a model, *Annals of Statistics* 6(2).
        """
        n_samples = X.shape[0]
        return -2 * n_samples * self.score(X) + self._n_parameters() * math.log(n_samples)

    def aic(self, X):
        """Akaike's information criterion: smaller is better.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)

        Returns
        -------
        aic : float
            ``-2 log L + 2 n_parameters``.

        Raises
        ------
        NotFittedError, ShapeError, NotFiniteError
            As in ``predict_proba``.
        """
        return -2 * X.shape[0] * self.score(X) + 2 * self._n_parameters()

    def sample(self, n_samples=1):
        """Draw new samples. Numpy only.

        Parameters
        ----------
        n_samples : int

        Returns
        -------
        X : array of shape (n_samples, n_features)
        labels : array of shape (n_samples,)
            The component that made each.

        Raises
        ------
        NotFittedError
            If ``fit`` was not called.
        """
        self._check_fitted()
        check_count(n_samples, "n_samples")
        rng = np.random.default_rng(self.random_state)
        weights, means, covariances = map(to_numpy, (self.weights_, self.means_, self.covariances_))
        labels = rng.choice(weights.size, size=n_samples, p=weights / weights.sum())
        X = np.empty((n_samples, means.shape[1]))
        for k in range(weights.size):
            covariance = covariances if self.covariance_type == "tied" else covariances[k]
            if covariance.ndim < 2:
                covariance = np.diag(covariance * np.ones(means.shape[1]))
            rows = labels == k
            X[rows] = rng.multivariate_normal(means[k], covariance, size=rows.sum(), method="cholesky")
        return X, labels

    def _e_step(self, X):
        self._check_fitted()
        X = check_matrix(X, "X")
        self._check_features(X)
        return e_step(X, self.weights_, self.means_, self.covariances_, self.covariance_type)

    def _n_parameters(self):
        k, d = self.means_.shape
        n_covariances = {
            "full": k * d * (d + 1) // 2,
            "tied": d * (d + 1) // 2,
            "diag": k * d,
            "spherical": k,
        }
        return k * d + k - 1 + n_covariances[self.covariance_type]
