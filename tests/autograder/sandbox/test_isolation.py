"""What a tier promises, tried from inside: files, network, signals, programs, privileges."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import autograder
from autograder.sandbox import Isolation, Zygote, isolation, probe

REFUSED = {"FileNotFoundError", "PermissionError", "ProcessLookupError", "NotADirectoryError", "OSError"}


def attempt(statement):
    """A cell that tries a statement and leaves the name of its error, or "done", in `result`."""
    lines = "\n".join("    " + line for line in statement.strip().split("\n"))
    return f"try:\n{lines}\n    result = 'done'\nexcept BaseException as e:\n    result = type(e).__name__"


@pytest.fixture
def secret(tmp_path):
    for folder in (tmp_path, *tmp_path.parents):
        if folder.name.startswith("pytest"):
            folder.chmod(0o755)
    path = tmp_path / "test_hidden.py"
    path.write_text("assert student.f(2) == 'the expected value'")
    path.chmod(0o666)
    return path


def test_probe_reports_a_tier_and_in_words_what_is_missing():
    found = probe()
    assert found.tier in {"A+", "A", "B", "C"}
    assert found is probe()
    assert (found.tier == "A+") <= (not any("memory" in text for text in found.missing))


def test_unknown_tier_is_refused():
    with pytest.raises(ValueError, match=r"one of A\+, A, B, C; got 'D'"):
        Isolation("D")


@pytest.mark.parametrize(
    ("broken", "has_cgroup", "tier"),
    [
        ((), True, "A+"),
        ((), False, "A"),
        (("root namespaces",), True, "A+"),
        (("landlock",), False, "A"),
        (("root namespaces", "user namespaces"), True, "B"),
        (("root namespaces", "user namespaces", "landlock"), True, "C"),
        (("seccomp",), True, "C"),
    ],
)
def test_tier_follows_from_what_worked(broken, has_cgroup, tier):
    mechanisms = ("root namespaces", "user namespaces", "landlock", "seccomp")
    judged = isolation._judge({name: "refused" * (name in broken) for name in mechanisms}, has_cgroup)
    assert judged.tier == tier
    assert len(judged.missing) >= (tier != "A+")


def test_trusted_files_cannot_be_read(restricted_zygote, run_inside, secret):
    for path in (secret, Path(autograder.__file__), Path(__file__)):
        assert run_inside(restricted_zygote, attempt(f"open({str(path)!r}).read()")) in REFUSED
        assert (
            run_inside(restricted_zygote, attempt(f"import os; os.listdir({str(path.parent)!r})")) in REFUSED
        )


def test_trusted_files_cannot_be_written(restricted_zygote, run_inside, secret):
    before = secret.read_text()
    assert run_inside(restricted_zygote, attempt(f"open({str(secret)!r}, 'w').write('x')")) in REFUSED
    assert secret.read_text() == before


@pytest.mark.parametrize("folder", ["/", "/usr", "/etc", "/var/tmp", "/home", os.path.dirname(os.__file__)])
def test_nothing_outside_the_home_can_be_written(restricted_zygote, run_inside, folder):
    name = f"{folder}/gradecheck-left-behind"
    assert run_inside(restricted_zygote, attempt(f"open({name!r}, 'w').write('x')")) in REFUSED
    assert not os.path.exists(name)


def test_packages_inside_cannot_be_changed(restricted_zygote, run_inside):
    assert run_inside(restricted_zygote, attempt("import numpy; open(numpy.__file__, 'a')")) in REFUSED


def test_home_and_temporary_folder_can_be_written(any_zygote, run_inside):
    source = "import tempfile\nopen('own.txt', 'w').write('x')\ntempfile.TemporaryFile().write(b'y')\n"
    assert run_inside(any_zygote, source + "result = open('own.txt').read()") == "x"


def test_private_temporary_files_do_not_reach_this_machine(restricted_zygote, run_inside):
    statement = (
        "import tempfile, os; os.close(os.open('/tmp/gradecheck-left-behind', os.O_CREAT | os.O_WRONLY))"
    )
    run_inside(restricted_zygote, attempt(statement))
    assert not os.path.exists("/tmp/gradecheck-left-behind")


def test_local_services_cannot_be_reached(any_zygote, run_inside, tmp_path):
    path = tmp_path / "service"
    with (
        socket.create_server(("127.0.0.1", 0)) as tcp,
        socket.socket(socket.AF_UNIX) as unix,
        socket.socket(socket.AF_UNIX) as abstract,
    ):
        unix.bind(str(path))
        abstract.bind(f"\0gradecheck-test-{os.getpid()}")
        for server in (unix, abstract):
            server.listen()
        port, name = tcp.getsockname()[1], abstract.getsockname()
        for statement in (
            f"import socket; socket.socket().connect(('127.0.0.1', {port}))",
            f"import socket; socket.socket(socket.AF_UNIX).connect({str(path)!r})",
            f"import socket; socket.socket(socket.AF_UNIX).connect({name!r})",
            "import socket; socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 53))",
        ):
            outcome = run_inside(any_zygote, attempt(statement))
            assert outcome in REFUSED | {"ConnectionRefusedError"}, statement


def test_processes_outside_cannot_be_signalled(any_zygote, run_inside):
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as bystander:
        for target in (bystander.pid, os.getpid()):
            statement = f"import os\nos.kill({target}, 9)"
            assert run_inside(any_zygote, attempt(statement)) in REFUSED
        assert bystander.poll() is None
        bystander.kill()


@pytest.mark.parametrize("name", ["environ", "mem", "cmdline", "root", "cwd"])
def test_processes_outside_cannot_be_looked_at(restricted_zygote, run_inside, name):
    code = f"import os\nopen('/proc/{os.getpid()}/{name}', 'rb').read(1)"
    assert run_inside(restricted_zygote, attempt(code)) in REFUSED | {"IsADirectoryError"}


def test_programs_do_not_run(any_zygote, run_inside):
    assert run_inside(any_zygote, attempt("import os; os.execv('/bin/true', ['true'])")) in REFUSED
    assert run_inside(any_zygote, attempt("import os; os.posix_spawn('/bin/true', ['true'], {})")) in REFUSED


@pytest.mark.parametrize(
    "call",
    [
        "unshare(0x10000000)",
        "mount(b'tmpfs', b'/home/nb', b'tmpfs', 0, None)",
        "ptrace(0, 0, 0, 0)",
        "chroot(b'.')",
        "setns(0, 0)",
        "personality(0xFFFFFFFF)",
        "shmget(1, 4096, 0o1600)",
    ],
)
def test_kernel_attack_surface_is_closed(restricted_zygote, run_inside, call):
    source = (
        f"import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\nresult = [libc.{call}, ctypes.get_errno()]"
    )
    assert run_inside(restricted_zygote, source) == [-1, 1]


def test_only_its_own_descriptors_are_open(restricted_zygote, run_inside):
    source = """
