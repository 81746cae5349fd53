"""Which system calls the filter lets through: on both architectures, and for what honest notebooks do."""

from __future__ import annotations

import errno
import json
import platform
import struct
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from honest_work import MULTIPROCESSING, WORK

from autograder.sandbox import Isolation, Zygote, allowed_calls, probe, seccomp
from autograder.sandbox.syscalls import AUDIT_ARCH, NUMBERS

MACHINES = ("x86_64", "aarch64")
RECORD = json.loads(Path(__file__).with_name("recorded_calls.json").read_text())
# What libraries try, and what they do when it is refused.
DONE_WITHOUT = {
    "execve": "matplotlib asks fc-list for fonts, then looks in folders",
    "clone3": "glibc takes clone",
    "mbind": "OpenBLAS takes the memory as it is",
}
PID = allowed_calls.PID_PLACEHOLDER


def run(program, machine, call, *arguments):
    """Do what the kernel does with a program; returns "allow", "kill" or the name of an errno, and steps."""
    padded = [value % (1 << 64) for value in (*arguments, *[0] * 6)[:6]]
    data = struct.pack("<IIQ6Q", call % (1 << 32), AUDIT_ARCH.get(machine, 0x40000003), 0, *padded)
    code = list(struct.iter_unpack("HBBI", program))
    accumulator = at = steps = 0
    tests = {0x15: lambda a, k: a == k, 0x35: lambda a, k: a >= k, 0x45: lambda a, k: bool(a & k)}
    while True:
        operation, yes, no, value = code[at]
        steps += 1
        at += 1
        if operation == 0x20:
            (accumulator,) = struct.unpack_from("<I", data, value)
        elif operation == 0x05:
            at += value
        elif operation in tests:
            at += yes if tests[operation](accumulator, value) else no
        else:
            assert operation == 0x06
            kind, number = value & 0xFFFF0000, value & 0xFFFF
            names = {0x7FFF0000: "allow", 0x80000000: "kill"}
            return names.get(kind) or ("nothing" if number == 0 else errno.errorcode[number]), steps


def verdict(name, *arguments, namespaces=True, memory_files=False, machine="x86_64"):
    program = seccomp.filter_program(namespaces=namespaces, memory_files=memory_files, machine=machine)
    return run(program, machine, NUMBERS[machine][name], *arguments)[0]


# --- the list ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("namespaces", [True, False])
@pytest.mark.parametrize("memory_files", [True, False])
def test_every_known_call_gets_the_verdict_of_the_list(machine, namespaces, memory_files):
    rules = allowed_calls.rules(namespaces=namespaces, memory_files=memory_files)
    options = {"namespaces": namespaces, "memory_files": memory_files, "machine": machine}
    found = {name: verdict(name, *[-1] * 6, **options) for name in NUMBERS[machine]}
    for name, said in found.items():
        never = [check for check in rules.get(name, ()) if not isinstance(check, allowed_calls.Ignored)]
        if name in rules and not never:
            assert said == "allow", name
        else:
            assert said == ("ENOSYS" if name in allowed_calls.UNKNOWN else "EPERM"), name


def test_names_exist_on_both_architectures_or_are_known_to_be_missing_on_one():
    names = {*allowed_calls.UNKNOWN, "memfd_create"}
    for namespaces in (True, False):
        names |= set(allowed_calls.rules(namespaces=namespaces, memory_files=True))
    assert names <= set(NUMBERS["x86_64"])
    assert names - set(NUMBERS["aarch64"]) == allowed_calls.ONLY_X86_64


def test_nothing_is_both_allowed_and_unknown():
    rules = allowed_calls.rules(namespaces=True, memory_files=True)
    assert not set(rules) & set(allowed_calls.UNKNOWN)
    assert len(set(allowed_calls.ALLOWED)) == len(allowed_calls.ALLOWED)


@pytest.mark.parametrize("machine", MACHINES)
def test_numbers_are_those_of_libseccomp(machine):
    library = pytest.importorskip("pyseccomp", reason="pyseccomp is not installed: numbers not compared")
    architecture = getattr(library.Arch, machine.upper())
    other = {name: library.resolve_syscall(architecture, name) for name in NUMBERS[machine]}
    known = {name: number for name, number in other.items() if number >= 0}
    assert known == {name: NUMBERS[machine][name] for name in known}
    assert len(known) > 300


