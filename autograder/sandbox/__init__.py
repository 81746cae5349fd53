"""The only code that starts untrusted processes: a zygote, jails forked from it, and proxies to what runs inside."""

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
]
