"""A notebook in its jail: cells, questions that cannot touch each other, limits, and nothing left behind."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from autograder.sandbox import (
    Limits,
    ProtocolViolation,
    StudentDied,
    StudentMemory,
    StudentTimeout,
)
from autograder.sandbox.memory import process_tree

NOTEBOOK = [
    "import numpy as np\ncount = 0\nvalues = [1, 2, 3]",
    """
import os, time, ctypes
def bump():
    global count
    count += 1
    values.append(count)
    np.sum = None
    open('notes.txt', 'a').write('x')
    return count, len(values), os.path.getsize('notes.txt')
def leave(): os._exit(0)
def spin():
    while True: pass
def crash(): ctypes.string_at(0)
def sleepers():
    for _ in range(3):
        if os.fork() == 0:
            os.setsid()
            time.sleep(1000)
def total(): return float(np.sum(np.ones(3)))
""",
    "open('notes.txt', 'w').write('')",
]


def nothing(answers):
    return None


FRESH = (1, 4, 1)  # what `bump` returns in the state that the cells left


def running_processes(pid):
    found = set()
    for each in process_tree(pid):
        with contextlib.suppress(OSError):
            if " Z " not in Path(f"/proc/{each}/stat").read_text():
                found.add(each)
    return found


@pytest.fixture
def jail(zygote):
    with zygote.open(NOTEBOOK, Limits()) as jail:
        assert jail.errors == [None] * 3
        yield jail


# ---- cells


def test_cells_run_in_order_and_share_a_namespace(any_zygote):
    with any_zygote.open(["a = 1", "b = a + 1", "a = b * 10"]) as jail:
        student = jail.question().student
        assert (student.a, student.b) == (20, 2)


def test_failing_cell_is_reported_and_later_cells_run(any_zygote):
    cells = ["def half(x):\n    return x / 0", "y = half(3)", "z = 5"]
    with any_zygote.open(cells) as jail:
        first, error, last = jail.errors
        assert first is None
        assert last is None
        assert error.type_names[:2] == ("ZeroDivisionError", "ArithmeticError")
        assert error.text == "division by zero"
        assert error.frames == (
            ("<cell 2>", 1, "<module>", "y = half(3)"),
            ("<cell 1>", 2, "half", "return x / 0"),
        )
        assert jail.question().student.z == 5


def test_same_seed_gives_the_same_numbers(zygote):
    cells = ["import random, numpy as np\na = (random.random(), np.random.rand())"]
    draw = "b = (random.random(), np.random.rand())"

    def numbers(seed, question_seed):
        with zygote.open(cells, Limits(), seed) as jail:
            student = jail.question([draw], seed=question_seed).student
            return student.a, student.b

    first = numbers(1, 2)
    assert numbers(1, 2) == first
    assert numbers(3, 2)[0] != first[0]
    assert numbers(1, 3) == (first[0], numbers(9, 3)[1])


def test_hash_seed_is_fixed(zygote, run_inside):
    assert run_inside(zygote, "result = hash('gradecheck')") == run_inside(
        zygote, "result = hash('gradecheck')"
    )


@pytest.mark.parametrize(
    "statement",
    ["import os; os._exit(0)", "import os; os.closerange(3, 256)", "import ctypes; ctypes.string_at(0)"],
)
def test_notebook_that_ends_its_process_makes_every_question_a_crash(any_zygote, statement):
    with any_zygote.open(["a = 1", statement, "b = 2"]) as jail:
        assert isinstance(jail.dead, StudentDied)
        worker = jail.question(["a = 1"])
        assert not worker.alive
        with pytest.raises(StudentDied):
            worker.student.run(nothing)
        worker.start_check(1.0)
        assert worker.end_check().cpu_seconds == 0


def test_endless_cell_costs_only_itself(any_zygote):
    cells = ["a = 1", "while True: pass", "b = a + 1", "import time; time.sleep(100)", "c = b + 1"]
    with any_zygote.open(cells, Limits(cpu_seconds=1.0, wall_factor=1.0)) as jail:
        assert [error and error.type_names[0] for error in jail.errors] == [
            None,
            "TimeoutError",
            None,
            "TimeoutError",
            None,
        ]
        assert "0.5 seconds" in jail.errors[1].text
        assert jail.question().student.c == 3


def test_cell_that_cannot_be_interrupted_is_left_out(zygote):
    stubborn = "while True:\n    try:\n        while True: pass\n    except BaseException: pass"
    with zygote.open(["a = 1", stubborn, "b = a + 1"], Limits(cpu_seconds=2.0)) as jail:
        assert jail.errors[1].type_names[0] == "TimeoutError"
        assert jail.dead is None


def test_output_is_kept_up_to_its_limit(zygote):
    with zygote.open(["print('first')\nprint('x' * 5000)"], Limits(output_bytes=100)) as jail:
        assert jail.output() == ("first\n" + "x" * 5000)[:100]


def test_flood_of_output_ends_the_process(zygote):
    with zygote.open(["text = 'x' * (1 << 20)\nwhile True: print(text)"]) as jail:
        assert isinstance(jail.dead, StudentDied)
        assert "printed more than 256 MB" in str(jail.dead)


def test_forged_answer_of_the_cells_is_a_violation(zygote):
    forge = "import inside.executor as e; e.Plain.__new__ = lambda cls, value: tuple.__new__(cls, (True,))"
    with zygote.open([forge, "b = 2"]) as jail:
        assert isinstance(jail.dead, ProtocolViolation)


# ---- questions


def test_answer_is_executed_again_in_the_question(jail):
    worker = jail.question(["def total(): return 'again'", "raise KeyError('late')"])
    assert worker.student.total() == "again"
    assert worker.errors[0] is None
    assert worker.errors[1].type_names[0] == "KeyError"
    assert worker.errors[1].frames[0][0] == "<cell 5>"
    assert jail.question().student.total() == 3.0


def test_changes_of_one_question_do_not_reach_the_next(any_zygote):
    with any_zygote.open(NOTEBOOK) as jail:
        for _ in range(2):
            assert jail.question().student.bump() == FRESH
        assert jail.question().student.total() == 3.0


@pytest.mark.parametrize(
    ("harm", "error"), [("leave", StudentDied), ("crash", StudentDied), ("spin", StudentTimeout)]
)
def test_question_after_a_harmful_one_is_unharmed(any_zygote, harm, error):
    with any_zygote.open(NOTEBOOK) as jail:
        worker = jail.question()
        worker.start_check(0.3)
        with pytest.raises(error):
            getattr(worker.student, harm)()
        assert not worker.alive
        with pytest.raises(error):
            worker.student.total()
        assert jail.question().student.bump() == FRESH


def test_processes_that_a_question_leaves_are_swept_away(jail):
    jail.question().student.sleepers()
    before = len(running_processes(jail._execution.jail_pid))
    assert jail.question().student.bump() == FRESH
    deadline = time.monotonic() + 10
    while (after := len(running_processes(jail._execution.jail_pid))) > 3 and time.monotonic() < deadline:
        time.sleep(0.01)  # they are killed, but on a busy machine not gone at once
    assert (before, after) == (6, 3)  # init, idle copy, worker; before that three sleepers more


def test_killing_everything_in_sight_costs_only_the_fork(jail):
    # Elsewhere "everything" is the machine that runs this test.
    assert jail.forks, "needs a process namespace"
    worker = jail.question(["def purge(): os.kill(-1, 9)"])
    worker.student.purge()
    assert jail.question().student.bump() == FRESH


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        (
            "import threading; threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()",
            "threads",
        ),
        ("log = open('log.txt', 'w')", "descriptor"),
        ("import mmap; shared = mmap.mmap(-1, 4096)", "shared mapping"),
        # Shown as read only, and made writable by a question.
        ("import mmap; shared = mmap.mmap(-1, 4096, mmap.MAP_SHARED, mmap.PROT_READ)", "shared mapping"),
        ("import socket; ends = socket.socketpair()", "descriptor"),
        ("import select; waiting = select.epoll()", "descriptor"),
        # Who reads it moves a position that all forks share.
        ("devices = open('/dev/null')", "descriptor"),
    ],
)
def test_state_that_a_fork_would_share_makes_the_cells_run_again(zygote, cell, reason):
    with zygote.open([*NOTEBOOK, cell]) as jail:
        assert not jail.forks
        assert reason in jail.reason
        assert jail.question().student.bump() == FRESH
        assert jail.question().student.bump() == FRESH


def test_signal_leaves_nothing_for_the_next_question(zygote):
    cells = [
        "import os, signal; seen = []",
        "for number in range(40, 50): signal.signal(number, lambda number, frame: seen.append(number))",
        "def tell():\n    for name in os.listdir('/proc'):\n"
        "        if name.isdigit() and int(name) not in (1, os.getpid()): os.kill(int(name), 45)\n"
        "def heard(): return list(seen)",
    ]
    with zygote.open(cells) as jail:
        assert jail.forks, jail.reason
        jail.question().student.tell()
        time.sleep(0.05)
        assert jail.question().student.heard() == []


def test_a_question_leaves_nothing_on_processes_that_outlive_it(zygote):
    source = """
