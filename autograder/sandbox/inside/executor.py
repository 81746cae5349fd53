"""The notebook's process: gives up its rights, runs the cells, answers; its idle copy forks the workers.

Untrusted from the moment a cell runs. What is needed after that is imported by name: a submission that
rebinds ``os.fork`` or ``time.sleep`` changes its own world only.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import signal
import socket
import sys
from array import array
from collections.abc import Mapping, Sequence
from os import O_RDWR, WNOHANG, _exit, chdir, close, dup2, getpid, setsid, waitpid
from os import open as open_file
from signal import SIG_DFL, SIG_IGN, SIG_SETMASK, alarm, default_int_handler, pthread_sigmask
from signal import signal as set_handler
from time import sleep
from typing import Any, NoReturn

from . import linux, shell
from .channel import SNAP, Channel
from .operations import Plain, seed
from .server import Server, serve_forever
from .zygote import home_variables, raw_fork

SHELL: Any = None  # made once, in the zygote
REQUESTS = 3  # the descriptor of the socket to the trusted side, in every process that answers requests
HELLO = b"W"
ABOUT_ITSELF = ("maps", "stat", "statm", "status")  # libraries look there for thread pools and memory
Socket, ANCILLARY_SPACE = socket.socket, socket.CMSG_SPACE(8)
EVERY_SIGNAL = signal.valid_signals()
DEFAULT_SIGNALS = ("SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGTERM", "SIGCHLD")
HANDLERS: dict[int, Any] = {
    **{getattr(signal, name): SIG_DFL for name in DEFAULT_SIGNALS},
    signal.SIGPIPE: SIG_IGN,
    signal.SIGINT: default_int_handler,
}


def start(request: Mapping[str, Any], channels: tuple[int, int, socket.socket]) -> NoReturn:
    """Become the notebook's process, in a fork that was made for it; never returns."""
    try:
        run(request, channels)
    except BaseException as error:
        with contextlib.suppress(OSError):
            channels[2].send(
                json.dumps({"error": f"the notebook's process failed to start: {error!r}"}).encode()
            )
    os._exit(1)


def run(request: Mapping[str, Any], channels: tuple[int, int, socket.socket]) -> NoReturn:
    requests, output, orders = channels
    in_namespace = request["namespaces"]
    os.setsid()
    os.chdir(request["home"])
    orders_descriptor = _take_descriptors(requests, output, orders.detach())
    os.environ.update(home_variables(request["home"]))
    linux.set_limits(
        memory=request["memory_mb"] << 20,
        cpu_seconds=request["cpu_seconds"],
        file_bytes=request["file_bytes"],
        processes=request["processes"] if request["uid"] or in_namespace else None,
    )
    _give_up_rights(request)
    linux.set_dumpable(True)
    _open_streams()
    sys.argv, sys.modules["__main__"] = ["notebook"], SHELL.user_module
    sys.path.insert(0, "")
    channel = Channel(Socket(fileno=REQUESTS), large_buffers=request["large_buffers"])
    server = Server(
        channel,
        SHELL.user_module.__dict__,
        ops={"cells": run_cells, "prepare": prepare},
        control_handlers={SNAP: make_idle_copy},
    )
    os.write(orders_descriptor, b'{"ready": true}')
    os.close(orders_descriptor)
    serve_forever(server)
    _exit(0)


def _take_descriptors(requests: int, output: int, orders: int) -> int:
    """Put input, output and requests on 0 to 3, `orders` on 4, and close everything else."""
    high = [os.dup2(descriptor, 200 + n) for n, descriptor in enumerate((requests, output, orders))]
    null = os.open("/dev/null", os.O_RDWR)
    for source, target in ((null, 0), (high[1], 1), (high[1], 2), (high[0], REQUESTS), (high[2], 4)):
        os.dup2(source, target)
    os.closerange(5, linux.MAX_DESCRIPTOR)
    return 4


