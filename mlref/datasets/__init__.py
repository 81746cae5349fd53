"""Data to learn from: seeded generators, and small data sets that ship with the package (see NOTICE).

Generators return numpy arrays. The same arguments and a generator in the same state give the same values.

Modules
-------
mlref.datasets.regression
    Line, polynomial, sine, and grades that mostly depend on chance.
mlref.datasets.classification
    Blobs, moons; ring, parity and three modes, which no line separates; scores with a known AUC.
mlref.datasets.defects
    Gaps, and tables with a leak.
mlref.datasets.time_series
    ARIMA and seasonal series.
mlref.datasets.images
    Bars, crosses and blobs.
mlref.datasets.text
    Markov text with a known entropy.
mlref.datasets.loaders
    Iris, wine, breast cancer, digits, diabetes, sunspots, Nile, the curve-fit points.
"""

from mlref.datasets.classification import (
    make_blobs,
    make_imbalanced_scores,
    make_moons,
    make_parity,
    make_ring,
    make_three_modes,
)
from mlref.datasets.defects import make_leaky_table, make_missing
from mlref.datasets.images import make_shapes
from mlref.datasets.loaders import (
    load_breast_cancer,
    load_curve_fit,
    load_diabetes,
    load_digits,
    load_iris,
    load_nile,
    load_sunspots,
    load_wine,
)
from mlref.datasets.regression import (
    make_gpa_like,
    make_line,
    make_poly,
    make_sine,
)
from mlref.datasets.text import make_markov_text
from mlref.datasets.time_series import make_arima, make_seasonal

__all__ = [
    "load_breast_cancer",
    "load_curve_fit",
    "load_diabetes",
    "load_digits",
    "load_iris",
    "load_nile",
    "load_sunspots",
    "load_wine",
    "make_arima",
    "make_blobs",
    "make_gpa_like",
    "make_imbalanced_scores",
    "make_leaky_table",
    "make_line",
    "make_markov_text",
    "make_missing",
    "make_moons",
    "make_parity",
    "make_poly",
    "make_ring",
    "make_seasonal",
    "make_shapes",
    "make_sine",
    "make_three_modes",
]
