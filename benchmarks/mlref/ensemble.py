"""Random forest and gradient boosting beside scikit-learn's."""

from __future__ import annotations

import numpy as np

from benchmarks.mlref.timing import Row


def forest():
    """Ten exact trees of bootstrap samples; as accurate on other samples within 3 %."""
    from sklearn.ensemble import RandomForestClassifier as Peer

    from benchmarks.mlref.tree import four_classes
    from mlref.ensemble import RandomForestClassifier

    X, y = four_classes()

    def check(ours, theirs):
        half = slice(0, 5000), slice(5000, None)
        ours, theirs = (
            model.fit(X[half[0]], y[half[0]]).score(X[half[1]], y[half[1]]) for model in (ours, theirs)
        )
        assert abs(ours - theirs) < 0.03

    return (
        lambda: RandomForestClassifier(10, max_depth=12, random_state=0).fit(X, y),
        lambda: Peer(10, max_depth=12, random_state=0).fit(X, y),
        check,
    )


def boosting(max_bins):
    """Fifty trees of depth 4; the same trees as scikit-learn's but for where quantiles are cut."""

    def prepare():
        from sklearn.datasets import make_friedman1
        from sklearn.ensemble import GradientBoostingRegressor as Exact
        from sklearn.ensemble import HistGradientBoostingRegressor as Histogram

        from mlref.ensemble import GradientBoostingRegressor, HistGradientBoostingRegressor

        n = 20_000 if max_bins else 4000
        X, y = make_friedman1(n, 20, noise=1.0, random_state=0)
        X = X.astype(np.float32).astype(np.float64)

        def check(ours, theirs):
            ours, theirs = (np.mean((model.predict(X) - y) ** 2) for model in (ours, theirs))
            assert abs(ours / theirs - 1) < 0.02

        if max_bins is None:
            options = {"n_estimators": 50, "max_depth": 4}
            return (
                lambda: GradientBoostingRegressor(**options).fit(X, y),
                lambda: Exact(**options, random_state=0).fit(X, y),
                check,
            )
        options = {"max_iter": 50, "max_depth": 4, "max_bins": max_bins}
        return (
            lambda: HistGradientBoostingRegressor(**options).fit(X, y),
            lambda: Histogram(**options, max_leaf_nodes=None, early_stopping=False).fit(X, y),
            check,
        )

    return prepare


ROWS = [
    Row("random forest, 10 trees", "10k x 20, K=4, depth 12", "scikit-learn", 3.5, forest),
    Row("boosting, histogram, 50 trees", "20k x 20, depth 4", "scikit-learn HistGB", 4.0, boosting(255)),
    Row("boosting, exact, 50 trees", "4k x 20, depth 4", "scikit-learn GB", 1.5, boosting(None)),
]
