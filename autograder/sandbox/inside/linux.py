"""What the kernel offers a jail, through ctypes alone: namespaces, a private root, Landlock, seccomp, limits.

Everything here runs inside the zygote or its forks, where nothing but the standard library exists.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import struct
from array import array
from collections.abc import Iterable, Sequence

libc = ctypes.CDLL(None, use_errno=True)

CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC = 0x20000, 0x4000000, 0x8000000
CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x10000000, 0x20000000, 0x40000000

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 32, 4096, 0x4000, 0x40000
MNT_DETACH = 2
# mount(2) flags that a less privileged mount may not clear, by their statvfs(3) bit
LOCKED_FLAGS = {2: 2, 4: 4, 8: 8, 1024: 0x400, 2048: 0x800, 4096: 0x200000}

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_CAPBSET_DROP = 1, 4, 22, 24
PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT = 38, 47
CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_KILL, CAP_SYS_ADMIN = 0, 1, 5, 21

# The same numbers on every architecture (asm-generic).
SYS_LANDLOCK_CREATE_RULESET, SYS_LANDLOCK_ADD_RULE, SYS_LANDLOCK_RESTRICT_SELF = 444, 445, 446

HOME = "/home/nb"
MAX_DESCRIPTOR = 4096
MEMORY_RESERVE = 64 << 20


def check(result: int, what: str) -> int:
    """Raise OSError, naming `what`, unless a C call returned zero or more."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def prctl(option: int, *arguments: int) -> int:
    padded = [ctypes.c_ulong(value) for value in (*arguments, 0, 0, 0, 0)[:4]]
    return int(libc.prctl(option, *padded))


def die_with_parent() -> None:
    """Ask for SIGKILL when the parent ends; the kernel forgets it at setuid, so call it after."""
    check(prctl(PR_SET_PDEATHSIG, 9), "prctl(PR_SET_PDEATHSIG)")


def set_dumpable(dumpable: bool) -> None:
    """Allow or refuse ptrace, /proc/<pid>/mem and environ to others of the same user."""
    check(prctl(PR_SET_DUMPABLE, int(dumpable)), "prctl(PR_SET_DUMPABLE)")


# ---- namespaces and the private root


def unshare(flags: int) -> None:
    check(libc.unshare(flags), "unshare")


def map_to_root(uid: int, gid: int) -> None:
    """Inside a fresh user namespace, let uid 0 stand for the outer `uid` (the only id there is)."""
    for name, text in (("setgroups", "deny"), ("uid_map", f"0 {uid} 1\n"), ("gid_map", f"0 {gid} 1\n")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def mount(source: str, target: str, kind: str | None = None, flags: int = 0, data: str | None = None) -> None:
    encode = [None if text is None else os.fsencode(text) for text in (source, target, kind, data)]
    status = libc.mount(encode[0], encode[1], encode[2], ctypes.c_ulong(flags), encode[3])
    check(status, f"mount {kind or 'bind'} {target}")


def make_read_only(target: str) -> None:
    """Let nobody write to what is mounted at `target`; it fails while a file there is open for that."""
    mount("none", target, None, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV)


def unmount(target: str) -> None:
    check(libc.umount2(os.fsencode(target), MNT_DETACH), f"umount {target}")


def bind_read_only(source: str, target: str) -> None:
    """Show `source` at `target`, read-only, keeping the flags that the kernel does not let us drop."""
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "a"):
            pass
    mount(source, target, None, MS_BIND | MS_REC)
    present = os.statvfs(target).f_flag
    locked = sum(flag for bit, flag in LOCKED_FLAGS.items() if present & bit)
    mount("none", target, None, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | locked)


