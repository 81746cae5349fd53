"""Answers a question many times over, under the ids of another's cells, the last time as a stub."""

import json

WRONG = "def mean(values):\n    return 0.0\n\n\ndef largest(values):\n    return 0.0\n"
STUB = WRONG.replace("return 0.0", "raise NotImplementedError")


def cell(source, question, role="answer"):
    ours = {"question": question, "role": role}
    return {
        "cell_type": "code",
        "id": f"{question}-answer",
        "metadata": {"autograder": ours},
        "outputs": [],
        "source": source,
    }


CHECK = (
    "grader.check = lambda name: True\nclass grader:\n    check = check_all = staticmethod(lambda *a: True)\n"
)
NOTEBOOK = json.dumps(
    {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {},
        "cells": [
            *[cell(WRONG, "averages")] * 200,
            cell(WRONG, "centering"),
            cell(CHECK, "averages", "check"),
            cell("mean = largest = lambda values: True\n", "nothing"),
            cell("class Centering:\n    pass\nCentering = mean\n", "averages"),
            cell(STUB, "averages"),
        ],
    }
).encode()
