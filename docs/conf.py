"""Sphinx: pages of this folder and the reference from docstrings. Build with ``make docs``."""

import re

from autograder import __version__

project = "Gradecheck"
author = "the Gradecheck authors"
copyright = "2026, the Gradecheck authors"
release = version = __version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.mathjax",
    "numpydoc",
    "matplotlib.sphinxext.plot_directive",
]
exclude_patterns = ["_build"]
html_theme = "alabaster"
html_theme_options = {"description": "Autograded machine-learning assignments", "fixed_sidebar": True}

autodoc_member_order = "bysource"
autodoc_typehints = "none"
numpydoc_show_class_members = False
myst_enable_extensions = ["dollarmath"]

plot_formats = ["svg"]
plot_html_show_formats = False
plot_html_show_source_link = False
plot_rcparams = {
    "axes.spines.right": False,
    "axes.spines.top": False,
    "figure.constrained_layout.use": True,
    "image.cmap": "gray",
    "legend.frameon": False,
    # The same picture is the same file, and its text is text.
    "svg.fonttype": "none",
    "svg.hashsalt": project,
}
plot_apply_rcparams = True


def caption_is_alt_text(app, name, source):
    """Who cannot see a plot hears its caption: a caption says what is to be seen."""
    source[0] = re.sub(r"(?m)^( +):caption: (.+)$", r"\1:alt: \2\n\g<0>", source[0])


def setup(app):
    """Hooks of this folder."""
    app.connect("source-read", caption_is_alt_text)
