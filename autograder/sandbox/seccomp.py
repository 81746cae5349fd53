"""The system calls that a submission may not make, as a program for the kernel.

The program is made on the trusted side from the calls' names (libseccomp knows their numbers on every
architecture) and loaded in the jail without any library.
"""

from __future__ import annotations

import errno
import functools
import tempfile

__all__ = ["PID_PLACEHOLDER", "filter_program"]

# Stands for the id of the process that loads the program; no process can have it.
PID_PLACEHOLDER = 0x7FFFFFFF

DENIED = (
    *("ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "kcmp", "pidfd_getfd"),
    *(
        "mount",
        "umount2",
        "pivot_root",
        "chroot",
        "setns",
        "unshare",
        "mount_setattr",
        "move_mount",
        "open_tree",
    ),
    *("fsopen", "fsconfig", "fsmount", "fspick", "open_by_handle_at", "name_to_handle_at", "fanotify_init"),
    *("mknod", "mknodat", "quotactl", "quotactl_fd", "swapon", "swapoff", "acct"),
    *("bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter", "io_uring_register"),
    *("keyctl", "add_key", "request_key", "kexec_load", "kexec_file_load", "reboot", "syslog", "personality"),
    *("init_module", "finit_module", "delete_module", "iopl", "ioperm", "lookup_dcookie", "vhangup"),
    *("settimeofday", "clock_settime", "clock_settime64", "adjtimex", "clock_adjtime", "clock_adjtime64"),
    *("sethostname", "setdomainname", "shmget", "shmat", "shmctl", "semget", "msgget", "mq_open"),
    *("memfd_secret", "move_pages", "migrate_pages", "mbind", "set_mempolicy", "vmsplice"),
    *("execve", "execveat"),
)
FORKS = ("fork", "vfork")
SOCKETS = ("socket", "connect", "accept", "accept4", "bind", "listen")
SIGNALS = (
    "kill",
    "tkill",
    "tgkill",
    "rt_sigqueueinfo",
    "rt_tgsigqueueinfo",
    "pidfd_send_signal",
    "pidfd_open",
)

SCHEDULING = ("sched_setaffinity", "sched_setscheduler", "sched_setattr", "sched_setparam")

AF_UNIX = 1
CLONE_THREAD = 0x10000
# NEWTIME, NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET
CLONE_NEW = (0x80, 0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000)
TIOCSTI, TIOCLINUX = 0x5412, 0x541C
PR_SET_PDEATHSIG = 1


@functools.cache
def filter_program(*, namespaces: bool, memory_files: bool) -> bytes:
    """Return a seccomp program (array of ``struct sock_filter``).

    Parameters
    ----------
    namespaces : bool
        The jail has namespaces of its own: it may then fork, signal its own processes and use Unix sockets.
    memory_files : bool
        Allow ``memfd_create``; only where a memory cgroup counts what is in them.

    Raises
    ------
    ImportError
        If libseccomp is missing.
    """
    try:
        import pyseccomp as seccomp  # type: ignore[import-untyped]
    except RuntimeError as error:
        raise ImportError(f"{error}; install libseccomp (Debian, Ubuntu: libseccomp2)") from error

    deny = seccomp.ERRNO(errno.EPERM)
    program = seccomp.SyscallFilter(seccomp.ALLOW)
    program.set_attr(seccomp.Attr.ACT_BADARCH, seccomp.KILL_PROCESS)

    def add(name: str, *conditions: object, action: int = deny) -> None:
        try:
            number = seccomp.resolve_syscall(seccomp.Arch.NATIVE, name)
        except (ValueError, OSError):
            return  # a name that this libseccomp does not know
        if number >= 0:  # negative: does not exist on this architecture
            program.add_rule(action, number, *conditions)

    def argument(index: int, comparison: object, *values: int) -> object:
        return seccomp.Arg(index, comparison, *values)

    for name in DENIED:
        add(name)
    if not memory_files:
        add("memfd_create")
    # glibc then falls back to clone, whose flags can be looked at
    add("clone3", action=seccomp.ERRNO(errno.ENOSYS))
    for flag in CLONE_NEW:
        add("clone", argument(0, seccomp.MASKED_EQ, flag, flag))
    for request in (TIOCSTI, TIOCLINUX):
        add("ioctl", argument(1, seccomp.MASKED_EQ, 0xFFFFFFFF, request))
    add("prlimit64", argument(0, seccomp.NE, 0))
    if namespaces:
        add("socket", argument(0, seccomp.NE, AF_UNIX))
        return _exported(program)
    for name in (*FORKS, *SOCKETS, "socketpair"):
        add(name)
    add("clone", argument(0, seccomp.MASKED_EQ, CLONE_THREAD, 0))
    add("prctl", argument(0, seccomp.EQ, PR_SET_PDEATHSIG))
    for name in SIGNALS:
        add(name, argument(0, seccomp.NE, PID_PLACEHOLDER))
    for name in SCHEDULING:
        add(name, argument(0, seccomp.NE, 0))
    for name in ("setpriority", "ioprio_set"):
        add(name)
    return _exported(program)


def _exported(program: object) -> bytes:
    with tempfile.TemporaryFile() as file:
        program.export_bpf(file)  # type: ignore[attr-defined]
        file.seek(0)
        return file.read()
