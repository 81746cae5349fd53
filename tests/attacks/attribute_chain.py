"""An expression of 1500 attributes, for the scan for banned functions."""

ANSWER = "def mean(values):\n    return values" + ".T" * 1500 + "\n\n\ndef largest(values):\n    return 0.0\n"
