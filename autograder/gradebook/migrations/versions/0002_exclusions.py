"""Attempts that do not count, excused students, erased persons."""

from __future__ import annotations

from alembic import op

from autograder.gradebook.tables import erasures, exclusions
from autograder.gradebook.triggers import make_append_only

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables; a new gradebook has them already."""
    connection = op.get_bind()
    for table in (exclusions, erasures):
        table.create(connection, checkfirst=True)
        make_append_only(connection, table)


def downgrade() -> None:
    """A ledger loses nothing."""
    raise NotImplementedError("a gradebook is never made older")
