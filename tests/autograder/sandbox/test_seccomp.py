"""The system-call filter as a program."""

from __future__ import annotations

import ctypes
import errno
import os
import signal
import struct

import pytest

from autograder.sandbox import seccomp
from autograder.sandbox.inside import linux


def in_filtered_child(program, function):
    """Load the program in a fork, call `function` there, return what it returns (a small integer)."""
    child = os.fork()
    if child == 0:
        try:
            linux.no_new_privileges()
            linux.load_filter(program, seccomp.PID_PLACEHOLDER)
            os._exit(function())
        except BaseException:
            os._exit(255)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def error_of(call, *arguments):
    """Errno of a call of the C library, 0 when it works."""

    def run():
        return ctypes.get_errno() if getattr(linux.libc, call)(*arguments) == -1 else 0

    return run


def test_program_is_an_array_of_instructions_that_ends_with_a_verdict():
    for namespaces in (True, False):
        program = seccomp.filter_program(namespaces=namespaces, memory_files=False)
        instructions = list(struct.iter_unpack("HBBI", program))
        assert 50 < len(instructions) < 4096
        assert instructions[-1][0] == 0x06


@pytest.mark.parametrize("namespaces", [True, False])
@pytest.mark.parametrize(
    ("call", "arguments"),
    [
        ("personality", (0xFFFFFFFF,)),
        ("unshare", (0,)),
        ("ptrace", (0, 0, 0, 0)),
        ("chroot", (b"/",)),
        ("klogctl", (10, None, 0)),
        ("socket", (2, 1, 0)),
        ("kexec_load", (0, 0, None, 0)),
        ("execv", (b"/bin/true", (ctypes.c_char_p * 2)(b"true", None))),
        ("memfd_create", (b"x", 0)),
    ],
)
def test_denied_call_is_refused(namespaces, call, arguments):
    if not hasattr(linux.libc, call):
        arguments, call = (ctypes.c_long(246), *arguments), "syscall"
    program = seccomp.filter_program(namespaces=namespaces, memory_files=False)
    assert in_filtered_child(program, error_of(call, *arguments)) == errno.EPERM


def test_memory_files_are_allowed_where_they_are_counted():
    program = seccomp.filter_program(namespaces=True, memory_files=True)
    assert in_filtered_child(program, lambda: os.memfd_create("x") < 0) == 0


def test_without_namespaces_only_the_own_process_can_be_signalled():
    program = seccomp.filter_program(namespaces=False, memory_files=False)
    parent = os.getpid()
    assert in_filtered_child(program, error_of("kill", parent, 0)) == errno.EPERM
    assert in_filtered_child(program, error_of("kill", -1, 0)) == errno.EPERM

    def own():
        os.kill(os.getpid(), 0)
        return 0

    assert in_filtered_child(program, own) == 0


def test_without_namespaces_threads_start_and_forks_do_not():
    program = seccomp.filter_program(namespaces=False, memory_files=False)

    def start_thread():
        import threading

        done = []
        thread = threading.Thread(target=done.append, args=(1,))
        thread.start()
        thread.join()
        return len(done)

    assert in_filtered_child(program, start_thread) == 1
    assert in_filtered_child(program, error_of("fork")) == errno.EPERM


def test_with_namespaces_forks_and_unix_sockets_work():
    program = seccomp.filter_program(namespaces=True, memory_files=False)

    def use():
        import socket

        left, right = socket.socketpair()
        child = os.fork()
        if child == 0:
            left.send(b"7")
            os._exit(0)
        os.waitpid(child, 0)
        return int(right.recv(1))

    assert in_filtered_child(program, use) == 7


def test_process_can_still_raise_a_signal_for_itself():
    program = seccomp.filter_program(namespaces=False, memory_files=False)
    assert in_filtered_child(program, lambda: signal.raise_signal(signal.SIGKILL)) == -signal.SIGKILL
