"""Builds, certifies and grades assignments made from a reference package.

Rooms, in the order in which work flows through them:

=============  ======================================================================
``models``     the records for the project's words; reads TOML
``author``     reference source -> notebooks, checks, variants, leak scan
``certify``    proof that a suite accepts right answers and rejects mistakes
``sandbox``    the only code that starts untrusted processes
``testing``    what a suite imports
``grade``      a submission -> outcomes -> scores, many in parallel
``gradebook``  the database: the truth of which every file is a view
``feedback``   what a student reads; what an instructor reads
``cli``        the commands
=============  ======================================================================
"""

from __future__ import annotations

__version__ = "0.1.0"
