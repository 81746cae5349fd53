"""Principal components beside scikit-learn's."""

from __future__ import annotations

import numpy as np

from benchmarks.mlref.timing import Row


def pca(n, d, n_components, svd_solver, dtype, rtol):
    """Fit with the same solver; the variances agree to rtol."""

    def prepare():
        from sklearn import decomposition as theirs

        from mlref.decomposition import PCA

        rng = np.random.default_rng(0)
        axes = np.linalg.qr(rng.normal(size=(d, d)))[0]
        # Standard deviations that fall like those of images do.
        X = (rng.normal(size=(n, d)) * np.arange(1.0, d + 1) ** -0.7 @ axes).astype(dtype)
        settings = {"svd_solver": svd_solver, "random_state": 0}

        def check(a, b):
            np.testing.assert_allclose(a.explained_variance_, b.explained_variance_, rtol=rtol)
            if rtol < 1e-3:
                np.testing.assert_allclose(a.components_, b.components_, atol=1e-3)

        return (
            lambda: PCA(n_components, **settings).fit(X),
            lambda: theirs.PCA(n_components, **settings).fit(X),
            check,
        )

    return prepare


SHAPES = {"20k x 64": (20_000, 64, None), "20k x 64, 10 components": (20_000, 64, 10)}

ROWS = [
    *(
        Row("PCA, auto", f"{size}, {dtype}", "scikit-learn", 1.0, pca(*shape, "auto", dtype, 1e-4))
        for size, shape in SHAPES.items()
        for dtype in ("float32", "float64")
    ),
    *(
        Row(
            *(f"PCA, {solver}", f"5k x 784, 50 components, {dtype}", "scikit-learn", 1.0),
            # The peer's "auto" is its randomised solver here, which is 1 % off; ours is exact.
            pca(5000, 784, 50, solver, dtype, 1e-4 if solver == "full" else 0.02),
        )
        for solver in ("auto", "randomized", "full")
        for dtype in ("float32", "float64")
    ),
]
