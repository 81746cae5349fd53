"""Cells of megabytes, and ten thousand of them."""

WRONG = "def mean(values):\n    return 0.0\n\n\ndef largest(values):\n    return 0.0\n"
CELLS = ["#" * 3_000_000, "x = '" + "y" * 2_000_000 + "'", *(["1"] * 500), WRONG]
