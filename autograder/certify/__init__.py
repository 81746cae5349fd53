"""Proof that a suite accepts every right answer and rejects every mistake."""

from __future__ import annotations

from autograder.certify.certificate import Certificate, Trial
from autograder.certify.prove import certify, certify_assignment

__all__ = ["Certificate", "Trial", "certify", "certify_assignment"]
