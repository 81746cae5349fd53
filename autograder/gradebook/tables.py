"""The gradebook's tables. Rows are added, never changed: what counts is the latest row.

Only ``students`` may change: it alone holds who a person is, so that a person can be renamed or
erased without touching the ledger, which knows students by number.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

__all__ = ["APPEND_ONLY", "HEAD", "attempts", "erasures", "exclusions", "extensions", "manual_scores"]
__all__ += ["members", "metadata", "overrides", "results", "roster", "students"]

HEAD = "0003"
"""The newest migration; a test holds it against the files."""

metadata = MetaData()

students = Table(
    "students",
    metadata,
    Column("key", Integer, primary_key=True),
    Column("course", String, nullable=False),
    Column("id", String, nullable=False),
    Column("name", String, nullable=False, default=""),
    Column("email", String, nullable=False, default=""),
    Column("canvas_id", String, nullable=False, default=""),
    Column("sis_login", String, nullable=False, default=""),
    Column("section", String, nullable=False, default=""),
    UniqueConstraint("course", "id"),
)

attempts = Table(
    "attempts",
    metadata,
    Column("key", Integer, primary_key=True),
    Column("student", ForeignKey("students.key"), nullable=False),
    Column("term", String, nullable=False),
    Column("assignment", String, nullable=False),
    Column("file", String, nullable=False, doc="name as received"),
    Column("sha256", String(64), nullable=False),
    Column("path", String, nullable=False, doc="our copy of the bytes"),
    Column("received", String, doc="ISO 8601 with zone, or unknown"),
    Column("problem", Text, doc="why nothing can be graded"),
    Column("flags", Text, nullable=False, default="[]", doc="JSON list"),
    UniqueConstraint("student", "term", "assignment", "sha256"),
)

roster = Table(
    "roster",
    metadata,
    Column("term", String, primary_key=True),
    Column("student", ForeignKey("students.key"), primary_key=True),
)

members = Table(
    "attempt_members",
    metadata,
    Column("attempt", ForeignKey("attempts.key"), primary_key=True),
    Column("student", ForeignKey("students.key"), primary_key=True),
)

results = Table(
    "results",
    metadata,
    Column("key", Integer, primary_key=True),
    Column("attempt", ForeignKey("attempts.key"), nullable=False, index=True),
    Column("suite", String(64), nullable=False),
    Column("variant", String(64), nullable=False),
    Column("environment", String(64), nullable=False),
    Column("isolation", String, nullable=False),
    Column("version", String, nullable=False),
    Column("document", Text, nullable=False, doc="JSON of the result, without the person"),
    Column("detail", Text, nullable=False, doc="JSON for staff"),
    Column("recorded", String, nullable=False, doc="ISO 8601, UTC"),
)

manual_scores = Table(
    "manual_scores",
    metadata,
    Column("key", Integer, primary_key=True),
    Column("attempt", ForeignKey("attempts.key"), nullable=False, index=True),
    Column("question", String, nullable=False),
    Column("score", String, nullable=False, doc="exact decimal; empty takes an earlier one back"),
    Column("comment", Text, nullable=False, default=""),
    Column("by", String, nullable=False),
    Column("recorded", String, nullable=False),
)

extensions = Table(
    "extensions",
    metadata,
    Column("key", Integer, primary_key=True),
    Column("student", ForeignKey("students.key"), nullable=False, index=True),
    Column("term", String, nullable=False),
    Column("assignment", String, nullable=False),
    Column("due", String, nullable=False, doc="ISO 8601 with zone"),
    Column("by", String, nullable=False),
    Column("reason", Text, nullable=False),
    Column("recorded", String, nullable=False),
)

overrides = Table(
    "overrides",
    metadata,
    Column("key", Integer, primary_key=True),
    Column("student", ForeignKey("students.key"), nullable=False, index=True),
    Column("term", String, nullable=False),
    Column("assignment", String, nullable=False),
    Column("question", String, doc="empty: the whole assignment"),
    Column("score", String, doc="exact decimal; empty takes an earlier override back"),
    Column("by", String, nullable=False),
    Column("reason", Text, nullable=False),
    Column("recorded", String, nullable=False),
    CheckConstraint("reason <> ''", name="an_override_says_why"),
)

exclusions = Table(
    "exclusions",
    metadata,
    Column("key", Integer, primary_key=True),
    Column("student", ForeignKey("students.key"), nullable=False, index=True),
    Column("term", String, nullable=False),
    Column("assignment", String, nullable=False, doc="empty: all of the term, off its roster"),
    Column("attempt", ForeignKey("attempts.key"), doc="empty: the student is excused"),
    Column("lifted", Boolean, nullable=False, doc="takes an earlier exclusion back"),
    Column("by", String, nullable=False),
    Column("reason", Text, nullable=False),
    Column("recorded", String, nullable=False),
    CheckConstraint("reason <> ''", name="an_exclusion_says_why"),
)

erasures = Table(
    "erasures",
    metadata,
    Column("key", Integer, primary_key=True),
    Column("student", ForeignKey("students.key"), nullable=False, index=True),
    Column("by", String, nullable=False),
    Column("reason", Text, nullable=False),
    Column("recorded", String, nullable=False),
    Column(
        "marker", String, nullable=False, server_default="", doc="salt and hash of the id that was erased"
    ),
)

APPEND_ONLY = (
    *(roster, attempts, members, results, manual_scores, extensions, overrides, exclusions, erasures),
)