@pytest.mark.parametrize("machine", MACHINES)
def test_calls_of_newer_kernels_are_unknown_and_other_conventions_are_killed(machine):
    program = seccomp.filter_program(namespaces=True, memory_files=False, machine=machine)
    newest = max(NUMBERS[machine].values())
    for number in (*range(newest + 1, newest + 200), 1000, 0x3FFFFFFF, -1):
        assert run(program, machine, number)[0] == "ENOSYS", number
    for number in (0x40000000, 0x40000000 + NUMBERS[machine]["read"], 0xFFFFFFFE):
        assert run(program, machine, number)[0] == "kill"
    assert run(program, "i386", NUMBERS[machine]["read"])[0] == "kill"
    other = next(name for name in MACHINES if name != machine)
    assert run(program, other, NUMBERS[machine]["read"])[0] == "kill"


def test_other_architectures_are_refused_in_words():
    with pytest.raises(NotImplementedError, match="for riscv64, only for aarch64 and x86_64"):
        seccomp.filter_program(namespaces=True, memory_files=False, machine="riscv64")


@pytest.mark.parametrize("machine", MACHINES)
def test_a_verdict_takes_few_steps(machine):
    program = seccomp.filter_program(namespaces=False, memory_files=False, machine=machine)
    assert len(program) // 8 < 400
    steps = [run(program, machine, number, *[-1] * 6)[1] for number in NUMBERS[machine].values()]
    assert max(steps) < 48
    assert sum(steps) / len(steps) < 16


# --- arguments --------------------------------------------------------------------------------------

FORK, THREAD, NEW_USER = 0x01200011, 0x003D0F00, 0x10000011


@pytest.mark.parametrize(
    ("call", "arguments", "in_namespaces", "alone"),
    [
        ("clone", (FORK,), "allow", "EPERM"),
        ("clone", (THREAD,), "allow", "allow"),
        ("clone", (NEW_USER,), "EPERM", "EPERM"),
        ("clone", (THREAD | 0x20000000,), "EPERM", "EPERM"),
        ("clone", (THREAD | 0x2000,), "EPERM", "EPERM"),
        ("clone", (FORK | 0x8000,), "EPERM", "EPERM"),
        ("socket", (1, 1, 0), "allow", "EPERM"),
        ("socket", (2, 1, 0), "EPERM", "EPERM"),
        ("socket", (10, 2, 0), "EPERM", "EPERM"),
        ("socket", (16, 3, 0), "EPERM", "EPERM"),
        ("socket", (1 << 32 | 2, 1, 0), "EPERM", "EPERM"),
        ("socketpair", (1, 0x80001, 0), "allow", "allow"),
        ("socketpair", (1, 2, 0), "allow", "EPERM"),  # datagrams may be sent to anybody
        ("socketpair", (30, 5, 0), "EPERM", "EPERM"),
        ("kill", (PID, 9), "allow", "allow"),
        ("kill", (1, 9), "allow", "EPERM"),
        ("kill", (-1, 9), "allow", "EPERM"),
        ("kill", (0, 9), "allow", "EPERM"),
        ("tgkill", (PID, 77, 9), "allow", "allow"),
        ("tgkill", (77, 77, 9), "allow", "EPERM"),
        ("ioctl", (1, 0x5401), "allow", "allow"),
        ("ioctl", (1, 0x5412), "EPERM", "EPERM"),  # types into the terminal
        ("ioctl", (1, 0x541C), "EPERM", "EPERM"),
        ("ioctl", (1, 0x1_0000_5412), "EPERM", "EPERM"),
        ("ioctl", (1, 0x8901), "EPERM", "EPERM"),  # whom SIGIO goes to
        ("fcntl", (1, 3), "allow", "allow"),
        ("fcntl", (1, 8, 1), "EPERM", "EPERM"),
        ("fcntl", (1, 10, 9), "EPERM", "EPERM"),
        ("fcntl", (1, 15), "EPERM", "EPERM"),
        ("preadv2", (3, 0, 0, 0, 0, 0), "allow", "allow"),
        ("preadv2", (3, 0, 0, 0, 0, 8), "EPERM", "EPERM"),  # only what is in memory
        ("mincore", (), "EPERM", "EPERM"),
        ("rt_sigaction", (2,), "allow", "allow"),
        ("rt_sigaction", (17,), "nothing", "nothing"),  # done by doing nothing
        ("prctl", (15,), "allow", "allow"),
        ("prctl", (1, 0), "allow", "EPERM"),
        ("prctl", (22, 2), "EPERM", "EPERM"),  # another filter
        ("prctl", (35,), "EPERM", "EPERM"),
        ("prlimit64", (0, 7), "allow", "allow"),
        ("prlimit64", (1, 7), "EPERM", "EPERM"),
        ("setpriority", (0, 0, 5), "allow", "allow"),
        ("setpriority", (0, 1, 5), "EPERM", "EPERM"),
        ("setpriority", (2, 0, 5), "EPERM", "EPERM"),
        ("sched_setaffinity", (0,), "allow", "allow"),
        ("sched_setaffinity", (1,), "EPERM", "EPERM"),
        ("sched_setscheduler", (7,), "EPERM", "EPERM"),
        ("sched_setparam", (7,), "EPERM", "EPERM"),
        ("sched_setattr", (7,), "EPERM", "EPERM"),
        ("setsockopt", (3, 1, 8), "allow", "allow"),
        ("setsockopt", (3, 1, 7), "EPERM", "EPERM"),  # memory that no process shows
        ("setsockopt", (3, 1, 26), "EPERM", "EPERM"),  # a program in the kernel
        ("setsockopt", (3, 6, 7), "EPERM", "EPERM"),
        ("personality", (0xFFFFFFFF,), "EPERM", "EPERM"),
        ("clone3", (), "ENOSYS", "ENOSYS"),
    ],
)
@pytest.mark.parametrize("machine", MACHINES)
def test_arguments_decide(machine, call, arguments, in_namespaces, alone):
    assert verdict(call, *arguments, namespaces=True, machine=machine) == in_namespaces
    assert verdict(call, *arguments, namespaces=False, machine=machine) == alone


