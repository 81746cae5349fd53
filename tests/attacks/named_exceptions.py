"""Raises exceptions named like those that mean something to the grader."""

ANSWER = r"""
NAMES = ["StudentTimeout", "GraderFault", "JailFault", "Inconclusive", "Skipped", "CheckFailed", "SystemExit"]
number = [0]


def misname():
    number[0] += 1
    raise type(NAMES[number[0] % len(NAMES)], (KeyboardInterrupt if number[0] % 2 else StopIteration,), {})


def mean(values):
    misname()


def largest(values):
    misname()
"""