import os
def is_open(number):
    try:
        os.fstat(number)
    except OSError:
        return False
    return True
result = [number for number in range(1024) if is_open(number)]
"""
    assert run_inside(restricted_zygote, source) == [0, 1, 2, 3]


def test_environment_of_the_grader_stays_outside(run_inside, monkeypatch):
    monkeypatch.setenv("AUTOGRADER_SECRET", "the term's secret")
    with Zygote() as fresh:
        names = run_inside(fresh, "import os; result = sorted(os.environ)")
        assert "AUTOGRADER_SECRET" not in names
        block = run_inside(
            fresh,
            attempt("text = open('/proc/self/environ').read()") + "\nif result == 'done': result = text",
        )
    assert "AUTOGRADER_SECRET" not in block


def test_capabilities_are_gone_for_good(restricted_zygote, run_inside):
    source = """
import ctypes
header, data = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
ctypes.CDLL(None).capget(header, data)
result = list(data)
"""
    assert run_inside(restricted_zygote, source) == [0] * 6


def test_other_processes_cannot_be_slowed_down(restricted_zygote, run_inside):
    before = os.getpriority(os.PRIO_PROCESS, os.getpid()), os.sched_getaffinity(0)
    for statement in (
        f"import os\nos.setpriority(os.PRIO_PROCESS, {os.getpid()}, 19)",
        f"import os\nos.sched_setaffinity({os.getpid()}, [0])",
        f"import resource\nresource.prlimit({os.getpid()}, resource.RLIMIT_CPU, (1, 1))",
    ):
        assert run_inside(restricted_zygote, attempt(statement)) in REFUSED
    assert (os.getpriority(os.PRIO_PROCESS, os.getpid()), os.sched_getaffinity(0)) == before


def test_first_process_of_the_jail_cannot_be_interrupted(restricted_zygote):
    if restricted_zygote.isolation.namespaces:
        cell = "import os, signal\nfor s in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL, signal.SIGSTOP):"
        cell += "\n    try: os.kill(1, s)\n    except PermissionError: pass"
        with restricted_zygote.open([cell, "x = 1"]) as jail:
            assert jail.forks, jail.reason
            assert jail.question().student.x == 1


DOCKER = """
import errno, json, sys
import pyseccomp as seccomp
refuse = seccomp.SyscallFilter(seccomp.ALLOW)
for name in ["unshare", "mount", "umount2", "pivot_root", "setns", *sys.argv[1:]]:
    refuse.add_rule(seccomp.ERRNO(errno.EPERM), name)
refuse.load()
from autograder.sandbox import Zygote, probe
with Zygote() as zygote, zygote.open(["x = 1"]) as jail:
    print(json.dumps([probe().tier, list(probe().missing), jail.question().student.x]))
"""


@pytest.mark.parametrize(("refused", "tier"), [([], "B"), (["landlock_create_ruleset"], "C")])
def test_container_that_refuses_namespaces_gets_what_is_left(refused, tier):
    command = [sys.executable, "-c", DOCKER, *refused]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    found, missing, answer = json.loads(done.stdout)
    assert (found, answer) == (tier, 1)
    text = "every file that you can read" if tier == "C" else "namespaces are refused"
    assert any(text in line for line in missing)
