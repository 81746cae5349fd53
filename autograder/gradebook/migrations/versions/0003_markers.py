"""Who was erased does not come back with the next download: a salted hash of the id."""

from __future__ import annotations

from alembic import op
from sqlalchemy import inspect

from autograder.gradebook.tables import erasures

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the column; a new gradebook has it already."""
    names = {column["name"] for column in inspect(op.get_bind()).get_columns(erasures.name)}
    if erasures.c.marker.name not in names:
        op.add_column(erasures.name, erasures.c.marker._copy())


def downgrade() -> None:
    """A ledger loses nothing."""
    raise NotImplementedError("a gradebook is never made older")
