"""Whatever a submission returns or raises, and a check does with that: it is never the grader's fault."""

from __future__ import annotations

import json

import numpy as np
import pytest

from autograder.errors import GraderFault
from autograder.grade.found import failure
from autograder.grade.platform_checks import Recorder
from autograder.grade.suite import Check
from autograder.models import CATEGORIES
from autograder.sandbox import Zygote
from autograder.testing import (
    assert_close,
    assert_cpu,
    assert_deterministic,
    assert_dtype,
    assert_equal,
    assert_finite,
    assert_memory,
    assert_raises,
    assert_scales,
    assert_shape,
    assert_true,
    assert_type,
    assert_unchanged,
    check_gradient,
)

# What a function may return, as text that is evaluated in the jail.
VALUES = {
    "huge int": "10**4000",
    "larger int": "10**20000",
    "nested list": "nest(50)",
    "list too deep to send": "nest(100_000)",
    "list in itself": "itself()",
    "nan": "float('nan')",
    "complex nan": "complex('nan+infj')",
    "nan array": "np.full((2, 2), np.nan)",
    "float128": "np.longdouble(1) / 3",
    "float16": "np.float16(7)",
    "0-d object": "np.array({}, dtype=object)",
    "0-d": "np.array(1.0)",
    "object array": "np.array([1.0, None], dtype=object)",
    "structured": "np.zeros(2, dtype=[('a', float), ('b', 'O')])",
    "record": "np.rec.array([(1, 2.0)])[0]",
    "datetime64": "np.datetime64('NaT')",
    "datetimes": "np.array(['2027-01-01'], dtype='datetime64[s]')",
    "timedelta": "np.timedelta64(3, 'D')",
    "void": "np.void(b'abc')",
    "masked": "np.ma.masked",
    "masked array": "np.ma.array([1.0, 2.0], mask=[True, False])",
    "matrix": "np.matrix([[1.0, 2.0]])",
    "negative strides": "np.arange(6.0).reshape(2, 3)[::-1, ::-1]",
    "broadcast": "np.broadcast_to(1.0, (3, 1 << 40))",
    "empty with long axes": "np.zeros((0, 1 << 40))",
    "32 axes": "np.ones((1,) * 32)",
    "big endian": "np.arange(3, dtype='>f8')",
    "text array": "np.array(['\\ud800', 'x' * 100])",
    "surrogate": "'\\ud800' * 10",
    "long text": "'x' * 1_000_000",
    "controls": "'\\x00\\x1b[31m\\u202e'",
    "bytes": "b'\\xff' * 10",
    "set of odd keys": "{1, 'a', (1, 2), None, 1.5}",
    "dict of odd keys": "{1: 2, 'a': 3, (1, None): 4, b'x': 5, float('nan'): 6}",
    "dict of objects": "{object(): object()}",
    "range": "range(10**30)",
    "slice": "slice(None, 'a', 2.5)",
    "ellipsis": "...",
    "type": "int",
    "generator": "(n for n in range(3))",
    "endless": "endless()",
    "function": "lambda *a: 1 / 0",
    "lies": "Lies()",
    "exception": "ValueError('x')",
    "module": "np",
    "Decimal": "Decimal('nan')",
    "Fraction": "Fraction(1, 3)",
    "random generator": "np.random.default_rng(0)",
    "not implemented": "NotImplemented",
    # A loss that is a function of its point, and yet has no derivative there.
    "rough loss": "float(np.sum(args[0] ** 2)) + 1e-3 * (hash(args[0].tobytes()) % 97) / 97",
    "loss with kinks": "float(np.sum(np.abs(args[0] - np.array([1.0, 2.0, 3.0]))))",
    "loss in steps": "float(np.round(np.sum(args[0]), 3))",
    "noisy loss": "float(np.sum(args[0] ** 2) + 1e-9 * np.random.normal())",
}
# What it may raise.
RAISED = {
    "stop iteration": "StopIteration(3)",
    "stop asynchronous iteration": "StopAsyncIteration()",
    "generator exit": "GeneratorExit()",
    "exit": "SystemExit(0)",
    "interrupt": "KeyboardInterrupt()",
    "group": "ExceptionGroup('x', [ValueError('y'), SystemExit()])",
    "recursion": "RecursionError('z' * 100_000)",
    "unicode": "UnicodeDecodeError('utf-8', b'\\xff', 0, 1, '\\ud800')",
    "os error": "OSError(5, '\\x1b[31m')",
    "no text": "type('E', (Exception,), {'__str__': lambda self: 1})()",
    "long name": "type('GraderFault' * 10_000, (Exception,), {})()",
    "looks like ours": "type('Inconclusive', (Exception,), {})('undecided')",
    "looks like pytest's": "type('Exit', (KeyboardInterrupt,), {})()",
    "assertion": "AssertionError({'a': 1})",
    "import": "ImportError('x', name='autograder', path='/')",
    "stop": "type('StopIteration', (StopIteration,), {})()",
    "key": "KeyError('\\ud800' * 9)",
}
CELL = r"""
import itertools, sys
from decimal import Decimal
from fractions import Fraction
import numpy as np

class Lies:
    __class__ = float
    def __getattr__(self, name): raise SystemExit(name)
    def __len__(self): return -1
    def __float__(self): return 10**400
    def __index__(self): return "x"
    def __int__(self): return None
    def __iter__(self): return self
    def __next__(self): raise KeyboardInterrupt
    def __eq__(self, other): raise GeneratorExit
    def __bool__(self): raise SystemExit
    def __hash__(self): return 1 / 0
    def __repr__(self): raise SystemExit
    def __array__(self, *a, **k): raise RecursionError
    def __call__(self, *a, **k): raise StopIteration

def endless():
    return iter(lambda: np.zeros(0), 1)

def nest(depth):
    value = []
    for _ in range(depth): value = [value]
    return value

def itself():
    value = []
    value.append(value)
    return value

kind, text = "", ""
def f(*args, **kwargs):
    if kind == "calls" and args and callable(args[0]):
        return args[0](eval(text))
    if kind == "raises":
        raise eval(text)
    return eval(text)

def choose(how, what):
    global kind, text
    kind, text = how, what

def pair(*args): return f(), f()
def named(*args): return {"w": f()}
class Model:
    def __init__(self, *args): self.value = None
    def fit(self, *args): self.value = f(); return self
    def __len__(self): return f()
"""
POINT = np.array([1.0, 2.0, 3.0])


