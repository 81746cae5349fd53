"""Zygotes shared by the tests of the sandbox: starting one takes a third of a second."""

from __future__ import annotations

import pytest

from autograder.sandbox import Isolation, Zygote, probe

TIERS = ("A+", "A", "B", "C")
AVAILABLE = TIERS[TIERS.index(probe().tier) :]


@pytest.fixture(scope="session")
def zygote():
    with Zygote() as zygote:
        yield zygote


@pytest.fixture(scope="session", params=[tier for tier in AVAILABLE if tier != "C"])
def restricted_zygote(request):
    """One zygote per tier of this machine that keeps submissions from files, network and processes."""
    with Zygote(isolation=Isolation(request.param, user_namespace=probe().user_namespace)) as zygote:
        yield zygote


@pytest.fixture(scope="session", params=AVAILABLE)
def any_zygote(request):
    with Zygote(isolation=Isolation(request.param, user_namespace=probe().user_namespace)) as zygote:
        yield zygote


@pytest.fixture
def run_inside():
    """Run one cell in a fresh jail and return what it left in `result`; a failing cell fails the test."""

    def run(zygote, source, **limits):
        from autograder.sandbox import Limits

        with zygote.open([source], Limits(**limits)) as jail:
            assert jail.dead is None, jail.dead
            assert jail.errors == [None], jail.errors
            return jail.question().student.result

    return run
