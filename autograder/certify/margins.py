"""Whether limits keep their distance: right answers far below them, mistakes far above."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autograder.certify.certificate import Trial

__all__ = ["Closest", "closest_trials", "margin_problems"]

# A right answer's error is at most a third of each limit, a mistake's three times one limit at least.
FACTOR = 3.0


@dataclass(frozen=True)
class Closest:
    """The trial that comes closest to a check's limit from one side.

    Attributes
    ----------
    ratio : float
        Its error over the limit.
    name, variant : str
    """

    ratio: float
    name: str
    variant: str

    def __str__(self) -> str:
        return f"{self.ratio:.2g} ({self.name} on {self.variant})"

    def to_json(self) -> dict[str, Any]:
        """As kept in the certificate: rounding of a processor must not change its bytes."""
        return {"error_over_limit": float(f"{self.ratio:.1g}"), "name": self.name, "variant": self.variant}


def closest_trials(trials: Iterable[Trial]) -> dict[str, tuple[Closest | None, Closest | None]]:
    """Find which trials come closest to the limits of a question's checks.

    Parameters
    ----------
    trials : iterable of Trial
        All of one question.

    Returns
    -------
    dict
        Check -> the right answer with the largest error that passes, the mistake with the smallest that
        fails; None where no error was held against a limit.
    """
    found: dict[str, tuple[Closest | None, Closest | None]] = {}
    for trial in trials:
        for check, ratio in trial.margins.items():
            right, mistake = found.get(check, (None, None))
            here = Closest(ratio, trial.answer.label, trial.variant)
            if trial.answer.kind == "right" and ratio <= 1:
                right = here if right is None or ratio > right.ratio else right
            elif trial.answer.kind == "wrong" and not trial.answer.is_ours and 1 < ratio < math.inf:
                mistake = here if mistake is None or ratio < mistake.ratio else mistake
            if right or mistake:
                found[check] = right, mistake
    return found


def margin_problems(trial: Trial) -> Iterator[str]:
    """Say where a trial comes too close to a limit.

    Parameters
    ----------
    trial : Trial

    Yields
    ------
    str
        For a right answer one line per check, for a mistake one if none of its failures is clear.
    """
    if trial.answer.kind == "right":
        for check, ratio in trial.margins.items():
            if 1 / FACTOR < ratio <= 1:
                yield (
                    f"its error is {ratio:.2g} times the limit of {check}, 1/{FACTOR:.0f} is the most: "
                    "widen the limit if the error is only rounding, or choose inputs that lose fewer digits"
                )
    elif not trial.answer.is_ours and not trial.platform:
        failed = {check: trial.margins.get(check, math.inf) for check in trial.failed}
        if failed and max(failed.values()) < FACTOR:
            check = max(failed, key=lambda name: failed[name])
            yield (
                f"its error is only {failed[check]:.2g} times the limit of {check}, {FACTOR:.0f} is the "
                "least, and no other check sees it more clearly: tighten the limit, or choose inputs that "
                "show more"
            )
