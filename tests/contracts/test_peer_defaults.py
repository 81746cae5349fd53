"""A name that scikit-learn or torch has takes their parameters: in their order, with their defaults."""

import importlib
import inspect
import pkgutil

import pytest
import sklearn.metrics
import torch
from sklearn.utils import all_estimators

import mlref

# (name, parameter): ours, and why it is another.
DIFFERENT = {
    ("KMeans", "n_init"): "1 is what scikit-learn's 'auto' means with k-means++",
    ("HistGradientBoostingClassifier", "max_depth"): "trees grow level by level here, not leaf by leaf",
    ("HistGradientBoostingRegressor", "max_depth"): "trees grow level by level here, not leaf by leaf",
    ("Perceptron", "max_iter"): "enough for what the course separates, and a warning where it is not",
    ("Perceptron", "random_state"): "no seed is hidden in a default",
    ("Ridge", "solver"): "the one solver of the default, by its name",
    ("KNeighborsClassifier", "metric"): "'minkowski' with p = 2 is called by its own name",
    ("KNeighborsRegressor", "metric"): "'minkowski' with p = 2 is called by its own name",
    ("SVC", "max_iter"): "a bound that is never reached in earnest, in place of -1 for none",
    ("SVR", "max_iter"): "a bound that is never reached in earnest, in place of -1 for none",
    ("LinearSVC", "max_iter"): "Newton steps, of which ten are many",
    ("f1_score", "zero_division"): "0, as theirs, but without the warning",
    ("precision_score", "zero_division"): "0, as theirs, but without the warning",
    ("recall_score", "zero_division"): "0, as theirs, but without the warning",
    ("precision_recall_fscore_support", "zero_division"): "0, as theirs, but without the warning",
}
LAYERS = (
    *("AvgPool2d", "BatchNorm1d", "BatchNorm2d", "Conv1d", "Conv2d", "ConvTranspose2d", "Dropout"),
    *("Embedding", "Flatten", "LayerNorm", "LeakyReLU", "Linear", "MaxPool2d", "MultiheadAttention"),
    *("Transformer", "TransformerDecoderLayer", "TransformerEncoderLayer"),
)
OPTIMIZERS = ("SGD", "Adagrad", "Adam", "AdamW", "Adamax", "NAdam", "RMSprop")


def peers():
    """What the field calls by a name."""
    found = {name: getattr(sklearn.metrics, name) for name in sklearn.metrics.__all__}
    found |= dict(all_estimators())
    found |= {name: getattr(torch.nn, name) for name in LAYERS}
    return found | {name: getattr(torch.optim, name) for name in OPTIMIZERS}


def shared():
    """Our parameters and theirs, of every name that both have."""
    known = peers()
    for info in pkgutil.walk_packages(mlref.__path__, "mlref."):
        module = importlib.import_module(info.name)
        for name in getattr(module, "__all__", ()):
            item = getattr(module, name)
            if name in known and callable(item) and item.__module__ == info.name:
                yield name, inspect.signature(item).parameters, inspect.signature(known[name]).parameters


SHARED = {name: (ours, theirs) for name, ours, theirs in shared()}


@pytest.mark.parametrize("name", SHARED)
def test_defaults_are_the_peers(name):
    ours, theirs = SHARED[name]
    for parameter in ours.keys() & theirs.keys():
        default = ours[parameter].default
        if default is not inspect.Parameter.empty and (name, parameter) not in DIFFERENT:
            assert default == theirs[parameter].default, parameter


@pytest.mark.parametrize("name", SHARED)
def test_positional_parameters_come_in_the_peers_order(name):
    ours, theirs = SHARED[name]
    positional = [p for p in ours if ours[p].kind is inspect.Parameter.POSITIONAL_OR_KEYWORD and p in theirs]
    assert positional == sorted(positional, key=list(theirs).index)


@pytest.mark.parametrize(("name", "parameter"), DIFFERENT)
def test_an_exception_is_still_one(name, parameter):
    ours, theirs = SHARED[name]
    assert ours[parameter].default != theirs[parameter].default


def test_the_peers_names_are_in_use():
    assert len(SHARED) > 70
