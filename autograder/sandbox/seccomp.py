"""The list of allowed system calls as a program for the kernel.

The program is made on the trusted side from the calls' names and loaded in the jail without any library.
It finds a call by binary search. Where the verdict depends on the call alone the kernel keeps it and does
not run the program again (since Linux 5.11), so that most calls cost nothing.
"""

from __future__ import annotations

import errno
import functools
import platform
import struct
from collections.abc import Iterator, Mapping, Sequence

from .allowed_calls import PID_PLACEHOLDER, UNKNOWN, Among, Check, Ignored, With, rules
from .syscalls import AUDIT_ARCH, NUMBERS

__all__ = ["PID_PLACEHOLDER", "filter_program"]

# Instructions of classic BPF: load a word, jump, return.
LOAD, JUMP, JUMP_EQUAL, JUMP_AT_LEAST, JUMP_IF_BITS, RETURN = 0x20, 0x05, 0x15, 0x35, 0x45, 0x06
CALL, ARCHITECTURE, ARGUMENTS = 0, 4, 16  # where they lie in the program's input (struct seccomp_data)

ALLOW, KILL, ERROR = 0x7FFF0000, 0x80000000, 0x00050000
X32 = 0x40000000  # the bit of another calling convention with numbers of its own
NO_CALL = 0xFFFFFFFF
NO_ERROR = 0

Instruction = tuple[int, int, int, int]  # code, jump if true, jump if false, value
Code = list[Instruction]


@functools.cache
def filter_program(*, namespaces: bool, memory_files: bool, machine: str = "") -> bytes:
    """Return a seccomp program (array of ``struct sock_filter``).

    Parameters
    ----------
    namespaces, memory_files : bool
        See `allowed_calls.rules`.
    machine : str
        Architecture as `platform.machine` names it; by default this one.

    Raises
    ------
    NotImplementedError
        If there is no list for this architecture.
    """
    machine = machine or platform.machine()
    if machine not in AUDIT_ARCH:
        raise NotImplementedError(
            f"there is no list of system calls for {machine}, only for {' and '.join(sorted(AUDIT_ARCH))}"
        )
    allowed = rules(namespaces=namespaces, memory_files=memory_files)
    code = [
        (LOAD, 0, 0, ARCHITECTURE),
        (JUMP_EQUAL, 1, 0, AUDIT_ARCH[machine]),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, CALL),
        *_search(list(_ranges(_verdicts(NUMBERS[machine], allowed)))),
    ]
    return b"".join(struct.pack("HBBI", *instruction) for instruction in code)


def _verdicts(numbers: Mapping[str, int], allowed: Mapping[str, tuple[Check, ...]]) -> dict[int, Code]:
    """What to do for every known number, in order."""
    refuse, unknown = _answer(errno.EPERM), _answer(errno.ENOSYS)
    found = {}
    for name, number in sorted(numbers.items(), key=lambda item: item[1]):
        other = unknown if name in UNKNOWN else refuse
        found[number] = _checked(allowed[name]) if name in allowed else other
    return found


def _ranges(verdicts: Mapping[int, Code]) -> Iterator[tuple[int, Code]]:
    """Ranges of numbers with one verdict each, by where they start."""
    unknown = _answer(errno.ENOSYS)
    limits = {X32: [(RETURN, 0, 0, KILL)], NO_CALL: unknown}
    last: Code = []
    for number in sorted({0, *verdicts, *(known + 1 for known in verdicts), *limits}):
        code = verdicts.get(number) or limits.get(number, unknown)
        if code != last:
            yield number, code
        last = code


def _search(ranges: Sequence[tuple[int, Code]]) -> Code:
    """Binary search for the range that holds the number of the call."""
    if len(ranges) == 1:
        return ranges[0][1]
    middle = len(ranges) // 2
    below, above = _search(ranges[:middle]), _search(ranges[middle:])
    start = ranges[middle][0]
    if len(below) <= 255:  # as far as a conditional jump reaches
        return [(JUMP_AT_LEAST, len(below), 0, start), *below, *above]
    return [(JUMP_AT_LEAST, 0, 1, start), (JUMP, 0, 0, len(below)), *below, *above]


def _answer(number: int) -> Code:
    return [(RETURN, 0, 0, ERROR | number)]


def _checked(checks: Sequence[Check]) -> Code:
    """Allow a call whose arguments fulfil every check; numbers and flags all lie in the lower half of one."""
    code: Code = []
    for check in checks:
        code.append((LOAD, 0, 0, ARGUMENTS + 8 * check.argument))
        if isinstance(check, Among):
            count = len(check.values)
            code += [(JUMP_EQUAL, count - n, 0, value) for n, value in enumerate(check.values)]
        elif isinstance(check, Ignored):
            code.append((JUMP_EQUAL, 0, 1, check.value))
        else:
            wanted = isinstance(check, With)
            code.append((JUMP_IF_BITS, int(wanted), int(not wanted), check.bits))
        code += _answer(NO_ERROR if isinstance(check, Ignored) else errno.EPERM)
    return [*code, (RETURN, 0, 0, ALLOW)]
