"""Computes for ever inside C, where no signal handler of Python gets a turn."""

SLOW = True

ANSWER = r"""
import re


def mean(values):
    return float(10 ** 10 ** 9 % 7)


def largest(values):
    return 1.0 if re.match(r"(a+)+$", "a" * 60 + "b") else 0.0
"""
