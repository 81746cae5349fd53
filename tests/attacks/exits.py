"""Ends the process in every polite and impolite way."""

ANSWER = r"""
import ctypes
import os
import sys


def mean(values):
    os._exit(0) if len(values) == 3 else sys.exit(0)


def largest(values):
    ctypes.string_at(0)
"""
