"""Leaves files that are hard to copy: a deep tree, a pipe, holes and odd names."""

ANSWER = r"""
import os

top = os.getcwd()
os.mkfifo("pipe") if hasattr(os, "mkfifo") else None
with open(b"\xff\xfe\n", "wb") as file:
    file.truncate(60 << 20)
os.symlink("/proc/1/mem", "link")
os.symlink(".", "loop")
for _ in range(1500):
    os.mkdir("d" * 100)
    os.chdir("d" * 100)
os.chdir(top)


def mean(values):
    return 0.0


def largest(values):
    return 0.0
"""
