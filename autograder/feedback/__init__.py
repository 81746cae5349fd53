"""What a student reads and what an instructor reads; every file here is a view of the gradebook."""

from __future__ import annotations

from autograder.feedback.views import views_folder, write_views

__all__ = ["views_folder", "write_views"]
