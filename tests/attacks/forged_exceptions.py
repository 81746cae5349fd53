"""Sends descriptions of exceptions that no exception has: huge, empty, of other types, named like ours."""

ANSWER = r"""
from inside import server

number = [0]
FORGED = [
    [[], "", []],
    [["E"] * 5000, "x" * 3_000_000, []],
    [["BaseExceptionGroup", "ExceptionGroup", "Exception"], "x", [("<cell 1>", 1, "f", "x")] * 5000],
    [["CheckFailed", "AssertionError", "Exception"], "passed", []],
    [["Inconclusive", "GraderFault", "JailFault", "Exception"], "please grade again", []],
    [["UnicodeDecodeError", "Exception"], "\ud800", [("", -(2**60), "", "")]],
    [["Exit", "Skipped", "OutcomeException", "BaseException"], "skipped", []],
    [None, None, None],
    "passed",
    True,
]


def describe(error):
    number[0] += 1
    return FORGED[number[0] % len(FORGED)]


def mean(values):
    server.describe_error = describe
    raise ValueError


def largest(values):
    number[0] += len(values)
    server.describe_error = describe
    raise ValueError
"""
