"""An assignment, from the reference to what students get."""

from autograder.author.assemble import assemble
from autograder.author.build import build
from autograder.author.key import certificate_key
from autograder.author.notebook import Cell, cells, notebook, write_notebook
from autograder.author.variants import (
    Lock,
    check_seed,
    draw_variants,
    freeze,
    load_secret,
)

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
    "write_notebook",
]
