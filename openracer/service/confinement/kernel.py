"""System calls that Python has no function for, by their number."""

import ctypes
import os
import platform

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long

_PR_SET_NO_NEW_PRIVS = 38
"""Numbers of <linux/prctl.h>."""


def syscall(number: int, *arguments: object) -> int:
    """Make a system call.

    Raises:
        OSError: it failed.
    """
    result = int(_libc.syscall(ctypes.c_long(number), *arguments))
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return result


def prctl(option: int, *arguments: int) -> None:
    """Change something about this process.

    Raises:
        OSError: it failed.
    """
    padded = [ctypes.c_ulong(argument) for argument in (*arguments, 0, 0, 0, 0)[:4]]
    if _libc.prctl(option, *padded) != 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))


def renounce_privileges() -> None:
    """Never gain any by starting a program; the kernel asks for it before it takes our filters."""
    prctl(_PR_SET_NO_NEW_PRIVS, 1)


def machine() -> str:
    """The processor's family as ``uname -m`` tells it."""
    return platform.machine()
