"""The fork server: every task ends in one message, whatever its child does."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time

import pytest

from autograder.errors import GraderFault
from autograder.grade import parallel
from autograder.grade.parallel import ForkServer, call_in_child, receive, send


@pytest.fixture
def serve():
    """Start a server in a forked process; return a function that runs tasks through it."""
    started = []

    def start(
        work,
        died=lambda death: ("done", {"done": death.task["n"], "died": death.reached, "how": death.how}),
        **kw,
    ):
        ours, theirs = socket.socketpair()
        pid = os.fork()
        if pid == 0:
            try:
                ours.close()
                settings = {"jobs": 2, "seconds": 20.0, "before": lambda task: None, **kw}
                before = settings.pop("before")
                ForkServer(theirs, before, work, died, **settings).serve()
            finally:
                os._exit(0)
        theirs.close()
        started.append((ours, pid))

        def run(*tasks):
            for task in tasks:
                send(ours, task)
            return {message["done"]: message for message in (receive(ours) for _ in tasks)}

        return run

    yield start
    for channel, pid in started:
        channel.close()
        os.waitpid(pid, 0)


def answer(task, send):
    send({"done": task["n"], "twice": 2 * task["n"]})


def test_every_task_gets_its_answer(serve):
    done = serve(answer)(*({"n": n} for n in range(20)))
    assert {n: message["twice"] for n, message in done.items()} == {n: 2 * n for n in range(20)}


def test_messages_of_any_size_arrive_whole(serve):
    done = serve(lambda task, send: send({"done": task["n"], "text": "x" * 3_000_000}))({"n": 0}, {"n": 1})
    assert {len(message["text"]) for message in done.values()} == {3_000_000}


def test_a_dead_child_is_told_from_one_that_finished(serve):
    def work(task, send):
        send({"stage": "half-way"})
        if task["n"] == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        if task["n"] == 2:
            os._exit(3)
        answer(task, send)

    done = serve(work)({"n": 0}, {"n": 1}, {"n": 2})
    assert done[0]["twice"] == 0
    assert (done[1]["died"], done[1]["how"]) == ("half-way", "SIGKILL")
    assert done[2]["how"] == "exit code 3"


def test_an_exception_in_a_child_is_a_death(serve):
    done = serve(lambda task, send: 1 / 0)({"n": 0})
    assert done[0]["died"] == "start"


def test_a_task_can_be_tried_again(serve):
    def work(task, send):
        if not task.get("again"):
            os._exit(1)
        answer(task, send)

    done = serve(work, lambda death: ("retry", {**death.task, "again": True}))({"n": 4})
    assert done[4]["twice"] == 8


def test_a_fault_goes_to_died_too(serve):
    done = serve(lambda task, send: send({"done": task["n"], "fault": "no space"}))({"n": 0})
    assert done[0]["how"] == "no space"


def test_a_child_that_never_ends_is_killed(serve):
    done = serve(lambda task, send: time.sleep(60), seconds=0.2)({"n": 0})
    assert done[0]["how"] == "SIGKILL"


def test_before_can_answer_without_a_child(serve):
    done = serve(answer, before=lambda task: {"done": task["n"], "early": True} if task["n"] else None)(
        {"n": 0}, {"n": 1}
    )
    assert "twice" in done[0]
    assert done[1]["early"]


def test_no_more_children_than_jobs(serve, tmp_path):
    def work(task, send):
        mine = tmp_path / str(os.getpid())
        mine.touch()
        time.sleep(0.05)
        seen = len(list(tmp_path.iterdir()))
        mine.unlink()
        send({"done": task["n"], "seen": seen})

    done = serve(work, jobs=3)(*({"n": n} for n in range(12)))
    assert max(message["seen"] for message in done.values()) <= 3


def cores(task, send):
    send({"done": task["n"], "cores": sorted(os.sched_getaffinity(0))})


def test_each_child_keeps_to_a_core_of_its_own(serve):
    ours = os.sched_getaffinity(0)
    used = [tuple(message["cores"]) for message in serve(cores, jobs=1)({"n": 1}, {"n": 2}).values()]
    assert all(len(own) == 1 and set(own) <= ours for own in used)


def test_more_jobs_than_cores_go_where_the_kernel_puts_them(serve):
    ours = sorted(os.sched_getaffinity(0))
    assert serve(cores, jobs=len(ours) + 1)({"n": 1})[1]["cores"] == ours


def test_the_server_ends_with_its_caller(serve):
    ours, theirs = socket.socketpair()
    server = threading.Thread(
        target=ForkServer(
            theirs, lambda task: None, answer, lambda death: ("done", {}), jobs=1, seconds=5.0
        ).serve
    )
    server.start()
    ours.close()
    server.join(5.0)
    assert not server.is_alive()
    theirs.close()


def test_a_sender_that_somebody_has_stopped_is_ended_and_named(monkeypatch):
    monkeypatch.setattr(parallel, "LOOK_SECONDS", 0.05)
    pid, ours = parallel.fork_child(lambda channel: [send(channel, {"n": 1}), time.sleep(1000)])
    with ours:
        assert receive(ours, pid) == {"n": 1}
        os.kill(pid, signal.SIGSTOP)
        with pytest.raises(GraderFault, match="stopped"):
            receive(ours, pid)
        assert os.waitpid(pid, 0)[1] == signal.SIGKILL


def test_a_sender_that_is_only_slow_is_waited_for(monkeypatch):
    monkeypatch.setattr(parallel, "LOOK_SECONDS", 0.02)
    pid, ours = parallel.fork_child(lambda channel: [time.sleep(0.3), send(channel, {"n": 1})])
    with ours:
        assert receive(ours, pid) == {"n": 1}
        assert receive(ours, pid) is None
    os.waitpid(pid, 0)


def test_call_in_child_returns_the_message_or_none():
    assert call_in_child(lambda: {"pid": os.getpid()})["pid"] != os.getpid()
    assert call_in_child(lambda: os._exit(1)) is None
    assert "ZeroDivisionError" in call_in_child(lambda: {"never": 1 // 0})["fault"]