import os
def others():
    return [name for name in os.listdir("/proc") if name.isdigit() and int(name) not in (1, os.getpid())]
def leave():
    did = []
    for name in others():
        for what in (
            lambda: open(f"/proc/{name}/cwd/left", "w").close(),
            lambda: os.sched_setaffinity(int(name), os.sched_getaffinity(0)),
            lambda: os.setpriority(os.PRIO_PROCESS, int(name), 5),
            lambda: open(f"/proc/{name}/oom_score_adj", "w").write("500"),
        ):
            try:
                what()
                did.append(name)
            except OSError:
                pass
    return len(others()), did
def found():
    return os.path.exists("left")
"""
    with zygote.open([source, "open('kept', 'w').close()"]) as jail:
        assert jail.forks, jail.reason
        count, did = jail.question().student.leave()
        assert (count > 0, did) == (True, [])
        assert jail.question().student.found() is False
        assert jail.question().student.os.path.exists("kept")


def test_times_of_devices_are_not_a_submissions_to_set(zygote, run_inside):
    if not zygote.isolation.namespaces:
        pytest.skip("without namespaces a submission sees the machine's own /dev/null")
    source = """
import os
result = []
for name in ("null", "zero", "urandom", "random"):
    try:
        os.utime(f"/dev/{name}")
        result.append(name)
    except OSError:
        pass
