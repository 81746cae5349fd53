"""The first gradebook: students, rosters, attempts, results, manual scores, extensions, overrides."""

from __future__ import annotations

from alembic import op

from autograder.gradebook.tables import APPEND_ONLY, metadata
from autograder.gradebook.triggers import make_append_only

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables and, on SQLite, the triggers that keep the ledger append-only."""
    connection = op.get_bind()
    metadata.create_all(connection)
    for table in APPEND_ONLY:
        make_append_only(connection, table)


def downgrade() -> None:
    """There is nothing older."""
    raise NotImplementedError("0001 is the first gradebook")
