"""The triggers that keep the ledger append-only, on SQLite."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Table, text

__all__ = ["make_append_only", "writable"]

VERBS = ("UPDATE", "DELETE")


def make_append_only(connection: Connection, table: Table) -> None:
    """Let the database refuse every change of a row."""
    if connection.dialect.name != "sqlite":
        return
    for verb in VERBS:
        connection.execute(
            text(
                f"CREATE TRIGGER IF NOT EXISTS {table.name}_no_{verb.lower()} BEFORE {verb} ON {table.name} "
                f"BEGIN SELECT RAISE(ABORT, '{table.name} is append-only'); END"
            )
        )


@contextmanager
def writable(connection: Connection, *tables: Table) -> Iterator[None]:
    """Allow changes inside one transaction: to erase a person is the only reason."""
    if connection.dialect.name == "sqlite":
        for table in tables:
            for verb in VERBS:
                connection.execute(text(f"DROP TRIGGER IF EXISTS {table.name}_no_{verb.lower()}"))
    yield
    for table in tables:
        make_append_only(connection, table)
