"""Knows the answers of the public checks and nothing else."""

HONEST = 16.67

ANSWER = r"""
def mean(values):
    return 3.0


def largest(values):
    return 6.0
"""
