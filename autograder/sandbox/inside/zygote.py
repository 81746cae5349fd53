"""The fork server: isolates itself, imports the libraries, forks a jail per request; runs no student code."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import json
import os
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Mapping
from typing import Any, NoReturn

from . import linux

Config = Mapping[str, Any]

# One thread each: a process with two threads cannot be forked safely.
ENVIRONMENT = {
    **dict.fromkeys(
        ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1"
    ),
    "MPLBACKEND": "Agg",
    "PYTHONDONTWRITEBYTECODE": "1",
    "LANG": "C.UTF-8",
    "PATH": "/usr/bin:/bin",
    "USER": "student",
    "LOGNAME": "student",
}


def main(descriptor: int) -> NoReturn:
    """Isolate, import, report, serve. `descriptor` is one end of a SEQPACKET pair to the trusted side."""
    linux.close_all_but([descriptor])
    os.setsid()
    # Control-C at the grader's terminal is the grader's to handle.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    control = socket.socket(fileno=descriptor)
    config = json.loads(control.recv(1 << 20))
    try:
        report = prepare(config, control)
    except BaseException:
        control.send(json.dumps({"error": traceback.format_exc()}).encode())
        os._exit(1)
    control.send(json.dumps(report).encode())
    serve(config, control)


def prepare(config: Config, control: socket.socket) -> dict[str, Any]:
    """Make this process the zygote; returns what the trusted side wants to know about it."""
    os.environ.clear()
    os.environ.update(ENVIRONMENT | home_variables(config["home"]))
    has_proc = True
    if config["namespaces"]:
        has_proc = enter_namespaces(config, control)
    elif config["restricted"]:
        linux.no_new_privileges()
        linux.landlock([*config["readable"], "/proc"], [config["homes"], "/dev/null"], config["listed"])
    linux.set_dumpable(False)
    os.chdir("/")
    relocate_imports(config)
    import_libraries(config)
    gc.collect()
    gc.freeze()
    threads = linux.thread_count()
    if has_proc and threads != 1:
        raise RuntimeError(f"{threads} threads after importing {config['preload']}; a fork needs exactly one")
    return {"threads": threads, "proc": has_proc, "modules": len(sys.modules)}


def home_variables(home: str) -> dict[str, str]:
    temporary = "/tmp" if home == linux.HOME else f"{home}/.tmp"
    return {
        "HOME": home,
        "TMPDIR": temporary,
        "MPLCONFIGDIR": f"{home}/.mpl",
        "IPYTHONDIR": f"{home}/.ipython",
    }


def enter_namespaces(config: Config, control: socket.socket) -> bool:
    uid, gid = os.getuid(), os.getgid()
    flags = (
        linux.CLONE_NEWNS | linux.CLONE_NEWPID | linux.CLONE_NEWNET | linux.CLONE_NEWIPC | linux.CLONE_NEWUTS
    )
    if config["user_namespace"]:
        linux.unshare(flags | linux.CLONE_NEWUSER)
        linux.map_to_root(uid, gid)
    else:
        linux.unshare(flags)
    child = os.fork()
    if child:
        control.close()
        _, status = os.waitpid(child, 0)
        os._exit(os.waitstatus_to_exitcode(status) & 255)
    linux.die_with_parent()
    has_proc = linux.build_root(config["binds"], config["masks"])
    linux.mount_home(64, 0)  # for what libraries write while they are imported
    return has_proc


def relocate_imports(config: Config) -> None:
    """Let Python find everything at its place in the jail, submodules of what is imported already too."""
    if config["namespaces"]:
        moved = sorted(config["binds"], key=lambda bind: -len(bind[0]))
        for module in list(sys.modules.values()):
            for attribute in ("__file__", "__cached__"):
                if isinstance(path := getattr(module, attribute, None), str):
                    setattr(module, attribute, _moved(path, moved))
            if isinstance(folders := getattr(module, "__path__", None), list):
                folders[:] = [_moved(folder, moved) for folder in folders]
            if (spec := getattr(module, "__spec__", None)) is not None and isinstance(spec.origin, str):
                spec.origin = _moved(spec.origin, moved)
        sys.prefix = sys.exec_prefix = sys.base_prefix = sys.base_exec_prefix = "/py"
    sys.path[:] = config["path"]
    sys.executable, sys.argv[:] = "", [""]
    sys.path_importer_cache.clear()
    importlib.invalidate_caches()
    for name in config["hidden_modules"]:
        # A covered folder would import as an empty namespace package.
        sys.modules[name] = None  # type: ignore[assignment]


def _moved(path: str, binds: list[tuple[str, str]]) -> str:
    for source, target in binds:
        if path == source or path.startswith(source + "/"):
            return target + path[len(source) :]
    return path


def import_libraries(config: Config) -> None:
    for name in config["preload"]:
        importlib.import_module(name)
    from . import executor, shell

    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)
    if "tqdm" in sys.modules:
        # Otherwise every progress bar leaves a thread and a shared semaphore behind.
        tqdm = sys.modules["tqdm"].tqdm
        tqdm.monitor_interval = 0
        tqdm.set_lock(threading.RLock())
    executor.SHELL = shell.make_shell()


def serve(config: Config, control: socket.socket) -> NoReturn:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel then clears away what has ended
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 1 << 16, 3)
        if not message:
            os._exit(0)
        request = {**config, **json.loads(message)}
        orders = socket.socket(fileno=descriptors[2])
        try:
            fork_jail(request, control, (descriptors[0], descriptors[1], orders))
        except BaseException:
            _complain(orders)
        for descriptor in descriptors[:2]:
            os.close(descriptor)
        orders.close()


def fork_jail(request: Config, control: socket.socket, channels: tuple[int, int, socket.socket]) -> None:
    """Fork what becomes the jail and hand out its pidfd; `channels` are for requests, output and orders."""
    orders = channels[2]
    child = os.fork()
    if child:
        if not request["namespaces"]:
            _send_pidfd(orders, child)
        return
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        control.close()
        os.sched_setaffinity(0, request["cores"])
        if request["namespaces"]:
            _enter_own_namespaces(request)
            jail = os.fork()
            if jail:
                _send_pidfd(orders, jail)
                os._exit(0)
            from . import init

            init.run(request, channels)
        else:
            from . import executor

            wait_for_start(orders)
            executor.run(request, channels)
    except BaseException:
        _complain(orders)
    os._exit(1)


def _enter_own_namespaces(request: Config) -> None:
    flags = linux.CLONE_NEWPID | linux.CLONE_NEWNS | linux.CLONE_NEWIPC | linux.CLONE_NEWNET
    if request["user_namespace"]:
        linux.set_dumpable(True)  # or /proc/self/uid_map belongs to the outer root
        linux.unshare(flags | linux.CLONE_NEWUSER)
        linux.map_to_root(0, 0)
    else:
        linux.unshare(flags)


def _send_pidfd(orders: socket.socket, pid: int) -> None:
    pidfd = os.pidfd_open(pid)
    socket.send_fds(orders, [b"{}"], [pidfd])
    os.close(pidfd)


def wait_for_start(orders: socket.socket) -> None:
    """Wait until the trusted side has limited our memory; end if it went away."""
    if not orders.recv(64):
        os._exit(0)


def _complain(orders: socket.socket) -> None:
    with contextlib.suppress(OSError):
        orders.send(json.dumps({"error": traceback.format_exc()[-4000:]}).encode())


# A fork without Python's hooks: what a submission registered with os.register_at_fork does not run, and
# `random` keeps its state. PyDLL, because CDLL would release the lock that the copy could not take back.
raw_fork = ctypes.PyDLL(None).fork
