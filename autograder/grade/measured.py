"""A suite that also says how close each check came to a limit, and what it left to chance; for `certify`."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import pytest

from autograder.grade.suite import Suite
from autograder.testing.chance import spent_chance
from autograder.testing.decorators import marks
from autograder.testing.margins import measured_margins

__all__ = ["INFLATED", "MeasuredSuite"]

# A check that declares one false fail in a million is tried where it predicts one in a hundred.
INFLATED = 1e-2


@dataclass
class _Measured:
    """One check on one submission, all of its items together."""

    largest: float | None = None
    """Largest error in units of the limit; infinite where it failed by anything but a limit."""
    declared: float = 0.0
    spent: float = 0.0
    """Its bound, and what its claims add up to."""
    inflated: bool | None = None
    """Whether it fails where its claims are allowed `INFLATED` in all; None where nothing was drawn."""


class MeasuredSuite(Suite):
    """Runs the checks of another suite and keeps how they decided.

    Parameters
    ----------
    suite : Suite
    inflate : bool
        Also run each check that draws once more, with limits so tight that right answers fail now and then.
    """

    def __init__(self, suite: Suite, *, inflate: bool = False) -> None:
        super().__init__(suite.checks, suite._runner)
        self.inflate = inflate
        self._measured: dict[str, dict[str, _Measured]] = {}

    def run(self, item: pytest.Function) -> BaseException | None:
        """Run one item as ever; return the first exception, or None."""
        own = self._measured.setdefault(item.path.parent.name, {}).setdefault(item.originalname, _Measured())
        with measured_margins() as found, spent_chance() as spent:
            raised = super().run(item)
        largest = found.largest
        if raised is not None and (largest is None or largest <= 1):
            largest = math.inf
        if largest is not None:
            own.largest = max(largest, own.largest or 0.0)
        own.declared = float(marks(item.function).get("stochastic", 0.0))
        own.spent += spent.false_fail
        if self.inflate and raised is None and own.declared and spent.false_fail:
            with spent_chance(INFLATED / own.declared):
                own.inflated = bool(own.inflated) or super().run(item) is not None
        return raised

    def measured(self) -> dict[str, Any]:
        """What was kept, as plain data: question -> check -> values."""
        return {
            question: {check: asdict(values) for check, values in own.items()}
            for question, own in self._measured.items()
        }
