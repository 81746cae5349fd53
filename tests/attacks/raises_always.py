"""Raises the one exception that a check asks for, always."""

HONEST = 8.34

ANSWER = r"""
def mean(values):
    raise ValueError("no")


def largest(values):
    raise ValueError("no")
"""
