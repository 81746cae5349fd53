"""Decision trees: the best split, a tree that grows level by level, classifier and regressor. Numpy only.

``splitting``
    How mixed a node is, and the best split of it.
``bins``, ``level``, ``growing``
    Features as ordered whole numbers; the best splits of all nodes of one depth; the tree as arrays.
``estimators``
    `DecisionTreeClassifier` and `DecisionTreeRegressor`.
"""

from mlref.tree.bins import Bins, bin_features
from mlref.tree.estimators import DecisionTreeClassifier, DecisionTreeRegressor, export_text
from mlref.tree.growing import Tree, grow_tree, grow_tree_simple
from mlref.tree.splitting import Split, best_split, best_split_simple, impurity

__all__ = [
    "Bins",
    "DecisionTreeClassifier",
    "DecisionTreeRegressor",
    "Split",
    "Tree",
    "best_split",
    "best_split_simple",
    "bin_features",
    "export_text",
    "grow_tree",
    "grow_tree_simple",
    "impurity",
]
