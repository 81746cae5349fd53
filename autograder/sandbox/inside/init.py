"""Process 1 of a jail: mounts, starts the notebook's process, then ends processes and resets files on order.

It runs no student code. The orders come from the trusted side, as JSON, over a socket of its own.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import stat
import time
from collections.abc import Collection, Mapping
from typing import Any, NoReturn

from . import executor, linux
from .zygote import wait_for_start

SWEEP_SECONDS = 4.0


def run(request: Mapping[str, Any], channels: tuple[int, int, socket.socket]) -> NoReturn:
    requests, output, orders = channels
    wait_for_start(orders)
    os.setsid()
    linux.mount_home(request["disk_mb"], request["uid"])
    linux.mount_proc()
    linux.close_all_but((requests, output, orders.fileno()))
    child = os.fork()
    if child == 0:
        executor.start(request, channels)
    os.close(requests)
    os.close(output)
    linux.no_new_privileges()
    linux.keep_capabilities(linux.CAP_KILL, linux.CAP_SYS_ADMIN, linux.CAP_DAC_OVERRIDE, linux.CAP_CHOWN)
    linux.set_dumpable(False)
    orders.send(json.dumps({"executor": child}).encode())
    obey(request, orders)


def obey(request: Mapping[str, Any], orders: socket.socket) -> NoReturn:
    poll = select.poll()
    poll.register(orders, select.POLLIN)
    home: Home | None = None
    while True:
        ready = poll.poll(200)
        reap()
        if not ready:
            continue
        message = orders.recv(4096)
        if not message:
            os._exit(0)
        order = json.loads(message)
        answer: dict[str, Any] = {}
        try:
            if order["do"] == "sweep":
                answer["left"] = sweep(order["keep"])
            if order.get("fresh_home"):
                home = home or Home(request)
                home.renew()
            answer["threads"] = {pid: linux.thread_count(pid) for pid in order["keep"]}
        except (OSError, RecursionError) as error:  # a tree of folders may be too deep to copy
            answer["error"] = str(error)
        orders.send(json.dumps(answer).encode())


def reap() -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def sweep(keep: Collection[int]) -> int:
    """Kill every process of the jail but this one and `keep`; returns how many could not be ended.

    A process with a pending SIGKILL neither runs nor forks again, so one signal each is enough.
    """
    signalled = {1, *keep}
    deadline = time.monotonic() + SWEEP_SECONDS
    rounds = 0
    while True:
        running = [pid for pid in process_ids() if pid not in signalled and is_running(pid)]
        if not running or time.monotonic() > deadline:
            reap()
            return len(running)
        for pid in running:
            with contextlib.suppress(OSError):
                os.kill(pid, 9)
                signalled.add(pid)
        reap()
        rounds += 1
        time.sleep(0 if rounds < 3 else 0.005)


def process_ids() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def is_running(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rsplit(b")", 1)[1].split()[0] not in b"ZX"
    except OSError:
        return False


class Home:
    """The files as the notebook's cells left them; every question gets a copy."""

    def __init__(self, request: Mapping[str, Any]) -> None:
        self.megabytes, self.uid = request["disk_mb"], request["uid"]
        # The idle copies stand in it: what one question wrote there, the next would get.
        linux.make_read_only(linux.HOME)
        self.frozen = os.open(linux.HOME, os.O_RDONLY | os.O_DIRECTORY)
        self.is_covered = False

    def renew(self) -> None:
        if self.is_covered:
            linux.unmount(linux.HOME)
        linux.mount_home(self.megabytes, self.uid)
        self.is_covered = True
        for folder, folders, files, descriptor in os.fwalk(".", dir_fd=self.frozen, follow_symlinks=False):
            for name in (*folders, *files):
                self._copy(descriptor, name, os.path.normpath(f"{linux.HOME}/{folder}/{name}"))

    def _copy(self, folder: int, name: str, target: str) -> None:
        """Copy one entry of a tree that nobody can change any more; links are copied, never followed."""
        status = os.stat(name, dir_fd=folder, follow_symlinks=False)
        if stat.S_ISLNK(status.st_mode):
            os.symlink(os.readlink(name, dir_fd=folder), target)
        elif stat.S_ISDIR(status.st_mode):
            if not os.path.isdir(target):
                os.mkdir(target, status.st_mode & 0o777)
            os.chown(target, self.uid, self.uid)
        elif stat.S_ISREG(status.st_mode):
            source = os.open(name, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=folder)
            copy = os.open(
                target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, status.st_mode & 0o777
            )
            try:
                while os.sendfile(copy, source, None, 1 << 24):
                    pass
                os.fchown(copy, self.uid, self.uid)
            finally:
                os.close(source)
                os.close(copy)
