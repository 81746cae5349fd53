"""Proof that a suite accepts every right answer and rejects every mistake."""

from __future__ import annotations

from autograder.certify.certificate import Certificate, Trial
from autograder.certify.mutants import Mutant, Survey
from autograder.certify.prove import certify, certify_assignment
from autograder.certify.survey import survey_mutants, write_survey

__all__ = ["Certificate", "Mutant", "Survey", "Trial"]
__all__ += ["certify", "certify_assignment", "survey_mutants", "write_survey"]
