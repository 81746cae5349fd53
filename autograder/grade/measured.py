"""A suite that also says how close each check came to a limit; for `certify`."""

from __future__ import annotations

import math

import pytest

from autograder.grade.suite import Suite
from autograder.testing.margins import measured_margins

__all__ = ["MeasuredSuite"]


class MeasuredSuite(Suite):
    """Runs the checks of another suite and keeps their largest errors in units of the limits.

    Parameters
    ----------
    suite : Suite

    Attributes
    ----------
    margins : dict
        Question -> check -> largest error; infinite where it failed by anything but a limit. Checks
        that compare nothing with a limit, and pass, are left out.
    """

    def __init__(self, suite: Suite) -> None:
        super().__init__(suite.checks, suite._runner)
        self.margins: dict[str, dict[str, float]] = {}

    def run(self, item: pytest.Function) -> BaseException | None:
        """Run one item as ever; return the first exception, or None."""
        with measured_margins() as found:
            raised = super().run(item)
        largest = found.largest
        if raised is not None and (largest is None or largest <= 1):
            largest = math.inf
        if largest is not None:
            own = self.margins.setdefault(item.path.parent.name, {})
            own[item.originalname] = max(largest, own.get(item.originalname, 0.0))
        return raised
