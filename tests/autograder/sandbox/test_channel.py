"""Messages arrive whole or not at all, limits hold before memory is taken, and no descriptor is left open."""

import array
import os
import socket
import struct
import threading
import time
import tracemalloc

import pytest

from autograder.sandbox.inside.channel import (
    MAX_DESCRIPTORS,
    MAX_MESSAGE,
    Channel,
    ChannelClosed,
    DeadlinePassed,
)
from autograder.sandbox.inside.codec import CodecError


@pytest.fixture
def ends():
    """A channel, and the bare socket at its other end."""
    here, there = socket.socketpair()
    yield Channel(here), there
    here.close()
    there.close()


@pytest.fixture(autouse=True)
def no_descriptor_is_left():
    before = set(os.listdir("/proc/self/fd"))
    yield
    assert set(os.listdir("/proc/self/fd")) <= before


def pipe_end():
    reader, writer = os.pipe()
    os.close(writer)
    return reader


def send_with(sock, data, descriptors):
    sock.sendmsg([data], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))])
    for descriptor in descriptors:
        os.close(descriptor)


def header(length=0, kind=1, count=0, request=0):
    return struct.pack("<IBBH", length, kind, count, request)


def soon():
    return time.monotonic() + 0.2


def test_a_message_arrives_as_it_was_sent(ends):
    channel, there = ends
    other = Channel(there)
    channel.send(3, b"body", [pipe_end()], 65535)
    kind, request, body, descriptors = other.receive()
    assert (kind, request, bytes(body), len(descriptors)) == (3, 65535, b"body", 1)
    os.close(descriptors[0])


def test_messages_that_arrive_together_or_in_pieces_are_told_apart(ends):
    channel, there = ends
    there.sendall(header(3) + b"abc" + header(0, kind=2) + header(2)[:5])
    assert bytes(channel.receive().body) == b"abc"
    assert channel.receive().kind == 2
    writer = threading.Thread(target=lambda: [there.sendall(bytes([b])) for b in header(2)[5:] + b"xy"])
    writer.start()
    assert bytes(channel.receive().body) == b"xy"
    writer.join()


def test_a_large_message_crosses_while_the_other_end_reads(ends):
    channel, there = ends
    body = os.urandom(5_000_000)
    writer = threading.Thread(target=Channel(there).send, args=(1, body))
    writer.start()
    assert bytes(channel.receive().body) == body
    writer.join()


def test_descriptors_stay_with_their_message(ends):
    channel, there = ends
    there.sendall(header())
    send_with(there, header(count=1), [pipe_end()])
    there.sendall(header())
    assert [len(channel.receive().descriptors) for _ in range(1)] == [0]
    second = channel.receive()
    assert len(second.descriptors) == 1
    assert not os.get_inheritable(second.descriptors[0])
    os.close(second.descriptors[0])
    assert channel.receive().descriptors == []


def test_silence_ends_at_the_deadline(ends):
    channel, _ = ends
    channel.deadline = soon()
    with pytest.raises(DeadlinePassed):
        channel.receive()


@pytest.mark.parametrize("data", [header()[:4], header(100) + b"x"], ids=["half a header", "half a body"])
def test_half_a_message_ends_at_the_deadline(ends, data):
    channel, there = ends
    there.sendall(data)
    channel.deadline = soon()
    with pytest.raises(DeadlinePassed):
        channel.receive()


def test_sending_to_someone_who_does_not_read_ends_at_the_deadline(ends):
    channel, _ = ends
    channel.deadline = soon()
    with pytest.raises(DeadlinePassed):
        channel.send(1, bytes(10_000_000))


def test_a_passed_deadline_is_seen_before_any_waiting(ends):
    channel, there = ends
    there.sendall(header())
    channel.deadline = time.monotonic() - 1
    with pytest.raises(DeadlinePassed):
        channel.receive()


@pytest.mark.parametrize("data", [b"", header()[:3], header(10) + b"abc"])
def test_a_closed_socket_is_reported_wherever_the_message_ends(ends, data):
    channel, there = ends
    there.sendall(data)
    there.close()
    with pytest.raises(ChannelClosed):
        channel.receive()
    with pytest.raises(ChannelClosed):
        channel.send(1, b"x")


def test_a_length_of_4_gb_is_refused(ends):
    channel, there = ends
    there.sendall(header(2**32 - 1))
    with pytest.raises(CodecError, match="the limit is"):
        channel.receive()


def test_memory_grows_only_with_what_arrives(ends):
    channel, there = ends
    there.sendall(header(MAX_MESSAGE) + b"x")
    channel.deadline = soon()
    tracemalloc.start()
    with pytest.raises(DeadlinePassed):
        channel.receive()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 << 20


@pytest.mark.parametrize(("announced", "sent"), [(0, 1), (2, 1), (1, 0), (16, 3), (255, 1)])
def test_another_number_of_descriptors_than_announced_is_refused(ends, announced, sent):
    channel, there = ends
    if sent:
        send_with(there, header(count=announced), [pipe_end() for _ in range(sent)])
    else:
        there.sendall(header(count=announced))
    with pytest.raises(CodecError, match="descriptors"):
        channel.receive()


def test_200_descriptors_in_one_message_are_refused(ends):
    channel, there = ends
    send_with(there, header(count=200), [pipe_end() for _ in range(200)])
    with pytest.raises(CodecError, match="descriptors"):
        channel.receive()


def test_descriptors_beside_a_body_are_dropped(ends):
    channel, there = ends
    there.sendall(header(4))
    send_with(there, b"body", [pipe_end()])
    assert channel.receive().descriptors == []


def test_too_many_large_arrays_are_refused_before_sending(ends):
    channel, there = ends
    with pytest.raises(CodecError):
        channel.send(1, b"", [pipe_end() for _ in range(MAX_DESCRIPTORS + 1)])
    there.setblocking(False)
    with pytest.raises(BlockingIOError):
        there.recv(1)
