"""The only code that starts untrusted processes: zygotes, jails forked from them, proxies to the inside."""

from __future__ import annotations

from .errors import (
    JailFault,
    OpaqueValue,
    ProtocolViolation,
    StudentDied,
    StudentError,
    StudentMemory,
    StudentTimeout,
)
from .execution import CellError
from .isolation import Isolation, probe
from .jail import Jail, Limits
from .memory import remove_stale_groups
from .proxy import Measured, Student
from .worker import CheckUsage, Worker
from .zygote import Zygote

__all__ = [
    "CellError",
    "CheckUsage",
    "Isolation",
    "Jail",
    "JailFault",
    "Limits",
    "Measured",
    "OpaqueValue",
    "ProtocolViolation",
    "Student",
    "StudentDied",
    "StudentError",
    "StudentMemory",
    "StudentTimeout",
    "Worker",
    "Zygote",
    "probe",
    "remove_stale_groups",
]
