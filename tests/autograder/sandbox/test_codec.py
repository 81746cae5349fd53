"""What crosses keeps its exact type; what may not is refused; no bytes raise anything but CodecError."""

import contextlib
import fcntl
import math
import os
import struct
import time
import tracemalloc

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.sandbox.inside.codec import CodecError, Reference, decode, encode
from autograder.sandbox.inside.wire import MAX_DEPTH, MAX_NODES, MAX_PACKED, MAX_TEXT


def there_and_back(value, **options):
    return decode(*encode(value, **options), **options)


def assert_closed(descriptor):
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)


def same(a, b):
    """Equal in value and in exact type, all the way down."""
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray | np.generic):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return list(map(repr, a)) == list(map(repr, b)) and all(map(same, a.values(), b.values()))
    if isinstance(a, float | complex | set | frozenset):
        return repr(sorted(map(repr, a)) if isinstance(a, set | frozenset) else a) == repr(
            sorted(map(repr, b)) if isinstance(b, set | frozenset) else b
        )
    return a == b


PLAIN = [
    None,
    True,
    False,
    Ellipsis,
    0,
    -1,
    2**63 - 1,
    -(2**63),
    2**63,
    -(2**200),
    math.factorial(1000),
    0.0,
    -0.0,
    math.nan,
    math.inf,
    5e-324,
    1 - 2j,
    "",
    "kNN größe 🙂\n\t\x00",
    b"",
    b"\x00\xff",
    [],
    (),
    {},
    set(),
    frozenset(),
    [1, 2.0, "x", None, True],
    (1, (2, [3, {4: (5,)}])),
    {"a": 1, 2: "b", None: [], (1, "t"): {1.5}, True: 0},
    {1, "a", (2, 3)},
    frozenset({b"a", 1j}),
    slice(None, 3, -1),
    range(2, 20, 3),
    range(10**12, 0),
    range(1_000_000),
    list(range(1000)),
    [0.5] * 1000,
    [math.nan, -0.0] * 20,
    [2**63] * 40,
    [True] * 40,
    [1, True] * 20,
    [1, 1.0] * 20,
    float,
    dict,
    np.float32,
    np.dtype("f4"),
    np.dtype("i8"),
]


@pytest.mark.parametrize("value", PLAIN, ids=lambda value: type(value).__name__)
def test_plain_data_keeps_value_and_exact_type(value):
    assert same(there_and_back(value), value)


KEYS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=5)
    | st.tuples(st.integers(), st.text(max_size=2))
)
DATA = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.complex_numbers() | st.text() | st.binary(),
    lambda inner: (
        st.lists(inner, max_size=20) | st.tuples(inner, inner) | st.dictionaries(KEYS, inner, max_size=5)
    ),
    max_leaves=30,
)


@given(DATA)
@settings(derandomize=True, deadline=None)
def test_any_nested_data_comes_back(value):
    assert same(there_and_back(value), value)


DTYPES = ["?", "b", "h", "i", "l", "B", "H", "I", "L", "e", "f", "d", "F", "D"]


@pytest.mark.parametrize("code", DTYPES)
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 3), (0, 4), (1, 1, 1, 1)])
def test_arrays_keep_dtype_shape_and_bytes(code, shape):
    rng = np.random.default_rng(0)
    array = (rng.normal(size=shape) * 10).astype(code) if code not in "FD" else rng.normal(size=shape) * 1j
    array = np.asarray(array, code)
    assert same(there_and_back(array), array)
    assert there_and_back(array).flags.writeable


@pytest.mark.parametrize(
    "array",
    [
        np.arange(12.0).reshape(3, 4).T,
        np.arange(12)[::-2],
        np.asfortranarray(np.ones((3, 2))),
        np.broadcast_to(np.float32(1.5), (4, 5)),
        np.arange(5, dtype=">f8"),
        np.array([math.nan, -math.inf, -0.0, 5e-324]),
    ],
    ids=["transposed", "strided", "fortran", "broadcast", "big-endian", "special"],
)
def test_any_memory_layout_arrives_as_a_native_contiguous_copy(array):
    received = there_and_back(array)
    np.testing.assert_array_equal(received, array)
    assert received.dtype.isnative
    assert received.flags.owndata
    assert received.flags.c_contiguous
    assert not np.shares_memory(received, array)


@pytest.mark.parametrize("code", DTYPES)
def test_numpy_scalars_stay_distinct_from_python_numbers_and_from_arrays(code):
    scalar = np.ones((), code)[()]
    received = there_and_back(scalar)
    assert type(received) is type(scalar)
    assert type(received) not in (bool, int, float, complex)


