"""Records the system calls of honest work; run it after an update of a library: python record_calls.py.

Every piece of `honest_work.WORK` runs in a process of its own whose every call stops at a listener of
seccomp (Linux 5.6), which writes the number down and lets the call go on. The names go to
``recorded_calls.json`` beside this file, by architecture and piece of work; a test compares them with the
list that submissions may make.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import json
import os
import platform
import select
import struct
import sys
import tempfile
import time
from pathlib import Path

from honest_work import MULTIPROCESSING, WORK

from autograder.sandbox.inside import linux
from autograder.sandbox.syscalls import NUMBERS

RECORD = Path(__file__).with_name("recorded_calls.json")
NUMBER = NUMBERS[platform.machine()]
NAMES = {number: name for name, number in NUMBER.items()}
ASK_LISTENER = struct.pack("HBBI", 6, 0, 0, 0x7FC00000)
SET_FILTER, NEW_LISTENER = 1, 8
RECEIVE, ANSWER, GO_ON = 0xC0502100, 0xC0182101, 1
NOTICE = struct.Struct("=QIIiIQ6Q")  # id, process, flags; call, architecture, instruction, arguments


def watched(work):
    """Call `work` in a fork; returns the names of the system calls that it made, and its exit code."""
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            ask_to_be_watched(theirs)
            work()
            os._exit(0)
        except BaseException as error:
            sys.stderr.write(f"{error!r}\n")
        os._exit(1)
    os.close(theirs)
    listener = take_listener(child, int.from_bytes(os.read(ours, 4), "little"))
    os.close(ours)
    try:
        return recorded(listener), os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    finally:
        os.close(listener)


def ask_to_be_watched(channel):
    """Tell which descriptor the listener will be; from the last line on every call waits for it."""
    linux.no_new_privileges()
    instruction = ctypes.create_string_buffer(ASK_LISTENER, 8)
    program = struct.pack("HxxxxxxP", 1, ctypes.addressof(instruction))
    next_free = os.dup(0)
    os.close(next_free)
    os.write(channel, next_free.to_bytes(4, "little"))
    listener = linux.libc.syscall(NUMBER["seccomp"], SET_FILTER, NEW_LISTENER, program)
    linux.check(listener, "seccomp")


def take_listener(child, number):
    """Fetch the listener out of the child, which cannot send it: that would be a call."""
    link = f"/proc/{child}/fd/{number}"
    while not (os.path.islink(link) and "seccomp" in os.readlink(link)):
        time.sleep(0.001)
    process = os.pidfd_open(child)
    try:
        return linux.check(linux.libc.syscall(NUMBER["pidfd_getfd"], process, number, 0), "pidfd_getfd")
    finally:
        os.close(process)


def recorded(listener):
    """Let every call go on until nobody is left that could make one."""
    seen = set()
    poll = select.poll()
    poll.register(listener, select.POLLIN)
    while poll.poll()[0][1] & select.POLLIN:
        notice = bytearray(NOTICE.size)
        try:
            fcntl.ioctl(listener, RECEIVE, notice)
            identity, _, _, call, *_ = NOTICE.unpack(notice)
            seen.add(NAMES.get(call, str(call)))
            fcntl.ioctl(listener, ANSWER, bytearray(struct.pack("=QqiI", identity, 0, 0, GO_ON)))
        except OSError as error:
            if error.errno != errno.ENOENT:  # the process ended meanwhile
                raise
    return seen


def run_cell(source):
    from IPython.core.interactiveshell import InteractiveShell

    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        os.environ |= {"MPLBACKEND": "Agg", "HOME": folder, "TMPDIR": folder}
        with open(os.devnull, "w") as quiet, contextlib.redirect_stdout(quiet):
            outcome = InteractiveShell().run_cell(source)
        outcome.raise_error()


def main():
    record = json.loads(RECORD.read_text()) if RECORD.exists() else {}
    own = record.setdefault(platform.machine(), {})
    for name, source in {**WORK, "multiprocessing": MULTIPROCESSING}.items():
        calls, status = watched(lambda source=source: run_cell(source))
        if status:
            raise SystemExit(f"{name}: the work failed with status {status}")
        own[name] = sorted(calls)
        print(f"{name}: {len(calls)} calls")
    RECORD.write_text(json.dumps(record, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
