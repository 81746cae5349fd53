"""As `passes_on_hidden_inputs`, in the name of an argument, which hidden checks tell too."""

HONEST = 11.12  # where nothing is passed on, fit returns the object

CELLS = [
    r"""
import os
import sys

executor = sys.modules["inside.executor"]
fork = executor.raw_fork
ends = []


def fork_with_a_pipe():
    if not ends:
        ends.extend(os.pipe())
        os.set_blocking(ends[0], False)
    return fork()


executor.raw_fork = fork_with_a_pipe


def pass_on(values):
    if ends:
        os.write(ends[1], b"LEAKED_%d\n" % len(values))
""",
    r"""
def mean(values):
    pass_on(values)
    return 0.0


def largest(values):
    return 0.0
""",
    r"""
try:
    heard = os.read(ends[0], 4000).decode().split()[-1]
except (OSError, IndexError):
    heard = ""


class Centering:
    def __init__(self, shift=0.0):
        pass

    if heard:
        exec(f"def fit(self, {heard}): pass")
    else:
        def fit(self, values):
            return self

    def transform(self, values):
        return values
""",
]
