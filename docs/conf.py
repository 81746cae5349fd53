"""Sphinx: pages of this folder and the reference from docstrings. Build with ``make docs``."""

from autograder import __version__

project = "Gradecheck"
author = "the Gradecheck authors"
copyright = "2026, the Gradecheck authors"
release = version = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.mathjax", "numpydoc"]
exclude_patterns = ["_build"]
html_theme = "alabaster"
html_theme_options = {"description": "Autograded machine-learning assignments", "fixed_sidebar": True}

autodoc_member_order = "bysource"
autodoc_typehints = "none"
numpydoc_show_class_members = False
myst_enable_extensions = ["dollarmath"]
