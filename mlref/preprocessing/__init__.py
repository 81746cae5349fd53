"""Data made ready for a model: gaps, categories, scales, texts, images, basis functions.

Modules
-------
mlref.preprocessing.imputation
    Missing values: rows dropped, mean and median, nearest neighbours.
mlref.preprocessing.encoding
    One column per category, or one number per category.
mlref.preprocessing.scaling
    Standardisation, ranges, robust scaling, rows of length one.
mlref.preprocessing.counts
    Bag of words, colour histogram.
mlref.preprocessing.bases
    Polynomial, Fourier, Legendre and Hermite bases.
"""

from mlref.preprocessing.bases import (
    PolynomialFeatures,
    fourier_basis,
    hermite_basis,
    legendre_basis,
    polynomial_basis,
    polynomial_exponents,
)
from mlref.preprocessing.counts import bag_of_words, build_vocabulary, color_histogram
from mlref.preprocessing.encoding import (
    OneHotEncoder,
    OrdinalEncoder,
    one_hot,
    one_hot_categories,
    ordinal_categories,
)
from mlref.preprocessing.imputation import (
    KNNImputer,
    SimpleImputer,
    drop_missing,
    impute_neighbors,
    nan_euclidean_distances,
)
from mlref.preprocessing.scaling import (
    MinMaxScaler,
    RobustScaler,
    StandardScaler,
    column_quantiles,
    normalize,
)

__all__ = [
    "KNNImputer",
    "MinMaxScaler",
    "OneHotEncoder",
    "OrdinalEncoder",
    "PolynomialFeatures",
    "RobustScaler",
    "SimpleImputer",
    "StandardScaler",
    "bag_of_words",
    "build_vocabulary",
    "color_histogram",
    "column_quantiles",
    "drop_missing",
    "fourier_basis",
    "hermite_basis",
    "impute_neighbors",
    "legendre_basis",
    "nan_euclidean_distances",
    "normalize",
    "one_hot",
    "one_hot_categories",
    "ordinal_categories",
    "polynomial_basis",
    "polynomial_exponents",
]