def test_a_float_subclass_of_numpy_is_not_a_float():
    assert type(there_and_back(np.float64(1.5))) is np.float64
    assert type(there_and_back([np.float64(1.5)] * 20)[0]) is np.float64


def test_array_subclasses_arrive_as_plain_arrays():
    class Spoof(np.ndarray):
        def __eq__(self, other):
            return True

    received = there_and_back(np.zeros(3).view(Spoof))
    assert type(received) is np.ndarray
    assert not (received == 1).any()
    assert type(there_and_back(np.ma.masked_array([1.0, 2.0], [True, False]))) is np.ndarray


class Number(float):
    pass


class Words(list):
    pass


@pytest.mark.parametrize(
    "value",
    [
        object(),
        Number(1.0),
        Words(),
        len,
        lambda: None,
        Number,
        np.array([object()]),
        np.array(["text"]),
        np.array(["2026-01-01"], "M8[D]"),
        np.zeros(2, "i4,f8"),
        np.str_("x"),
        np.longdouble(1),
        {Number(1): 1},
        {1: {object()}},
        [[[object()]]],
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_no_plain_data_is_refused(value):
    with pytest.raises(CodecError):
        encode(value)


def test_a_recursive_list_is_refused_and_not_followed_for_ever():
    endless = []
    endless.append(endless)
    with pytest.raises(CodecError, match="deep"):
        encode(endless)


def test_references_cross_only_where_both_ends_allow_them():
    data, _ = encode([Number(2.0)], lambda value: Reference(7, 1, 3, "Number"))
    assert decode(data, resolve=lambda reference: reference) == [Reference(7, 1, 3, "Number")]
    with pytest.raises(CodecError, match="only plain data"):
        decode(data)


# tensors


@pytest.mark.parametrize(
    "name",
    [
        "bool",
        "uint8",
        "int8",
        "int16",
        "int32",
        "int64",
        "float16",
        "bfloat16",
        "float32",
        "float64",
        "complex64",
    ],
)
@pytest.mark.parametrize("shape", [(), (0, 2), (2, 3)])
def test_tensors_keep_dtype_shape_and_values(name, shape):
    tensor = torch.arange(6).reshape(2, 3).to(getattr(torch, name))[: shape[0] if shape else None]
    tensor = tensor[0, 1] if shape == () else tensor
    received = there_and_back(tensor)
    assert type(received) is torch.Tensor
    assert received.dtype is tensor.dtype
    assert received.shape == tensor.shape
    assert torch.equal(received, tensor)


def test_tensors_keep_requires_grad_and_lose_their_graph():
    leaf = torch.ones(3, requires_grad=True)
    received = there_and_back([leaf, leaf * 2, torch.ones(3), torch.nn.Parameter(torch.ones(2))])
    assert [t.requires_grad for t in received] == [True, True, False, True]
    assert all(t.grad_fn is None and type(t) is torch.Tensor for t in received)
    (received[1] ** 2).sum().backward()
    assert torch.equal(received[1].grad, torch.full((3,), 4.0))


def test_views_and_conjugates_of_tensors_arrive_as_values():
    tensor = torch.arange(6.0).reshape(2, 3).T
    assert torch.equal(there_and_back(tensor), tensor)
    assert torch.equal(there_and_back(torch.tensor([1 + 2j]).conj()), torch.tensor([1 - 2j]))
    assert there_and_back(torch.float32) is torch.float32


def test_a_sparse_tensor_is_refused():
    with pytest.raises((CodecError, RuntimeError)):
        encode(torch.eye(3).to_sparse())


# buffers


def test_large_arrays_travel_in_a_sealed_file_and_each_side_has_its_own_copy():
    array = np.arange(100_000.0)
    data, descriptors = encode(array, large_buffers=True)
    assert len(data) < 100
    assert len(descriptors) == 1
    with pytest.raises(PermissionError):
        os.write(descriptors[0], b"x")
    received = decode(data, descriptors, large_buffers=True)
    received[0] = 7
    assert array[0] == 0
    np.testing.assert_array_equal(received[1:], array[1:])
    tensor = torch.arange(100_000.0)
    assert torch.equal(there_and_back(tensor, large_buffers=True), tensor)


def test_a_buffer_is_refused_where_it_was_not_agreed_on():
    data, descriptors = encode(np.arange(100_000.0), large_buffers=True)
    with pytest.raises(CodecError):
        decode(data, descriptors)
    assert_closed(descriptors[0])


@pytest.mark.parametrize("change", ["unsealed", "shorter", "longer", "a pipe", "missing"])
def test_a_forged_buffer_is_refused_and_closed(change, tmp_path):
    data, good = encode(np.arange(100_000.0), large_buffers=True)
    os.close(good[0])
    size = 800_000 + {"shorter": -8, "longer": 8}.get(change, 0)
    if change == "a pipe":
        forged, writer = os.pipe()
        os.close(writer)
    else:
        forged = os.memfd_create("forged", os.MFD_ALLOW_SEALING)
        os.ftruncate(forged, size)
        if change != "unsealed":
            fcntl.fcntl(forged, 1033, 15)
    with pytest.raises(CodecError):
        decode(data, [] if change == "missing" else [forged], large_buffers=True)
    if change == "missing":
        os.close(forged)
    assert_closed(forged)


def test_descriptors_that_no_array_uses_are_refused_and_closed():
    reader, writer = os.pipe()
    os.close(writer)
    with pytest.raises(CodecError, match="left over"):
        decode(b"N", [reader], large_buffers=True)
    assert_closed(reader)


# forged bytes: (name, message)


def array_header(dtype=11, shape=(), buffer=b"B"):
    return b"a" + struct.pack(f"<BB{len(shape)}Q", dtype, len(shape), *shape) + buffer


FORGED = {
    "empty": b"",
    "unknown tag": b"?",
    "left over bytes": b"NN",
    "4 GB string": b"s\xff\xff\xff\xff",
    "2^31 items": b"l\x00\x00\x00\x80",
    "2^31 keys": b"D\x00\x00\x00\x80",
    "list longer than the message": b"l\x10\x27\x00\x00N",
    "depth 1e5": b"l\x01\x00\x00\x00" * 100_000,
    "packed floats without floats": b"L\x00\x00\x01\x00",
    "2^40 shape with 8 bytes": array_header(shape=(2**40,)) + bytes(8),
    "(0, 2^62) shape": array_header(shape=(0, 2**62)),
    "overflowing shape": array_header(shape=(2**33, 2**33)),
    "33 dimensions": b"a\x0b\x21" + bytes(8 * 33) + b"B",
    "dtype O": b"a\xff\x00B",
    "too few array bytes": array_header(shape=(3,)) + bytes(16),
    "too many array bytes": array_header(shape=(1,)) + bytes(16),
    "buffer that was not sent": array_header(shape=(8,), buffer=b"M"),
    "unknown buffer kind": array_header(shape=(1,), buffer=b"X") + bytes(8),
    "scalar with a shape": b"g" + array_header(shape=(1,))[1:] + bytes(8),
    "torch dtype": b"k\x63\x00\x00B",
    "huge integer": b"I\xff\xff\x00\x00" + bytes(65535),
    "range over 1e18": encode(slice(0, 10**18, 1))[0].replace(b"/", b"r"),
    "range with step 0": encode(slice(0, 1, 0))[0].replace(b"/", b"r"),
    "range of strings": encode(slice("a", "b", 1))[0].replace(b"/", b"r"),
    "unhashable key": b"D\x01\x00\x00\x00" + b"l\x00\x00\x00\x00" + b"N",
    "unhashable item": b"S\x01\x00\x00\x00" + b"D\x00\x00\x00\x00",
    "list in a key": b"D\x01\x00\x00\x00" + b"t\x01\x00\x00\x00l\x00\x00\x00\x00" + b"N",
    "unknown type": b"p\x04\x00\x00\x00eval",
    "reference": b"R" + bytes(15),
    "reference with a long text": b"R" + bytes(13) + b"\xff\xff" + bytes(65535),
}


@pytest.mark.parametrize("name", FORGED)
def test_forged_bytes_raise_codec_error_at_once_and_without_memory(name):
    tracemalloc.start()
    started = time.process_time()
    with pytest.raises(CodecError):
        decode(FORGED[name])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert time.process_time() - started < 0.5
    assert peak < 2_000_000


def nested(depth):
    return b"l\x01\x00\x00\x00" * depth + b"N"


def many(count):
    return b"l" + struct.pack("<I", count) + b"N" * count


@pytest.mark.parametrize(
    ("within", "beyond"),
    [
        (nested(MAX_DEPTH), nested(MAX_DEPTH + 1)),
        (many(MAX_NODES - 1), many(MAX_NODES)),
        (encode([0.5] * MAX_PACKED)[0], b"L" + struct.pack("<I", MAX_PACKED + 1) + bytes(8 * MAX_PACKED + 8)),
        (encode(bytes(MAX_TEXT))[0], b"t\x02\x00\x00\x00" + encode(bytes(MAX_TEXT // 2 + 1))[0] * 2),
    ],
    ids=["depth", "items", "packed numbers", "text"],
)
def test_budgets_hold_for_the_whole_message(within, beyond):
    decode(within)
    with pytest.raises(CodecError):
        decode(beyond)


@pytest.mark.parametrize(
    "value",
    [
        [1] * (MAX_PACKED + 1),
        [[1] * (MAX_PACKED // 2 + 1)] * 2,
        [None] * MAX_NODES,
        ["x" * (MAX_TEXT // 2 + 1)] * 2,
        range(10**9),
        range(10**9, 0, -2),
        [np.broadcast_to(np.uint8(1), (100 << 20,))] * 3,
    ],
    ids=["packed", "packed twice", "items", "text twice", "range", "range down", "arrays"],
)
def test_the_sender_keeps_to_the_same_budgets(value):
    # or an honest but large result would look like a forged message
    with pytest.raises(CodecError, match=r"cross|items"):
        encode(value)


def test_arrays_share_one_budget():
    one = array_header(dtype=5, shape=(100 << 20,)) + bytes(100 << 20)
    with pytest.raises(CodecError, match="arrays of more than"):
        decode(b"t\x03\x00\x00\x00" + one * 2 + array_header(dtype=5, shape=(100 << 20,)))


def test_keys_with_equal_hashes_cannot_stall_the_reader():
    # hash((-1,)) == hash((-2,)): 2^13 tuples of 13 such items have one hash
    keys = [tuple(-1 - (number >> bit & 1) for bit in range(7)) for number in range(128)]
    assert len({hash(key) for key in keys}) == 1
    with pytest.raises(CodecError, match="equal hashes"):
        decode(*encode(dict.fromkeys(keys)))
    multiples = [number * (2**61 - 1) for number in range(5, 500)]
    with pytest.raises(CodecError, match="equal hashes"):
        decode(*encode(set(multiples)))


def test_many_tuple_keys_of_honest_work_cross():
    bigrams = {(f"word{i}", f"word{i + 1}"): i for i in range(20_000)}
    assert there_and_back(bigrams) == bigrams


def test_booleans_of_other_bytes_are_made_true():
    received = decode(array_header(dtype=0, shape=(4,)) + b"\x00\x01\x02\xff")
    np.testing.assert_array_equal(received, [False, True, True, True])
    assert set(received.tobytes()) == {0, 1}


def test_lone_surrogates_do_not_reach_the_other_side():
    there_and_back("\ud800").encode("utf-8")


VALID = [encode(value)[0] for value in PLAIN] + [
    encode(value)[0]
    for value in (
        np.arange(6.0).reshape(2, 3),
        np.float32(1),
        torch.ones(2, 2),
        {"a": [np.zeros(2), (1, "b")]},
    )
]


def decodes_or_refuses(data):
    with contextlib.suppress(CodecError):
        decode(data, resolve=lambda reference: reference)


@given(st.binary(max_size=200))
@settings(max_examples=500, derandomize=True, deadline=None)
def test_random_bytes_raise_nothing_else(data):
    decodes_or_refuses(data)


@given(st.sampled_from(VALID), st.data())
@settings(max_examples=500, derandomize=True, deadline=None)
def test_changed_messages_raise_nothing_else(message, data):
    message = bytearray(message)
    for _ in range(data.draw(st.integers(1, 4))):
        message[data.draw(st.integers(0, len(message) - 1))] = data.draw(st.integers(0, 255))
    decodes_or_refuses(bytes(message))


@pytest.mark.parametrize("message", VALID, ids=range(len(VALID)))
def test_truncated_messages_are_refused(message):
    for end in range(0, len(message), max(1, len(message) // 200)):
        with pytest.raises(CodecError):
            decode(message[:end])


@given(st.sampled_from(VALID), st.sampled_from(VALID), st.data())
@settings(max_examples=300, derandomize=True, deadline=None)
def test_spliced_messages_raise_nothing_else(first, second, data):
    cut = data.draw(st.integers(0, len(first)))
    decodes_or_refuses(first[:cut] + second[data.draw(st.integers(0, len(second))) :])
