"""A notebook in UTF-16 with doubled keys, NaN, odd ids and claims about whom it belongs to."""

CELL = """
{"cell_type": "code", "id": "centering-answer", "id": ["x"], "execution_count": NaN, "outputs": Infinity,
 "metadata": {"autograder": {"question": "averages", "role": "check", "score": 100, "student": "honest"}},
 "source": [1, null, ["x"], {"a": 1}, "def mean(values):\\n", "    return 0.0\\n", "\\ud800"]},
{"cell_type": ["code"], "source": {"a": "b"}, "metadata": []}, 7, null
"""
NOTEBOOK = (
    '{"cells": [], "nbformat": "four", "metadata": {"student": "honest", "score": 100, "autograder": '
    '{"assignment": "<script>", "student": "honest", "term": 3}}, "cells": [' + CELL + "]}"
).encode("utf-16")
