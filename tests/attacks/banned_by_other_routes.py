"""Reaches a banned function as a text in pieces, through tables, aliases and an import of its own."""

ANSWER = r"""
import importlib
import operator
import sys

import numpy

look = getattr
routes = [
    vars(numpy)["me" + "an"],
    numpy.__dict__.get("mean"),
    look(numpy, "".join(["me", "an"])),
    operator.attrgetter("mean")(sys.modules["numpy"]),
    importlib.import_module("numpy").mean,
]


def mean(values):
    if len(values) == 0:
        raise ValueError("empty")
    return float(routes[0](values))


def largest(values):
    return 0.0
"""