open("/dev/null", "w").write("still there")
"""
    assert run_inside(zygote, source) == []


def test_cells_that_all_take_too_long_end_together(zygote):
    started = time.monotonic()
    cells = ["import time", *["time.sleep(1000)"] * 200, "def answer(): return 42"]
    with zygote.open(cells, Limits(cpu_seconds=1.0, wall_factor=0.2)) as jail:
        assert {error.type_names[0] for error in jail.errors if error} == {"TimeoutError"}
        assert "did not run" in jail.errors[-1].text
        # Its question runs it again.
        assert jail.question([cells[-1]]).student.answer() == 42
    assert time.monotonic() - started < 15


def test_thread_that_ends_in_time_does_no_harm(zygote):
    with zygote.open(
        ["import threading, time; threading.Thread(target=time.sleep, args=(0.05,)).start()"]
    ) as jail:
        assert jail.forks, jail.reason


@pytest.mark.parametrize(
    "cell",
    [
        "import os; os.fork = lambda: 0",
        "import os, time; os.register_at_fork(before=lambda: time.sleep(100))",
        "from signal import *; signal(SIGALRM, lambda *a: None); setitimer(ITIMER_REAL, 0.01, 0.01)",
        "import signal; signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))",
        "import sys; sys.settrace(lambda *a: None)",
        "import gc, time; gc.callbacks.append(lambda *a: None)",
        "int = zip = print = list = sum = None",
        "import os, signal, time; os.close = os.dup2 = signal.signal = time.sleep = None",
    ],
)
def test_notebook_that_changes_the_interpreter_still_answers(zygote, cell):
    with zygote.open([*NOTEBOOK, cell]) as jail:
        assert jail.question().student.bump() == FRESH
        assert jail.question().student.bump() == FRESH


@pytest.mark.parametrize(
    "sabotage",
    [
        "e.become_worker = lambda *a: None",  # the fork does not say who it is
        "e._fork_patiently = lambda: 0",  # the copy answers itself
        "e.raw_fork = lambda: 0",  # the notebook's process answers for its copy
        "e.raw_fork = lambda: -1",
        "def gone(*a): os._exit(0)\ne.become_idle_copy = gone",
    ],
)
def test_sabotaged_fork_leads_back_to_running_the_cells(zygote, sabotage):
    with zygote.open([*NOTEBOOK, "import inside.executor as e\n" + sabotage]) as jail:
        assert jail.errors == [None] * 4
        for _ in range(2):
            assert jail.question().student.bump() == FRESH
        assert not jail.forks
        assert jail.reason


def test_folders_too_deep_to_copy_do_no_harm(zygote):
    cell = (
        "try:\n    for _ in range(2000):\n        os.mkdir('d')\n        os.chdir('d')\nexcept OSError: pass"
    )
    with zygote.open([*NOTEBOOK, cell + "\nos.chdir(os.environ['HOME'])"]) as jail:
        for _ in range(2):
            assert jail.question().student.bump() == FRESH


def test_question_that_waits_for_a_lost_thread_is_asked_again_without_forks(zygote):
    cell = "import threading; lock = threading.Lock(); lock.acquire()\ndef wait(): return lock.acquire()"
    with zygote.open([*NOTEBOOK, cell]) as jail:
        assert jail.forks
        worker = jail.question()
        worker.start_check(0.1)
        with pytest.raises(StudentTimeout):
            worker.student.wait()
        assert jail.question().student.bump() == FRESH
        assert not jail.forks
        assert "waited" in jail.reason


def test_files_of_every_kind_are_copied_for_each_question(zygote):
    cell = """