def rows(size):
    return np.arange(float(size)).reshape(-1, 1) + size


# What a check may do with it.
USES = {
    "close to a number": lambda s: assert_close(s.f(), 1.0),
    "close to an integer": lambda s: assert_close(s.f(), 3),
    "close to an array": lambda s: assert_close(s.f(), POINT),
    "close to a table": lambda s: assert_close(s.f(), {"a": 1.0, 1: [2.0]}),
    "close to a list": lambda s: assert_close(s.f(), [1.0, (2.0, POINT)]),
    "equal to a text": lambda s: assert_equal(s.f(), "text"),
    "equal to a set": lambda s: assert_equal(s.f(), {1, "a"}),
    "equal to None": lambda s: assert_equal(s.f(), None),
    "equal to texts": lambda s: assert_equal(s.f(), np.array(["a", "b"])),
    "shape": lambda s: assert_shape(s.f(), (3,)),
    "type": lambda s: assert_type(s.f(), (float, np.ndarray)),
    "dtype": lambda s: assert_dtype(s.f(), "float"),
    "finite": lambda s: assert_finite(s.f()),
    "true": lambda s: assert_true(s.f(), "it should be true"),
    "raises": lambda s: assert_raises(ValueError, s.f, 1),
    "raises by name": lambda s: assert_raises("NotFittedError", s.f, 1),
    "unchanged": lambda s: assert_unchanged(s.f, POINT, [1.0]),
    "deterministic": lambda s: assert_deterministic(s.f, POINT),
    "scales": lambda s: assert_scales(s.f, rows, 20, reference=np.sum),
    "memory": lambda s: assert_memory(s.f, np.sum, POINT),
    "time": lambda s: assert_cpu(s.f, np.sum, POINT),
    "gradient": lambda s: check_gradient(lambda w: float(np.sum(w**2)), POINT, s.f()),
    "gradients": lambda s: check_gradient(lambda p: float(np.sum(p["w"])), {"w": POINT}, s.named()),
    "loss": lambda s: check_gradient(s.f, POINT, POINT * 2),
    "loss in blocks": lambda s: check_gradient(lambda p: s.f(p["w"]), {"w": POINT}, {"w": POINT * 2}),
    "loss as a number": lambda s: check_gradient(lambda w: float(s.f(w)), POINT, POINT * 2),
    "float": lambda s: float(s.f()) + 1.0,
    "integer": lambda s: range(int(s.f())),
    "length": lambda s: len(s.f()),
    "asarray": lambda s: np.asarray(s.f(), dtype=float).sum(),
    "items": lambda s: [item for item, _ in zip(s.f(), range(3), strict=False)],
    "first": lambda s: s.f()[0],
    "unpacked": lambda s: np.add(*s.pair()),
    "arithmetic": lambda s: np.linalg.norm(s.f() - POINT),
    "plain assert": lambda s: (_ for _ in ()).throw(AssertionError) if s.f() != 3 else None,
    "index": lambda s: POINT[s.f()],
    "format": lambda s: f"{s.f():.3f}",
    "sorted": lambda s: sorted(s.f()),
    "key": lambda s: {s.f(): 1},
    "callback": lambda s: s.f(lambda value: value + 1.0),
    "callback that fails": lambda s: s.f(lambda value: assert_close(value, 1.0)),
    "model": lambda s: assert_close(s.Model(1).fit(POINT).value, 1.0),
    "length of a model": lambda s: len(s.Model(1)),
    "driver": lambda s: s.run(driver, POINT),
    "instance": lambda s: assert_true(isinstance(s.f(), s.Model), "it should be a Model"),
    "measured": lambda s: s.measured("f", POINT).operations < 10,
}


