"""The submission as a module: `student.f(x)` and `student.C().method(x)` look like calls of local code.

Results that are plain data are local at once. Anything else is a `Handle`, which refuses to be compared or
computed with: the comparison would run in the student's code, and would hand it the expected value.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from .connection import Connection
from .drivers import driver_source
from .errors import ProtocolViolation
from .handle import Handle, name_handle, perform, received_handle, reference_of

__all__ = ["Connection", "Handle", "Measured", "Student", "definitions", "seed", "signatures"]


class Measured(NamedTuple):
    """What one call returned and the work it did, as counted beside the student's code (so: advisory).

    Attributes
    ----------
    result : object
    operations : int
        Byte-code instructions of the student's own code.
    c_calls : int
        Calls of built-in functions.
    peak_bytes : int
        Highest memory of Python and numpy above the start.
    """

    result: Any
    operations: int
    c_calls: int
    peak_bytes: int


class Student:
    """The names that a notebook defines, as attributes.

    A function or class is called in one trip; anything else is fetched. The methods here hide a submission's
    own `run`, `measured` and `call_and_return_arguments`.
    """

    def __init__(self, connection: Connection) -> None:
        self.__connection = connection
        connection.to_proxy = partial(received_handle, connection)
        connection.to_reference = partial(reference_of, connection)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        connection = self.__connection
        if connection.names is None:
            connection.names = _expect(connection, connection.request("names", plain=True), dict)
        if connection.names.get(name) is True:
            return name_handle(connection, name)
        try:
            return connection.request("get_global", name)
        except NameError as error:
            raise AttributeError(str(error)) from None

    def run(self, driver: Callable[..., Any], *data: Any) -> Any:
        """Run a function of the suite inside the jail and return its result, which is plain data.

        Parameters
        ----------
        driver : function
            Its text is sent; it is called as ``driver(answers, *data)``, sees ``np``, ``math`` and built-in
            names only, and may hold no expected value: the student's code can read it.
        *data
            Plain data, or proxies.

        Examples
        --------
        >>> def chain(answers, n):
        ...     x = answers.Value(1.0)
        ...     for _ in range(n):
        ...         x = x * 1.1
        ...     return x.data
        >>> student.run(chain, 1000)  # doctest: +SKIP
        """
        source, name = driver_source(driver)
        return self.__connection.request("run", source, name, data, plain=True)

    def measured(self, function: str | Handle, *args: Any, **kwargs: Any) -> Measured:
        """Call a function of the student's once and count its work.

        Parameters
        ----------
        function : str or proxy
            A path such as ``"softmax"`` or ``"Tree.build"``, or ``student.softmax``, or an object's method.
        """
        answer = self.__called("measured", function, args, kwargs)
        counts = answer[1:] if type(answer) is tuple and len(answer) == 4 else ()
        if [type(count) for count in counts] != [int] * 3 or min(counts) < 0:
            raise _malformed(self.__connection)
        return Measured(*answer)

    def call_and_return_arguments(
        self, function: str | Handle, *args: Any, **kwargs: Any
    ) -> tuple[Any, tuple[Any, ...]]:
        """Call a function of the student's and return its result and its arguments as it left them.

        The function gets copies, so only these tell whether it changes what it receives.
        """
        answer = self.__called("call_and_return_arguments", function, args, kwargs)
        if type(answer) is not tuple or len(answer) != 2 or type(answer[1]) is not tuple:
            raise _malformed(self.__connection)
        return answer

    def __called(self, op: str, function: str | Handle, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if isinstance(function, str):
            function = name_handle(self.__connection, function)
        return perform(function, op, args, kwargs)


def _student_of(function: Handle) -> Student:
    return Student(object.__getattribute__(function, "_Handle__connection"))


def _measured(self: Handle, *args: Any, **kwargs: Any) -> Measured:
    return _student_of(self).measured(self, *args, **kwargs)


def _call_and_return_arguments(self: Handle, *args: Any, **kwargs: Any) -> tuple[Any, tuple[Any, ...]]:
    return _student_of(self).call_and_return_arguments(self, *args, **kwargs)


def _cpu_seconds(self: Handle) -> float:
    clock: Callable[[], float] | None = object.__getattribute__(self, "_Handle__connection").cpu_clock
    if clock is None:
        raise NotImplementedError("nobody reads this worker's clock")
    return clock()


# What `autograder.testing` asks of a function; such names hide nothing of the student's.
setattr(Handle, "__measured__", _measured)  # noqa: B010
setattr(Handle, "__call_and_return_arguments__", _call_and_return_arguments)  # noqa: B010
setattr(Handle, "__cpu_seconds__", _cpu_seconds)  # noqa: B010


def definitions(connection: Connection) -> dict[str, str]:
    """Return the public names of the submission and whether each is a "function", a "class" or "other"."""
    answer: dict[str, str] = _expect(connection, connection.request("definitions", plain=True), dict)
    if not all(type(k) is str and v in ("function", "class", "other") for k, v in answer.items()):
        raise _malformed(connection)
    return answer


def signatures(connection: Connection, names: list[str]) -> dict[str, list[tuple[str, str, bool]] | None]:
    """Return the parameters of "f", "C" or "C.method" as (name, kind, has a default); None where unknown."""
    answer = _expect(connection, connection.request("signatures", list(names), plain=True), dict)
    for name in names:
        parameters = answer.get(name)
        if parameters is not None and not (
            type(parameters) is list
            and all(type(p) is tuple and [type(part) for part in p] == [str, str, bool] for p in parameters)
        ):
            raise _malformed(connection)
    return {name: answer.get(name) for name in names}


def seed(connection: Connection, number: int) -> None:
    """Seed `random`, `numpy.random` and, where it is loaded, torch."""
    connection.request("seed", number, plain=True)


def _malformed(connection: Connection) -> Exception:
    return connection.end(ProtocolViolation("the submission sent a malformed answer"))


def _expect(connection: Connection, value: Any, kind: type) -> Any:
    if type(value) is not kind:
        raise _malformed(connection)
    return value
