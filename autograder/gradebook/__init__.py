"""The database of submissions and results, and the tables made from it."""

from __future__ import annotations

from autograder.gradebook.backup import backup, restore
from autograder.gradebook.erasure import erase
from autograder.gradebook.explain import explain
from autograder.gradebook.export import grades_csv, write_grades_csv
from autograder.gradebook.grades import read_grades
from autograder.gradebook.layers import Layer, add_layer, layers, points
from autograder.gradebook.lms import (
    FORMATS,
    canvas_csv,
    feedback_zip,
    gradescope_csv,
    moodle_csv,
    nbgrader_csv,
)
from autograder.gradebook.policy import EXCUSED, TIME_UNKNOWN, Grade
from autograder.gradebook.store import Attempt, Gradebook, open_gradebook

__all__ = [
    "EXCUSED",
    "FORMATS",
    "TIME_UNKNOWN",
    "Attempt",
    "Grade",
    "Gradebook",
    "Layer",
    "add_layer",
    "backup",
]
__all__ += ["canvas_csv", "erase", "explain", "feedback_zip", "grades_csv", "gradescope_csv", "layers"]
__all__ += ["moodle_csv", "nbgrader_csv", "open_gradebook", "points", "read_grades", "restore"]
__all__ += ["write_grades_csv"]
