"""The system calls that a submission may make, each group with its reason; `seccomp` makes a program of it.

Recorded from notebooks that use numpy, pandas, scikit-learn, matplotlib and torch
(``tests/autograder/sandbox/record_calls.py``), with the older and newer calls by which other C libraries
and architectures do the same. What is not here is refused with EPERM; what is not even known, newer calls
above all, and `UNKNOWN` with ENOSYS, upon which C libraries do without.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

__all__ = [
    "ONLY_X86_64",
    "PID_PLACEHOLDER",
    "UNKNOWN",
    "Among",
    "Check",
    "Ignored",
    "With",
    "Without",
    "rules",
]

# Stands for the id of the process that loads the program; no process can have it.
PID_PLACEHOLDER = 0x7FFFFFFF


class Among(NamedTuple):
    """The argument of this index is one of some numbers."""

    argument: int
    values: tuple[int, ...]


class With(NamedTuple):
    """The argument has one of some bits."""

    argument: int
    bits: int


class Without(NamedTuple):
    """The argument has none of some bits."""

    argument: int
    bits: int


class Ignored(NamedTuple):
    """Where the argument has this value, the call returns 0 and does nothing."""

    argument: int
    value: int


Check = Among | With | Without | Ignored

ALLOWED = (
    # Files: Landlock and the mounts decide which. No device nodes, handles, extended attributes to write,
    # leases, whole-machine `sync`, asynchronous I/O, `splice`.
    *("read", "write", "readv", "writev", "pread64", "pwrite64", "preadv", "pwritev"),
    *("open", "openat", "creat", "close", "close_range", "lseek", "dup", "dup2", "dup3", "pipe", "pipe2"),
    *("stat", "fstat", "lstat", "newfstatat", "statx", "access", "faccessat", "faccessat2"),
    *("statfs", "fstatfs", "getdents", "getdents64", "readlink", "readlinkat", "getcwd", "chdir", "fchdir"),
    *("mkdir", "mkdirat", "rmdir", "rename", "renameat", "renameat2", "link", "linkat"),
    *("symlink", "symlinkat", "unlink", "unlinkat", "truncate", "ftruncate", "fallocate"),
    *("chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "fchown", "lchown", "fchownat", "umask"),
    *("utime", "utimes", "futimesat", "utimensat"),
    *("flock", "fsync", "fdatasync", "sync_file_range", "fadvise64", "readahead"),
    *("copy_file_range", "sendfile"),
    *("getxattr", "lgetxattr", "fgetxattr", "listxattr", "llistxattr", "flistxattr"),
    # Memory: executable pages too, as torch, oneDNN and numba compile; every page is counted and limited. Not
    # `mincore`, which tells what others have read.
    *("brk", "mmap", "munmap", "mprotect", "mremap", "madvise", "msync", "membarrier"),
    # Waiting: event loops, queues, `input` and output.
    *("poll", "ppoll", "select", "pselect6", "epoll_create", "epoll_create1", "epoll_ctl"),
    *("epoll_wait", "epoll_pwait", "epoll_pwait2", "eventfd", "eventfd2", "signalfd", "signalfd4"),
    *("timerfd_create", "timerfd_settime", "timerfd_gettime"),
    # Time: to read, to sleep, and alarms for oneself; never to set.
    *("clock_gettime", "clock_getres", "clock_nanosleep", "nanosleep", "gettimeofday", "time", "times"),
    *("getitimer", "setitimer", "alarm", "timer_create", "timer_settime", "timer_gettime"),
    *("timer_getoverrun", "timer_delete"),
    # Signals: to receive them.
    *("rt_sigprocmask", "rt_sigpending", "rt_sigsuspend", "rt_sigtimedwait", "rt_sigreturn"),
    *("sigaltstack", "pause", "restart_syscall"),
    # Threads: locks, thread pools of BLAS and OpenMP, the end.
    *("futex", "set_robust_list", "set_tid_address", "rseq", "getcpu", "exit", "exit_group"),
    *("sched_yield", "sched_getaffinity", "sched_getparam", "sched_getscheduler"),
    *("sched_get_priority_max", "sched_get_priority_min"),
    # About itself and its children.
    *("getpid", "gettid", "getppid", "getpgrp", "getpgid", "setpgid", "getsid", "setsid", "wait4", "waitid"),
    *("getuid", "geteuid", "getgid", "getegid", "getresuid", "getresgid", "getgroups", "capget"),
    *("getrlimit", "setrlimit", "getrusage", "getpriority", "uname", "sysinfo", "getrandom"),
    # The connection to the grader, and what a socket object asks of it.
    *("recvmsg", "sendmsg", "recvfrom", "sendto", "shutdown", "getsockname", "getpeername", "getsockopt"),
)

# Calls that glibc tries first and replaces where a kernel lacks them. `clone3` and `openat2` take their
# flags from memory, where no filter can look; the others ask for protection keys and for memory near a core.
UNKNOWN = (
    *("clone3", "openat2", "pkey_alloc", "pkey_free", "pkey_mprotect"),
    *("get_mempolicy", "set_mempolicy", "set_mempolicy_home_node", "mbind"),
    *("map_shadow_stack", "mseal", "futex_waitv", "futex_wake", "futex_wait", "futex_requeue", "cachestat"),
)

# Ways of doing the above, or of what `rules` adds, that newer architectures were not given any more.
ONLY_X86_64 = frozenset(
    {
        *("open", "creat", "stat", "lstat", "access", "getdents", "readlink", "mkdir", "rmdir", "rename"),
        *("link", "symlink", "unlink", "chmod", "chown", "lchown", "utime", "utimes", "futimesat", "dup2"),
        *("pipe", "poll", "select", "epoll_create", "epoll_wait", "eventfd", "signalfd", "time", "alarm"),
        *("pause", "getpgrp", "arch_prctl", "fork", "vfork"),
    }
)

AF_UNIX, SOL_SOCKET, SIGCHLD = 1, 1, 17
CLONE_THREAD = 0x10000
# NEWTIME, NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET; PTRACE, PARENT
CLONE_REFUSED = 0x80 | 0x7E020000 | 0x2000 | 0x8000
# fmt: off
TERMINAL_AND_PIPE = (  # is it a terminal, how wide, how many bytes wait; never what types into one
    0x5401, 0x540F, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451, 0x802C542A,
)
# Duplicates, flags, locks, size of a pipe, seals; never who gets SIGIO, which may be any process of the user.
DESCRIPTOR = (0, 1, 2, 3, 4, 5, 6, 7, 36, 37, 38, 1030, 1031, 1032, 1033, 1034)
PROCESS = (  # PDEATHSIG and DUMPABLE to read, DUMPABLE, NAME, SECCOMP to read, CAPBSET to read, TIMERSLACK,
    # NO_NEW_PRIVS, THP_DISABLE, SVE's vector length and tagged addresses to read, names of memory
    2, 3, 4, 15, 16, 21, 23, 29, 30, 38, 39, 41, 42, 51, 56, 0x53564D41,
)
PR_SET_PDEATHSIG = 1  # without namespaces only this ends a jail whose grader is killed
SEGMENTS = (0x1001, 0x1002, 0x1003, 0x1004, 0x1011, 0x1021, 0x1022, 0x1023, 0x3001, 0x5005)  # and AMX
# An event loop's pair, NONBLOCK and CLOEXEC or not: unlike datagrams it reaches nothing but its other end.
STREAM = (1, 1 | 0x800, 1 | 0x80000, 1 | 0x80800)
# REUSEADDR, TYPE, RCVBUF, KEEPALIVE, LINGER, PASSCRED, RCVTIMEO, SNDTIMEO; never a filter program, and not
# SNDBUF: what waits in a socket is memory that no process shows.
SOCKET_OPTIONS = (2, 3, 8, 9, 13, 16, 20, 21, 66, 67)
# fmt: on


def rules(*, namespaces: bool, memory_files: bool) -> Mapping[str, tuple[Check, ...]]:
    """Return every allowed call with what its arguments must fulfil.

    Parameters
    ----------
    namespaces : bool
        The jail has namespaces of its own: it may then fork, signal its own processes and use Unix sockets.
    memory_files : bool
        Allow ``memfd_create``; only where a memory cgroup counts what is in them.
    """
    found: dict[str, tuple[Check, ...]] = dict.fromkeys(ALLOWED, ())
    found |= {
        "arch_prctl": (Among(0, SEGMENTS),),
        "clone": (Without(0, CLONE_REFUSED),),
        "fcntl": (Among(1, DESCRIPTOR),),
        "ioctl": (Among(1, TERMINAL_AND_PIPE),),
        "prctl": (Among(0, PROCESS),),
        "prlimit64": (Among(0, (0,)),),
        # Who ignores this signal has children that vanish with the time that they used. torch, which handles
        # it to hear of workers that died, would not go on after an error.
        # No flags: one tells whether a file's page is in memory, where another submission may have put it.
        **dict.fromkeys(("preadv2", "pwritev2"), (Among(5, (0,)),)),
        "rt_sigaction": (Ignored(0, SIGCHLD),),
        "setpriority": (Among(0, (0,)), Among(1, (0,))),
        "setsockopt": (Among(1, (SOL_SOCKET,)), Among(2, SOCKET_OPTIONS)),
        **dict.fromkeys(SCHEDULING, (Among(0, (0,)),)),
    }
    if memory_files:
        found["memfd_create"] = ()
    return found | (_IN_NAMESPACES if namespaces else _ALONE)


SIGNALS = ("kill", "tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo")
# Its own only: what one question sets on a process that outlives it, the next one could read.
SCHEDULING = ("sched_setaffinity", "sched_setscheduler", "sched_setattr", "sched_getattr", "sched_setparam")

# Among its own processes a jail may do what processes do; multiprocessing needs Unix sockets.
_IN_NAMESPACES: dict[str, tuple[Check, ...]] = {
    **dict.fromkeys(("fork", "vfork", *SIGNALS, "pidfd_open", "pidfd_send_signal"), ()),
    **dict.fromkeys(("socket", "socketpair"), (Among(0, (AF_UNIX,)),)),
    **dict.fromkeys(("connect", "bind", "listen", "accept", "accept4"), ()),
    "prctl": (Among(0, (PR_SET_PDEATHSIG, *PROCESS)),),
}

# Without, other processes of the same user are in reach: threads only, signals for itself.
_ALONE: dict[str, tuple[Check, ...]] = {
    "clone": (With(0, CLONE_THREAD), Without(0, CLONE_REFUSED)),
    **dict.fromkeys(SIGNALS, (Among(0, (PID_PLACEHOLDER,)),)),
    "socketpair": (Among(0, (AF_UNIX,)), Among(1, STREAM)),
}
