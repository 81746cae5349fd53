"""Calls functions of the trusted side that nobody passed in, by number, and without end."""

SLOW = True

ANSWER = r"""
import gc


def server():
    return next(thing for thing in gc.get_objects() if type(thing).__name__ == "Server")


def mean(values):
    for number in range(100_000):
        try:
            server().call_trusted(number, (values, server), {"expected": None, "reference": values})
        except Exception:
            pass
    return 0.0


def largest(values):
    return server().call_trusted(1, (largest,), {})
"""
