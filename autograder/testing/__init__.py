"""What a suite imports: claims about results, marks on checks, gradient and efficiency checks."""

from __future__ import annotations

from autograder.testing.assertions import (
    CheckFailed,
    assert_close,
    assert_deterministic,
    assert_dtype,
    assert_equal,
    assert_finite,
    assert_raises,
    assert_shape,
    assert_true,
    assert_type,
    assert_unchanged,
)
from autograder.testing.bans import ban_probe_source, banned_uses
from autograder.testing.chance import assert_mean, assert_rate
from autograder.testing.decorators import hint, marks, stochastic, supporting, weight
from autograder.testing.efficiency import Measured, assert_cpu, assert_memory, assert_scales, measured
from autograder.testing.gradients import Inconclusive, check_gradient
from autograder.testing.seeds import check_rng

__all__ = [
    "CheckFailed",
    "Inconclusive",
    "Measured",
    "assert_close",
    "assert_cpu",
    "assert_deterministic",
    "assert_dtype",
    "assert_equal",
    "assert_finite",
    "assert_mean",
    "assert_memory",
    "assert_raises",
    "assert_rate",
    "assert_scales",
    "assert_shape",
    "assert_true",
    "assert_type",
    "assert_unchanged",
    "ban_probe_source",
    "banned_uses",
    "check_gradient",
    "check_rng",
    "hint",
    "marks",
    "measured",
    "stochastic",
    "supporting",
    "weight",
]
