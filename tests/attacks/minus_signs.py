"""A cell that no parser survives, beside a wrong answer."""

WRONG = "def mean(values):\n    return 0.0\n\n\ndef largest(values):\n    return 0.0\n"
CELLS = ["-" * 200_000 + "1", "(" * 5000 + ")" * 5000, "x" + ".T" * 100_000, "f(" * 90, WRONG]
