"""The fork server: starts clean, serves several graders at once, ends with everything it made."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from autograder.sandbox import Isolation, JailFault, Limits, Zygote, probe
from autograder.sandbox.memory import process_tree
from autograder.sandbox.zygote import pid_of


def test_zygote_has_one_thread_and_starts_quickly(zygote):
    assert zygote.report["threads"] == 1
    with Zygote() as another:
        assert another.start_seconds < 10  # a third of a second on an idle machine


def test_several_forked_graders_use_one_zygote_at_once(zygote):
    reader, writer = os.pipe()
    children = []
    for number in range(4):
        child = os.fork()
        if child == 0:
            try:
                for _ in range(5):
                    with zygote.open([f"x = {number}"]) as jail:
                        assert jail.question().student.x == number
                os.write(writer, bytes([number]))
            finally:
                os._exit(0)
        children.append(child)
    os.close(writer)
    for child in children:
        assert os.waitpid(child, 0)[1] == 0
    with open(reader, "rb") as file:
        assert sorted(file.read()) == [0, 1, 2, 3]
    with zygote.open(["x = 9"]) as jail:
        assert jail.question().student.x == 9


def test_forked_grader_lets_go_of_the_zygote_without_ending_it():
    with Zygote() as zygote:
        child = os.fork()
        if child == 0:
            zygote.close()
            os._exit(0)
        os.waitpid(child, 0)
        with zygote.open(["x = 1"]) as jail:
            assert jail.question().student.x == 1


def test_end_of_the_zygote_ends_its_jails():
    zygote = Zygote()
    jail = zygote.open(["x = 1"])
    processes = process_tree(zygote._pid)
    assert len(processes) > 1
    zygote.close()
    deadline = time.monotonic() + 2
    while (left := [pid for pid in processes if is_running(pid)]) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not left
    jail.close()
    zygote.close()


def is_running(pid):
    try:
        return " Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


def test_lost_zygote_is_a_fault_and_not_the_submissions_doing():
    with Zygote() as zygote:
        for pid in reversed(process_tree(zygote._pid)):
            os.kill(pid, signal.SIGKILL)
        with pytest.raises(JailFault):
            zygote.open(["x = 1"])


def test_module_that_cannot_be_imported_is_a_fault_that_names_it():
    with pytest.raises(JailFault, match="No module named 'nothing_of_that_name'"):
        Zygote(preload=("nothing_of_that_name",))


def test_preload_that_leaves_a_thread_is_refused(tmp_path, monkeypatch):
    module = "import threading, time\nthreading.Thread(target=time.sleep, args=(100,), daemon=True).start()\n"
    (tmp_path / "threaded.py").write_text(module)
    info = tmp_path / "threaded-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: threaded\nVersion: 1.0\n")
    (info / "RECORD").write_text("threaded.py,,\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(JailFault, match="2 threads after importing"):
        Zygote(("threaded",), ("threaded",))


def test_limits_of_the_jail_do_not_touch_the_zygote(zygote):
    with zygote.open(["x = 1"], Limits(memory_mb=64, processes=8)) as jail:
        assert jail.question().student.x == 1
    with zygote.open(["x = bytearray(100 << 20)"]) as jail:
        assert jail.errors == [None]


def test_nothing_of_one_submission_reaches_the_next(zygote):
    leave = "import builtins, sys, numpy\nbuiltins.left = sys.left = numpy.left = 1\nopen('/tmp/left', 'w')"
    with zygote.open([leave]) as jail:
        assert jail.errors == [None]
        look = "import builtins, sys, numpy, os\nfound = [hasattr(m, 'left') for m in (builtins, sys, numpy)]"
        with zygote.open([look + "\nfound.append(os.path.exists('/tmp/left'))"]) as other:
            assert other.question().student.found == [False] * 4


def test_homes_of_a_killed_grader_are_removed_by_the_next_and_those_of_a_living_one_are_not(
    tmp_path, monkeypatch
):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    made, ready = os.pipe()
    child = os.fork()
    if child == 0:
        with Zygote(isolation=Isolation("C")):
            os.write(ready, b".")
            time.sleep(60)
    os.read(made, 1)
    (living,) = tmp_path.iterdir()
    with Zygote(isolation=Isolation("C")):
        assert living.is_dir()
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with Zygote(isolation=Isolation("C")):
        assert not living.exists()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("tier", ["A+", "A", "B"])
def test_every_tier_below_the_best_can_be_asked_for(tier):
    tiers = ["A+", "A", "B", "C"]
    if tiers.index(tier) < tiers.index(probe().tier):
        return
    with Zygote(isolation=Isolation(tier, user_namespace=probe().user_namespace)) as zygote:
        assert zygote.isolation.tier == tier
        with zygote.open(["x = 1"]) as jail:
            assert jail.forks is zygote.isolation.namespaces


def test_pid_of_a_pidfd():
    descriptor = os.pidfd_open(os.getpid())
    assert pid_of(descriptor) == os.getpid()
    os.close(descriptor)


def test_jail_that_was_made_ahead_is_the_next_one(zygote):
    with zygote.forking_ahead(Limits()), zygote.open(["x = 1"]) as jail:
        assert jail.question().student.x == 1
    with zygote.open(["x = 2"]) as jail:
        assert jail.question().student.x == 2


def test_jail_that_was_made_ahead_in_vain_is_ended(zygote):
    before = process_tree(zygote._pid)
    with zygote.forking_ahead(Limits()):
        pass
    deadline = time.monotonic() + 2
    while process_tree(zygote._pid) != before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert process_tree(zygote._pid) == before


def test_fault_of_a_jail_made_ahead_is_told_to_who_asks_for_it():
    with Zygote() as zygote:
        for pid in reversed(process_tree(zygote._pid)):
            os.kill(pid, signal.SIGKILL)
        with zygote.forking_ahead(Limits()), pytest.raises(JailFault):
            zygote.open(["x = 1"])
        with zygote.forking_ahead(Limits()):
            pass
