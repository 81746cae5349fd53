"""The server keeps answering whatever honest code does to its own process, and forgets what is dropped."""

import os
import socket
import time

import numpy as np
import pytest

from autograder.sandbox.errors import StudentDied, StudentError, StudentMemory
from autograder.sandbox.inside.channel import FORK, SNAP, Channel
from autograder.sandbox.inside.server import Server, TrustedFunction
from autograder.sandbox.proxy import Student, definitions, seed, signatures


def test_definitions_name_what_a_notebook_defines(serve):
    connection = serve("""
        import math
        def f(): pass
        class C: pass
        g = lambda x: x
        n = 3
        _hidden = 1
        partial = np.vectorize(f)
    """)
    found = definitions(connection)
    expected = {
        "f": "function",
        "C": "class",
        "g": "function",
        "n": "other",
        "math": "other",
        "partial": "function",
    }
    assert {name: found[name] for name in expected} == expected
    assert "_hidden" not in found


def test_signatures_are_data(serve):
    connection = serve("""
        def f(a, b=2, *rest, c, **more): pass
        class C:
            def __init__(self, n_neighbors=5, *, weights="uniform"): pass
            def fit(self, X, y): pass
        n = 3
    """)
    found = signatures(connection, ["f", "C", "C.fit", "C.missing", "missing", "n"])
    assert found["f"] == [
        ("a", "POSITIONAL_OR_KEYWORD", False),
        ("b", "POSITIONAL_OR_KEYWORD", True),
        ("rest", "VAR_POSITIONAL", False),
        ("c", "KEYWORD_ONLY", False),
        ("more", "VAR_KEYWORD", False),
    ]
    assert found["C"] == [("n_neighbors", "POSITIONAL_OR_KEYWORD", True), ("weights", "KEYWORD_ONLY", True)]
    assert [name for name, _, _ in found["C.fit"]] == ["self", "X", "y"]
    assert found["C.missing"] is found["missing"] is found["n"] is None


def test_a_seed_fixes_every_global_generator(serve):
    connection = serve("""
        import random
        def draw(): return random.random(), np.random.normal()
    """)
    student = Student(connection)
    seed(connection, 7)
    first = student.draw()
    assert student.draw() != first
    seed(connection, 7)
    assert student.draw() == first


def test_errors_cross_as_names_text_and_lines_of_the_students_own_code(serve):
    student = Student(
        serve("""
        class TooSmall(ValueError): pass
        def check(k):
            if k < 1:
                raise TooSmall(f"k is {k}")
        def outer(k):
            return check(k)
    """)
    )
    with pytest.raises(ValueError, match="k is 0") as caught:
        student.outer(0)
    assert isinstance(caught.value, StudentError)
    assert caught.value.type_names[:3] == ("TooSmall", "ValueError", "Exception")
    assert [frame[:3] for frame in caught.value.frames] == [
        ("<cell 1>", 7, "outer"),
        ("<cell 1>", 5, "check"),
    ]


def test_a_deep_recursion_keeps_its_first_and_last_lines(serve):
    student = Student(serve("def f(n): return f(n + 1)\ndef start(): return f(0)"))
    with pytest.raises(RecursionError) as caught:
        student.start()
    assert len(caught.value.frames) == 20
    assert caught.value.frames[0][2] == "start"
    assert caught.value.frames[-1][2] == "f"


@pytest.mark.parametrize(
    "statement",
    [
        "raise SystemExit(0)",
        "raise KeyboardInterrupt",
        "raise GeneratorExit",
        "raise StopIteration",
        "exit(3)",
    ],
)
def test_no_exception_ends_the_server_or_a_loop_of_the_trusted_side(serve, statement):
    student = Student(serve(f"import sys\nexit = sys.exit\ndef f(x): {statement}\ndef g(): return 1"))
    with pytest.raises(StudentError) as caught:
        list(map(student.f, [1, 2]))
    assert not isinstance(caught.value, SystemExit | KeyboardInterrupt | GeneratorExit | StopIteration)
    assert student.g() == 1


def test_running_out_of_memory_is_told_apart(serve):
    student = Student(serve("def f(): raise MemoryError"))
    with pytest.raises(MemoryError) as caught:
        student.f()
    assert isinstance(caught.value, StudentMemory)


@pytest.mark.parametrize(
    "body",
    ["raise RuntimeError('no text')", "return 3", "return 'x' * 10**8 + '\\x1b[2J'"],
    ids=["raises", "int", "huge"],
)
def test_the_text_of_an_exception_cannot_break_anything(serve, body):
    student = Student(serve(f"class E(Exception):\n  def __str__(self): {body}\ndef f(): raise E"))
    with pytest.raises(StudentError) as caught:
        student.f()
    assert len(str(caught.value)) <= 2003
    assert "\x1b" not in str(caught.value)


