"""A file of nothing but opening brackets."""

NOTEBOOK = b"[" * 200_000