def _give_up_rights(request: Mapping[str, Any]) -> None:
    if request["uid"]:
        linux.become(request["uid"])
    elif os.geteuid() == 0 and not request["restricted"]:
        raise PermissionError("a submission would run as root with nothing to restrict it")
    linux.die_with_parent()
    linux.no_new_privileges()
    linux.keep_capabilities()
    if request["restricted"]:
        if request["namespaces"]:
            readable = ["/site", "/rt", "/py", "/usr", "/etc", "/lib64", "/proc"]
            linux.landlock([*readable, "/dev/zero", "/dev/urandom", "/dev/random"], ["/home", "/dev/null"])
        else:
            readable = [*request["readable"], *(f"/proc/self/{name}" for name in ABOUT_ITSELF)]
            linux.landlock(readable, [request["home"], "/dev/null"], request["listed"])
    if request["filter"]:
        linux.load_filter(bytes.fromhex(request["filter"]), request["pid_placeholder"])


def _open_streams() -> None:
    sys.stdin = sys.__stdin__ = open(0, closefd=False)  # type: ignore[misc]  # noqa: SIM115
    sys.stdout = sys.__stdout__ = _text_output(1)  # type: ignore[misc]
    sys.stderr = sys.__stderr__ = _text_output(2)  # type: ignore[misc]


def _text_output(descriptor: int) -> Any:
    return open(descriptor, "w", buffering=1, encoding="utf-8", errors="replace", closefd=False)


def run_cells(server: Server, first: int, cells: Sequence[str]) -> Plain:
    """Answer to the request ``cells``: an error, or None, for each."""
    return Plain(shell.run_cells(SHELL, cells, first))


def prepare(server: Server, number: int, first: int, cells: Sequence[str]) -> Plain:
    """Answer to the request ``prepare``: as `run_cells`, with the generators seeded before and after."""
    seed(server, number)
    errors = run_cells(server, first, cells)
    seed(server, number)
    return errors


# ---- the idle copy, and a worker for each question


def make_idle_copy(server: Server, descriptors: Sequence[int]) -> None:
    """Fork a copy that waits on the socket in `descriptors`; asked for only when one thread is left."""
    _flush()
    if raw_fork() == 0:
        become_idle_copy(server, descriptors[0])
    for descriptor in descriptors:
        close(descriptor)


def become_idle_copy(server: Server, descriptor: int) -> NoReturn:
    """Fork one worker per message; calls nothing of the student's, so all stays as the cells left it."""
    server.channel.socket.detach()  # or the old socket object would close descriptor 3 when it is collected
    dup2(descriptor, REQUESTS)
    close(descriptor)
    setsid()
    # A handler of the notebook's would run here, and remember for one question what another one saw.
    pthread_sigmask(SIG_SETMASK, EVERY_SIGNAL)
    gc.disable()
    gc.freeze()  # a worker's collections then leave alone, and shared, what the cells made
    orders = Socket(fileno=REQUESTS)
    orders.setblocking(True)
    orders.send(HELLO)
    while True:
        try:
            while waitpid(-1, WNOHANG)[0]:
                pass
        except ChildProcessError:
            pass
        message, attached, _, _ = orders.recvmsg(64, ANCILLARY_SPACE)
        if not message:
            _exit(0)
        descriptors = array("i", attached[0][2])
        if _fork_patiently() == 0:
            gc.enable()
            orders.detach()
            become_worker(server, descriptors)
        for each in descriptors:
            close(each)


def _fork_patiently() -> int:
    """Fork, waiting up to a second: the processes of the last question still count while they end."""
    for _ in range(200):
        pid = int(raw_fork())
        if pid >= 0:
            return pid
        sleep(0.005)
    return -1


def become_worker(server: Server, descriptors: Sequence[int]) -> NoReturn:
    """Serve one question: requests on descriptor 3, output on 1 and 2, signals as in a fresh process."""
    requests, output = descriptors
    for source, target in ((requests, REQUESTS), (output, 1), (output, 2)):
        dup2(source, target)
    close(requests)
    close(output)
    # Not the copy's, whose flags and locks the next worker would see.
    null = open_file("/dev/null", O_RDWR)
    dup2(null, 0)
    close(null)
    setsid()
    _reset_signals()
    _open_streams()
    chdir(linux.HOME)
    connection = Socket(fileno=REQUESTS)
    connection.setblocking(True)
    connection.send(HELLO)
    server.channel = Channel(connection, large_buffers=server.channel.large_buffers)
    server.process = getpid()
    serve_forever(server)
    _exit(0)


def _reset_signals() -> None:
    for number, handler in HANDLERS.items():
        set_handler(number, handler)
    pthread_sigmask(SIG_SETMASK, ())
    alarm(0)


def _flush() -> None:
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException:
        pass