def build_root(binds: Iterable[Sequence[str]], masks: Iterable[str]) -> bool:
    """Replace the file system by an empty one that shows `binds` read-only, with `masks` covered.

    Parameters
    ----------
    binds : iterable of (source, target)
    masks : iterable of str
        Folders below a target, covered by an empty file system.

    Returns
    -------
    bool
        Whether /proc could be mounted (a container may refuse it).
    """
    base = "/tmp"
    mount("none", "/", None, MS_REC | MS_PRIVATE)
    mount("tmpfs", base, "tmpfs", MS_NOSUID | MS_NODEV, "size=4m,mode=755")
    for folder in ("home", "home/nb", "proc", "dev", "old", "site", "etc"):
        os.mkdir(f"{base}/{folder}")
    os.symlink(f"{HOME}/.tmp", f"{base}/tmp")
    os.symlink(f"{HOME}/.shm", f"{base}/dev/shm")
    links = [(name, os.readlink("/" + name)) for name in ("lib", "lib64") if os.path.islink("/" + name)]
    # Pivot first and bind from the old root, as bubblewrap does: a bind of a folder below /tmp still works.
    check(libc.pivot_root(base.encode(), f"{base}/old".encode()), "pivot_root")
    os.chdir("/")
    for source, target in binds:
        bind_read_only("/old" + source, target)
    for mask in masks:
        mount("none", mask, "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=4k,mode=555")
    for device in ("null", "zero", "urandom", "random"):
        # Still to be written to; only its times, which are the machine's, stay.
        bind_read_only(f"/old/dev/{device}", f"/dev/{device}")
    for name, target in links:
        os.symlink(target, "/" + name)
    has_proc = mount_proc()
    unmount("/old")
    os.rmdir("/old")
    make_read_only("/")
    return has_proc


def mount_proc() -> bool:
    try:
        mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
    except OSError:
        return False
    return True


def mount_home(megabytes: int, uid: int) -> None:
    """Put a fresh, size-limited home with its own /tmp and /dev/shm on top of the present one."""
    options = f"size={megabytes}m,nr_inodes=4096,mode=700,uid={uid},gid={uid}"
    mount("tmpfs", HOME, "tmpfs", MS_NOSUID | MS_NODEV, options)
    for folder in (".tmp", ".shm"):
        os.mkdir(f"{HOME}/{folder}", 0o700)
        os.chown(f"{HOME}/{folder}", uid, uid)


# ---- giving up rights


def no_new_privileges() -> None:
    check(prctl(PR_SET_NO_NEW_PRIVS, 1), "prctl(PR_SET_NO_NEW_PRIVS)")


def keep_capabilities(*capabilities: int) -> None:
    """Drop every capability but these, for good."""
    if not capabilities:
        for capability in range(64):
            if prctl(PR_CAPBSET_DROP, capability) < 0:
                break
        prctl(PR_CAP_AMBIENT, 4)
    mask = sum(1 << capability for capability in capabilities)
    header, data = struct.pack("II", 0x20080522, 0), struct.pack("IIIIII", mask, mask, 0, 0, 0, 0)
    check(libc.capset(header, data), "capset")


def become(uid: int) -> None:
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