def driver(answers, x):
    return answers.f(x)


@pytest.fixture(scope="module")
def jail():
    with Zygote() as zygote, zygote.open([CELL]) as opened:
        assert opened.errors == [None], opened.errors
        yield opened


def outcome(worker, use, visibility):
    """As the suite's runner and `attempt` do it."""
    check = Check("test_it", "q", "title", visibility, 1, "", ())
    recorder = Recorder({"it": []})
    recorder.start("it")
    worker.observer = recorder
    worker.start_check(5.0)
    try:
        use(worker.student)
    except BaseException as error:
        try:
            return failure(check, error)
        except GraderFault as fault:
            pytest.fail(f"a fault of the grader: {fault!r}")
    finally:
        worker.end_check()
    return None


HOSTILE = [
    *(("returns", name) for name in VALUES),
    *(("raises", name) for name in RAISED),
    *(
        ("calls", name)
        for name in ("lies", "0-d object", "surrogate", "huge int", "datetime64", "structured")
    ),
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("how", "name"), HOSTILE, ids=lambda value: value.replace(" ", "_"))
def test_no_check_becomes_the_graders_fault(jail, how, name):
    text = (RAISED if how == "raises" else VALUES)[name]
    worker = jail.question((), 10.0, 1)
    for use, function in USES.items():
        if not worker.alive or worker.cpu_left < 2:
            worker = jail.question((), 10.0, 1)
        worker.student.choose(how, text)
        found = outcome(worker, function, "public")
        if found is None:
            continue
        assert found.outcome in ("failed", "error", "timeout"), use
        assert found.category in CATEGORIES, use
        assert len(found.message) < 10_000, use
        assert all(letter.isprintable() or letter in "\n\t" for letter in found.message), use
        json.dumps(found.message).encode("utf-8")
        found.message.encode("utf-8")