def test_honest_monkeypatching_does_not_break_the_server(serve):
    student = Student(
        serve("""
        import gc, linecache, os, random, socket, struct, sys, threading, time
        def f(x): return x + 1
        len = sum = print = isinstance = type = list = None
        np.sum = np.frombuffer = np.asarray = np.ndarray = np.dtype = None
        os.close = os.getpid = time.monotonic = struct.unpack_from = struct.pack = None
        random.seed = np.random.seed = threading.RLock = linecache.getline = None
        sys.path[:] = []
        sys.modules.pop("numpy"); sys.modules.pop("struct")
        sys.setrecursionlimit(150)
        gc.disable()
        def bad(): raise ValueError("text")
    """)
    )
    np.testing.assert_array_equal(student.f(np.arange(3.0)), [1.0, 2.0, 3.0])
    assert student.f(1) == 2
    with pytest.raises(ValueError, match="text"):
        student.bad()


def test_a_missing_name_is_an_attribute_error(serve):
    student = Student(serve("x = 1"))
    assert not hasattr(student, "missing")
    assert student.x == 1


def test_an_unknown_operation_is_an_error_and_not_the_end(serve):
    connection = serve("")
    with pytest.raises(StudentError, match="unknown operation"):
        connection.request("eval", "1")
    assert connection.request("ping") is None


def test_more_operations_can_be_added(serve):
    connection = serve("n = 20", ops={"plus": lambda server, x: server.namespace["n"] + x})
    assert connection.request("plus", 3) == 23


def test_objects_live_as_long_as_the_trusted_side_holds_them(serve):
    connection = serve(
        "class C: pass\nkept = C()\ndef get(): return kept",
        ops={"held": lambda server: len(server.objects)},
    )
    student = Student(connection)
    first, second = student.get(), student.get()
    assert connection.request("held") == 1
    del first
    assert connection.request("held") == 1
    assert isinstance(second, student.C)
    del second
    assert connection.request("held") == 0


def test_methods_of_a_class_are_not_mixed_up_with_those_of_a_later_one(serve):
    student = Student(
        serve("""
        import gc
        gc.freeze()  # what the test session has made is not looked at again
        def make(name):
            gc.collect()
            return type("T", (), {name: lambda self: name})()
    """)
    )
    for number in range(20):
        name = f"method{number}"
        assert getattr(student.make(name), name)() == name


def test_control_messages_reach_their_handler_with_their_descriptors(serve):
    reader, writer = os.pipe()

    def answer(server, descriptors):
        os.write(descriptors[0], b"forked")
        os.close(descriptors[0])

    connection = serve("", control_handlers={FORK: answer})
    connection.channel.send(FORK, b"", [writer])
    assert os.read(reader, 10) == b"forked"
    os.close(reader)
    reader, writer = os.pipe()
    connection.channel.send(SNAP, b"", [writer])  # nobody handles it: its descriptor is closed
    assert os.read(reader, 10) == b""
    os.close(reader)
    assert connection.request("ping") is None


def test_functions_can_be_called_from_threads_of_the_call(serve):
    student = Student(
        serve("""
        from concurrent.futures import ThreadPoolExecutor
        def pool(f):
            with ThreadPoolExecutor(4) as executor:
                return list(executor.map(f, range(20)))
    """)
    )
    assert student.pool(lambda x: x * x) == [x * x for x in range(20)]


def test_a_function_cannot_be_called_when_nothing_was_asked():
    here, there = socket.socketpair()
    server = Server(Channel(there), {})
    with pytest.raises(RuntimeError, match="until the call"):
        TrustedFunction(server, 1)(2.0)
    here.close()
    there.close()


def test_a_process_forked_by_the_submission_cannot_use_the_connection(serve):
    student = Student(
        serve("""
        import os
        def f(g):
            reader, writer = os.pipe()
            if os.fork() == 0:
                try: g(1)
                except RuntimeError: os.write(writer, b"refused")
                os._exit(0)
            os.wait()
            return os.read(reader, 20)
    """)
    )
    assert student.f(lambda x: x) == b"refused"


def test_request_numbers_start_again_after_the_last(serve):
    connection = serve("")
    connection._last_request = 65533
    for expected in (65534, 65535, 1, 2):
        connection.request("ping")
        assert connection._last_request == expected


def test_the_end_of_the_process_is_reported_and_stays(serve):
    student = Student(serve("import os\ndef f(): os._exit(0)\ndef g(): return 1"))
    for _ in range(2):
        with pytest.raises(StudentDied):
            student.f()
    with pytest.raises(StudentDied):
        student.g()


def test_sixty_calls_with_an_array_take_milliseconds(serve):
    student = Student(serve("def q1(X): return X.sum()"))
    X = np.ones((20, 3))

    def sixty():
        started = time.perf_counter()
        for _ in range(60):
            student.q1(X)
        return time.perf_counter() - started

    assert min(sixty() for _ in range(10)) < 0.05  # about 3 ms on a quiet machine
