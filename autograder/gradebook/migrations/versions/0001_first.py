"""The first gradebook: students, rosters, attempts, results, manual scores, extensions, overrides."""

from __future__ import annotations

from alembic import op

from autograder.gradebook.tables import APPEND_ONLY, metadata

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables and, on SQLite, the triggers that keep the ledger append-only."""
    connection = op.get_bind()
    metadata.create_all(connection)
    if connection.dialect.name != "sqlite":
        return
    for table in APPEND_ONLY:
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table.name}_no_{verb.lower()} BEFORE {verb} ON {table.name} "
                f"BEGIN SELECT RAISE(ABORT, '{table.name} is append-only'); END"
            )


def downgrade() -> None:
    """There is nothing older."""
    raise NotImplementedError("0001 is the first gradebook")
