"""Answers with what is small on the wire and large in memory: lists in lists, equal keys, long ranges."""

ANSWER = r"""
def mean(values):
    return [[] for _ in range(1_000_000)]


def largest(values):
    nested = []
    for _ in range(60):
        nested = [nested] * 8
    return {(k,): range(k + 1_000_000) for k in range(50_000)} if len(values) > 5 else nested
"""
