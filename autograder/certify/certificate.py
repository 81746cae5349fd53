"""What was tried and what came of it: problems, tables, the JSON that is kept."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from autograder.certify.answers import CandidateAnswer
from autograder.certify.margins import closest_trials, margin_problems
from autograder.errors import did_you_mean

__all__ = ["Certificate", "Chance", "Trial"]

# Points are rounded to hundredths, so a share is known to about this.
TOLERANCE = 0.002
DETAIL_LENGTH = 300
# What CAUGHT_BY says where no check has a chance to see the mistake.
PLATFORM = "platform"
VARIANT_NAMES = "term: what students have; draw N: other variants, drawn so that every file meets one"
# Right answers per question: one way of writing it says nothing about the others.
LEAST_RIGHT = 2


@dataclass(frozen=True)
class Chance:
    """What a check leaves to chance.

    Attributes
    ----------
    declared, spent : float
        The bound of its ``@stochastic``, and what its claims add up to.
    inflated : bool or None
        Whether it failed where its claims were allowed much more; None where that was not tried.
    """

    declared: float
    spent: float
    inflated: bool | None = None

    def problem(self) -> str:
        """What is wrong with it, or an empty string."""
        # The sum of decimal fractions may be off in its last digit.
        if self.spent <= self.declared * (1 + 1e-9):
            return ""
        declares = f"@stochastic declares {self.declared:g}" if self.declared else "@stochastic is missing"
        return (
            f"may fail a right answer with a chance of {self.spent:g}, but {declares}: fewer claims, or a "
            "smaller false_fail for each"
        )


@dataclass(frozen=True)
class Trial:
    """One answer, run on one variant.

    Attributes
    ----------
    share : float or None
        Part of the question's points; None if a check fails on the solution too.
    failed : dict
        Check -> outcome, of those that did not pass.
    platform : str
        What the platform's own checks found, if that kept the suite from running, or what stopped a cell.
    details : dict
        Check -> what it saw.
    margins : dict
        Check -> its largest error in units of the limit; infinite where no limit is involved.
    chances : dict
        Check -> what it leaves to chance.
    """

    answer: CandidateAnswer
    variant: str
    share: float | None = None
    failed: Mapping[str, str] = field(default_factory=dict)
    checks: tuple[str, ...] = ()
    hidden: frozenset[str] = frozenset()
    platform: str = ""
    details: Mapping[str, str] = field(default_factory=dict)
    margins: Mapping[str, float] = field(default_factory=dict)
    chances: Mapping[str, Chance] = field(default_factory=dict)

    def problems(self) -> list[str]:
        """Why this trial proves something wrong; empty if it does not."""
        problem = self._problem()
        if problem:
            return [problem]
        spent = [f"{name} {said}" for name, chance in self.chances.items() if (said := chance.problem())]
        return [*spent, *margin_problems(self)]

    def _problem(self) -> str:
        answer = self.answer
        broken = [name for name, outcome in self.failed.items() if outcome == "grader_error"]
        if broken:
            return f"{', '.join(broken)} fails on the solution: {self._detail(broken[0])}"
        if answer.name == "(opened stub)":
            passing = [name for name in self.checks if name not in self.failed]
            return f"a stub passes {', '.join(passing)}" if passing else ""
        return self._right() if answer.kind == "right" else self._wrong()

    def _wrong(self) -> str:
        assert self.share is not None
        answer = self.answer
        if self.share > answer.max_share + TOLERANCE:
            caught = ", ".join(self.failed) or "nothing"
            return f"gets {self.share:.1%}, more than its MAX_SHARE of {answer.max_share:.0%}; fails {caught}"
        if not answer.is_ours and (PLATFORM in answer.caught_by) != bool(self.platform):
            return self._decided()
        unknown = [name for name in answer.caught_by if name not in self.hidden and name != PLATFORM]
        if unknown:
            meant = did_you_mean(unknown[0], self.hidden)
            return f"CAUGHT_BY names {', '.join(unknown)}, which is no hidden check of the question{meant}"
        unbound = [name for name in answer.caught_by if self._detail(name).startswith("NameError:")]
        if unbound:
            return f"{unbound[0]} fails only because the file lacks a name: {self._detail(unbound[0])}"
        silent = [name for name in answer.caught_by if name not in self.failed and name != PLATFORM]
        if silent:
            return f"is not caught by {', '.join(silent)}, but by {', '.join(self.failed) or 'nothing'}"
        return ""

    def _decided(self) -> str:
        """The platform kept the checks, all listed as failed, from running; or should have and did not."""
        if not self.platform:
            return f"is not caught by the platform, but by {', '.join(self.failed) or 'nothing'}"
        said = " ".join(self.platform.split())[:DETAIL_LENGTH]
        return (
            f"is decided before any check looks at it ({said}); "
            f'change the file, or write CAUGHT_BY = "{PLATFORM}" if that is the point'
        )

    def _right(self) -> str:
        assert self.share is not None
        if abs(self.share - self.answer.share) <= TOLERANCE:
            return ""
        first = next(iter(self.failed), "")
        said = self.platform or (f"{first}: {self._detail(first)}" if first else "all checks pass")
        return f"gets {self.share:.1%} instead of {self.answer.share:.1%}; {said}"

    def _detail(self, check: str) -> str:
        return " ".join(self.details.get(check, "").split())[:DETAIL_LENGTH]


@dataclass(frozen=True)
class Certificate:
    """The proof, or what is missing for it.

    Attributes
    ----------
    key : str
        Hash of everything that the proof depends on.
    variants : dict
        Name -> question -> values.
    trials : tuple of Trial
    untried : tuple of str
        One line for each file that met no variant.
    lint : dict
        Question -> what its texts alone show to be wrong; then nothing was tried.
    """

    assignment: str
    term: str
    key: str
    variants: Mapping[str, Mapping[str, Mapping[str, Any]]]
    trials: tuple[Trial, ...]
    untried: tuple[str, ...]
    lint: Mapping[str, tuple[str, ...]]
    provenance: Mapping[str, str]

    @property
    def ok(self) -> bool:
        """Whether every right answer is accepted, every mistake caught, and the suites read well."""
        return not self.problems()

    def problems(self) -> list[str]:
        """One line for everything that is wrong."""
        if self.lint:
            return [finding for findings in self.lint.values() for finding in findings]
        found: dict[tuple[str, str, str], list[str]] = {}
        for trial in self.trials:
            for problem in trial.problems():
                # What fails on the solution fails on every answer: said once.
                label = "(solution)" if trial.share is None else trial.answer.label
                variants = found.setdefault((trial.answer.question, label, problem), [])
                variants += [trial.variant] * (trial.variant not in variants)
        lines = [
            f"{question}: {label} on {', '.join(variants)}: {problem}"
            for (question, label, problem), variants in found.items()
        ]
        lines += self.untried
        for question in self.questions():
            tried = {
                (trial.answer.kind, trial.answer.name)
                for trial in self._of(question)
                if not trial.answer.is_ours
            }
            kinds = [kind for kind, _ in tried]
            if "wrong" not in kinds:
                lines.append(
                    f"{question}: there is no answer to try in solutions/{self.assignment}/{question}/wrong/"
                )
            if kinds.count("right") < LEAST_RIGHT:
                lines.append(
                    f"{question}: solutions/{self.assignment}/{question}/right/ holds "
                    f"{kinds.count('right')} of at least {LEAST_RIGHT} answers; write it another way"
                )
        return lines

    def questions(self) -> list[str]:
        """Questions that were tried, in order."""
        return list(dict.fromkeys(trial.answer.question for trial in self.trials))

    def _of(self, question: str) -> list[Trial]:
        return [trial for trial in self.trials if trial.answer.question == question]

    def catches(self, question: str) -> dict[str, list[str]]:
        """Check -> mistakes that it catches on at least one variant; an empty list if none."""
        found: dict[str, dict[str, None]] = {}
        for trial in self._of(question):
            for check in trial.checks:
                found.setdefault(check, {})
            if trial.answer.kind == "wrong" and not trial.answer.is_ours and not trial.platform:
                for check in trial.failed:
                    found[check][trial.answer.name] = None
        return {check: list(names) for check, names in found.items()}

    def idle_checks(self, question: str) -> list[str]:
        """Checks that catch none of the mistakes."""
        return [check for check, names in self.catches(question).items() if not names]

    def table(self) -> str:
        """What was tried and which check caught it, as text."""
        if self.lint:
            lines = [f"{self.assignment}, term {self.term}: nothing is tried before the suites read well"]
        else:
            tried = f"{len(self.trials)} trials on {len(self.variants)} variants ({', '.join(self.variants)})"
            lines = [f"{self.assignment}, term {self.term}: {tried}", f"  {VARIANT_NAMES}"]
        for question in self.questions():
            lines += ["", question, *self._rows(question), *self._margins(question)]
            idle = self.idle_checks(question)
            if idle:
                lines.append(f"  catches no mistake: {', '.join(idle)}")
        problems = self.problems()
        lines += ["", *(f"PROBLEM {line}" for line in problems)]
        lines.append(
            f"{len(problems)} problem{'s' * (len(problems) > 1)}"
            if problems
            else "ok: right answers accepted, mistakes caught"
        )
        return "\n".join(lines)

    def _rows(self, question: str) -> Iterator[str]:
        by_answer: dict[str, list[Trial]] = {}
        for trial in self._of(question):
            by_answer.setdefault(trial.answer.label, []).append(trial)
        width = max(map(len, by_answer))
        for label, trials in by_answer.items():
            shares = [trial.share for trial in trials if trial.share is not None]
            span = "broken" if not shares else f"{min(shares):4.0%} to {max(shares):4.0%}"
            caught = list(
                dict.fromkeys(check for trial in trials if not trial.platform for check in trial.failed)
            )
            platform = list(dict.fromkeys(trial.platform for trial in trials if trial.platform))
            if caught and set(caught) == set(trials[0].checks):
                caught = ["all checks"]
            by = "; ".join([", ".join(caught)] * bool(caught) + [f"platform: {text}" for text in platform])
            yield f"  {label:<{width}}  {span:>12}  {by or '-'}"

    def _margins(self, question: str) -> Iterator[str]:
        """The checks with limits, and who comes closest to these from either side."""
        closest = closest_trials(self._of(question))
        if closest:
            yield "  error over limit, where closest: a right answer, a mistake that the check catches"
        for check, (right, mistake) in closest.items():
            yield f"    {check}: {right or 'none'}, {mistake or 'none'}"

    def to_json(self) -> str:
        """The bytes of ``certificate.json``."""
        content = {
            "schema": 1,
            "assignment": self.assignment,
            "term": self.term,
            "key": self.key,
            "provenance": dict(self.provenance),
            "variants": self.variants,
            "trials": [
                {
                    "question": trial.answer.question,
                    "kind": trial.answer.kind,
                    "name": trial.answer.name,
                    "variant": trial.variant,
                    "share": None if trial.share is None else round(trial.share, 4),
                    "caught_by": list(trial.failed) if trial.answer.kind == "wrong" else [],
                    "platform": trial.platform,
                }
                for trial in self.trials
            ],
            "catches": {question: self.catches(question) for question in self.questions()},
            "catches_nothing": {question: self.idle_checks(question) for question in self.questions()},
            "margins": {
                question: {
                    check: [None if one is None else one.to_json() for one in both]
                    for check, both in closest_trials(self._of(question)).items()
                }
                for question in self.questions()
            },
        }
        return json.dumps(content, indent=1, ensure_ascii=False) + "\n"
