"""A reference implementation of what the course teaches.

Readable enough to teach from, fast enough to use, correct enough to grade by. Nothing is imported here, so
``import mlref`` costs nothing; import the module that you need.

Modules
-------
mlref.neighbors
    Distances, kernel weights, k-nearest-neighbour estimators and a k-d tree.
mlref.metrics
    Errors of a regression and confidence intervals of a mean.
mlref.autodiff
    Numerical, forward, reverse and symbolic differentiation, and the gradient checker.
mlref.datasets
    Seeded generators and the small data sets that ship with the package.
mlref.base
    The small base class that makes an estimator work with scikit-learn's tools.
mlref.arrays
    One code path for numpy, torch and every other array-API library.
mlref.errors
    The named errors and the checks of arguments that raise them.

Conventions
-----------
Arrays are ``X`` of shape (n_samples, n_features), ``y`` of shape (n_samples,). Functions never change their
arguments. Those that need chance take ``rng``, a `numpy.random.Generator`. Functions on arrays run on numpy,
torch and any array-API library alike, unless their docstring says "numpy only".
"""

__version__ = "0.1.0"
