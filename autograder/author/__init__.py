"""An assignment, from the reference to what students get."""

from autograder.author.assemble import assemble
from autograder.author.build import build
from autograder.author.freeze import freeze
from autograder.author.key import certificate_key
from autograder.author.lock import Lock, read_lock
from autograder.author.notebook import Cell, cells, notebook, write_notebook
from autograder.author.seeds import check_seed, load_secret
from autograder.author.variants import draw_variants

__all__ = [
    "Cell",
    "Lock",
    "assemble",
    "build",
    "cells",
    "certificate_key",
    "check_seed",
    "draw_variants",
    "freeze",
    "load_secret",
    "notebook",
    "read_lock",
    "write_notebook",
]