def test_memory_files_only_where_they_are_counted():
    assert verdict("memfd_create", memory_files=True) == "allow"
    assert verdict("memfd_create") == "EPERM"


# --- honest work ------------------------------------------------------------------------------------


@pytest.mark.parametrize("work", [*WORK, "multiprocessing"])
def test_what_libraries_do_was_recorded_and_is_on_the_list(work):
    rules = allowed_calls.rules(namespaces=True, memory_files=False)
    assert RECORD
    for machine, recorded in RECORD.items():
        assert len(recorded[work]) > 20
        assert not set(recorded[work]) - set(rules) - set(DONE_WITHOUT), machine


@pytest.fixture(scope="module", params=[tier for tier in ("A", "B") if tier >= probe().tier[0]])
def library_zygote(request):
    packages = ("numpy", "pandas", "matplotlib", "scikit-learn", "torch")
    preload = ("numpy", "pandas", "matplotlib.pyplot", "sklearn", "torch")
    isolation = Isolation(request.param, user_namespace=probe().user_namespace)
    with Zygote(packages, preload, isolation=isolation) as zygote:
        yield zygote


@pytest.mark.parametrize("work", WORK)
def test_honest_work_runs_in_every_tier(library_zygote, run_inside, work):
    assert run_inside(library_zygote, WORK[work], cpu_seconds=60.0) is True


def test_processes_of_its_own_only_where_it_has_namespaces(library_zygote, run_inside):
    if library_zygote.isolation.namespaces:
        assert run_inside(library_zygote, MULTIPROCESSING) is True
    else:
        tried = "import os\ntry:\n    os.fork()\nexcept PermissionError:\n    result = True"
        assert run_inside(library_zygote, tried) is True


@pytest.mark.skipif(platform.machine() not in NUMBERS, reason="no list for this architecture")
def test_nothing_else_works_inside(any_zygote, run_inside):
    """Every call that is not on the list, really made: as root, as a user, in every tier of this machine."""
    isolation = any_zygote.isolation
    rules = allowed_calls.rules(namespaces=isolation.namespaces, memory_files=isolation.memory_cgroup)
    refused = {name: number for name, number in NUMBERS[platform.machine()].items() if name not in rules}
    assert {"mount", "ptrace", "bpf", "keyctl", "io_uring_setup", "unshare", "execve"} <= set(refused)
    source = f"""
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
result = {{}}
for name, number in {refused!r}.items():
    if libc.syscall(number, 0, 0, 0, 0, 0, 0) != -1 or ctypes.get_errno() not in (1, 38):
        result[name] = ctypes.get_errno()
"""
    assert run_inside(any_zygote, source) == {}
