"""An assignment, from the reference to what students get."""

from autograder.author.assemble import assemble
from autograder.author.build import build
from autograder.author.notebook import Cell, cells, notebook, write_notebook
from autograder.author.variants import (
    Lock,
    check_seed,
    draw_variants,
    freeze,
    load_secret,
    question_rng,
)

__all__ = [
    "Cell",
    "Lock",
    "assemble",
    "build",
    "cells",
    "check_seed",
    "draw_variants",
    "freeze",
    "load_secret",
    "notebook",
    "question_rng",
    "write_notebook",
]
