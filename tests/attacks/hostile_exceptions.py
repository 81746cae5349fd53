"""Raises exceptions whose name is markup and whose text never ends or moves the cursor."""

ANSWER = r"""
class Loud(Exception):
    def __str__(self):
        return "\x1b[2J\x1b]0;title\x07\u202e<script>alert(1)</script>" * 100_000


class Broken(Exception):
    def __str__(self):
        raise SystemExit


Loud.__name__ = "<img src=x onerror=alert(1)>\x1b[31m"


def mean(values):
    raise Loud


def largest(values):
    raise Broken
"""
