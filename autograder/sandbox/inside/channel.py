"""Messages over a Unix stream socket: a header, a body, and descriptors for large arrays."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from os import close as close_descriptor
from socket import CMSG_SPACE, MSG_CMSG_CLOEXEC, MSG_CTRUNC, MSG_NOSIGNAL, SCM_RIGHTS, SOL_SOCKET, socket
from struct import Struct
from time import monotonic
from typing import NamedTuple

from .wire import MAX_ARRAYS, MAX_TEXT, CodecError

__all__ = ["Channel", "ChannelClosed", "DeadlinePassed", "Message"]

REQUEST, RESULT, ERROR, CALLBACK, CALLBACK_RESULT, CALLBACK_ERROR, FORK, SNAP, DROP = range(1, 10)

HEADER = Struct("<IBBH")  # length of the body, kind, number of descriptors, request
MAX_DESCRIPTORS = 16
TRUNCATED = int(MSG_CTRUNC)  # the enum's own operators cost more than the call
MAX_MESSAGE = MAX_ARRAYS + MAX_TEXT + (16 << 20)
CHUNK = 1 << 20


class ChannelClosed(Exception):
    """The other side is gone."""


class DeadlinePassed(Exception):
    """The other side did not answer in time."""


class Message(NamedTuple):
    """One message; whoever receives it owns its descriptors."""

    kind: int
    request: int
    body: bytes | bytearray
    descriptors: list[int]


class Channel:
    """One end of the connection.

    Parameters
    ----------
    connection : socket
        A connected ``AF_UNIX``, ``SOCK_STREAM`` socket; belongs to the channel from now on.
    large_buffers : bool
        Send large arrays in sealed memory files, and accept them.

    Attributes
    ----------
    deadline : float or None
        On the monotonic clock; sending and receiving end there with `DeadlinePassed`.
    """

    def __init__(self, connection: socket, *, large_buffers: bool = False) -> None:
        self.socket = connection
        self.large_buffers = large_buffers
        self.deadline: float | None = None

    def _start_waiting(self) -> None:
        left = None
        if self.deadline is not None:
            left = self.deadline - monotonic()
            if left <= 0:
                raise DeadlinePassed
        self.socket.settimeout(left)

    def send(self, kind: int, body: bytes = b"", descriptors: Sequence[int] = (), request: int = 0) -> None:
        """Send one message and close its descriptors."""
        try:
            if len(descriptors) > MAX_DESCRIPTORS:
                raise CodecError(f"more than {MAX_DESCRIPTORS} large arrays in one message")
            if len(body) > MAX_MESSAGE:
                raise CodecError(f"a message of {len(body)} bytes, the limit is {MAX_MESSAGE}")
            header = HEADER.pack(len(body), kind, len(descriptors), request)
            rights = [(SOL_SOCKET, SCM_RIGHTS, array("i", descriptors))] if descriptors else []
            self._send_all(header, body, rights)
        finally:
            for descriptor in descriptors:
                close_descriptor(descriptor)

    def _send_all(self, header: bytes, body: bytes, rights: list[tuple[int, int, array[int]]]) -> None:
        try:
            self._start_waiting()
            sent = self.socket.sendmsg([header, body], rights, MSG_NOSIGNAL) - len(header)
            if sent < 0:  # not even the header fitted
                body, sent = header[sent:] + body, 0
            rest = memoryview(body)[sent:]
            while rest:
                self._start_waiting()
                rest = rest[self.socket.send(rest, MSG_NOSIGNAL) :]
        except TimeoutError:
            raise DeadlinePassed from None
        except OSError:
            raise ChannelClosed from None

    def receive(self) -> Message:
        """Wait for one message.

        Raises
        ------
        ChannelClosed, DeadlinePassed
        CodecError
            If its header breaks a limit.
        """
        descriptors: list[int] = []
        try:
            header = self._receive_header(descriptors)
            length, kind, count, request = HEADER.unpack(header)
            if length > MAX_MESSAGE:
                raise CodecError(f"a message of {length} bytes, the limit is {MAX_MESSAGE}")
            if count != len(descriptors):
                raise CodecError("another number of descriptors than announced")
            return Message(kind, request, self._receive_body(length), descriptors)
        except BaseException as error:
            for descriptor in descriptors:
                close_descriptor(descriptor)
            if isinstance(error, TimeoutError):
                raise DeadlinePassed from None
            if isinstance(error, OSError):
                raise ChannelClosed from None
            raise

    def _receive_header(self, descriptors: list[int]) -> bytes:
        """Read the header and what comes with it; descriptors beside a body are dropped by the kernel."""
        header = b""
        while len(header) < HEADER.size:
            self._start_waiting()
            data, rights, flags, _ = self.socket.recvmsg(
                HEADER.size - len(header), CMSG_SPACE(4 * MAX_DESCRIPTORS), MSG_CMSG_CLOEXEC
            )
            for level, kind, content in rights:
                if level == SOL_SOCKET and kind == SCM_RIGHTS:
                    descriptors.extend(array("i", content[: len(content) - len(content) % 4]))
            if flags & TRUNCATED or len(descriptors) > MAX_DESCRIPTORS:
                raise CodecError(f"more than {MAX_DESCRIPTORS} descriptors in one message")
            if not data:
                raise ChannelClosed
            header += data
        return header

    def _receive_body(self, length: int) -> bytes | bytearray:
        body: bytes | bytearray = b""
        while len(body) < length:  # memory grows only with what has arrived
            self._start_waiting()
            data = self.socket.recv(min(length - len(body), CHUNK))
            if not data:
                raise ChannelClosed
            if not body:
                body = data if len(data) == length else bytearray(data)
            else:
                body += data
        return body

    def close(self) -> None:
        self.socket.close()
