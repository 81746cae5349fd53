"""What a jail uses, as seen from outside."""

from __future__ import annotations

import os
import time

import pytest

from autograder.sandbox import memory
from autograder.sandbox.inside import linux

MB = 1 << 20


@pytest.fixture
def child():
    """Start functions in forks that then wait; ends them after the test."""
    started = []

    def start(function):
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            try:
                linux.set_dumpable(
                    True
                )  # a zygote without namespaces takes it from the process that starts it
                kept = function()
                os.write(writer, b"x")
                time.sleep(1000)
                del kept
            finally:
                os._exit(0)
        os.close(writer)
        assert os.read(reader, 1) == b"x"
        os.close(reader)
        started.append(pid)
        return pid

    yield start
    for pid in started:
        for each in reversed(memory.process_tree(pid)):
            os.kill(each, 9)
        os.waitpid(pid, 0)


def test_private_memory_is_counted(child):
    small = memory.memory_in_use(child(lambda: None))
    large = memory.memory_in_use(child(lambda: bytearray(b"x") * (50 * MB)))
    assert large - small == pytest.approx(50 * MB, rel=0.1)


def test_memory_file_is_counted_once_though_it_is_not_mapped(child):
    def fill():
        descriptor = os.memfd_create("x")
        os.write(descriptor, bytes(30 * MB))
        return descriptor, os.dup(descriptor)

    used = memory.memory_in_use(child(fill)) - memory.memory_in_use(child(lambda: None))
    assert used == pytest.approx(30 * MB, rel=0.1)


def test_shared_mapping_is_counted(child):
    def fill():
        import mmap

        block = mmap.mmap(-1, 30 * MB)
        block[:] = bytes(30 * MB)
        return block

    used = memory.memory_in_use(child(fill)) - memory.memory_in_use(child(lambda: None))
    assert used == pytest.approx(30 * MB, rel=0.15)


def test_pages_of_a_fork_count_once_in_the_exact_sum(child):
    def four_processes(size):
        block = bytearray(b"x") * size
        for _ in range(3):
            if os.fork() == 0:
                time.sleep(1000)
        return block

    # The difference, because the processes also share what this test session has loaded.
    without, with_block = child(lambda: four_processes(0)), child(lambda: four_processes(40 * MB))
    quick = [memory.memory_in_use(pid) for pid in (without, with_block)]
    exact = [memory.memory_in_use(pid, exact=True) for pid in (without, with_block)]
    assert quick[1] - quick[0] == pytest.approx(160 * MB, rel=0.1)
    assert exact[1] - exact[0] < 60 * MB


def test_tree_holds_grandchildren(child):
    def nest():
        for _ in range(2):
            if os.fork():
                time.sleep(1000)

    pid = child(lambda: os.fork() or nest() or time.sleep(1000))
    deadline = time.monotonic() + 2
    while len(memory.process_tree(pid)) < 4 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert len(memory.process_tree(pid)) == 4


def test_cpu_time_is_exact(child):
    def work():
        end = time.process_time() + 0.1
        while time.process_time() < end:
            pass

    assert memory.cpu_seconds([child(work)]) == pytest.approx(0.1, abs=0.03)


def test_process_that_is_gone_uses_nothing():
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    assert memory.cpu_seconds([pid]) == 0
    assert memory.memory_in_use(pid) == 0


def test_memory_group_limits_what_is_in_it(child):
    if not memory.MemoryGroup.is_available():
        return
    group = memory.MemoryGroup(50 * MB)
    pid = os.fork()
    if pid == 0:
        time.sleep(0.2)
        block = bytearray(b"x") * (200 * MB)
        os._exit(len(block) % 2)
    group.add(pid)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -9
    assert group.kills() == 1
    group.remove()
    assert not group.folder.exists()


def test_a_group_that_another_grader_is_about_to_use_is_not_taken_for_a_stale_one():
    if not memory.MemoryGroup.is_available():
        return
    group = memory.MemoryGroup(50 * MB)
    memory.remove_stale_groups()
    assert group.folder.is_dir()
    os.utime(group.folder, (0, 0))
    memory.remove_stale_groups()
    assert not group.folder.exists()
