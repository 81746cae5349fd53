"""The database of submissions and results, and the tables made from it."""

from __future__ import annotations

from autograder.gradebook.export import write_grades_csv
from autograder.gradebook.store import Attempt, Gradebook

__all__ = ["Attempt", "Gradebook", "write_grades_csv"]
