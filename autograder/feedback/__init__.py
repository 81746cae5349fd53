"""What a student reads and what an instructor reads; every file here is a view of the gradebook."""

from __future__ import annotations

from autograder.feedback.exports import export_as
from autograder.feedback.views import views_folder, write_views

__all__ = ["export_as", "views_folder", "write_views"]