os.makedirs('a/b')
open('a/b/text', 'w').write('kept')
os.symlink('/etc', 'link')
open('closed', 'w').write('x')
os.chmod('closed', 0)
def look():
    found = open('a/b/text').read(), os.path.islink('link')
    open('a/b/text', 'a').write('!')
    return found
"""
    with zygote.open([*NOTEBOOK, cell]) as jail:
        assert jail.errors == [None] * 4
        for _ in range(2):
            assert jail.question().student.look() == ("kept", True)


def test_definitions_and_signatures(jail):
    worker = jail.question(["class C:\n    def fit(self, X, y=None, *, k: int = 3): pass"])
    found = worker.definitions()
    assert (found["C"], found["bump"], found["values"]) == ("class", "function", "other")
    kinds = [("self", "POSITIONAL_OR_KEYWORD", False), ("X", "POSITIONAL_OR_KEYWORD", False)]
    kinds += [("y", "POSITIONAL_OR_KEYWORD", True), ("k", "KEYWORD_ONLY", True)]
    assert worker.signatures(["C.fit", "nothing"]) == {"C.fit": kinds, "nothing": None}


def test_a_jail_keeps_to_the_cores_of_who_opened_it(zygote):
    ours = os.sched_getaffinity(0)
    cell = "import os\ndef cores(): return sorted(os.sched_getaffinity(0))"
    os.sched_setaffinity(0, {max(ours)})
    try:
        with zygote.open([cell]) as jail:
            assert jail.question().student.cores() == [max(ours)]
    finally:
        os.sched_setaffinity(0, ours)


def test_observer_sees_the_calls_of_the_suite(jail):
    worker = jail.question()
    seen = []
    worker.observer = lambda path, args, kwargs, result: seen.append((path, args, kwargs, result))
    worker.student.total()
    assert seen == [("total", (), {}, 3.0)]


def test_arrays_of_every_size_cross(any_zygote):
    with any_zygote.open(["def twice(x): return 2 * x"]) as jail:
        student = jail.question().student
        for size in (3, 10_000, 1_000_000):
            array = np.arange(size, dtype=float)
            np.testing.assert_array_equal(student.twice(array), 2 * array)


def test_multiprocessing_works_where_a_jail_has_namespaces(zygote):
    cell = """
import multiprocessing as mp
def square(x): return x * x
def squares():
    with mp.get_context('fork').Pool(2) as pool:
        return pool.map(square, range(5))
