"""Sphinx: pages of this folder and the reference from docstrings. Build with ``make docs``."""

import itertools
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
    number = itertools.count(1)

    def options(caption):
        # A name of its own: plots in blocks of their own would all be the page's first.
        prefix = f"{name.replace('/', '-')}-plot-{next(number)}"
        return f"{caption[1]}:filename-prefix: {prefix}\n{caption[1]}:alt: {caption[2]}\n{caption[0]}"

    source[0] = re.sub(r"(?m)^( +):caption: (.+)$", options, source[0])


def headings_of_a_module_are_rubrics(app, what, name, item, options, lines):
    """A page has sections of its own; "Modules" of every package would be the same one."""
    for i in range(len(lines) - 1, 0, -1):
        if what == "module" and re.fullmatch("-{3,}", lines[i]):
            lines[i - 1 : i + 1] = [f".. rubric:: {lines[i - 1]}", ""]


def setup(app):
    """Hooks of this folder."""
    app.connect("source-read", caption_is_alt_text)
    # Before numpydoc.
    app.connect("autodoc-process-docstring", headings_of_a_module_are_rubrics, priority=100)