def load_filter(program: bytes, pid_placeholder: int) -> None:
    """Load a seccomp program (struct sock_filter, 8 bytes each) into this process.

    An instruction that compares with `pid_placeholder` compares with this process's id instead: the program
    is made where the id is not known yet.
    """
    words = array("I", program)
    own = os.getpid()
    words[1::2] = array("I", [own if value == pid_placeholder else value for value in words[1::2]])
    header = struct.pack("HxxxxxxP", len(words) // 2, words.buffer_info()[0])
    holder = ctypes.create_string_buffer(header, len(header))
    check(prctl(PR_SET_SECCOMP, 2, ctypes.addressof(holder)), "prctl(PR_SET_SECCOMP)")


def landlock_version() -> int:
    """Version of Landlock that the kernel offers, 0 where it offers none."""
    return max(int(libc.syscall(SYS_LANDLOCK_CREATE_RULESET, None, ctypes.c_size_t(0), 1)), 0)


EXECUTE, WRITE_FILE, READ_FILE, READ_DIR, TRUNCATE, IOCTL_DEV = 1, 2, 4, 8, 1 << 14, 1 << 15


def landlock(read: Iterable[str], write: Iterable[str], list_only: Iterable[str] = ()) -> int:
    """Restrict this process, for good, to reading `read` and writing `write`; no TCP, no signals outwards.

    Parameters
    ----------
    read, write, list_only : iterables of str
        Files and folders; what does not exist is passed over. Of `list_only` the names can be listed.

    Returns
    -------
    int
        The version used; 0 where the kernel has no Landlock and nothing was done.
    """
    version = landlock_version()
    if not version:
        return 0
    handled = (1 << 13) - 1
    handled |= sum(1 << bit for bit, since in ((13, 2), (14, 3), (15, 5)) if version >= since)
    network, scope = 3 * (version >= 4), 3 * (version >= 6)
    size = 8 if version < 4 else 16 if version < 6 else 24
    attributes = struct.pack("QQQ", handled, network, scope)[:size]
    ruleset = check(
        libc.syscall(SYS_LANDLOCK_CREATE_RULESET, attributes, ctypes.c_size_t(size), 0), "landlock"
    )
    for paths, rights in ((read, EXECUTE | READ_FILE | READ_DIR), (write, handled), (list_only, READ_DIR)):
        for path in paths:
            _allow_beneath(ruleset, path, rights & handled)
    check(libc.syscall(SYS_LANDLOCK_RESTRICT_SELF, ruleset, 0), "landlock_restrict_self")
    os.close(ruleset)
    return version


def _allow_beneath(ruleset: int, path: str, rights: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    if not os.path.isdir(path):
        rights &= EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV
    rule = struct.pack("=Qi", rights, descriptor)
    try:
        check(libc.syscall(SYS_LANDLOCK_ADD_RULE, ruleset, 1, rule, 0), f"landlock {path}")
    finally:
        os.close(descriptor)


def set_limits(*, memory: int, cpu_seconds: int, file_bytes: int, processes: int | None) -> None:
    """Set the resource limits of this process and of what it forks.

    `memory` comes on top of what is mapped already: libraries are shared and reserve far more than they use.
    Part of it is set aside until a MemoryError, see `failures.describe_error`.
    `processes` is None where the kernel would count the user's other processes too.
    """
    with open("/proc/self/statm") as file:
        mapped = int(file.read().split()[0]) * resource.getpagesize()
    wanted = {
        resource.RLIMIT_CORE: (0, 0),
        resource.RLIMIT_CPU: (cpu_seconds, cpu_seconds + 2),
        resource.RLIMIT_FSIZE: (file_bytes, file_bytes),
        resource.RLIMIT_NOFILE: (256, 256),
        resource.RLIMIT_MEMLOCK: (0, 0),
        resource.RLIMIT_MSGQUEUE: (0, 0),
        resource.RLIMIT_AS: (mapped + memory - MEMORY_RESERVE, mapped + memory),
    }
    if processes is not None:
        wanted[resource.RLIMIT_NPROC] = (processes, processes)
    for name, (soft, hard) in wanted.items():
        ceiling = resource.getrlimit(name)[1]
        fits = ceiling == resource.RLIM_INFINITY
        resource.setrlimit(name, (soft, hard) if fits else (min(soft, ceiling), min(hard, ceiling)))


def close_all_but(keep: Iterable[int]) -> None:
    """Close every descriptor above 2 except `keep`."""
    start = 3
    for descriptor in [*sorted(set(keep)), MAX_DESCRIPTOR]:
        if descriptor >= start:
            os.closerange(start, descriptor)
            start = descriptor + 1


def thread_count(pid: int | str = "self") -> int:
    """Threads of a process, -1 when it is gone or /proc is not there."""
    with contextlib.suppress(OSError), open(f"/proc/{pid}/status", errors="replace") as file:
        for line in file:
            if line.startswith("Threads:"):
                return int(line.split()[1])
    return -1
