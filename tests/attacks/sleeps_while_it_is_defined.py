"""Waits whenever its answer is executed, and ends its process in every check, so that this happens often."""

SLOW = True

CELLS = [
    "import os\nimport time\n\nruns = []\n",
    r"""
if runs:
    time.sleep(2.5)
runs.append(1)


def mean(values):
    os._exit(0)


def largest(values):
    os._exit(0)
""",
]
