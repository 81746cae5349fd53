"""Finds out what this kernel lets us do by doing it, each attempt in a fork of its own."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from . import linux


def main(descriptor: int) -> NoReturn:
    """Answer one question from the trusted side: which mechanisms work, and else why not."""
    linux.close_all_but([descriptor])
    control = socket.socket(fileno=descriptor)
    config = json.loads(control.recv(1 << 20))
    secret = config["secret"]
    answers = {
        "root namespaces": attempt(lambda: namespaces(secret, user=False)),
        "user namespaces": attempt(lambda: namespaces(secret, user=True)),
        "landlock": attempt(lambda: landlock(secret)),
        "seccomp": attempt(lambda: seccomp(config)),
    }
    control.send(json.dumps(answers).encode())
    os._exit(0)


def attempt(function: Callable[[], Any]) -> str:
    """Run `function` in a fork; returns an empty string, or why it failed."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            function()
            os._exit(0)
        except BaseException as error:
            os.write(writer, (str(error) or repr(error)).encode()[:1000])
        os._exit(1)
    os.close(writer)
    _, status = os.waitpid(child, 0)
    with open(reader, "rb") as file:
        text = file.read().decode()
    return text or (f"ended with status {status}" if status else "")


def namespaces(secret: str, *, user: bool) -> None:
    """Make the zygote's namespaces, an empty root, and in them a jail's."""
    flags = linux.CLONE_NEWNS | linux.CLONE_NEWPID | linux.CLONE_NEWNET | linux.CLONE_NEWIPC
    uid, gid = os.getuid(), os.getgid()

    def jail() -> None:
        linux.mount_home(1, 0)
        linux.mount_proc()

    def zygote() -> None:
        linux.build_root([], [])
        linux.mount_home(1, 0)
        if os.path.exists(secret):
            raise RuntimeError(f"{secret} is visible in a private root")
        if user:
            linux.unshare(flags | linux.CLONE_NEWUSER)
            linux.map_to_root(0, 0)
        else:
            linux.unshare(flags)
        _require(attempt(jail))

    if user:
        linux.unshare(flags | linux.CLONE_NEWUTS | linux.CLONE_NEWUSER)
        linux.map_to_root(uid, gid)
    else:
        linux.unshare(flags | linux.CLONE_NEWUTS)
    _require(attempt(zygote))


def _require(failure: str) -> None:
    if failure:
        raise RuntimeError(failure)


def landlock(secret: str) -> None:
    linux.no_new_privileges()
    if not linux.landlock(["/dev/null"], []):
        raise RuntimeError("this kernel has no Landlock")
    try:
        os.close(os.open(secret, os.O_RDONLY))
    except PermissionError:
        return
    raise RuntimeError("a file can be read in spite of Landlock")


def seccomp(config: Mapping[str, Any]) -> None:
    if not config["filter"]:
        raise RuntimeError(config["no_filter"])
    linux.no_new_privileges()
    linux.load_filter(bytes.fromhex(config["filter"]), config["pid_placeholder"])
    if linux.libc.personality(0xFFFFFFFF) != -1:
        raise RuntimeError("a system call works in spite of the filter")
