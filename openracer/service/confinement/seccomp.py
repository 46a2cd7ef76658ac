"""Seccomp: a small program in the kernel that reads every system call of this process and refuses many of them.

The program is made of instructions of the classic packet filter (<linux/filter.h>, <linux/seccomp.h>;
docs.kernel.org/userspace-api/seccomp_filter.html). A refused call fails with EPERM, so that in Python it is a
``PermissionError`` with a line number in the author's code.
"""

import ctypes
import errno
import os
import struct

from openracer.service.confinement.kernel import machine, prctl
from openracer.service.confinement.syscalls import JUDGED, REFUSED

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE = 0, 4
"""Places in ``struct seccomp_data``."""
_ALLOW, _KILL, _ERROR = 0x7FFF_0000, 0x8000_0000, 0x0005_0000
_REFUSE = _ERROR | errno.EPERM
_UNKNOWN_CALL = _ERROR | errno.ENOSYS
_PR_SET_SECCOMP, _MODE_FILTER = 22, 2
_ARCHITECTURES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
"""The kernel's name of each, and its column in our table of numbers."""
_OTHER_NUMBERS = 0x4000_0000
"""From here on are x86_64's calls with short pointers, whose numbers are others."""

_CLONE_THREAD = 0x0001_0000
_SET_OWNER = (8, 15)
"""fcntl: let another process get this one's signals."""
_REFUSED_IOCTLS = (0x5412, 0x541C, 0x8901, 0x8902)
"""TIOCSTI and TIOCLINUX type into a terminal; FIOSETOWN and SIOCSPGRP are as F_SETOWN."""

_Instruction = tuple[int, int, int, int]


def is_available() -> bool:
    """Whether the kernel and the processor's family are such that :func:`confine` will work."""
    if machine() not in _ARCHITECTURES:
        return False
    try:
        prctl(_PR_SET_SECCOMP, _MODE_FILTER, 0)
    except OSError as error:
        return error.errno == errno.EFAULT  # it would take a filter, if this were the place of one
    return False


def confine() -> None:
    """Refuse this thread, for ever, the calls of :data:`~openracer.service.confinement.syscalls.REFUSED`.

    Needs :func:`openracer.service.confinement.kernel.renounce_privileges` before it.

    Raises:
        OSError: the kernel does not have it.
    """
    instructions = b"".join(struct.pack("HBBI", *instruction) for instruction in _program(os.getpid()))
    buffer = ctypes.create_string_buffer(instructions, len(instructions))
    program = struct.pack("HxxxxxxQ", len(instructions) // 8, ctypes.addressof(buffer))
    pointer = ctypes.create_string_buffer(program, len(program))
    prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.addressof(pointer))


def _program(pid: int) -> list[_Instruction]:
    name, column = _ARCHITECTURES[machine()]
    program = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, name),
        (_RETURN, 0, 0, _KILL),  # calls of 32-bit programs have other numbers
        (_LOAD, 0, 0, _NUMBER),
        (_AT_LEAST, 0, 1, _OTHER_NUMBERS),
        (_RETURN, 0, 0, _KILL),
    ]
    for numbers in REFUSED.values():
        if (number := numbers[column]) is not None:
            program += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _REFUSE)]
    rules: dict[str, list[_Instruction]] = {
        "clone3": [(_RETURN, 0, 0, _UNKNOWN_CALL)],  # its flags lie in memory; the C library then uses clone
        "clone": _unless(_ANY_BIT, 0, _CLONE_THREAD),
        "kill": _unless(_EQUAL, 0, pid),
        "tgkill": _unless(_EQUAL, 0, pid),
        "prlimit64": _unless(_EQUAL, 0, 0),
        "sched_setaffinity": _unless(_EQUAL, 0, 0),
        "fcntl": _if_one_of(1, _SET_OWNER),
        "ioctl": _if_one_of(1, _REFUSED_IOCTLS),
    }
    for call, rule in rules.items():
        if (number := JUDGED[call][column]) is not None:
            program += [(_EQUAL, 0, len(rule), number), *rule]
    return [*program, (_RETURN, 0, 0, _ALLOW)]


def _unless(test: int, argument: int, value: int) -> list[_Instruction]:
    """Refuse unless an argument, of which 32 bits count, passes a test."""
    return [
        (_LOAD, 0, 0, 16 + 8 * argument),
        (test, 1, 0, value),
        (_RETURN, 0, 0, _REFUSE),
        (_RETURN, 0, 0, _ALLOW),
    ]


def _if_one_of(argument: int, values: tuple[int, ...]) -> list[_Instruction]:
    tests = [
        instruction for value in values for instruction in ((_EQUAL, 0, 1, value), (_RETURN, 0, 0, _REFUSE))
    ]
    return [(_LOAD, 0, 0, 16 + 8 * argument), *tests, (_RETURN, 0, 0, _ALLOW)]
