"""Builds, certifies and grades assignments made from a reference package.

Rooms, each importing only those before it:

=============  ======================================================================
``errors``     the two kinds of failure: a user's mistake, a fault of the grader
``models``     the records for the project's words; reads TOML
``testing``    what a suite imports
``author``     reference source -> notebooks, checks, variants, leak scan
``sandbox``    the only code that starts untrusted processes
``gradebook``  the database: the truth of which every file is a view
``feedback``   the views: what a student reads; what an instructor reads
``grade``      a submission -> outcomes -> scores, many in parallel
``certify``    proof that a suite accepts right answers and rejects mistakes
``demo``       a cohort of notebooks to try all of it on
``cli``        the commands
=============  ======================================================================

``files``, ``progress`` and ``doctor`` are small helpers. A room imports only rooms above it.

Where people look for things that are elsewhere: the wording of hidden checks is in ``grade/messages.py``,
that of public ones in ``testing``; limits of a submission are ``Limits`` in ``sandbox/jail.py``.
"""

from __future__ import annotations

__version__ = "0.1.0"
