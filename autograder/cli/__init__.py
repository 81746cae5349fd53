"""The commands: each parses its arguments and calls one function."""

from __future__ import annotations

import signal
import sys

from autograder.cli import author, grading, ledger  # noqa: F401  they register themselves
from autograder.cli.options import app
from autograder.errors import GradecheckError, GraderFault
from autograder.words import visible

__all__ = ["app", "main"]

INTERRUPTED = 130


def main() -> None:
    """Run a command; a user's mistake is one line, never a traceback."""
    for ending in (signal.SIGTERM, signal.SIGHUP):
        # As an interrupt, so that what is done is written; what nohup ignores stays ignored.
        if signal.getsignal(ending) is signal.SIG_DFL:
            signal.signal(ending, signal.default_int_handler)
    try:
        app()
    except GradecheckError as error:
        print(f"error: {visible(str(error))}", file=sys.stderr)
        raise SystemExit(2) from None
    except GraderFault as error:
        print(f"error: the grader failed, no submission did: {visible(str(error))}", file=sys.stderr)
        raise SystemExit(3) from None
    except SystemExit as end:
        # Typer makes this of an interrupt, without a word.
        if end.code == INTERRUPTED:
            print("interrupted; what was done is kept: run the same command again to go on", file=sys.stderr)
        raise
