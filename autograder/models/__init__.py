"""Frozen records for the project's words, and how they are read from the files of a course."""

from __future__ import annotations

from autograder.models.course import (
    Assignment,
    BuiltAssignment,
    BuiltQuestion,
    Course,
    LatePolicy,
    Question,
    Record,
    Term,
    TermEntry,
)
from autograder.models.hashes import (
    canonical_json,
    sha256_of,
    slug,
)
from autograder.models.results import (
    CATEGORIES,
    OUTCOMES,
    STATUSES,
    CheckResult,
    Outcome,
    QuestionResult,
    Result,
    RosterEntry,
    Submission,
    split_points,
)
from autograder.models.toml import (
    find_course,
    load_assignment,
    load_course,
    load_question,
    load_term,
    make_record,
    need_suites,
    need_used,
    read_date,
    read_toml,
)

__all__ = [
    "CATEGORIES",
    "OUTCOMES",
    "STATUSES",
    "Assignment",
    "BuiltAssignment",
    "BuiltQuestion",
    "CheckResult",
    "Course",
    "LatePolicy",
    "Outcome",
    "Question",
    "QuestionResult",
    "Record",
    "Result",
    "RosterEntry",
    "Submission",
    "Term",
    "TermEntry",
    "canonical_json",
    "find_course",
    "load_assignment",
    "load_course",
    "load_question",
    "load_term",
    "make_record",
    "need_suites",
    "need_used",
    "read_date",
    "read_toml",
    "sha256_of",
    "slug",
    "split_points",
]
