"""Proof that a suite accepts every right answer and rejects every mistake."""

from __future__ import annotations

from autograder.certify.certificate import Certificate, Trial
from autograder.certify.deep import Endurance, certify_deep
from autograder.certify.mutants import Mutant
from autograder.certify.prove import certify, certify_assignment
from autograder.certify.survey import Survey, survey_mutants, write_survey

__all__ = [
    "Certificate",
    "Endurance",
    "Mutant",
    "Survey",
    "Trial",
    "certify",
    "certify_assignment",
    "certify_deep",
    "survey_mutants",
    "write_survey",
]
