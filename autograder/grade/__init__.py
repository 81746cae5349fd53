"""A submission becomes outcomes and points."""

from __future__ import annotations

from autograder.grade.session import Graded, Session

__all__ = ["Graded", "Session"]
