"""Every public estimator of mlref, and how to make one."""

import importlib
import inspect
import pkgutil

import mlref
from mlref.base import Clusterer, Estimator, Transformer

# Estimators whose __init__ needs arguments: {class: function that makes one}.
# A few trees show as much as a hundred.
CONSTRUCTORS = {
    "AdaBoostClassifier": lambda: ESTIMATORS["AdaBoostClassifier"](n_estimators=5, max_depth=2),
    "GradientBoostingClassifier": lambda: ESTIMATORS["GradientBoostingClassifier"](n_estimators=5),
    "GradientBoostingRegressor": lambda: ESTIMATORS["GradientBoostingRegressor"](n_estimators=5),
    "HistGradientBoostingClassifier": lambda: ESTIMATORS["HistGradientBoostingClassifier"](max_iter=5),
    "HistGradientBoostingRegressor": lambda: ESTIMATORS["HistGradientBoostingRegressor"](max_iter=5),
    "Pipeline": lambda: ESTIMATORS["Pipeline"](
        [("scale", ESTIMATORS["MinMaxScaler"]()), ("knn", ESTIMATORS["KNeighborsRegressor"]())]
    ),
    "RandomForestClassifier": lambda: ESTIMATORS["RandomForestClassifier"](n_estimators=5),
    "RandomForestRegressor": lambda: ESTIMATORS["RandomForestRegressor"](n_estimators=5),
    "VotingClassifier": lambda: ESTIMATORS["VotingClassifier"](
        [("bayes", ESTIMATORS["GaussianNB"]()), ("tree", ESTIMATORS["DecisionTreeClassifier"]())]
    ),
    "VotingRegressor": lambda: ESTIMATORS["VotingRegressor"](
        [("tree", ESTIMATORS["DecisionTreeRegressor"]()), ("knn", ESTIMATORS["KNeighborsRegressor"]())]
    ),
}


def public_estimators():
    """Estimators that a module of mlref names in ``__all__``, and the modules that cannot be imported."""
    found, broken = {}, {}
    for info in pkgutil.walk_packages(mlref.__path__, "mlref.", onerror=lambda name: None):
        try:
            module = importlib.import_module(info.name)
        except Exception as error:
            broken[info.name] = error
            continue
        for name in getattr(module, "__all__", ()):
            item = getattr(module, name, None)
            if inspect.isclass(item) and issubclass(item, Estimator):
                found[name] = item
    for base in (Estimator, Transformer, Clusterer):
        found.pop(base.__name__, None)
    return found, broken


ESTIMATORS, BROKEN = public_estimators()
