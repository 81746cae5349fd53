"""Linear models: lines, planes, and what is made of a weighted sum of the features.

Modules
-------
least_squares
    The line in closed form, least squares by QR and by guarded normal equations.
ridge, lasso, penalties
    A price on the squares, or on the sizes, of the coefficients.
gaussian
    Least squares as maximum likelihood under normal noise.
logistic, logistic_losses, logistic_solvers
    Logistic and softmax regression.
glm
    Poisson regression, and iteratively reweighted least squares for every loss of its kind.
classifier
    The linear classifier in three views, and linear separability.
perceptron
    The threshold unit and the sigmoid unit.
diagnostics
    Leverage, standardised residuals, Cook's distance, quantile plots, deviance.
solvers
    The one-pass solvers under all of them.
"""

from mlref.linear_model.classifier import (
    append_ones,
    bias_trick,
    is_linearly_separable,
    linear_scores,
    signed_distances,
    templates,
)
from mlref.linear_model.diagnostics import (
    cooks_distance,
    deviance_residuals,
    leverage,
    poisson_deviance,
    qq_points,
    standardized_residuals,
)
from mlref.linear_model.gaussian import fit_gaussian, gaussian_log_likelihood
from mlref.linear_model.glm import BERNOULLI, POISSON, Family, PoissonRegressor, irls, poisson_loss
from mlref.linear_model.lasso import Lasso, lasso_coordinate_descent, lasso_simple, lasso_violation
from mlref.linear_model.least_squares import (
    LinearRegression,
    fit_line,
    lstsq,
    mean_squared_error_gradient,
    normal_equations,
)
from mlref.linear_model.logistic import LogisticRegression
from mlref.linear_model.logistic_losses import logistic_regression_loss, softmax_regression_loss
from mlref.linear_model.penalties import l1_penalty, l2_penalty, soft_threshold
from mlref.linear_model.perceptron import Perceptron, perceptron_rule, sigmoid_unit_step
from mlref.linear_model.ridge import Ridge, ridge_regression

__all__ = [
    "BERNOULLI",
    "POISSON",
    "Family",
    "Lasso",
    "LinearRegression",
    "LogisticRegression",
    "Perceptron",
    "PoissonRegressor",
    "Ridge",
    "append_ones",
    "bias_trick",
    "cooks_distance",
    "deviance_residuals",
    "fit_gaussian",
    "fit_line",
    "gaussian_log_likelihood",
    "irls",
    "is_linearly_separable",
    "l1_penalty",
    "l2_penalty",
    "lasso_coordinate_descent",
    "lasso_simple",
    "lasso_violation",
    "leverage",
    "linear_scores",
    "logistic_regression_loss",
    "lstsq",
    "mean_squared_error_gradient",
    "normal_equations",
    "perceptron_rule",
    "poisson_deviance",
    "poisson_loss",
    "qq_points",
    "ridge_regression",
    "sigmoid_unit_step",
    "signed_distances",
    "soft_threshold",
    "softmax_regression_loss",
    "standardized_residuals",
    "templates",
]
