"""The database of submissions and results, and the tables made from it."""

from __future__ import annotations

from autograder.gradebook.export import write_grades_csv
from autograder.gradebook.store import Attempt, Gradebook, open_gradebook

__all__ = ["Attempt", "Gradebook", "open_gradebook", "write_grades_csv"]
