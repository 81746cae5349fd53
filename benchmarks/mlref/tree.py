"""Decision trees beside scikit-learn's."""

from __future__ import annotations

import numpy as np

from benchmarks.mlref.timing import Row


def four_classes():
    """Values that float32 holds exactly, in which scikit-learn compares."""
    from sklearn.datasets import make_classification

    X, y = make_classification(10_000, 20, n_informative=10, n_classes=4, random_state=0)
    return X.astype(np.float32).astype(np.float64), y


def classifier(depth, agreement):
    """Exact trees: the same but for ties, of which scikit-learn draws one."""

    def prepare():
        from sklearn.tree import DecisionTreeClassifier as Peer

        from mlref.tree import DecisionTreeClassifier

        X, y = four_classes()

        def check(ours, theirs):
            assert abs(ours.get_n_leaves() / theirs.get_n_leaves() - 1) < 0.01
            assert np.mean(ours.predict(X) == theirs.predict(X)) > agreement

        peer = Peer(max_depth=depth, random_state=0)
        return lambda: DecisionTreeClassifier(max_depth=depth).fit(X, y), lambda: peer.fit(X, y), check

    return prepare


def histogram_classifier():
    """Thresholds between 64 quantiles only, binning included: as accurate on the samples within 2 %."""
    from sklearn.tree import DecisionTreeClassifier as Peer

    from mlref.tree import DecisionTreeClassifier

    X, y = four_classes()

    def check(ours, theirs):
        assert ours.score(X, y) > theirs.score(X, y) - 0.02

    peer = Peer(max_depth=8, random_state=0)
    return lambda: DecisionTreeClassifier(max_depth=8, max_bins=64).fit(X, y), lambda: peer.fit(X, y), check


def regressor():
    """An exact regression tree."""
    from sklearn.datasets import make_friedman1
    from sklearn.tree import DecisionTreeRegressor as Peer

    from mlref.tree import DecisionTreeRegressor

    X, y = make_friedman1(10_000, 20, random_state=0)
    X = X.astype(np.float32).astype(np.float64)

    def check(ours, theirs):
        np.testing.assert_allclose(ours.predict(X), theirs.predict(X), rtol=1e-8)

    peer = Peer(max_depth=8, random_state=0)
    return lambda: DecisionTreeRegressor(max_depth=8).fit(X, y), lambda: peer.fit(X, y), check


ROWS = [
    Row("classifier, exact", "10k x 20, K=4, depth 8", "scikit-learn", 1.5, classifier(8, 0.99)),
    Row("classifier, exact", "10k x 20, K=4, depth 20", "scikit-learn", 1.5, classifier(20, 0.99)),
    Row("classifier, histogram", "10k x 20, K=4, depth 8", "scikit-learn, exact", 0.6, histogram_classifier),
    Row("regressor, exact", "10k x 20, depth 8", "scikit-learn", 1.5, regressor),
]