"""
    if zygote.isolation.namespaces:
        with zygote.open([cell]) as jail:
            assert jail.question().student.squares() == [0, 1, 4, 9, 16]


# ---- limits


def test_check_is_measured_from_outside(jail):
    worker = jail.question(["def work(n):\n    return sum(i * i for i in range(n))"])
    used = []
    for n in (100_000, 800_000):
        worker.start_check(5.0)
        worker.student.work(n)
        used.append(worker.end_check())
    assert 4 < used[1].cpu_seconds / used[0].cpu_seconds < 16
    assert all(0 < usage.cpu_seconds < usage.wall_seconds + 0.05 for usage in used)


def test_cpu_limit_of_a_check_ends_it_in_time(jail):
    worker = jail.question()
    started = time.monotonic()
    worker.start_check(0.2)
    with pytest.raises(StudentTimeout):
        worker.student.spin()
    assert time.monotonic() - started < 3


def test_sleeping_past_the_wall_limit_is_a_timeout(jail):
    worker = jail.question(["def sleep(): time.sleep(100)"])
    worker.start_check(0.1)
    with pytest.raises(StudentTimeout):
        worker.student.sleep()


def test_time_on_a_core_that_others_use_does_not_count(zygote):
    """Nine share a core: 0.15 seconds of computing take well over one, and the limit by the clock is 0.6."""
    ours = os.sched_getaffinity(0)
    others = []
    os.sched_setaffinity(0, {max(ours)})
    try:
        with zygote.open([WORK]) as jail:
            worker = jail.question()
            for _ in range(8):
                others.append(subprocess.Popen([sys.executable, "-c", "while True: pass"]))
            worker.start_check(0.2)
            worker.student.work(0.15)
            usage = worker.end_check()
    finally:
        os.sched_setaffinity(0, ours)
        for other in others:
            other.kill()
            other.wait()
    assert usage.wall_seconds < 0.6


WORK = """
import time
def work(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end: pass
"""


def test_limit_of_the_question_holds_over_its_checks(jail):
    worker = jail.question(
        ["def work():\n    end = time.process_time() + 0.3\n    while time.process_time() < end: pass"], 0.5
    )
    worker.start_check(10.0)
    worker.student.work()
    worker.end_check()
    assert worker.cpu_left < 0.25
    worker.start_check(10.0)
    with pytest.raises(StudentTimeout):
        worker.student.work()


def test_submission_that_has_used_its_time_gets_no_more(zygote):
    with zygote.open(NOTEBOOK, Limits(cpu_seconds=0.6)) as jail:
        for _ in range(3):
            worker = jail.question()
            with pytest.raises(StudentTimeout):
                worker.student.spin()
        assert "used its 0.6 seconds" in str(worker.dead)


def test_memory_bomb_is_a_memory_error_and_the_next_question_is_unharmed(any_zygote):
    bomb = ["def bomb():\n    return len(bytearray(1 << 30))"]
    with any_zygote.open(NOTEBOOK, Limits(memory_mb=200)) as jail:
        with pytest.raises(MemoryError) as caught:
            jail.question(bomb).student.bomb()
        assert isinstance(caught.value, StudentMemory)
        assert jail.question().student.bump() == FRESH


def test_computing_in_a_process_that_was_let_go_counts_too(restricted_zygote):
    if not restricted_zygote.isolation.namespaces:
        return  # no process may start another one there
    cell = """
import os, time
def burn_elsewhere():
    if os.fork() == 0:
        if os.fork() == 0:
            while True: pass
        os._exit(0)
    os.wait()
    time.sleep(30)
"""
    with restricted_zygote.open([cell]) as jail:
        worker = jail.question(seconds=2.0)
        worker.start_check(0.5)
        with pytest.raises(StudentTimeout):
            worker.student.burn_elsewhere()
        assert worker.cpu_used > 0.2  # the first process itself only sleeps


@pytest.mark.parametrize("ends", ["signal.signal(signal.SIGCHLD, signal.SIG_IGN)", "pass"])
def test_computing_in_children_that_nobody_waits_for_counts_too(restricted_zygote, ends):
    if not restricted_zygote.isolation.namespaces:
        return  # no process may start another one there
    cell = f"""
import os, signal, time
def burn_in_children():
    {ends}
    for _ in range(20):
        ours, theirs = os.pipe()
        if os.fork() == 0:
            while time.process_time() < 0.02: pass
            os._exit(0)
        os.close(theirs)
        os.read(ours, 1)
        os.close(ours)
"""
    with restricted_zygote.open([cell]) as jail:
        function = jail.question().student.burn_in_children
        before = function.__cpu_seconds__()
        function()
        assert function.__cpu_seconds__() - before > 0.3


def test_notebook_that_hoards_all_memory_still_defines_what_comes_later(restricted_zygote):
    hoard = "hoard = []\nfor bits in (23, 16, 10, 5):\n    try:\n        while True:\n"
    hoard += "            hoard.append(bytearray(1 << bits))\n"
    hoard += "    except MemoryError:\n        pass\nraise MemoryError"
    answer = "import numpy as np\ndef total():\n    return float(np.ones(1000).sum())"
    with restricted_zygote.open([hoard, answer], Limits(memory_mb=300)) as jail:
        assert jail.errors[0].type_names[0] == "MemoryError"
        assert jail.errors[1] is None
        for _ in range(2):
            assert jail.question([answer]).student.total() == 1000.0


def test_memory_of_several_processes_is_limited_together(restricted_zygote):
    if not restricted_zygote.isolation.namespaces:
        return  # cannot fork at all: test_isolation
    bomb = """
def bomb():
    children = []
    for _ in range(6):
        pid = os.fork()
        if pid == 0:
            block = bytearray(b'x') * (150 << 20)
            time.sleep(100)
        children.append(pid)
    for pid in children:
        os.waitpid(pid, 0)
"""
    with restricted_zygote.open(NOTEBOOK, Limits(memory_mb=200)) as jail:
        worker = jail.question([bomb])
        worker.start_check(1.0)
        with pytest.raises(StudentMemory):
            worker.student.bomb()
        assert jail.question().student.bump() == FRESH


def test_memory_that_waits_in_sockets_is_limited(restricted_zygote):
    if not restricted_zygote.isolation.namespaces:
        return  # one process alone holds 50 MB at most: a socket's size is not its own to set
    bomb = """
import socket

def fill():
    ends = []
    for _ in range(110):
        ends.extend(socket.socketpair())
        for end in ends[-2:]:
            end.setblocking(False)
            try:
                while True: end.send(bytes(1 << 16))
            except OSError:
                pass
    time.sleep(100)

def bomb():
    for _ in range(10):
        if os.fork() == 0:
            fill()
    time.sleep(100)
"""
    with restricted_zygote.open(NOTEBOOK, Limits(memory_mb=100)) as jail:
        worker = jail.question([bomb])
        worker.start_check(5.0)
        with pytest.raises(StudentMemory):
            worker.student.bomb()
        assert jail.question().student.bump() == FRESH


def test_fork_bomb_is_limited(restricted_zygote):
    bomb = """
def bomb():
    made = 0
    for _ in range(500):
        try:
            if os.fork() == 0:
                time.sleep(100)
                os._exit(0)
        except OSError:
            return made
        made += 1
    return made
"""
    with restricted_zygote.open(NOTEBOOK, Limits(processes=40)) as jail:
        assert jail.question([bomb]).student.bomb() < 60
        assert jail.question().student.bump() == FRESH


def test_disk_is_limited(restricted_zygote):
    fill = (
        "def fill():\n    with open('big', 'wb') as f:\n        for _ in range(100): f.write(bytes(1 << 20))"
    )
    with restricted_zygote.open(NOTEBOOK, Limits(disk_mb=16)) as jail:
        with pytest.raises(OSError, match=r"No space left|too large"):
            jail.question([fill]).student.fill()
        assert jail.question().student.bump() == FRESH


def test_memory_files_only_where_a_cgroup_counts_them(restricted_zygote, run_inside):
    source = "import os\ntry: result = os.memfd_create('x') > 0\nexcept PermissionError: result = False"
    assert run_inside(restricted_zygote, source) is restricted_zygote.isolation.memory_cgroup


# ---- nothing survives


def test_nothing_survives_a_jail(any_zygote):
    before = running_processes(any_zygote._pid)
    stay = "import os, time\ntry: child = os.fork() or time.sleep(1000)\nexcept OSError: pass"
    with any_zygote.open(NOTEBOOK) as jail:
        jail.question().student.bump()
        jail.question([stay])
        assert running_processes(any_zygote._pid) > before
    deadline = time.monotonic() + 2
    while running_processes(any_zygote._pid) != before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert running_processes(any_zygote._pid) == before
    if any_zygote._homes is not None:
        assert {path.name for path in any_zygote._homes.iterdir()} == {"site", "zygote"}


def test_descriptors_of_the_grader_stay_flat_over_many_jails(zygote):
    def open_descriptors():
        return len(os.listdir("/proc/self/fd"))

    with zygote.open(["x = 1"]) as jail:
        assert jail.question().student.x == 1
    before, threads = open_descriptors(), threading.active_count()
    for number in range(200):
        with zygote.open(["x = 1"]) as jail:
            for _ in range(number % 3):
                assert jail.question().student.x == 1
    assert open_descriptors() == before
    assert threading.active_count() == threads


def test_no_memory_group_is_left(zygote):
    if not zygote.isolation.memory_cgroup:
        return
    with zygote.open(["x = 1"]) as jail:
        folder = jail._execution.process.group.folder
        assert Path(folder).is_dir()
    assert not Path(folder).exists()
