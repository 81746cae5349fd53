"""Zygotes shared by the tests of the sandbox, and submissions served by a plain forked process."""

from __future__ import annotations

import os
import signal
import socket
import textwrap

import numpy as np
import pytest

from autograder.sandbox import Isolation, Zygote, probe
from autograder.sandbox.inside.channel import Channel
from autograder.sandbox.inside.server import Server, serve_forever
from autograder.sandbox.proxy import Connection, Student

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


@pytest.fixture
def serve():
    """Return a function: source of a cell -> a connection to a forked, unjailed process that ran it."""
    started = []

    def start(source, *, large_buffers=False, **options):
        here, there = socket.socketpair()
        pid = os.fork()
        if pid == 0:
            try:
                here.close()
                namespace = {"__name__": "__main__", "np": np}
                exec(compile(textwrap.dedent(source), "<cell 1>", "exec"), namespace)
                serve_forever(Server(Channel(there, large_buffers=large_buffers), namespace, **options))
            finally:
                os._exit(0)
        there.close()
        connection = Connection(here, large_buffers=large_buffers)
        Student(connection)
        started.append((pid, connection))
        return connection

    yield start
    for pid, connection in started:
        connection.close()
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


@pytest.fixture
def student_of(serve):
    """Return a function: source of a cell -> its names as a `Student`."""
    return lambda source, **options: Student(serve(source, **options))
