"""Serves the trusted side's requests from inside the jail.

It shares its process with the student's code and is untrusted from the first cell on: it only has to keep
working for honest submissions. Names are imported one by one, so that a submission which rebinds
``np.sum`` or ``os.getpid`` does not change what runs here.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable
from os import close as close_descriptor
from os import getpid
from threading import RLock
from typing import Any

from .channel import (
    CALLBACK,
    CALLBACK_ERROR,
    CALLBACK_RESULT,
    DROP,
    ERROR,
    REQUEST,
    RESULT,
    Channel,
    ChannelClosed,
    Message,
)
from .codec import CALLABLE, CLASS, TRUSTED, CodecError, Reference, decode, encode
from .failures import describe_error
from .operations import OPERATIONS, Plain

__all__ = ["Server", "TrustedFunction", "serve_forever"]

BUILTINS = dict(vars(builtins))


class Server:
    """Answers requests about one namespace.

    Parameters
    ----------
    channel : Channel
        May be replaced by a control handler: a forked worker gets a socket of its own.
    namespace : dict
        The notebook's globals.
    ops : dict of str to callable, optional
        More operations, called as ``operation(server, *arguments)``.
    control_handlers : dict of int to callable, optional
        Message kind -> ``handler(server, descriptors)``; nothing is answered.
    """

    def __init__(
        self,
        channel: Channel,
        namespace: dict[str, Any],
        ops: dict[str, Callable[..., Any]] | None = None,
        control_handlers: dict[int, Callable[..., Any]] | None = None,
    ) -> None:
        self.channel = channel
        self.namespace = namespace
        self.operations = {**OPERATIONS, **(ops or {})}
        self.control_handlers = dict(control_handlers or {})
        self.process = getpid()
        self.objects: dict[int, Any] = {}  # number -> object that the trusted side holds
        self.classes: dict[int, type] = {}
        self._numbers: dict[int, int] = {}  # id of an object -> its number
        self._times_sent: dict[int, int] = {}
        self._class_keys: dict[int, int] = {}
        self._last_number = 0
        self._request = 0
        self._depth = 0
        self._lock = RLock()

    # objects that stay here

    def reference(self, value: Any) -> Reference:
        """Remember an object and return what the trusted side gets instead of it."""
        if type(value) is TrustedFunction:
            return Reference(value._number, TRUSTED)
        kind = type(value)
        number = self._numbers.get(id(value))
        if number is None:
            number = self._last_number = self._last_number + 1
            self._numbers[id(value)] = number
            self.objects[number] = value
        self._times_sent[number] = self._times_sent.get(number, 0) + 1
        is_class = issubclass(kind, type)
        flags = (CALLABLE if callable(value) else 0) | (CLASS if is_class else 0)
        name = value.__name__ if is_class else kind.__name__
        return Reference(number, flags, self._class_key(kind), name if type(name) is str else "object")

    def _class_key(self, kind: type) -> int:
        key = self._class_keys.get(id(kind))
        if key is None:
            key = self._class_keys[id(kind)] = len(self._class_keys) + 1
            self.classes[key] = kind  # keeps it alive: its id must not go to another class
        return key

    def resolve(self, reference: Reference) -> Any:
        if reference.flags & TRUSTED:
            return TrustedFunction(self, reference.number)
        if reference.number == 0:
            return self.follow(None, reference.text)
        if reference.number not in self.objects:
            raise CodecError("an object that is not known")
        return self.follow(self.objects[reference.number], reference.text)

    def follow(self, start: Any, path: str) -> Any:
        """Return what a dotted path leads to; without a start it begins at a global name."""
        names = path.split(".") if path else []
        if start is None and names:
            name = names.pop(0)
            if name not in self.namespace:
                raise NameError(f"name {name!r} is not defined")
            start = self.namespace[name]
        for name in names:
            start = getattr(start, name)
        return start

    def drop(self, numbers: list[int]) -> None:
        """Forget one sent reference per number."""
        for number in numbers:
            left = self._times_sent.get(number, 0) - 1
            if left > 0:
                self._times_sent[number] = left
            elif number in self.objects:
                value = self.objects.pop(number)
                del self._times_sent[number], self._numbers[id(value)]

    # messages

    def serve_one(self) -> None:
        """Wait for one message and do what it says."""
        self._handle(self.channel.receive())

    def _handle(self, message: Message) -> None:
        if message.kind == REQUEST:
            self._answer(message)
        elif message.kind == DROP:
            self.drop(decode(message.body, message.descriptors))
        elif message.kind in self.control_handlers:
            self.control_handlers[message.kind](self, message.descriptors)
        else:
            for descriptor in message.descriptors:
                close_descriptor(descriptor)

    def _answer(self, message: Message) -> None:
        outer, self._request = self._request, message.request
        self._depth += 1
        try:
            kind, value = RESULT, self._perform(message)
        except ChannelClosed:
            raise
        except BaseException as error:
            kind, value = ERROR, describe_error(error)
        finally:
            self._depth -= 1
            self._request = outer
        self._send(kind, value, message.request)

    def _perform(self, message: Message) -> Any:
        name, *arguments = self._decode(message)
        if name not in self.operations:
            raise CodecError(f"unknown operation {name!r}")
        return self.operations[name](self, *arguments)

    def _decode(self, message: Message) -> Any:
        return decode(message.body, message.descriptors, self.resolve, large_buffers=True)

    def _send(self, kind: int, value: Any, request: int) -> None:
        reference: Callable[[Any], Reference] | None = self.reference
        if type(value) is Plain:
            value, reference = value.value, None
        try:
            body, descriptors = encode(value, reference, large_buffers=self.channel.large_buffers)
            self.channel.send(kind, body, descriptors, request)
        except ChannelClosed:
            raise
        except BaseException as error:
            if isinstance(error, CodecError):
                error = TypeError(str(error))
            self.channel.send(ERROR, encode(describe_error(error))[0], (), request)

    def call_trusted(self, number: int, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call a function of the trusted side; meanwhile its requests are served."""
        if self._depth == 0 or getpid() != self.process:
            raise RuntimeError(
                "a function that was passed in can only be called until the call it was passed to ends"
            )
        with self._lock:
            body, descriptors = encode(
                (number, list(args), kwargs), self.reference, large_buffers=self.channel.large_buffers
            )
            self.channel.send(CALLBACK, body, descriptors, self._request)
            while True:
                message = self.channel.receive()
                if message.kind == CALLBACK_RESULT:
                    return self._decode(message)
                if message.kind == CALLBACK_ERROR:
                    raise builtin_error(*self._decode(message))
                self._handle(message)


def builtin_error(name: str, text: str) -> Exception:
    """Return the built-in exception of a name; some cannot be made from a text alone."""
    try:
        error: Exception = BUILTINS[name](text)
    except (KeyError, TypeError):
        return RuntimeError(text)
    return error


class TrustedFunction:
    """A function of the trusted side, as the student's code sees it."""

    __name__ = __qualname__ = "function"

    def __init__(self, server: Server, number: int) -> None:
        self._server = server
        self._number = number

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._server.call_trusted(self._number, args, kwargs)


def serve_forever(server: Server) -> None:
    """Serve until the trusted side closes the channel."""
    try:
        while True:
            server.serve_one()
    except ChannelClosed:
        return
